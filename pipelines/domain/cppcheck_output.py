"""Read cppcheck's XML, version 2. Pure.

Source: Cppcheck manual, "XML output".
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.domain.findings import Finding, Location, Severity

if TYPE_CHECKING:
    from pipelines.domain.source_paths import SourceTree

__all__ = ["CppcheckFormatError", "CppcheckOutput", "parse_cppcheck"]

JUDGED = frozenset({"error", "warning", "performance", "portability"})

# What cppcheck says when it gives a file up: about cppcheck, not about the code, which compiles.
# Source: its list of critical errors (lib/errorlogger.h, `mCriticalErrorIds`).
GIVEN_UP = frozenset(
    {
        "cppcheckError",
        "cppcheckLimit",
        "includeNestedTooDeeply",
        "internalAstError",
        "internalError",
        "instantiationError",
        "misra-config",
        "preprocessorErrorDirective",
        "premium-internalError",
        "premium-invalidArgument",
        "premium-invalidLicense",
        "syntaxError",
        "unhandledChar",
        "unknownMacro",
    }
)


class CppcheckFormatError(ValueError):
    """The text is not what cppcheck writes."""


@dataclass(frozen=True, kw_only=True)
class CppcheckOutput:
    """Findings, each once, and the reasons for which files were given up, by file."""

    findings: tuple[Finding, ...]
    given_up: tuple[tuple[str, str], ...]


def parse_cppcheck(xml: str, tree: SourceTree) -> CppcheckOutput:
    """Read a report.

    Raises:
        CppcheckFormatError: It is cut short, or something else.
    """
    try:
        root = ET.fromstring(xml)  # noqa: S314 - our own run wrote it
    except ET.ParseError as error:
        raise CppcheckFormatError(f"cppcheck's report cannot be read: {error}") from error
    findings: dict[tuple[str, str, str], Finding] = {}
    given_up: dict[str, str] = {}
    for node in root.iter("error"):
        kind, message = node.get("id", ""), node.get("msg", "")
        location = _location(node.find("location"), tree)
        if kind in GIVEN_UP:
            file = location.file if location else node.get("file0", "")
            given_up.setdefault(file, f"{location or file}: {message} [{kind}]")
        elif node.get("severity") in JUDGED and location is not None:
            key = (str(location), kind, message)
            findings.setdefault(key, _finding(node, kind, message, location, tree))
    return CppcheckOutput(findings=tuple(findings.values()), given_up=tuple(given_up.items()))


def _finding(
    node: ET.Element, kind: str, message: str, location: Location, tree: SourceTree
) -> Finding:
    steps = [
        f"{place}: {each.get('info')}"
        for each in reversed(node.findall("location"))
        if each.get("info") and (place := _location(each, tree))
    ]
    return Finding(
        kind=kind,
        tool="cppcheck",
        message=message,
        severity=Severity.WARNING,
        location=location,
        report="\n".join([node.get("verbose", message), *steps]),
    )


def _location(node: ET.Element | None, tree: SourceTree) -> Location | None:
    if node is None or not node.get("file"):
        return None
    numbers = [node.get(name, "") for name in ("line", "column")]
    line, column = (int(each) if each.isdigit() else 0 for each in numbers)
    return Location(file=tree.normalize(node.get("file", "")), line=line, column=column or None)
