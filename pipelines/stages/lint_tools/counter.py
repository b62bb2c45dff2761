"""How far the run is."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from .compile_commands import Unit


class Counter:
    """Prints a line for each file that is done, which the progress display understands."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._lock = threading.Lock()

    def counting(self, name: str, work: Callable[[Any], str]) -> Callable[[Any], str]:
        """Return the work with a line printed after it."""

        def counted(item: str | Unit) -> str:
            result = work(item)
            with self._lock:
                self._done += 1
                shown = item if isinstance(item, str) else item.file
                print(f"[{self._done}/{self._total}] {name} {shown}", flush=True)  # noqa: T201
            return result

        return counted
