"""The engine's log becomes progress, and its end is kept for error messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.cli.engine_log import TAIL_LINES, EngineLog, follow_engine_log
from tests.unit.fakes import RecordingProgress

if TYPE_CHECKING:
    from collections.abc import Iterable

# As Dagger 0.21 prints it with DAGGER_PROGRESS=plain: a vertex number, a time, a stream.
TOOLCHAIN = "12  : Container.withExec sh /opt/pipelines/install_toolchain.sh cmake"


def fed(lines: Iterable[str]) -> tuple[EngineLog, RecordingProgress]:
    """Read lines and close."""
    progress = RecordingProgress()
    log = EngineLog(progress)
    for line in lines:
        log.feed(line)
    return log, progress


def test_steps_become_phases() -> None:
    """The markers of run_variant.sh start and finish phases, and tell how they ended."""
    _, progress = fed(
        [
            "31  : [0.1s] | ::step release configure",
            "31  : [0.9s] | ::done release configure 0",
            "31  : [0.9s] | ::step release build",
            "31  : [2.0s] | ::done release build 2",
        ]
    )
    assert progress.names == [
        ("started", "release configure"),
        ("finished", "release configure"),
        ("started", "release build"),
        ("failed", "release build"),
    ]


def test_counters_advance_their_own_variant() -> None:
    """Ninja's and ctest's counters belong to the variant of their vertex, and to no other."""
    _, progress = fed(
        [
            "31  : [0.1s] | ::step release build",
            "32  : [0.1s] | ::step asan-ubsan test",
            "31  : [0.2s] | [3/10] Building CXX object a.o",
            "32  : [0.2s] |  2/7 Test  #2: foo ....   Passed    0.01 sec",
            "33  : [0.2s] | [1/2] Building in some other container",
        ]
    )
    assert [event for event in progress.events if event[0] == "advanced"] == [
        ("advanced", "release build", "3/10"),
        ("advanced", "asan-ubsan test", "2/7"),
    ]


def test_the_next_step_ends_the_last_one() -> None:
    """A lost marker does not leave a phase running for ever."""
    log, progress = fed(["3 : | ::step release configure", "3 : | ::step release build"])
    log.close()
    log.close()
    assert progress.names == [
        ("started", "release configure"),
        ("finished", "release configure"),
        ("started", "release build"),
        ("failed", "release build"),
    ]


def test_packages_are_shown_while_they_are_installed() -> None:
    """Installing the toolchain is one phase, which the first step of a variant ends."""
    _, progress = fed(
        [
            TOOLCHAIN,
            "12  : [1s] | Reading package lists...",
            "12  : [1s] | Unpacking cmake (3.25.1-1) ...",
            "12  : [2s] | Setting up cmake (3.25.1-1) ...",
            "31  : [0.1s] | ::step release sync",
        ]
    )
    assert progress.events[:3] == [
        ("started", "toolchain", "installing packages"),
        ("advanced", "toolchain", "cmake"),
        ("advanced", "toolchain", "cmake"),
    ]
    assert progress.names[-2:] == [("finished", "toolchain"), ("started", "release sync")]


@pytest.mark.parametrize("suffix", [" CACHED", " DONE [0.0s]"])
def test_a_toolchain_out_of_the_cache_is_no_phase(suffix: str) -> None:
    """What takes no time is not announced."""
    _, progress = fed([TOOLCHAIN + suffix, "12  : [1s] | Unpacking cmake (3.25.1-1) ..."])
    assert progress.events == []


def test_a_project_that_prints_markers_shows_at_most_odd_phases() -> None:
    """The log decides nothing: what a test prints may look like a marker."""
    log, progress = fed(
        ["9 : | ::step", "9 : | ::done x y", "9 : | ::done x y 1", "9 : | [1/2] x", "::step a b"]
    )
    log.close()
    assert progress.events == []


@given(lines=st.lists(st.text(), max_size=20))
def test_any_line_is_read(lines: list[str]) -> None:
    """No line is a crash, and every phase that starts also ends."""
    log, progress = fed(lines)
    log.close()
    started = [name for what, name in progress.names if what == "started"]
    assert started == [name for what, name in progress.names if what == "finished"]


def test_the_tail_is_the_end_without_colours() -> None:
    """The last lines are kept as plain text; empty ones do not count."""
    log, _ = fed([*(f"\x1b[31mline {number}\x1b[0m\n" for number in range(100)), "\n", "  \n"])
    lines = log.tail.splitlines()
    assert len(lines) == TAIL_LINES
    assert lines[-1] == "line 99"


@pytest.mark.parametrize("echo", [True, False])
def test_a_stream_is_followed_to_its_end(capsys: pytest.CaptureFixture[str], *, echo: bool) -> None:
    """What a client writes is read to the last line, also one that has no end."""
    progress = RecordingProgress()
    log = EngineLog(progress)
    with follow_engine_log(log, echo=echo) as stream:
        stream.write("3 : | ::step release build\n")
        stream.write("the last words")
    assert log.tail.endswith("the last words")
    assert progress.names[-1] == ("failed", "release build")
    assert ("the last words" in capsys.readouterr().err) is echo


def test_bytes_that_are_no_text_do_not_stop_the_reading() -> None:
    """A test may print anything."""
    log = EngineLog(RecordingProgress())
    with follow_engine_log(log, echo=False) as stream:
        stream.buffer.write(b"\xff\xfe\n")
        stream.write("after\n")
    assert log.tail.splitlines()[-1] == "after"


def test_a_failure_inside_is_passed_on() -> None:
    """The log is closed also when the work fails, and the failure is not swallowed."""
    progress = RecordingProgress()
    log = EngineLog(progress)

    def fail() -> None:
        with follow_engine_log(log, echo=False) as stream:
            stream.write("3 : | ::step release build\n")
            raise ValueError("inside")

    with pytest.raises(ValueError, match="inside"):
        fail()
    assert progress.names[-1] == ("failed", "release build")
