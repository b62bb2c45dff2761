"""Choose the engine: one that the user named, a container runtime's, or our embedded one."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from pipelines.engine.container_runtime import find_container_runtime
from pipelines.engine.embedded import ensure_embedded_engine
from pipelines.engine.endpoint import (
    CLI_BIN_VARIABLE,
    RUNNER_HOST_VARIABLE,
    EngineEndpoint,
    EngineKind,
)
from pipelines.engine.go_tools import ENGINE_TOOLS, go_tools_folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipelines.engine.paths import DataFolder
    from pipelines.progress import Progress

__all__ = ["find_engine"]


async def find_engine(
    data: DataFolder,
    progress: Progress,
    *,
    images: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
) -> EngineEndpoint:
    """Return an engine to connect to; start the embedded one when there is no other.

    The order is: _EXPERIMENTAL_DAGGER_RUNNER_HOST, an outer Dagger session, a working Docker,
    Podman or nerdctl, the embedded engine.

    Raises:
        EngineUnavailable: None is there and none can be started.
    """
    environ = os.environ if environ is None else environ
    if host := environ.get(RUNNER_HOST_VARIABLE):
        return EngineEndpoint(
            kind=EngineKind.RUNNER_HOST,
            description=f"engine at {host}",
            environment=_known_cli(environ, data),
        )
    if "DAGGER_SESSION_PORT" in environ:  # inside `dagger run`, or in a function of another module
        return EngineEndpoint(kind=EngineKind.RUNNER_HOST, description="the surrounding session")
    runtime = await find_container_runtime(environ)
    if runtime is not None:
        return EngineEndpoint(
            kind=EngineKind.CONTAINER_RUNTIME, description=f"engine that Dagger runs on {runtime}"
        )
    return await ensure_embedded_engine(data, progress, images=images)


def _known_cli(environ: Mapping[str, str], data: DataFolder) -> dict[str, str]:
    """Prefer a Dagger CLI that is here already over a download."""
    if CLI_BIN_VARIABLE in environ:
        return {}
    built = go_tools_folder(ENGINE_TOOLS, data) / "dagger"
    if built.is_file():
        return {CLI_BIN_VARIABLE: str(built), "DAGGER_PROGRESS": "plain"}
    if found := shutil.which("dagger", path=environ.get("PATH")):
        return {CLI_BIN_VARIABLE: found}
    return {}
