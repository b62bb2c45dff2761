"""Findings as JUnit XML, for CI servers that show nothing but test results."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from pipelines.domain.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipelines.domain.findings import Finding
    from pipelines.domain.results import VariantResult

__all__ = ["findings_to_junit"]

# Source: XML 1.0 (fifth edition), production [2] "Char"
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def findings_to_junit(variants: Iterable[VariantResult]) -> str:
    """Return a document with a suite per variant and a test case per finding.

    An error is a failed test case; warnings and notes pass, with their text as output. A
    variant without findings has one passed case, as CI servers reject empty suites.
    """
    root = ET.Element("testsuites")
    for variant in variants:
        _add_suite(root, variant)
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _add_suite(root: ET.Element, variant: VariantResult) -> None:
    suite = ET.SubElement(
        root,
        "testsuite",
        name=_clean(variant.name),
        tests=str(max(len(variant.findings), 1)),
        failures=str(len(variant.errors)),
        errors="0",
        skipped="0",
        time=f"{variant.seconds:.3f}",
    )
    for finding in variant.findings:
        _add_case(suite, variant, finding)
    if not variant.findings:
        ET.SubElement(
            suite,
            "testcase",
            name="no findings",
            classname=_clean(variant.name),
            time="0",
        )


def _add_case(suite: ET.Element, variant: VariantResult, finding: Finding) -> None:
    location = finding.location
    where = f" at {location}" if location else ""
    case = ET.SubElement(
        suite,
        "testcase",
        name=_clean(f"{finding.kind}{where}"),
        classname=_clean(f"{variant.name}.{finding.tool}"),
        time="0",
    )
    if location is not None:
        case.set("file", _clean(location.file))
        case.set("line", str(location.line))
    text = finding.report or finding.message
    if finding.severity is Severity.ERROR:
        failure = ET.SubElement(
            case, "failure", message=_clean(finding.message), type=_clean(finding.kind)
        )
        failure.text = _clean(text)
    else:
        ET.SubElement(case, "system-out").text = _clean(text)


def _clean(text: str) -> str:
    """Replace what XML has no way to hold, such as escape characters."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
