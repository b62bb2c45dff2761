"""Follow the engine's log: turn its lines into progress, keep the end for error messages."""

from __future__ import annotations

import os
import re
import sys
import threading
import time
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from pipelines.domain.terminal import strip_ansi

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.progress import Progress

__all__ = ["EngineLog", "follow_engine_log"]

TAIL_LINES = 60
_PREFIX = re.compile(r"^(?P<vertex>\d+)\s*:\s*")
_STEP = re.compile(r"\|\s+::step (?P<variant>\S+) (?P<step>\S+)")
_DONE = re.compile(r"\|\s+::done (?P<variant>\S+) \S+ (?P<code>\d+)")
_NINJA = re.compile(r"\[(?P<done>\d+)/(?P<total>\d+)\] ")
_CTEST = re.compile(r"\|\s+(?P<done>\d+)/(?P<total>\d+) Test\s+#")
_TOOLCHAIN = re.compile(r"withExec sh /opt/pipelines/install_toolchain\.sh")
_PACKAGE = re.compile(r"(?:Unpacking|Setting up) (?P<package>\S+)")


class EngineLog:
    """Reads lines as they come; the text format is the engine's, so it decides nothing."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._variants: dict[str, str] = {}
        self._running: dict[str, tuple[str, float]] = {}
        self._toolchain: str | None = None
        self._toolchain_began = 0.0

    @property
    def tail(self) -> str:
        """The last lines."""
        return "\n".join(self._tail)

    def feed(self, line: str) -> None:
        """Take one line of the log."""
        plain = strip_ansi(line).rstrip()
        if not plain:
            return
        self._tail.append(plain)
        prefix = _PREFIX.match(plain)
        vertex = prefix["vertex"] if prefix else ""
        if started := _STEP.search(plain):
            self._variants[vertex] = started["variant"]
            self._start(started["variant"], started["step"])
        elif done := _DONE.search(plain):
            self._finish(done["variant"], failed=done["code"] != "0")
        elif vertex in self._variants:
            self._advance(self._variants[vertex], plain)
        elif _TOOLCHAIN.search(plain) and "DONE" not in plain and "CACHED" not in plain:
            self._toolchain = vertex
        elif vertex == self._toolchain and (package := _PACKAGE.search(plain)):
            if not self._toolchain_began:
                self._toolchain_began = time.monotonic()
                self._progress.started("toolchain", "installing packages")
            self._progress.advanced("toolchain", package["package"])

    def close(self) -> None:
        """Finish what is still shown as running."""
        self._finish_toolchain()
        for variant in list(self._running):
            self._finish(variant, failed=True)  # it did not get to its own end

    def _start(self, variant: str, step: str) -> None:
        self._finish_toolchain()
        self._finish(variant)
        self._running[variant] = (step, time.monotonic())
        self._progress.started(f"{variant} {step}", "")

    def _advance(self, variant: str, line: str) -> None:
        counted = _NINJA.search(line) or _CTEST.search(line)
        if counted and variant in self._running:
            step, _ = self._running[variant]
            self._progress.advanced(f"{variant} {step}", f"{counted['done']}/{counted['total']}")

    def _finish(self, variant: str, *, failed: bool = False) -> None:
        if variant in self._running:
            step, began = self._running.pop(variant)
            seconds = time.monotonic() - began
            self._progress.finished(f"{variant} {step}", "", seconds=seconds, failed=failed)

    def _finish_toolchain(self) -> None:
        if self._toolchain_began:
            seconds = time.monotonic() - self._toolchain_began
            self._toolchain_began = 0.0
            self._progress.finished("toolchain", "", seconds=seconds, failed=False)


@contextmanager
def follow_engine_log(log: EngineLog, *, echo: bool) -> Iterator[TextIO]:
    """Give a stream to write the engine's log to; with `echo` it is shown as it is."""
    read_end, write_end = os.pipe()

    def read() -> None:
        with os.fdopen(read_end, errors="replace") as lines:
            for line in lines:
                if echo:
                    sys.stderr.write(line)
                log.feed(line)

    reader = threading.Thread(target=read, name="engine-log", daemon=True)
    reader.start()
    stream = os.fdopen(write_end, "w", buffering=1)
    try:
        yield stream
    finally:
        stream.close()
        reader.join(timeout=1.0)  # a client that was killed may leave a writer behind
        log.close()
