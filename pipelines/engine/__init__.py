"""Find or start a Dagger engine: runner host, then Docker, Podman or nerdctl, then embedded."""

from __future__ import annotations

from pipelines.engine.discovery import find_engine
from pipelines.engine.embedded import ensure_embedded_engine, stop_embedded_engine
from pipelines.engine.embedded_process import EngineProcess, running_engine
from pipelines.engine.endpoint import EngineEndpoint, EngineKind
from pipelines.engine.paths import DataFolder

__all__ = [
    "DataFolder",
    "EngineEndpoint",
    "EngineKind",
    "EngineProcess",
    "ensure_embedded_engine",
    "find_engine",
    "running_engine",
    "stop_embedded_engine",
]
