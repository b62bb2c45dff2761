"""Whatever a tool prints, its reader answers."""

from __future__ import annotations

import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.domain.ccache import parse_ccache_log
from pipelines.domain.compiler import parse_diagnostics
from pipelines.domain.junit import JUnitFormatError, JUnitReport, parse_junit
from pipelines.domain.sanitizer import parse_reports
from pipelines.domain.terminal import strip_ansi
from tests.unit.samples import DATA

REPORTS = sorted((DATA / "sanitizer").glob("*.txt"))
LOGS = sorted((DATA / "compiler").glob("*.txt"))

FRAGMENTS = [
    "==1==ERROR: AddressSanitizer: heap-use-after-free on address 0x1",
    "WARNING: ThreadSanitizer: data race (pid=1)",
    "Direct leak of 8 byte(s) in 1 object(s) allocated from:",
    "    #0 0x1 in f(int) /src/a b.cpp:1:2 (BuildId: ab)",
    "    #1 <null> <null> (libx.so+0x1)",
    "/src/a.cpp:1:2: runtime error: division by zero",
    ": runtime error: ",
    ":1:1: runtime error: ",
    "SUMMARY: AddressSanitizer: x",
    "/src/a.cpp:1:2: error: x",
    "/usr/include/x:1:2:   required from here",
    "In file included from /src/a.cpp:1:",
    "CMake Error at CMakeLists.txt:1 (x):",
    "Call Stack (most recent call first):",
    "  CMakeLists.txt:3 (find_package)",
    "/usr/bin/ld: a.o: in function `f':",
    "a.cpp:(.text+0x1): undefined reference to `x'",
    ">>> referenced by a.cpp:1 (/src/a.cpp:1)",
    "ld.lld: error: undefined symbol: x",
    "collect2: error: ld returned 1 exit status",
    "  indented",
    "",
]

texts = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=40), max_size=12).map("\n".join)


@given(texts)
def test_reports_never_raise(text: str) -> None:
    """Any text gives findings or none, in any order of its lines."""
    for finding in parse_reports(text, source_root="/src", build_root="/src/build"):
        assert finding.kind
        assert finding.fingerprint


@given(texts)
def test_diagnostics_never_raise(text: str) -> None:
    """Any log gives findings or none."""
    for finding in parse_diagnostics(
        text, source_root="/src", build_root="/src/build", include_warnings=True
    ):
        assert finding.kind
        assert finding.fingerprint


@pytest.mark.parametrize("path", [*REPORTS, *LOGS], ids=lambda path: path.name)
def test_shuffled_samples_never_raise(path: object) -> None:
    """Real output with its lines out of order is read without an error."""
    lines = (DATA / str(path)).read_text(encoding="utf-8").splitlines()
    random.Random(7).shuffle(lines)  # noqa: S311 - reproducible, not secret
    text = "\n".join(lines)
    parse_reports(text, source_root="/src", build_root="/src/build")
    parse_diagnostics(text, source_root="/src", build_root="/src/build")


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "line",
    [
        "a" * 300_000,
        "/" * 300_000,
        ":1" * 100_000,
        " " * 300_000,
        "(" * 300_000,
        "a: " * 100_000,
        "#0 0x1 in " + "f(" * 100_000,
        "/" * 200_000 + ": runtime error: x",
        "==1==ERROR: AddressSanitizer: " + "a-" * 100_000,
        "is located 1 bytes " + "variable '" * 50_000,
        "\x1b]" * 100_000,
    ],
    ids=lambda line: f"{line[:12]!a}",
)
def test_very_long_lines_take_no_time(line: str) -> None:
    """No pattern needs more than linear time on output without line breaks."""
    text = f"==1==ERROR: AddressSanitizer: SEGV on unknown address\n{line}\n"
    parse_reports(text, source_root="/src", build_root="/src/build")
    parse_diagnostics(text, source_root="/src", build_root="/src/build")


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@example(b"<testsuite><testcase/></testsuite>")
def test_junit_is_read_or_refused(xml: bytes) -> None:
    """Any bytes give a report or the one error that callers expect."""
    complaint = ""
    report = JUnitReport(cases=())
    try:
        report = parse_junit(xml)
    except JUnitFormatError as error:
        complaint = str(error)
    assert complaint == "" or complaint.startswith("read a JUnit report: ")
    totals = report.totals
    assert totals.total == totals.passed + totals.failed + totals.skipped


@given(st.text(max_size=200))
def test_counters_never_raise(text: str) -> None:
    """Any text gives counters or none."""
    stats = parse_ccache_log(text)
    assert stats is None or stats.hits >= 0


@given(st.text())
def test_plain_text_is_not_changed(text: str) -> None:
    """Only escape sequences are removed."""
    if "\x1b" not in text and "[NON-XML" not in text:
        assert strip_ansi(text) == text
