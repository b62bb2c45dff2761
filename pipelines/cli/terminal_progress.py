"""Show phases on standard error: a moving last line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from typing import TextIO

__all__ = ["TerminalProgress"]

# Where no one watches live, news of a long phase come at this pace.
PLAIN_INTERVAL_S = 15.0
# A terminal needs no more than this to look alive.
LIVE_INTERVAL_S = 0.1


class TerminalProgress:
    """Prints phases; safe to call from several threads."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._lock = threading.Lock()
        self._running: dict[str, tuple[float, str]] = {}
        self._last_news = time.monotonic()
        self._status_shown = False

    def started(self, name: str, detail: str) -> None:
        """Announce a phase."""
        with self._lock:
            self._running[name] = (time.monotonic(), detail)
            if not self._live:
                self._line(f"  {name} …{f' {detail}' if detail else ''}")
            self._show_status(force=True)

    def advanced(self, name: str, detail: str) -> None:
        """Show news, not more often than a reader can use them."""
        with self._lock:
            began, _ = self._running.get(name, (time.monotonic(), ""))
            self._running[name] = (began, detail)
            if self._live:
                self._show_status(force=False)
            elif time.monotonic() - self._last_news >= PLAIN_INTERVAL_S:
                self._last_news = time.monotonic()
                self._line(f"  {name} … {detail} ({time.monotonic() - began:.0f} s)")

    def finished(self, name: str, detail: str, *, seconds: float, failed: bool) -> None:
        """Leave one line behind for a phase that is over."""
        with self._lock:
            self._running.pop(name, None)
            mark = "✗" if failed else "✓"
            self._line(f"{mark} {name}  {seconds:.1f} s{f'  {detail}' if detail else ''}")
            self._show_status(force=True)

    def close(self) -> None:
        """Take the moving line away."""
        with self._lock:
            self._running.clear()
            self._clear_status()

    def _line(self, text: str) -> None:
        self._clear_status()
        self._stream.write(f"{text}\n")
        self._stream.flush()

    def _show_status(self, *, force: bool) -> None:
        now = time.monotonic()
        if not self._live or (not force and now - self._last_news < LIVE_INTERVAL_S):
            return
        self._last_news = now
        self._clear_status()
        parts = [
            f"{name} {now - began:.0f} s {detail}".rstrip()
            for name, (began, detail) in self._running.items()
        ]
        if parts:
            width = shutil.get_terminal_size().columns - 1
            self._stream.write("  ".join(["…", *parts])[:width])
            self._stream.flush()
            self._status_shown = True

    def _clear_status(self) -> None:
        if self._status_shown:
            self._stream.write("\r\x1b[2K")
            self._status_shown = False
