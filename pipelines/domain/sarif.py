"""Findings as SARIF 2.1.0, the format that code hosts show beside the code.

Source: OASIS Static Analysis Results Interchange Format (SARIF) Version 2.1.0
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from pipelines.domain.finding_rules import rule_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipelines.domain.findings import Finding, Frame, Location

__all__ = ["SARIF_LOG", "sarif_result", "sarif_run", "sarif_runs", "to_sarif"]

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

SARIF_LOG: dict[str, object] = {"$schema": SCHEMA, "version": "2.1.0"}
"""What every log begins with."""

SOURCE_ROOT = "SRCROOT"
"""The base that relative URIs refer to; each reader puts its own checkout there."""

TOOL_NAME = "cpp-pipelines"

FINGERPRINT = "cppPipelines/v1"
"""Raised when fingerprints are computed anew, so that old ones are not compared."""


def to_sarif(findings: Iterable[Finding], *, tool_version: str) -> dict[str, object]:
    """Return a log with one run, one rule per kind, and one result per finding."""
    return {**SARIF_LOG, "runs": sarif_runs(findings, tool_version=tool_version)}


def sarif_runs(findings: Iterable[Finding], *, tool_version: str) -> list[dict[str, object]]:
    """Return the one run of such a log."""
    listed = tuple(findings)
    kinds = tuple(dict.fromkeys(finding.kind for finding in listed))
    driver: dict[str, object] = {
        "name": TOOL_NAME,
        "version": tool_version,
        "rules": [_rule(kind) for kind in kinds],
    }
    results = [sarif_result(finding, kinds.index(finding.kind)) for finding in listed]
    return [sarif_run(driver, results)]


def sarif_run(driver: dict[str, object], results: Sequence[dict[str, object]]) -> dict[str, object]:
    """Return one run of a log."""
    return {
        "tool": {"driver": driver},
        "originalUriBaseIds": {SOURCE_ROOT: {"description": {"text": "The root of the sources."}}},
        "columnKind": "unicodeCodePoints",
        "results": list(results),
    }


def _rule(kind: str) -> dict[str, object]:
    rule = rule_for(kind)
    return {
        "id": kind,
        "name": "".join(word.capitalize() for word in kind.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": f"{rule.title}."},
        "help": {"text": rule.advice, "markdown": rule.advice},
        "defaultConfiguration": {"level": "error"},
    }


def sarif_result(finding: Finding, rule_index: int) -> dict[str, object]:
    """Return one result; its rule is the one at that index of its run."""
    result: dict[str, object] = {
        "ruleId": finding.kind,
        "ruleIndex": rule_index,
        "level": str(finding.severity),
        "message": {"text": f"{finding.tool}: {finding.message or finding.kind}"},
        "partialFingerprints": {FINGERPRINT: finding.fingerprint},
        "occurrenceCount": max(finding.count, 1),
        "properties": {"tool": finding.tool},
    }
    if finding.location is not None:
        result["locations"] = [_location(finding.location)]
    frames = [_frame(frame) for frame in finding.stack if frame.location is not None]
    if frames:
        result["stacks"] = [{"message": {"text": "Stack"}, "frames": frames}]
    return result


def _frame(frame: Frame) -> dict[str, object]:
    entry: dict[str, object] = {}
    if frame.location is not None:
        described = _location(frame.location)
        if frame.function:
            described["message"] = {"text": frame.function}
        entry["location"] = described
    if frame.module:
        entry["module"] = frame.module
    return entry


def _location(location: Location) -> dict[str, object]:
    physical: dict[str, object] = {"artifactLocation": _artifact(location.file)}
    # A region has to start at line 1 at least; a tool that names no line gets no region.
    if location.line > 0:
        region = {"startLine": location.line}
        if location.column:
            region["startColumn"] = location.column
        physical["region"] = region
    described: dict[str, object] = {"physicalLocation": physical}
    if location.function:
        described["logicalLocations"] = [
            {"fullyQualifiedName": location.function, "kind": "function"}
        ]
    return described


def _artifact(file: str) -> dict[str, object]:
    path = quote(file, safe="/", errors="replace")
    if file.startswith("/"):
        return {"uri": f"file://{path}"}
    # Debug information of system libraries is relative to some other machine's folders.
    if ".." in file.split("/"):
        return {"uri": path}
    return {"uri": path.removeprefix("./"), "uriBaseId": SOURCE_ROOT}
