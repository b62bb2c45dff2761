"""Run programs: argv in, lines out, and an error that carries the tail of what was said."""

from __future__ import annotations

import os
import signal
from collections import deque
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT
from typing import TYPE_CHECKING

import anyio
from anyio.streams.text import TextReceiveStream

from pipelines.errors import InfrastructureError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from anyio.abc import Process

__all__ = ["CommandFailed", "run_command"]

TAIL_LINES = 20


class CommandFailed(InfrastructureError):  # noqa: N818 - reads well where it is caught
    """A program that the engine's set-up needs ended with an error."""

    def __init__(self, doing: str, argv: Sequence[str], exit_code: int, tail: str) -> None:
        found = f"`{Path(argv[0]).name}` ended with exit code {exit_code}"
        shown = "\n    ".join(tail.splitlines())
        super().__init__(doing, found, f"Its last words:\n    {shown}" if shown else "")
        self.args = (doing, tuple(argv), exit_code, tail)
        self.argv = tuple(argv)
        self.command_exit_code = exit_code
        self.tail = tail


async def run_command(
    doing: str,
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    on_line: Callable[[str], None] | None = None,
) -> str:
    """Run a program to its end and return its output, both streams together.

    Cancellation ends the program's whole process group, so that nothing is left behind.

    Raises:
        CommandFailed: It ended with another exit code than 0.
        InfrastructureError: It could not be started.
    """
    lines: deque[str] = deque(maxlen=10_000)
    try:
        process = await anyio.open_process(
            argv,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            env=env,
            cwd=cwd,
            start_new_session=True,
        )
    except OSError as error:
        raise InfrastructureError(
            doing, f"`{argv[0]}` could not be started ({error.strerror})", "Install it"
        ) from error
    try:
        await _collect(process, lines, on_line)
        exit_code = await process.wait()
    except BaseException:
        with anyio.CancelScope(shield=True):
            await _end_group(process)
            await process.aclose()
        raise
    if exit_code != 0:
        tail = "\n".join(list(lines)[-TAIL_LINES:])
        raise CommandFailed(doing, argv, exit_code, tail)
    return "\n".join(lines)


async def _collect(
    process: Process, lines: deque[str], on_line: Callable[[str], None] | None
) -> None:
    if process.stdout is None:  # pragma: no cover - always a pipe here
        return
    rest = ""
    async for chunk in TextReceiveStream(process.stdout, errors="replace"):
        *complete, rest = (rest + chunk).split("\n")
        for line in complete:
            lines.append(line)
            if on_line:
                on_line(line)
    if rest:
        lines.append(rest)
        if on_line:
            on_line(rest)


async def _end_group(process: Process) -> None:
    # Always both: a leader that obeys may have left members behind that do not.
    for number, grace_s in ((signal.SIGTERM, 3.0), (signal.SIGKILL, 10.0)):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            return
        with anyio.move_on_after(grace_s):
            await process.wait()
