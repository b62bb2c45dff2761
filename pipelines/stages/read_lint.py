"""Read what lint_tools wrote: raw reports of three tools become findings with a verdict."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipelines.domain.clang_format_output import parse_format_patch
from pipelines.domain.clang_tidy_output import TidyOutput, parse_clang_tidy
from pipelines.domain.cppcheck_output import CppcheckFormatError, CppcheckOutput, parse_cppcheck
from pipelines.domain.json_reader import JsonNode, JsonShapeError
from pipelines.domain.lint import (
    LintBase,
    LintFailOn,
    LintScope,
    LintSummary,
    LintTool,
    SplitFindings,
    split_findings,
)
from pipelines.domain.lint_json import read_tool_run
from pipelines.domain.lint_problems import ToolRecord, nothing_checked, tool_notes, tool_problems
from pipelines.domain.source_paths import SourceTree
from pipelines.domain.variant import BUILD_ROOT, SOURCE_ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.domain.findings import Finding

__all__ = ["LintReading", "read_lint"]

_TREE = SourceTree(source_root=SOURCE_ROOT, build_root=BUILD_ROOT)


@dataclass(frozen=True, kw_only=True)
class LintReading:
    """What linting found.

    Attributes:
        problems: Why its silence would mean nothing, in sentences.
    """

    summary: LintSummary
    findings: SplitFindings
    problems: tuple[str, ...] = ()


def read_lint(
    folder: Path, *, exclude: tuple[str, ...], base: LintBase | None, fail_on: LintFailOn
) -> LintReading:
    """Read the reports folder of a run; one that did not get as far gives no tools at all."""
    records, submodules, problems = _read_records(folder / "lint.json")
    tidy = parse_clang_tidy(_text(folder / "clang-tidy.txt"), _TREE)
    cppcheck, unreadable = _read_cppcheck(folder / "cppcheck.xml", records)
    found: list[tuple[Finding, int]] = list(parse_format_patch(_text(folder / "format.patch")))
    found += [
        (finding, finding.location.line if finding.location else 0)
        for finding in (*tidy.findings, *cppcheck.findings)
    ]
    findings = split_findings(
        found,
        scope=LintScope(exclude=exclude, submodules=submodules),
        changed=base.changed if base else None,
        fail_on=fail_on,
    )
    problems += unreadable
    for record in records:
        problems += tool_problems(record, tidy=tidy, cppcheck=cppcheck)
    problems += nothing_checked(records)
    summary = LintSummary(
        base=base.name if base else None,
        changed_files=len(base.changed.files) if base else None,
        fail_on=fail_on,
        tools=tuple(_tool(record, tidy, cppcheck, findings) for record in records),
    )
    return LintReading(summary=summary, findings=findings, problems=tuple(problems))


def _tool(
    record: ToolRecord, tidy: TidyOutput, cppcheck: CppcheckOutput, findings: SplitFindings
) -> LintTool:
    return replace(
        record.tool,
        new=sum(each.tool == record.tool.name for each in findings.new),
        old=sum(each.tool == record.tool.name for each in findings.old),
        notes=tool_notes(record, tidy=tidy, cppcheck=cppcheck),
    )


def _read_records(path: Path) -> tuple[tuple[ToolRecord, ...], tuple[str, ...], list[str]]:
    if not path.is_file():
        return (), (), []  # an earlier step failed, and said so
    try:
        root = JsonNode(value=json.loads(_text(path)))
        records = tuple(_read_record(node) for node in root.child("tools").items())
        submodules = tuple(node.string() for node in root.child("submodules").items())
    except (ValueError, JsonShapeError) as error:
        return (), (), [f"The report lint.json cannot be read: {error}"]
    return records, submodules, []


def _read_record(node: JsonNode) -> ToolRecord:
    tool = read_tool_run(node)
    return ToolRecord(
        tool=replace(tool, seconds=round(tool.seconds, 3)),
        silent=node.child("silent").integer(),
        unreached=node.child("unreached").integer(),
        refused=tuple(each.string() for each in node.child("refused").items()),
        misread=tuple(each.string() for each in node.child("misread").items()),
        failures=tuple(
            (file.string(), said.string())
            for file, said in (each.items() for each in node.child("failures").items())
        ),
    )


def _read_cppcheck(path: Path, records: tuple[ToolRecord, ...]) -> tuple[CppcheckOutput, list[str]]:
    nothing = CppcheckOutput(findings=(), given_up=())
    ran = any(each.tool.name == "cppcheck" and each.tool.checked for each in records)
    if not ran:
        return nothing, []
    try:
        return parse_cppcheck(_text(path), _TREE), []
    except CppcheckFormatError as error:
        return nothing, [f"{error}."]


def _text(path: Path) -> str:
    # Whatever encoding the sources have, the lines stay lines; and \r is part of a line here.
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""
