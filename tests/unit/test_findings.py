"""Findings, their identity, and their merging."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipelines.domain.findings import Location, deduplicate
from tests.unit.samples import finding


def test_location_prints_as_editors_read_it() -> None:
    """A place prints as file:line:column, without the numbers that are not known."""
    assert str(Location(file="a b.cpp", line=3, column=7)) == "a b.cpp:3:7"
    assert str(Location(file="a.cpp", line=3)) == "a.cpp:3"
    assert str(Location(file="a.cpp", line=0)) == "a.cpp"


def test_fingerprint_ignores_what_changes_between_runs() -> None:
    """Values, reports, columns and counts do not change a finding's identity."""
    one = finding()
    other = replace(one, message="READ of size 8", report="other", count=7, stack=())
    assert one.fingerprint == other.fingerprint
    assert len(one.fingerprint) == 32


@pytest.mark.parametrize(
    "other",
    [finding(kind="double-free"), finding(file="src/other.cpp"), finding(line=13)],
)
def test_fingerprint_tells_places_and_kinds_apart(other: object) -> None:
    """Another kind, file or line is another finding."""
    assert finding().fingerprint != getattr(other, "fingerprint", "")


def test_compiler_errors_on_one_line_stay_apart() -> None:
    """Two messages of a compiler on the same line are two findings."""
    one = finding(kind="compile-error", tool="gcc", message="expected ';'")
    two = finding(kind="compile-error", tool="gcc", message="expected '}'")
    assert len(deduplicate([one, two])) == 2


def test_findings_without_a_place_are_told_apart_by_their_message() -> None:
    """Without a place the message decides, but not the numbers in it."""
    one = finding(file=None, message="8 bytes leaked by alpha at 0x10")
    same = finding(file=None, message="16 bytes leaked by alpha at 0xff")
    other = finding(file=None, message="8 bytes leaked by beta at 0x10")
    assert one.fingerprint == same.fingerprint != other.fingerprint


def test_deduplicate_adds_counts_in_order_of_appearance() -> None:
    """Equal findings become one with the sum of their counts; the first stays."""
    first, second = finding(), finding(line=99)
    merged = deduplicate([first, second, replace(first, count=4, message="later")])
    assert merged == (replace(first, count=5), second)
