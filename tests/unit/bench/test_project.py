"""The generated project."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from bench.project import Unit, expected_value, project_files, render_unit, write_files, write_unit

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("units", "tests"), [(1, 1), (8, 1), (9, 2), (40, 5)])
def test_every_unit_is_built_and_tested(units: int, tests: int) -> None:
    """Each source is listed in CMakeLists.txt and called by exactly one test program."""
    files = project_files(units, salt="s")
    cmake = files["CMakeLists.txt"]
    sources = re.findall(r"^  (src/unit_\d+\.cpp)$", cmake, re.MULTILINE)
    assert sources == [name for name in files if name.startswith("src/unit_")]
    assert len(sources) == units
    assert cmake.count("add_test(") == tests
    checks = "".join(text for name, text in files.items() if name.startswith("tests/"))
    called = re.findall(r"bench::(unit_\d+)\(0\)", checks)
    assert sorted(called) == [f"unit_{index:04}" for index in range(units)]


def test_the_salt_makes_projects_differ() -> None:
    """Two projects share no compiler result: the header that all include differs."""
    one, other = project_files(1, salt="one"), project_files(1, salt="other")
    assert {name for name in one if one[name] != other[name]} == {"include/bench/grouping.hpp"}


def test_each_edit_changes_the_text() -> None:
    """A comment, a number in the body and the planted bug each give another source."""
    shapes = [
        Unit(index=0),
        Unit(index=0, comment="another"),
        Unit(index=0, shift=1),
        Unit(index=0, broken=True),
    ]
    assert len({render_unit(unit) for unit in shapes}) == len(shapes)


def test_a_comment_keeps_the_lines_where_they_are() -> None:
    """A changed comment moves no line: that would change debug information as well."""
    before, after = render_unit(Unit(index=0)), render_unit(Unit(index=0, comment="another"))
    changed = [
        one
        for one, other in zip(before.splitlines(), after.splitlines(), strict=True)
        if one != other
    ]
    assert len(changed) == 1
    assert changed[0].startswith("//")


def test_no_units_are_refused() -> None:
    """A project without sources is a mistake."""
    with pytest.raises(ValueError, match="at least one"):
        project_files(0, salt="s")


@pytest.mark.skipif(shutil.which("g++") is None, reason="no compiler on this machine")
def test_only_the_planted_bug_fails_the_tests(tmp_path: Path) -> None:
    """The expected values are right, a changed body keeps them, and the planted bug does not."""
    write_files(tmp_path, project_files(1, salt="s"))
    assert expected_value(0, 0) == sum(range(64))
    for unit, passes in (
        (Unit(index=0, shift=41), True),
        (Unit(index=0, broken=True), False),
    ):
        write_unit(tmp_path, unit)
        program = tmp_path / "test"
        sources = [str(tmp_path / name) for name in ("src/unit_0000.cpp", "tests/test_000.cpp")]
        subprocess.run(
            ["g++", "-std=c++17", f"-I{tmp_path / 'include'}", *sources, "-o", str(program)],
            check=True,
        )
        done = subprocess.run([str(program)], capture_output=True, check=False)
        assert (done.returncode == 0) is passes, done.stderr
