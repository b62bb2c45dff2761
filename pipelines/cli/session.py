"""One session with the engine: connect, watch that it lives, and let go of it in time."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import anyio
import dagger

from pipelines.cli.engine_log import EngineLog, follow_engine_log
from pipelines.cli.failures import Interrupted, explain_failure
from pipelines.engine import DataFolder, EngineEndpoint, find_engine, running_engine
from pipelines.errors import EngineLost

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from pipelines.progress import Progress

__all__ = ["in_session"]

T = TypeVar("T")

# How long the client may take to say goodbye after an interruption; then it is killed.
GOODBYE_S = 2.0
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
        Interrupted: The user pressed Ctrl-C, or the process was asked to end.
        EngineLost: The engine went away.
        PipelineError: What the work, or finding an engine, raised.
    """
    data = DataFolder.from_environment()
    results: list[T] = []
    causes: list[Exception] = []

    async def run() -> None:
        endpoint = await find_engine(data, progress, images=images)
        os.environ.update(endpoint.environment)
        log = EngineLog(progress)
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(_watch, endpoint, data)
                with follow_engine_log(log, echo=verbose) as stream:
                    async with dagger.connection(dagger.Config(log_output=stream)):
                        results.append(await work())
                group.cancel_scope.cancel()
        except Exception as error:
            raise explain_failure(error, endpoint, data, log_tail=log.tail) from error

    async with anyio.create_task_group() as group:
        group.start_soon(_listen_for_signals, causes, group.cancel_scope)
        try:
            await run()
        except Exception as error:  # noqa: BLE001 - raised below, outside of the group
            causes.append(error)
        group.cancel_scope.cancel()
    if causes:
        raise causes[0]
    return results[0]


def _forget_late_farewells() -> None:
    """Keep a killed client's complaint off the screen: it surfaces in a destructor, as prose."""
    previous = sys.unraisablehook

    def hook(unraisable: sys.UnraisableHookArgs) -> None:
        if not isinstance(unraisable.exc_value, dagger.ProvisionError):
            previous(unraisable)

    sys.unraisablehook = hook


async def _listen_for_signals(causes: list[Exception], scope: anyio.CancelScope) -> None:
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as received:
        async for number in received:
            causes.append(Interrupted(number))
            _kill_clients_after(GOODBYE_S)
            scope.cancel()
            return


async def _watch(endpoint: EngineEndpoint, data: DataFolder) -> None:
    """Fail when the engine's process ends: a client alone may wait for an answer for ever."""
    if endpoint.pid is None:
        return
    while True:
        await anyio.sleep(WATCH_S)
        process = running_engine(data)
        if process is None or process.pid != endpoint.pid:
            _kill_clients_after(GOODBYE_S)
            raise EngineLost(
                "run the pipeline",
                f"the engine (process {endpoint.pid}) ended in the middle of the run",
                "Run the command again, which starts a new one; `pipelines engine logs` may tell "
                "why",
            )


def _kill_clients_after(seconds: float) -> None:
    """End our Dagger clients from a thread: the event loop may be waiting for just them."""
    _forget_late_farewells()
    timer = threading.Timer(seconds, _kill_clients)
    timer.daemon = True
    timer.start()


def _kill_clients() -> None:
    own = str(os.getpid())
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
            arguments = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue  # it has just ended
        if parent == own and b"session" in arguments:
            os.kill(int(entry.name), signal.SIGKILL)
