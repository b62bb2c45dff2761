"""Read what clang-tidy prints. Pure.

The driver puts a line `::file PATH` before the output of each translation unit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipelines.domain.findings import Finding, Location, Severity

if TYPE_CHECKING:
    from pipelines.domain.source_paths import SourceTree

__all__ = ["TidyOutput", "Unparsed", "parse_clang_tidy"]

_MARKER = "::file "
_PLACED = re.compile(
    r"^(?P<file>[^:\n].*?):(?P<line>\d+):(?P<column>\d+): (?P<level>warning|error|note): "
    r"(?P<message>.*)$"
)
_PLACELESS = re.compile(r"^(?P<level>error): (?P<message>.*)$")
_CHECK = re.compile(r"^(?P<message>.*) \[(?P<checks>[A-Za-z0-9_.,+-]+)\]$")
_NOT_PARSED = "clang-diagnostic-error"
_REPORT_LINES = 40


@dataclass(frozen=True, kw_only=True)
class Unparsed:
    """A translation unit that clang-tidy could not understand, with its first error."""

    file: str
    location: Location | None
    message: str


@dataclass(frozen=True, kw_only=True)
class TidyOutput:
    """Findings, each once however many translation units have it, and what was not understood."""

    findings: tuple[Finding, ...]
    unparsed: tuple[Unparsed, ...]


def parse_clang_tidy(text: str, tree: SourceTree) -> TidyOutput:
    """Read the output of many runs, one after another."""
    findings: dict[tuple[str, str, str], Finding] = {}
    unparsed: dict[str, Unparsed] = {}
    main_file = ""
    current: tuple[str, str, str] | None = None
    for line in text.split("\n"):
        if line.startswith(_MARKER):
            main_file, current = line.removeprefix(_MARKER), None
            continue
        match = _PLACED.match(line)
        if match is None and (error := _PLACELESS.match(line)):
            unparsed.setdefault(main_file, _unparsed(main_file, None, error["message"]))
            current = None
        elif match is None or match["level"] == "note":
            if current is not None:
                findings[current] = _with_report(findings[current], line)
        elif (finding := _finding(match, tree)).kind == _NOT_PARSED:
            unparsed.setdefault(main_file, _unparsed(main_file, finding.location, finding.message))
            current = None
        else:
            key = (str(finding.location), finding.kind, finding.message)
            # The header of two translation units: one finding, and one report.
            current = None if key in findings else key
            findings.setdefault(key, finding)
    return TidyOutput(findings=tuple(findings.values()), unparsed=tuple(unparsed.values()))


def _finding(match: re.Match[str], tree: SourceTree) -> Finding:
    message, kind = match["message"], "clang-tidy"
    if checked := _CHECK.match(message):
        names = [each for each in checked["checks"].split(",") if each != "-warnings-as-errors"]
        message, kind = checked["message"], (names or [kind])[0]
    return Finding(
        kind=kind,
        tool="clang-tidy",
        message=message,
        severity=Severity.WARNING,
        location=Location(
            file=tree.normalize(match["file"]),
            line=int(match["line"]),
            column=int(match["column"]),
        ),
        report=match[0],
    )


def _unparsed(file: str, location: Location | None, message: str) -> Unparsed:
    checked = _CHECK.match(message)
    return Unparsed(
        file=file, location=location, message=checked["message"] if checked else message
    )


def _with_report(finding: Finding, line: str) -> Finding:
    if not line.strip() or finding.report.count("\n") >= _REPORT_LINES:
        return finding
    return replace(finding, report=f"{finding.report}\n{line}")
