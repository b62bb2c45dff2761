"""Phases on standard error: a moving line for a person, plain lines for a file."""

from __future__ import annotations

import io
import os
import re
import shutil
import threading
import time

import pytest

from pipelines.cli.terminal_progress import TerminalProgress

CLEAR = "\r\x1b[2K"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every terminal the same width."""
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((40, 24)))


def visible(text: str) -> str:
    """Return what stays on a terminal: the moving line overwrites itself."""
    return re.sub(r"[^\n]*\r\x1b\[2K", "", text)


def test_a_file_gets_a_line_for_each_start_and_end() -> None:
    """Without a person there are no control characters, and each line stands for itself."""
    stream = io.StringIO()
    progress = TerminalProgress(stream)
    progress.started("build", "about a minute")
    progress.started("test", "")
    progress.finished("build", "12 targets", seconds=61.25, failed=False)
    progress.finished("test", "", seconds=0.04, failed=True)
    progress.close()
    assert stream.getvalue().splitlines() == [
        "  build … about a minute",
        "  test …",
        "✓ build  61.2 s  12 targets",
        "✗ test  0.0 s",
    ]


def test_a_file_hears_of_long_phases_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """News of a phase come at a pace that fits a log, not at that of the work."""
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    stream = io.StringIO()
    progress = TerminalProgress(stream)
    progress.started("build", "")
    for second in range(1, 46):
        now = 1000.0 + second
        progress.advanced("build", f"{second}/45")
    assert stream.getvalue().splitlines() == [
        "  build …",
        "  build … 15/45 (15 s)",
        "  build … 30/45 (30 s)",
        "  build … 45/45 (45 s)",
    ]


def test_a_terminal_keeps_only_what_is_over() -> None:
    """The moving line disappears; finished phases stay."""
    stream = Terminal()
    progress = TerminalProgress(stream)
    progress.started("build", "about a minute")
    assert stream.getvalue() == "…  build 0 s about a minute"
    progress.finished("build", "", seconds=1.0, failed=False)
    progress.started("test", "")
    progress.close()
    assert visible(stream.getvalue()) == "✓ build  1.0 s\n"
    assert stream.getvalue().endswith(CLEAR)


def test_a_terminal_shows_all_running_phases_within_its_width() -> None:
    """Phases stand side by side, cut where the terminal ends, so that nothing wraps."""
    stream = Terminal()
    progress = TerminalProgress(stream)
    progress.started("release build", "")
    progress.started("asan-ubsan build", "with a long explanation")
    last = stream.getvalue().rpartition(CLEAR)[2]
    assert last.startswith("…  release build 0 s  asan-ubsan build")
    assert len(last) == 39


def test_a_terminal_is_not_flooded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand news within a moment are one."""
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0)
    stream = Terminal()
    progress = TerminalProgress(stream)
    progress.started("build", "")
    before = stream.getvalue()
    for number in range(1000):
        progress.advanced("build", str(number))
    assert stream.getvalue() == before


def test_news_of_an_unknown_phase_are_no_crash() -> None:
    """A phase that was not announced, or is over already, can still have news."""
    for stream in (io.StringIO(), Terminal()):
        progress = TerminalProgress(stream)
        progress.advanced("late", "1/2")
        progress.finished("late", "", seconds=0.0, failed=False)
        progress.close()
        assert "✓ late" in stream.getvalue()


def test_threads_do_not_mix_their_lines() -> None:
    """Each line is written whole, whoever writes at the same time."""
    stream = io.StringIO()
    progress = TerminalProgress(stream)

    def work(name: str) -> None:
        for _ in range(200):
            progress.started(name, "")
            progress.advanced(name, "1/2")
            progress.finished(name, "", seconds=0.0, failed=False)

    threads = [threading.Thread(target=work, args=(f"phase-{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = stream.getvalue().splitlines()
    assert len(lines) == 4 * 200 * 2
    assert all(re.fullmatch(r"(  phase-\d …|✓ phase-\d  0\.0 s)", line) for line in lines)
