"""What of linting counts, and what is said about it."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from pipelines.domain.changed_lines import ChangedLines
from pipelines.domain.clang_tidy_output import TidyOutput, Unparsed
from pipelines.domain.cppcheck_output import CppcheckOutput
from pipelines.domain.findings import Finding, Location, Severity
from pipelines.domain.lint import (
    LintFailOn,
    LintScope,
    LintSummary,
    LintTool,
    SplitFindings,
    split_findings,
)
from pipelines.domain.lint_checks import help_uri
from pipelines.domain.lint_problems import ToolRecord, nothing_checked, tool_notes, tool_problems
from pipelines.domain.lint_sarif import lint_runs
from pipelines.domain.lint_text import lint_lines
from pipelines.domain.sarif import SARIF_LOG
from pipelines.domain.summary import Summary, SummaryFormatError, VariantResult, Verdict
from tests.unit.samples import TOOLCHAIN
from tests.unit.test_sarif import VALIDATOR
from tests.unit.test_summary import SCHEMA

CHANGED = ChangedLines(ranges={"src/a.cpp": ((10, 12),)})
NO_TIDY = TidyOutput(findings=(), unparsed=())
NO_CPPCHECK = CppcheckOutput(findings=(), given_up=())


def found(
    line: int, *, file: str = "src/a.cpp", kind: str = "bugprone-x", tool: str = "clang-tidy"
) -> Finding:
    """Make a finding."""
    return Finding(
        kind=kind,
        tool=tool,
        message="bad",
        severity=Severity.WARNING,
        location=Location(file=file, line=line, column=3),
    )


def split(
    *findings: tuple[Finding, int],
    scope: LintScope | None = None,
    changed: ChangedLines | None = CHANGED,
    fail_on: LintFailOn = LintFailOn.CHANGED,
) -> SplitFindings:
    """Split findings with the defaults of these tests."""
    return split_findings(findings, scope=scope or LintScope(), changed=changed, fail_on=fail_on)


def test_findings_in_changed_lines_are_errors() -> None:
    """What lies in a changed line fails; the rest is counted; both come in order."""
    both = split((found(13), 13), (found(12), 12), (found(9), 9))
    assert [each.location and each.location.line for each in both.new] == [12]
    assert [each.location and each.location.line for each in both.old] == [9, 13]
    assert {each.severity for each in both.new} == {Severity.ERROR}
    assert {each.severity for each in both.old} == {Severity.WARNING}


def test_a_region_counts_when_a_changed_line_is_in_it() -> None:
    """Layout is judged by all lines of a region."""
    assert split((found(7), 10)).new
    assert split((found(7), 9)).old


def test_without_a_base_everything_is_new() -> None:
    """No base, or a gate on everything, makes every finding count."""
    assert split((found(1), 1), changed=None).new
    assert split((found(1), 1), fail_on=LintFailOn.ALL).new


@pytest.mark.parametrize(
    ("file", "judged"),
    [
        ("src/a.cpp", True),
        ("/usr/include/string.h", False),
        ("/project/build/_deps/x/x.hpp", False),
        ("/project/build/generated.hpp", False),
        ("<built-in>", False),
        ("", False),
        ("extern/lib/x.hpp", False),
        ("external.cpp", True),
        ("third_party/x.hpp", False),
        ("src/third_party/x.hpp", True),
    ],
)
def test_only_the_projects_own_files_are_judged(file: str, judged: bool) -> None:  # noqa: FBT001
    """Systems, builds, submodules and what is excluded belong to others."""
    scope = LintScope(exclude=("^third_party/",), submodules=("extern/lib",))
    both = split((found(1, file=file), 1), scope=scope, changed=None)
    assert bool(both.new) is judged
    assert not both.old


def problems(record: ToolRecord, tidy: TidyOutput = NO_TIDY) -> str:
    """Return the problems of a tool as one text."""
    return " ".join(tool_problems(record, tidy=tidy, cppcheck=NO_CPPCHECK))


def ran(name: str = "clang-tidy", *, files: int = 3, checked: int = 3) -> LintTool:
    """Make a tool that ran."""
    return LintTool(name=name, version="14.0.6", files=files, checked=checked)


def test_a_sound_run_has_no_problem() -> None:
    """Neither what ran well nor what is switched off is a problem."""
    assert problems(ToolRecord(tool=ran())) == ""
    assert problems(ToolRecord(tool=LintTool(name="cppcheck", skipped="switched off"))) == ""


def test_units_out_of_reach_are_no_problem() -> None:
    """A change that no translation unit includes leaves nothing to look at, rightly."""
    record = ToolRecord(tool=ran(checked=0), unreached=3)
    assert problems(record) == ""
    (note,) = tool_notes(record, tidy=NO_TIDY, cppcheck=NO_CPPCHECK)
    assert note.startswith("3 left out")


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (ToolRecord(tool=ran(files=0, checked=0)), "clang-tidy found nothing to check: the build"),
        (ToolRecord(tool=ran("clang-format", files=0)), "clang-format found nothing to check"),
        (ToolRecord(tool=LintTool(name="cppcheck")), "cppcheck is not in the toolchain container"),
        (ToolRecord(tool=ran(checked=0), silent=3), "clang-tidy checked nothing"),
        (ToolRecord(tool=ran(), misread=(".clang-tidy:2:1: bad",)), "lint: {clang_version: 19}"),
        (ToolRecord(tool=ran(), failures=(("a.cpp", "crash"),)), "failed on a.cpp: crash"),
        (ToolRecord(tool=ran(), failures=(("", "no room"),)), "clang-tidy failed: no room"),
        (ToolRecord(tool=ran(checked=1)), "clang-tidy did not look at 2 of 3 files"),
    ],
)
def test_silence_that_means_nothing_is_a_problem(record: ToolRecord, said: str) -> None:
    """A tool that is absent, had nothing to do, or failed, fails the run and says what helps."""
    assert said in problems(record)


def test_units_that_cannot_be_read_are_problems() -> None:
    """The first ones are named with their place, the rest is a number."""
    units = tuple(
        Unparsed(file=f"{name}.cpp", location=Location(file="h.hpp", line=3), message="what?")
        for name in "abcdefg"
    )
    said = problems(ToolRecord(tool=ran()), TidyOutput(findings=(), unparsed=units))
    assert "clang-tidy cannot read a.cpp, although it was compiled: h.hpp:3: what?." in said
    assert "g.cpp" not in said
    assert said.endswith("… and 2 more of this kind.")


def test_files_that_cppcheck_gives_up_fail_only_together() -> None:
    """Its own limits are a note, unless nothing is left of its run."""
    record = ToolRecord(tool=ran("cppcheck", files=2, checked=2))
    one = CppcheckOutput(findings=(), given_up=(("a.cpp", "a.cpp:1: what? [unknownMacro]"),))
    assert tool_problems(record, tidy=NO_TIDY, cppcheck=one) == ()
    assert tool_notes(record, tidy=NO_TIDY, cppcheck=one) == (
        "gave 1 up, which is no finding: a.cpp:1: what? [unknownMacro]",
    )
    both = CppcheckOutput(findings=(), given_up=(*one.given_up, ("b.cpp", "b.cpp: so")))
    (problem,) = tool_problems(record, tidy=NO_TIDY, cppcheck=both)
    assert problem.startswith("cppcheck gave every file up")


def test_nothing_at_all_is_a_problem() -> None:
    """With every tool switched off the run says so."""
    off = [ToolRecord(tool=LintTool(name="cppcheck", skipped="switched off"))]
    assert "cppcheck: switched off" in nothing_checked(off)[0]
    assert nothing_checked([*off, ToolRecord(tool=ran())]) == ()
    assert nothing_checked([]) == ()


LINT = LintSummary(
    base="origin/main (1a2b3c4d5e6f)",
    changed_files=1,
    fail_on=LintFailOn.CHANGED,
    tools=(
        LintTool(name="clang-format", skipped="there is no .clang-format"),
        LintTool(
            name="clang-tidy",
            version="14.0.6",
            files=50,
            checked=3,
            reused=2,
            seconds=1.25,
            new=1,
            old=17,
            notes=("47 left out, because they include no changed file",),
        ),
    ),
)


def summary(lint: LintSummary | None = LINT) -> Summary:
    """Make the summary of a red run."""
    (new,) = split((found(10), 10)).new
    variant = VariantResult(name="lint", findings=(new,), tests_required=False)
    return Summary(name="app", variants=(variant,), toolchain=TOOLCHAIN, lint=lint)


def test_the_text_tells_tools_base_and_new_findings() -> None:
    """The summary names each tool with its version and amounts, and each new finding."""
    assert summary().verdict is Verdict.FAILED
    assert summary().to_text().splitlines()[2:] == [
        "clang-format: did not run, there is no .clang-format",
        "clang-tidy 14.0.6: 3 of 50 translation units (2 reused), findings: 1 new, 17 old, 1.2 s",
        "  47 left out, because they include no changed file",
        "compared with origin/main (1a2b3c4d5e6f): 1 changed file",
        "",
        "lint:",
        "  1 finding of severity error.",
        "  src/a.cpp:10:3: bad [bugprone-x]",
        "",
        "app: failed",
    ]
    assert "clang-tidy 14" in summary().to_markdown()


def test_a_missing_base_is_said() -> None:
    """Whoever reads the result knows that every finding counted."""
    without = LintSummary(base=None, changed_files=None, fail_on=LintFailOn.ALL, tools=())
    assert list(lint_lines(without)) == ["no base to compare with: every finding is new"]


def test_summary_json_keeps_lint() -> None:
    """The document follows its schema, loses nothing, and has no key where nothing was linted."""
    document = json.loads(summary().to_json())
    validator = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert list(validator.iter_errors(document)) == []
    assert (document["lint"]["new"], document["lint"]["old"]) == (1, 17)
    assert Summary.from_dict(document) == summary()
    assert "lint" not in summary(None).to_dict()


def test_a_broken_lint_key_is_refused() -> None:
    """The error names the place."""
    document = json.loads(summary().to_json())
    document["lint"]["fail_on"] = "sometimes"
    with pytest.raises(SummaryFormatError, match=r"\$\.lint\.fail_on"):
        Summary.from_dict(document)


def test_sarif_has_a_run_for_each_tool() -> None:
    """Results say what is new and what is not, and rules lead to their pages."""
    both = split((found(10), 10), (found(1), 1))
    runs = lint_runs(LINT.tools, both.new, both.old)
    assert list(VALIDATOR.iter_errors({**SARIF_LOG, "runs": runs})) == []
    document = json.loads(json.dumps(runs))
    (run,) = document
    assert run["tool"]["driver"]["version"] == "14.0.6"
    assert run["tool"]["driver"]["rules"][0]["helpUri"].endswith("/bugprone/x.html")
    states = [(each["baselineState"], each["level"]) for each in run["results"]]
    assert states == [("new", "error"), ("unchanged", "warning")]


def test_a_tool_that_found_nothing_has_a_run() -> None:
    """Without it a code host would never close old alerts."""
    (run,) = lint_runs([ran("cppcheck")], (), ())
    assert run["results"] == []


@pytest.mark.parametrize(
    ("tool", "check", "page"),
    [
        ("clang-tidy", "bugprone-use-after-move", "/checks/bugprone/use-after-move.html"),
        ("clang-tidy", "clang-analyzer-core.X", "/checks/clang-analyzer/core.X.html"),
        ("clang-tidy", "clang-diagnostic-Shadow", "DiagnosticsReference.html#wshadow"),
        ("clang-tidy", "clang-tidy", "https://"),
        ("cppcheck", "nullPointer", "https://cppcheck"),
        ("clang-format", "clang-format", "ClangFormat"),
    ],
)
def test_each_check_has_a_page(tool: str, check: str, page: str) -> None:
    """The page is that of the check where there is one."""
    assert page in help_uri(tool, check)
