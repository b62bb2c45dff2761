"""Where an engine answers, and what a client must have in its environment to reach it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipelines.domain._compat import StrEnum

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CLI_BIN_VARIABLE", "RUNNER_HOST_VARIABLE", "EngineEndpoint", "EngineKind"]

# Source: Dagger 0.21, versioned docs, "Custom runner" (these two names are Dagger's own).
RUNNER_HOST_VARIABLE = "_EXPERIMENTAL_DAGGER_RUNNER_HOST"
CLI_BIN_VARIABLE = "_EXPERIMENTAL_DAGGER_CLI_BIN"


class EngineKind(StrEnum):
    """Who runs the engine."""

    RUNNER_HOST = "runner-host"
    CONTAINER_RUNTIME = "container-runtime"
    EMBEDDED = "embedded"


@dataclass(frozen=True, kw_only=True)
class EngineEndpoint:
    """An engine that was found or started.

    Attributes:
        description: For people: which engine, and where.
        environment: Variables that a Dagger client needs; added to the caller's own.
        pid: The engine's process on this machine, when it is ours to watch.
    """

    kind: EngineKind
    description: str
    environment: Mapping[str, str] = field(default_factory=dict)
    pid: int | None = None
