"""Counts, floors, and the sentences that they end in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.domain.coverage import Counted, Coverage, FileCoverage, Floors, notable_files

NONE = Counted(covered=0, total=0)


def file(name: str, *, uncovered: int = 0, branches: int = 0) -> FileCoverage:
    """Make a file with so many lines and branches that did not run, of a hundred each."""
    return FileCoverage(
        file=name,
        lines=Counted(covered=100 - uncovered, total=100),
        branches=Counted(covered=100 - branches, total=100),
        functions=Counted(covered=1, total=1),
    )


def coverage(
    covered: int, total: int, floors: Floors, *files: FileCoverage, branches: Counted = NONE
) -> Coverage:
    """Make a result in which lines matter."""
    return Coverage(
        lines=Counted(covered=covered, total=total),
        branches=branches,
        functions=NONE,
        files=files,
        floors=floors,
    )


@pytest.mark.parametrize(
    ("covered", "total", "text"),
    [
        (8, 10, "80.0 % (8 of 10)"),
        (1999, 2000, "99.9 % (1999 of 2000)"),
        (2, 3, "66.6 % (2 of 3)"),
        (0, 7, "0.0 % (0 of 7)"),
        (7, 7, "100.0 % (7 of 7)"),
        (0, 0, "–"),
    ],
)
def test_a_share_is_rounded_down(covered: int, total: int, text: str) -> None:
    """Only what ran as a whole shows 100 %, and nothing to count shows no percentage."""
    assert str(Counted(covered=covered, total=total)) == text


@pytest.mark.parametrize(
    ("covered", "total", "floor", "passes"),
    [
        (8, 10, 80, True),
        (8, 10, 80.01, False),
        (2, 3, 66.6, True),
        (2, 3, 66.7, False),
        (8999, 10_000, 90, False),
        (10, 10, 100, True),
        (999_999, 1_000_000, 100, False),
        (0, 10, 0, True),
    ],
)
def test_a_floor_is_compared_with_the_exact_share(
    covered: int, total: int, floor: float, *, passes: bool
) -> None:
    """At the floor passes, and no rounding lifts a share over it."""
    assert (coverage(covered, total, Floors(lines=floor)).reasons == ()) is passes


def test_a_missed_floor_names_value_floor_and_worst_files() -> None:
    """The sentence has what was measured, what was asked for, and where the most is missing."""
    files = (file("a.cpp", uncovered=1), file("b.cpp", uncovered=9), file("c.cpp", uncovered=3))
    result = coverage(387, 400, Floors(lines=97.5), *files, file("d.cpp", uncovered=2))
    (reason,) = result.reasons
    assert reason == (
        "Line coverage is 96.7 % (387 of 400), below the floor of 97.5 %; most is missing in "
        "b.cpp (9 uncovered), c.cpp (3 uncovered), d.cpp (2 uncovered). "
        "Test more of it, or lower coverage.minimum_percent."
    )


def test_branches_have_a_floor_of_their_own() -> None:
    """It names the files with the most uncovered branches, whatever their lines are."""
    files = (file("a.cpp", uncovered=50, branches=1), file("b.cpp", uncovered=1, branches=60))
    result = coverage(
        149, 200, Floors(branches=70), *files, branches=Counted(covered=139, total=200)
    )
    (reason,) = result.reasons
    assert reason.startswith("Branch coverage is 69.5 % (139 of 200), below the floor of 70 %;")
    assert "most is missing in b.cpp (60 uncovered), a.cpp (1 uncovered)." in reason
    assert "coverage.minimum_branch_percent" in reason


def test_a_floor_over_nothing_is_not_reached() -> None:
    """Code without branches does not satisfy a branch floor, and is told so."""
    (reason,) = coverage(8, 10, Floors(branches=1)).reasons
    assert "there is no branch to count" in reason
    assert coverage(8, 10, Floors(branches=0)).reasons == ()


def test_the_worst_files_come_first_and_at_most_ten() -> None:
    """Files are told by their uncovered lines; a file without any is not told."""
    files = [file(f"{number}.cpp", uncovered=number) for number in range(13)]
    kept = notable_files(files)
    assert [each.lines.uncovered for each in kept] == list(range(12, 2, -1))
    result = coverage(0, 1, Floors(), *notable_files(files[:3]))
    assert [each.file for each in result.least_covered] == ["2.cpp", "1.cpp"]


def test_files_with_many_uncovered_branches_are_kept_as_well() -> None:
    """A branch floor can name its files although others miss more lines."""
    files = [file(f"{number}.cpp", uncovered=50) for number in range(10)]
    kept = notable_files([*files, file("branches.cpp", branches=40)])
    assert len(kept) == 11
    assert kept[-1].file == "branches.cpp"


@given(
    covered=st.integers(0, 10**6),
    more=st.integers(0, 10**6),
    floor=st.floats(0, 100, allow_nan=False),
)
def test_more_coverage_never_fails_where_less_passed(covered: int, more: int, floor: float) -> None:
    """One more line that runs reaches every floor that was reached before."""
    total = covered + more + 1
    before = Counted(covered=covered, total=total)
    after = Counted(covered=covered + 1, total=total)
    assert after.reaches(floor) or not before.reaches(floor)


@given(covered=st.integers(0, 10**6), more=st.integers(0, 10**6), tenths=st.integers(1, 1000))
def test_what_is_shown_agrees_with_the_verdict(covered: int, more: int, tenths: int) -> None:
    """A share that looks like the floor has reached it, for floors with one decimal."""
    counted = Counted(covered=covered, total=covered + more)
    if counted.percent is not None and counted.percent >= tenths / 10:
        assert counted.reaches(tenths / 10)
