"""Findings as JUnit XML."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.domain.findings import Severity
from pipelines.domain.junit import TestStatus, parse_junit
from pipelines.domain.junit_export import findings_to_junit
from tests.unit.samples import finding, release, sanitized

if TYPE_CHECKING:
    from pipelines.domain.results import VariantResult


def suites(*variants: VariantResult) -> list[ET.Element]:
    """Return the suites of a document."""
    return list(ET.fromstring(findings_to_junit(variants)))  # noqa: S314 - our own text


def test_each_variant_is_a_suite_and_each_finding_a_case() -> None:
    """Suites and cases carry the counts and the places of the findings."""
    clean, dirty = suites(release(), sanitized([finding(), finding(line=3)]))
    assert (clean.get("name"), clean.get("tests"), clean.get("failures")) == ("release", "1", "0")
    assert (dirty.get("name"), dirty.get("tests"), dirty.get("failures")) == (
        "asan-ubsan",
        "2",
        "2",
    )
    case = dirty[0]
    assert case.get("name") == "heap-use-after-free at src/session.cpp:12:5"
    assert case.get("classname") == "asan-ubsan.AddressSanitizer"
    assert case.get("file") == "src/session.cpp"
    assert case.get("line") == "12"


def test_only_errors_fail() -> None:
    """A warning is shown, but as a passed case."""
    (suite,) = suites(sanitized([finding(severity=Severity.WARNING)]))
    assert suite.get("failures") == "0"
    assert suite[0].find("failure") is None
    assert suite[0].findtext("system-out") == "==1==ERROR: AddressSanitizer"


def test_what_xml_cannot_hold_is_replaced() -> None:
    """Control characters and markup in reports give XML that can be read again."""
    odd = replace(
        finding(file="a<b>&.cpp"), message='"<\x1b\x00\ud800>"', report="\x08 ]]> \ufffe &amp;"
    )
    report = parse_junit(findings_to_junit([sanitized([odd])]).encode("utf-8"))
    (case,) = report.cases
    assert case.status is TestStatus.FAILED
    assert case.message == '"<���>"'
    assert "a<b>&.cpp" in case.name


def test_a_finding_without_a_place_has_a_name() -> None:
    """Without a place the kind alone names the case."""
    (suite,) = suites(sanitized([finding(file=None)]))
    assert suite[0].get("name") == "heap-use-after-free"
    assert suite[0].get("file") is None
