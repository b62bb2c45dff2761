"""The summary as Markdown and as plain text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipelines.domain.coverage import Floors
from pipelines.domain.summary import CcacheStats, FailedTest, VariantResult
from pipelines.domain.summary_markdown import MAX_ROWS, escape_cell
from pipelines.domain.summary_text import MAX_LINES, MAX_WIDTH, describe_ccache
from tests.unit.samples import covered, finding, release, sanitized, summary

MARKDOWN = r"""## sample-app: failed

| Variant | Verdict | Tests | Time | Findings | ccache | Steps |
| --- | --- | --- | ---: | ---: | --- | --- |
| release | ✅ passed | 3 of 3 passed | 12.0 s | 0 | 75 % of 40 | configure cached, build 10.0 s, test 0.8 s |
| asan-ubsan | ❌ failed | 1 of 3 passed, 1 failed, 1 skipped | 2.0 s | 1 | – | test 2.0 s (exit code 8) |

**asan-ubsan failed:**

- 1 of 3 tests failed.
- 1 finding of severity error.

### Failing tests of asan-ubsan

| Test | Time | Message |
| --- | ---: | --- |
| session\|lifetime | 1.50 s | Failed |

### Findings of asan-ubsan

| Severity | Kind | Where | Message | Count |
| --- | --- | --- | --- | ---: |
| error | heap-use-after-free | src/session.cpp:12:5 in use(Session\*) | READ of size 4 (AddressSanitizer) | 1 |
"""  # noqa: E501 - the rows of a table are long

TEXT = """\
release     passed  tests: 3 of 3 passed                       findings: 0  ccache: 75 % of 40  12.0 s
asan-ubsan  failed  tests: 1 of 3 passed, 1 failed, 1 skipped  findings: 1  ccache: –           2.0 s

asan-ubsan:
  1 of 3 tests failed.
  1 finding of severity error.
  test session|lifetime failed after 1.50 s
      boom
  src/session.cpp:12:5: error: heap-use-after-free: READ of size 4

sample-app: failed
"""  # noqa: E501 - a terminal is wider than our source


def test_markdown_shows_what_needs_a_look() -> None:
    """The Markdown has the variants, the failing tests, the findings and the toolchain."""
    text = summary().to_markdown()
    assert text.startswith(MARKDOWN)
    last = text.splitlines()[-1]
    assert last.startswith("Toolchain: debian:bookworm-slim, gcc 12.2.0")
    assert "all packages and tools: sha256:aaaa" in last
    assert "gcc 12.2.0, CMake 3.25.1, Ninja 1.11.1, ccache 4.7.5" in last
    assert last.endswith("; packages: libboost-dev, libspdlog-dev")


def test_markdown_of_a_clean_run_is_short() -> None:
    """Where nothing failed there are no empty headings."""
    text = summary(release()).to_markdown()
    assert "###" not in text
    assert "failed" not in text


@pytest.mark.parametrize(
    ("raw", "cell"),
    [
        ("a|b", r"a\|b"),
        ("`code`", r"\`code\`"),
        ("two\nlines\r\n\tand more", "two lines and more"),
        ("<img src=x>", r"\<img src=x\>"),
        ("[x](http://y)", r"\[x\](http://y)"),
        ("back\\slash", r"back\\slash"),
        ("\x1b[31mred\x00", r"\[31mred"),
    ],
)
def test_cells_cannot_break_the_table(raw: str, cell: str) -> None:
    """Whatever a tool prints stays inside its cell and is shown as it is."""
    assert escape_cell(raw) == cell


def test_long_cells_and_tables_are_cut() -> None:
    """A job page never gets more than it can show."""
    assert len(escape_cell("x" * 5000)) < 500
    many = [finding(line=line) for line in range(1, MAX_ROWS + 11)]
    text = summary(sanitized(many)).to_markdown()
    assert "… and 10 more, all of them in summary.json." in text


def test_text_ends_with_the_verdict_and_names_the_places() -> None:
    """The terminal shows an aligned overview, what failed and where, and the verdict."""
    assert summary().to_text() == TEXT


def test_text_of_a_clean_run_has_no_details() -> None:
    """A run that passed takes three lines."""
    lines = summary(release()).to_text().splitlines()
    assert len(lines) == 3
    assert lines[-1] == "sample-app: passed"


def test_coverage_is_told_also_when_it_passed() -> None:
    """The terminal shows the shares, the floors and the files with uncovered lines."""
    text = summary(covered(floors=Floors(lines=80, branches=50))).to_text()
    shares = (
        "  lines 80.0 % (8 of 10), floor 80 %; branches 50.0 % (2 of 4), floor 50 %; "
        "functions 100.0 % (2 of 2)"
    )
    assert text.splitlines()[2:] == [
        "coverage:",
        shares,
        "  uncovered lines:",
        "    2 of 10 in src/a|b.cpp",
        "",
        "sample-app: passed",
    ]


def test_markdown_has_a_table_of_coverage() -> None:
    """The job page shows the shares and a row for each file with uncovered lines."""
    lines = summary(covered()).to_markdown().splitlines()
    at = lines.index("### Coverage")
    assert lines[at + 2] == (
        "lines 80.0 % (8 of 10); branches 50.0 % (2 of 4); functions 100.0 % (2 of 2)"
    )
    assert lines[at + 6] == r"| src/a\|b.cpp | 2 | 80.0 % (8 of 10) | 50.0 % (2 of 4) |"


def test_text_fits_on_a_screen() -> None:
    """However much failed, the text stays within its lines and columns."""
    many = [finding(line=line, message="x" * 500) for line in range(1, 500)]
    tests = tuple(FailedTest(name=f"t{n}\n\x1b[2J", seconds=1, message="") for n in range(99))
    text = summary(replace(sanitized(many), failed_tests=tests)).to_text()
    lines = text.splitlines()
    assert len(lines) <= MAX_LINES
    assert max(len(line) for line in lines) <= MAX_WIDTH
    assert "\x1b" not in text
    assert lines[-1] == "sample-app: failed"
    assert any("more lines in summary.md" in line for line in lines)


def test_text_of_a_run_without_variants_is_its_verdict() -> None:
    """A run that did nothing says so in one line."""
    assert replace(summary(), variants=()).to_text() == "sample-app: failed\n"


def test_many_variants_stay_on_the_screen() -> None:
    """Even an unusual number of variants keeps the verdict visible."""
    variants = tuple(VariantResult(name=f"v{number}") for number in range(60))
    lines = replace(summary(), variants=variants).to_text().splitlines()
    assert len(lines) <= MAX_LINES
    assert lines[-1] == "sample-app: failed"


def test_full_hit_rate_means_no_compilation() -> None:
    """A rate is rounded down, so that 100 % is never shown for less."""
    assert describe_ccache(CcacheStats(hits=999, misses=1)) == "99 % of 1000"
    assert describe_ccache(CcacheStats(hits=5, misses=0)) == "100 % of 5"
    assert describe_ccache(None) == describe_ccache(CcacheStats(hits=0, misses=0)) == "–"
