"""How long work tells what it is doing: a port, so that the terminal is only one way to show it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Phase", "Progress", "SilentProgress", "phase"]


class Progress(Protocol):
    """Receives the start, the advance and the end of named phases."""

    def started(self, name: str, detail: str) -> None:
        """A phase has begun; `detail` may say how long it usually takes."""

    def advanced(self, name: str, detail: str) -> None:
        """A phase has news, for example ``120/590 packages``; calls may come often."""

    def finished(self, name: str, detail: str, *, seconds: float, failed: bool) -> None:
        """A phase has ended after `seconds`."""


class SilentProgress:
    """Shows nothing."""

    def started(self, name: str, detail: str) -> None:
        """Ignore the start."""

    def advanced(self, name: str, detail: str) -> None:
        """Ignore the advance."""

    def finished(self, name: str, detail: str, *, seconds: float, failed: bool) -> None:
        """Ignore the end."""


@dataclass(kw_only=True)
class Phase:
    """One running phase; assign `result` to say how it ended."""

    name: str
    progress: Progress
    result: str = ""
    began: float = field(default_factory=time.monotonic)

    def advance(self, detail: str) -> None:
        """Pass news on."""
        self.progress.advanced(self.name, detail)


@contextmanager
def phase(progress: Progress, name: str, detail: str = "") -> Iterator[Phase]:
    """Announce a phase, time it, and tell how it ended, also when it fails."""
    progress.started(name, detail)
    current = Phase(name=name, progress=progress)
    failed = True
    try:
        yield current
        failed = False
    finally:
        seconds = time.monotonic() - current.began
        progress.finished(name, current.result, seconds=seconds, failed=failed)
