"""Read a reports folder the way its consumers do: from the files alone."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict
from urllib.parse import unquote

if TYPE_CHECKING:
    from pathlib import Path

COMMON_FILES = ("summary.json", "summary.md", "findings.sarif", "findings.junit.xml")
VARIANT_FILES = ("junit.xml", "configure.log", "build.log", "test.log")


class TestsJson(TypedDict):
    """`variants.<name>.tests` of summary.json."""

    total: int
    passed: int
    failed: int
    skipped: int
    seconds: float


class FailedTestJson(TypedDict):
    """One member of `variants.<name>.failed_tests`."""

    name: str
    seconds: float
    message: str


class FindingJson(TypedDict):
    """One member of `variants.<name>.findings`."""

    kind: str
    tool: str
    severity: str
    message: str
    file: str | None
    line: int | None
    count: int


class StepJson(TypedDict):
    """One member of `variants.<name>.steps`."""

    name: str
    seconds: float
    cached: bool
    exit_code: int


class CountedJson(TypedDict):
    """How many lines, branches or functions ran."""

    covered: int
    total: int
    percent: float | None


class CoveredFileJson(TypedDict):
    """One member of `variants.<name>.coverage.files`."""

    file: str
    lines: CountedJson


class CoverageJson(TypedDict):
    """`variants.<name>.coverage` of summary.json."""

    lines: CountedJson
    branches: CountedJson
    functions: CountedJson
    minimum_percent: float
    files: list[CoveredFileJson]


class VariantJson(TypedDict):
    """`variants.<name>` of summary.json."""

    verdict: str
    problems: list[str]
    tests: TestsJson | None
    failed_tests: list[FailedTestJson]
    findings: list[FindingJson]
    steps: list[StepJson]
    coverage: CoverageJson | None


class ToolchainJson(TypedDict):
    """`toolchain` of summary.json."""

    compiler: str
    cmake: str
    ninja: str
    packages: list[str]


class SummaryJson(TypedDict):
    """The parts of summary.json that the tests look at."""

    schema_version: int
    name: str
    verdict: str
    variants: dict[str, VariantJson]
    toolchain: ToolchainJson


@dataclass(frozen=True, kw_only=True)
class SarifResult:
    """One result of a SARIF log; `file` is its URI without percent-encoding."""

    rule: str
    level: str
    file: str
    line: int


def errors_of(variant: VariantJson) -> list[FindingJson]:
    """Return the findings that turn a variant red."""
    return [finding for finding in variant["findings"] if finding["severity"] == "error"]


def counts_of(variant: VariantJson) -> tuple[int, int, int]:
    """Return how many tests passed, failed and were skipped; their sum is the total."""
    tests = variant["tests"]
    assert tests is not None, f"the variant has no tests: {variant['problems']}"
    counts = (tests["passed"], tests["failed"], tests["skipped"])
    assert sum(counts) == tests["total"]
    return counts


def read_sarif(reports: Path) -> list[SarifResult]:
    """Return the located results of `findings.sarif`."""
    log = json.loads((reports / "findings.sarif").read_text(encoding="utf-8"))
    assert log["version"] == "2.1.0"
    found = []
    for run in log["runs"]:
        for result in run["results"]:
            for location in result.get("locations", [])[:1]:
                place = location["physicalLocation"]
                found.append(
                    SarifResult(
                        rule=result["ruleId"],
                        level=result.get("level", "warning"),
                        file=unquote(place["artifactLocation"]["uri"]),
                        line=place["region"]["startLine"],
                    )
                )
    return found


def junit_failures(path: Path) -> list[str]:
    """Return the names of the failed test cases of a JUnit file."""
    root = ET.parse(path).getroot()  # noqa: S314 - our own run wrote it
    return [
        case.get("name", "")
        for case in root.iter("testcase")
        if case.find("failure") is not None or case.find("error") is not None
    ]


def junit_names(path: Path) -> list[str]:
    """Return the names of all test cases of a JUnit file."""
    root = ET.parse(path).getroot()  # noqa: S314 - our own run wrote it
    return [case.get("name", "") for case in root.iter("testcase")]


def folder_size_bytes(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
