"""Find a container runtime with which Dagger can provision its own engine."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import anyio

from pipelines.engine.process import run_command
from pipelines.errors import InfrastructureError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["RUNTIMES", "find_container_runtime"]

# Source: Dagger 0.21, versioned docs, "Container runtimes"; in the order in which Dagger tries.
RUNTIMES = ("docker", "podman", "nerdctl")
# A daemon that does not answer within this is no working daemon.
ANSWER_TIMEOUT_S = 10.0


async def find_container_runtime(environ: Mapping[str, str]) -> str | None:
    """Return the first runtime whose daemon answers; a client alone does not count."""
    for runtime in RUNTIMES:
        program = shutil.which(runtime, path=environ.get("PATH"))
        if program is not None and await _answers(program, environ):
            return runtime
    return None


async def _answers(program: str, environ: Mapping[str, str]) -> bool:
    with anyio.move_on_after(ANSWER_TIMEOUT_S):
        try:
            # `ps` needs the daemon, which `version` of some runtimes does not.
            await run_command("ask for containers", [program, "ps", "--quiet"], env=environ)
        except InfrastructureError:
            return False
        return True
    return False
