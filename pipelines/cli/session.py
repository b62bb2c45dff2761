"""One session with the engine: connect, watch that it lives, and let go of it in time."""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, TypeVar

import anyio
import anyio.to_thread

from pipelines.cli.client_process import client_process
from pipelines.cli.engine_log import EngineLog, follow_engine_log
from pipelines.cli.failures import explain_failure
from pipelines.engine import DataFolder, EngineEndpoint, find_engine, running_engine
from pipelines.errors import EngineLost

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TextIO

    from pipelines.progress import Progress

__all__ = ["in_session"]

T = TypeVar("T")

WATCH_S = 0.5


async def in_session(
    work: Callable[[], Awaitable[T]],
    *,
    progress: Progress,
    verbose: bool = False,
    images: tuple[str, ...] = (),
) -> T:
    """Run `work` connected to an engine; start one when there is none.

    Raises:
        EngineLost: The engine went away.
        PipelineError: What the work, or finding an engine, raised.
    """
    data = DataFolder.from_environment()
    endpoint = await find_engine(data, progress, images=images)
    os.environ.update(endpoint.environment)
    log = EngineLog(progress)
    results: list[T] = []
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(_watch, endpoint, data)
            with follow_engine_log(log, echo=verbose) as stream:
                results.append(await _connected(work, stream))
            group.cancel_scope.cancel()
    except Exception as error:
        # Explained with everything that is known here.
        raise explain_failure(error, endpoint, data, log_tail=log.tail) from error
    return results[0]


async def _connected(work: Callable[[], Awaitable[T]], stream: TextIO) -> T:
    results: list[T] = []
    async with anyio.create_task_group() as group:
        # Half of a run without changes would be this import; the client connects meanwhile.
        group.start_soon(_load_dagger)
        async with client_process(stream):
            await _load_dagger()
            import dagger  # noqa: PLC0415 - loaded by now

            async with dagger.connection():
                results.append(await work())
    return results[0]


async def _load_dagger() -> None:
    # Python's import lock makes the second caller wait for the first, in its own thread.
    await anyio.to_thread.run_sync(importlib.import_module, "dagger")


async def _watch(endpoint: EngineEndpoint, data: DataFolder) -> None:
    """Fail when the engine's process ends: a client alone may wait for an answer for ever."""
    if endpoint.pid is None:
        return
    while True:
        await anyio.sleep(WATCH_S)
        process = running_engine(data)
        if process is None or process.pid != endpoint.pid:
            raise EngineLost(
                "run the pipeline",
                f"the engine (process {endpoint.pid}) ended in the middle of the run",
                "Run the command again, which starts a new one; `pipelines engine logs` may tell "
                "why",
            )
