"""What gcovr and its helper wrote, read as numbers or as a lack of proof."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.domain.coverage import Counted, Coverage, Floors
from pipelines.domain.coverage_plan import CoveragePlan
from pipelines.domain.gcovr import (
    CounterFiles,
    GcovrFormatError,
    lack_of_counts,
    parse_gcovr_summary,
)
from tests.unit.samples import read_sample

PLAN = CoveragePlan(exclude=("tests/",))
FOUND = CounterFiles(
    instrumented=3,
    counted=2,
    writers=(("GCC 12", 3),),
    reader="gcov-12",
    example="src/app.cpp",
)
NONE = Counted(covered=0, total=0)


def measured(covered: int, total: int) -> Coverage:
    """Make a result with so many lines."""
    return Coverage(lines=Counted(covered=covered, total=total), branches=NONE, functions=NONE)


def test_a_recorded_summary_is_read() -> None:
    """Totals and files come out as gcovr counted them."""
    floors = Floors(lines=75)
    read = parse_gcovr_summary(read_sample("gcovr/known.json"), floors)
    assert (read.lines, read.branches, read.functions) == (
        Counted(covered=8, total=10),
        Counted(covered=5, total=6),
        Counted(covered=1, total=2),
    )
    (file,) = read.files
    assert (file.file, file.lines) == ("src/grade.cpp", read.lines)
    assert read.floors == floors


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"files": []}',
        json.dumps({"files": [{"filename": 3}]}),
        read_sample("gcovr/known.json").replace('"line_covered": 8', '"line_covered": 11'),
        read_sample("gcovr/known.json").replace('"line_covered": 8', '"line_covered": -1'),
        read_sample("gcovr/known.json").replace('"line_covered": 8', '"line_covered": null'),
    ],
)
def test_another_text_is_refused(text: str) -> None:
    """Counts that are missing or cannot be are an error, never a percentage."""
    with pytest.raises(GcovrFormatError):
        parse_gcovr_summary(text, Floors())


@given(text=st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(repr))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text ends in another error than the one that callers catch."""
    for read in (CounterFiles.parse, lambda text: parse_gcovr_summary(text, Floors())):
        with pytest.raises(GcovrFormatError):
            read(text)


def test_counter_files_are_read() -> None:
    """What the helper in the container says arrives as it was said."""
    text = json.dumps(
        {
            "instrumented": 3,
            "counted": 2,
            "writers": {"GCC 12": 3},
            "reader": "gcov-12",
            "example": "src/app.cpp",
        }
    )
    assert CounterFiles.parse(text) == FOUND


@pytest.mark.parametrize(("covered", "total"), [(1, 10), (10, 10)])
def test_lines_that_ran_are_proof(covered: int, total: int) -> None:
    """As soon as a line ran there is something to judge."""
    assert lack_of_counts(FOUND, measured(covered, total), PLAN) == ""


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (
            replace(FOUND, instrumented=0, counted=0, writers=(), reader=None, example=""),
            ("no object file has counters", "flags that the project resets"),
        ),
        (
            replace(FOUND, counted=0),
            ("3 object files have counters, and no test ran one", "_exit()"),
        ),
        (
            replace(FOUND, counted=0, writers=(("Clang", 1), ("GCC 12", 2)), reader=None),
            ("different compilers", "object files of Clang: 1, GCC 12: 2", "one compiler"),
        ),
        (
            replace(FOUND, writers=(("GCC 13", 3),), reader=None),
            ("GCC 13 wrote the counters", "no gcov of that version", "--package gcc-13"),
        ),
        (
            replace(FOUND, writers=(("Clang", 3),), reader=None),
            ("Clang wrote the counters", "--package llvm"),
        ),
        (
            replace(FOUND, writers=(("an unknown compiler", 3),), reader=None),
            ("an unknown compiler wrote the counters", "Use GCC or Clang"),
        ),
        (FOUND, ("gcovr left no summary",)),
    ],
)
def test_every_lack_has_its_cause_and_a_way_out(
    found: CounterFiles, words: tuple[str, ...]
) -> None:
    """Where nothing was counted, the sentence says why and what to do."""
    lack = lack_of_counts(found, None, PLAN)
    assert lack.startswith("Coverage was not measured: ")
    for each in words:
        assert each in lack


def test_no_line_left_names_what_left_them_out() -> None:
    """When everything is excluded, the rules are named, and a file as an example."""
    plan = CoveragePlan(include=("lib/",), exclude=("tests/", "old/"))
    lack = lack_of_counts(FOUND, measured(0, 0), plan)
    assert "coverage.exclude tests/ old/; coverage.include lib/" in lack
    assert "for example src/app.cpp" in lack
    bare = lack_of_counts(FOUND, measured(0, 0), CoveragePlan())
    assert "left out, or lie outside the repository" in bare


def test_no_line_that_ran_is_a_lack() -> None:
    """Tests that reach only other code prove nothing, even without a floor."""
    assert "None of the 10 lines ran" in lack_of_counts(FOUND, measured(0, 10), PLAN)
