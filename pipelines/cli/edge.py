"""The one place of the command line where errors end: a sentence, and an exit code."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import anyio

from pipelines import logs
from pipelines.cli.failures import Interrupted
from pipelines.cli.output import print_error, warn
from pipelines.cli.terminal_progress import TerminalProgress
from pipelines.errors import InfrastructureError, PipelineError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from pipelines.progress import Progress

if sys.version_info < (3, 11):
    from exceptiongroup import BaseExceptionGroup

__all__ = ["run_edge"]


def run_edge(
    work: Callable[[Progress], Awaitable[None]], *, as_json: bool = False, verbosity: int = 0
) -> int:
    """Run an asynchronous command and return its exit code; no traceback gets out.

    Every member of an exception group is told, and the first one decides the code.
    """
    logs.configure(verbosity=verbosity)
    progress = TerminalProgress()
    try:
        anyio.run(_until_signalled, work, progress)
    except BaseExceptionGroup as group:
        progress.close()
        members = _members(group)
        if any(isinstance(member, KeyboardInterrupt) for member in members):
            return _end(Interrupted(signal.SIGINT), as_json=as_json)
        errors = [_own(member) for member in members]
        for error in errors[1:]:
            warn(f"error: {error}")
        return _end(errors[0], as_json=as_json)
    except KeyboardInterrupt:
        progress.close()
        return _end(Interrupted(signal.SIGINT), as_json=as_json)
    except Exception as error:  # noqa: BLE001 - the last line of defence
        progress.close()
        return _end(_own(error), as_json=as_json)
    progress.close()
    return 0


async def _until_signalled(work: Callable[[Progress], Awaitable[None]], progress: Progress) -> None:
    """Run the work; a signal cancels it, so that everything it started is ended in order.

    Raises:
        Interrupted: SIGINT or SIGTERM came.
    """
    causes: list[Exception] = []

    async def listen() -> None:
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as received:
            async for number in received:
                causes.append(Interrupted(number))
                group.cancel_scope.cancel()
                return

    async with anyio.create_task_group() as group:
        group.start_soon(listen)
        try:
            await work(progress)
        except Exception as error:  # noqa: BLE001 - raised below, outside of the group
            causes.append(error)
        group.cancel_scope.cancel()
    if causes:
        raise causes[0]


def _end(error: PipelineError, *, as_json: bool) -> int:
    # A red gate is a result, which is printed already.
    print_error(error, as_json=as_json and error.exit_code != 1)
    return error.exit_code


def _own(error: BaseException) -> PipelineError:
    if isinstance(error, PipelineError):
        return error
    if isinstance(error, OSError):
        return InfrastructureError(
            f"use {error.filename}" if error.filename else "use this machine",
            error.strerror or str(error),
            "",
        )
    if os.environ.get("PIPELINES_TRACEBACK"):
        raise error
    return InfrastructureError(
        "run the command",
        f"unexpected {type(error).__name__} ({error})",
        "This is a bug of ours: set PIPELINES_TRACEBACK=1, run again, and report what it prints",
    )


def _members(group: BaseException) -> list[BaseException]:
    if isinstance(group, BaseExceptionGroup):
        return [leaf for member in group.exceptions for leaf in _members(member)]
    return [group]
