"""Look at the processes of this machine, and wait for conditions with a deadline."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.engine.cli import RUN_TOKEN_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable

_PROC = Path("/proc")
_POLL_INTERVAL_S = 0.1


@dataclass(frozen=True, kw_only=True)
class Process:
    """A running process as `/proc` shows it."""

    pid: int
    argv: tuple[str, ...]
    token: str


def running_processes() -> list[Process]:
    """List the processes with a command line; zombies have none."""
    found = []
    for folder in _PROC.iterdir():
        if not folder.name.isdigit():
            continue
        try:
            argv = _strings(folder / "cmdline")
            environment = _strings(folder / "environ")
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue  # it ended meanwhile, or belongs to somebody else
        prefix = f"{RUN_TOKEN_VARIABLE}="
        token = next((each[len(prefix) :] for each in environment if each.startswith(prefix)), "")
        if argv:
            found.append(Process(pid=int(folder.name), argv=argv, token=token))
    return found


def processes_with_arguments(*arguments: str) -> list[Process]:
    """List the processes that have an argument ending with each of `arguments`."""
    return [
        process
        for process in running_processes()
        if all(any(own.endswith(wanted) for own in process.argv) for wanted in arguments)
    ]


def wait_until(condition: Callable[[], bool], *, timeout_s: float, what: str) -> None:
    """Return as soon as the condition holds.

    Raises:
        TimeoutError: it does not hold within `timeout_s`.
    """
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waiting until {what}: not within {timeout_s} s")
        time.sleep(_POLL_INTERVAL_S)


def _strings(path: Path) -> tuple[str, ...]:
    """Split a NUL-separated file of `/proc`."""
    text = path.read_bytes().decode("utf-8", "backslashreplace")
    return tuple(text.rstrip("\0").split("\0")) if text else ()
