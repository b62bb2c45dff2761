"""Reading what lint_tools left in the reports folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pipelines.domain.changed_lines import ChangedLines
from pipelines.domain.lint import LintBase, LintFailOn
from pipelines.stages.lint_tools.outcome import Outcome
from pipelines.stages.read_lint import LintReading, read_lint
from tests.unit.samples import read_sample

if TYPE_CHECKING:
    from pathlib import Path

BASE = LintBase(name="main (1a2b3c)", changed=ChangedLines(ranges={"a.cpp": ((9, 9),)}))


def outcomes(files: int = 2) -> list[Outcome]:
    """Make what three tools say of themselves, in their own words."""
    made = [
        Outcome(name, version="1.2", files=files)
        for name in ("clang-format", "clang-tidy", "cppcheck")
    ]
    for outcome in made:
        outcome.add(checked=files)
    return made


def read(
    folder: Path,
    *tools: Outcome,
    base: LintBase | None = BASE,
    exclude: tuple[str, ...] = (),
    submodules: tuple[str, ...] = (),
    cppcheck: str | None = None,
) -> LintReading:
    """Write the recorded reports into a folder, and read them."""
    listed = [tool.to_json() for tool in (tools or outcomes())]
    text = json.dumps({"tools": listed, "submodules": submodules})
    (folder / "lint.json").write_text(text)
    for name in ("clang-tidy.txt", "format.patch", "cppcheck.xml"):
        (folder / name).write_text(read_sample(f"lint/{name}"))
    if cppcheck is not None:
        (folder / "cppcheck.xml").write_text(cppcheck)
    return read_lint(folder, exclude=exclude, base=base, fail_on=LintFailOn.CHANGED)


def test_three_tools_become_one_verdict(tmp_path: Path) -> None:
    """Findings of all tools in the changed line are new; the rest is old; amounts add up."""
    reading = read(tmp_path)
    assert [(each.tool, str(each.location)) for each in reading.findings.new] == [
        ("clang-format", "a.cpp:7"),
        ("clang-tidy", "a.cpp:9:22"),
        ("cppcheck", "a.cpp:9:23"),
    ]
    assert [(tool.name, tool.new, tool.old) for tool in reading.summary.tools] == [
        ("clang-format", 1, 5),
        ("clang-tidy", 1, 1),
        ("cppcheck", 1, 3),
    ]
    assert (reading.summary.base, reading.summary.changed_files) == ("main (1a2b3c)", 1)
    # bad.cpp cannot be read by clang-tidy.
    (problem,) = reading.problems
    assert "bad.cpp" in problem


def test_what_is_left_out_has_no_findings(tmp_path: Path) -> None:
    """Excluded paths and submodules are others'."""
    reading = read(tmp_path, base=None, exclude=(r"^a\.",))
    assert {each.location and each.location.file for each in reading.findings.new} == {
        "bad.cpp",
        "t.cpp",
    }
    assert reading.summary.base is None


def test_a_run_that_did_not_get_there_is_empty(tmp_path: Path) -> None:
    """When the build failed there is nothing to read, and nothing more to say."""
    reading = read_lint(tmp_path, exclude=(), base=None, fail_on=LintFailOn.ALL)
    assert (reading.summary.tools, reading.problems) == ((), ())


def test_broken_reports_are_problems(tmp_path: Path) -> None:
    """Silence is never read out of a report that cannot be read."""
    reading = read(tmp_path, cppcheck="<results>")
    assert any("cppcheck's report cannot be read" in each for each in reading.problems)
    (tmp_path / "lint.json").write_text('{"tools": [{}]}')
    reading = read_lint(tmp_path, exclude=(), base=None, fail_on=LintFailOn.ALL)
    assert any("lint.json cannot be read" in each for each in reading.problems)


def test_failures_keep_their_words(tmp_path: Path) -> None:
    """What a tool said when it failed reaches the reader."""
    tools = outcomes()
    tools[1].failed("x.cpp", "exit code -11")
    tools[0].misunderstood(".clang-format:2:1: error: unknown key 'X'")
    problems = " ".join(read(tmp_path, *tools).problems)
    assert "clang-tidy failed on x.cpp: exit code -11." in problems
    assert "clang-format 1.2 does not understand its configuration: .clang-format:2:1" in problems
