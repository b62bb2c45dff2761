"""What the three tools print, recorded, becomes findings."""

from __future__ import annotations

import pytest

from pipelines.domain.clang_format_output import parse_format_patch
from pipelines.domain.clang_tidy_output import parse_clang_tidy
from pipelines.domain.cppcheck_output import CppcheckFormatError, parse_cppcheck
from pipelines.domain.source_paths import SourceTree
from tests.unit.samples import read_sample

TREE = SourceTree(source_root="/project/src", build_root="/project/build")


def test_clang_tidy_findings_have_place_check_and_path() -> None:
    """The place is from the source root, the check is the kind, and the notes are the report."""
    output = parse_clang_tidy(read_sample("lint/clang-tidy.txt"), TREE)
    places = [(str(each.location), each.kind) for each in output.findings]
    assert places == [
        ("a.cpp:4:21", "performance-unnecessary-value-param"),
        ("a.cpp:9:22", "clang-analyzer-core.NullDereference"),
    ]
    assert output.findings[1].message == "Dereference of null pointer (loaded from variable 'p')"
    assert "note: 'p' initialized to a null pointer value" in output.findings[1].report


def test_a_unit_that_clang_tidy_cannot_read_is_told() -> None:
    """The first error of a unit stands for all that follow; it is no finding."""
    output = parse_clang_tidy(read_sample("lint/clang-tidy.txt"), TREE)
    (unit,) = output.unparsed
    assert (unit.file, str(unit.location)) == ("bad.cpp", "bad.cpp:1:10")
    assert unit.message == "expected expression"


def test_an_error_without_a_place_is_told() -> None:
    """What clang says about its arguments belongs to the unit that it was about."""
    text = "::file x.cpp\nerror: unknown argument: '-fodd' [clang-diagnostic-error]\n"
    (unit,) = parse_clang_tidy(text, TREE).unparsed
    assert (unit.file, unit.location, unit.message) == ("x.cpp", None, "unknown argument: '-fodd'")


def test_a_header_of_two_units_is_one_finding() -> None:
    """The same place, check and message counts once, with a path that has detours or none."""
    text = (
        "::file a.cpp\n/project/src/src/../h.hpp:1:2: warning: bad [bugprone-x]\n"
        "::file b.cpp\n/project/src/h.hpp:1:2: warning: bad [bugprone-x]\nint x;\n"
        "/project/src/h.hpp:1:2: warning: bad [bugprone-y]\n"
    )
    findings = parse_clang_tidy(text, TREE).findings
    assert [(str(each.location), each.kind) for each in findings] == [
        ("h.hpp:1:2", "bugprone-x"),
        ("h.hpp:1:2", "bugprone-y"),
    ]


def test_warnings_as_errors_are_findings_of_their_check() -> None:
    """The project's own gate changes the word, not the kind; of aliases the first one counts."""
    text = "/project/src/x.cpp:1:2: error: bad [bugprone-x,cert-y,-warnings-as-errors]\n"
    (finding,) = parse_clang_tidy(text, TREE).findings
    assert (finding.kind, finding.message) == ("bugprone-x", "bad")


def test_cppcheck_findings_have_place_and_path() -> None:
    """The first location is the finding's, and the way to it is in the report."""
    output = parse_cppcheck(read_sample("lint/cppcheck.xml"), TREE)
    assert [(str(each.location), each.kind) for each in output.findings] == [
        ("a.cpp:7:23", "arrayIndexOutOfBounds"),
        ("a.hpp:2:12", "uninitMemberVar"),
        ("a.cpp:9:23", "nullPointer"),
        ("a.cpp:4:21", "passedByValue"),
    ]
    assert output.findings[2].report.splitlines() == [
        "Null pointer dereference: p",
        "a.cpp:8:12: Assignment 'p=nullptr', assigned value is 0",
        "a.cpp:9:23: Null pointer dereference",
    ]


def test_files_that_cppcheck_gives_up_are_told() -> None:
    """A file that it cannot read is no finding about the code."""
    ((file, said),) = parse_cppcheck(read_sample("lint/cppcheck.xml"), TREE).given_up
    assert file == "bad.cpp"
    assert said.endswith("[syntaxError]")


@pytest.mark.parametrize("xml", ["", "<results>", "cppcheck: error"])
def test_a_report_that_is_cut_short_is_an_error(xml: str) -> None:
    """Silence is never read out of a broken report."""
    with pytest.raises(CppcheckFormatError):
        parse_cppcheck(xml, TREE)


def test_each_region_to_format_is_a_finding() -> None:
    """A region has its lines and what to write; lines to insert belong to both neighbours."""
    found = parse_format_patch(read_sample("lint/format.patch"))
    assert [(str(each.location), last, each.message) for each, last in found] == [
        ("a.cpp:1", 1, 'insert after this line: `#include "a.hpp"`'),
        ("a.cpp:3", 3, "remove this line"),
        (
            "a.cpp:7",
            9,
            (
                "write `  if (i == 5) { ⏎     values[2] = 3; ⏎   } ⏎   int *p = nullptr; ⏎   "
                "return values[1] + *p;`"
            ),
        ),
        (
            "a.hpp:2",
            2,
            "write `struct A { ⏎   A(int x) { b = x; } ⏎   int b; ⏎   int unused; ⏎ };`",
        ),
        ("bad.cpp:1", 1, "write `int f( { ⏎   return 0; }`"),
        (
            "t.cpp:3",
            3,
            'write `TEST_CASE("abc") { ⏎   int *p = nullptr; ⏎   *p = 3; ⏎ }`',
        ),
    ]
    assert found[1][0].report == '-#include "a.hpp"'
