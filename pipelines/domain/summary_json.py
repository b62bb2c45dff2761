"""summary.json: the results as JSON-ready values, and back without loss.

docs/reference/summary.schema.json describes the document for its readers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.domain.coverage import Counted, Coverage, FileCoverage, Floors
from pipelines.domain.findings import Finding, Frame, Location, Severity
from pipelines.domain.json_reader import JsonNode, JsonShapeError
from pipelines.domain.results import (
    CcacheStats,
    FailedTest,
    Step,
    TestTotals,
    ToolchainInfo,
    VariantResult,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipelines.domain.results import Verdict

__all__ = ["SCHEMA_VERSION", "SummaryFormatError", "read_summary", "write_summary"]

SCHEMA_VERSION = 1
"""Raised when a reader of the old document would misunderstand the new one."""


class SummaryFormatError(ValueError):
    """The data is not a summary that this version can read."""


def write_summary(
    *,
    name: str,
    verdict: Verdict,
    variants: tuple[VariantResult, ...],
    toolchain: ToolchainInfo,
) -> dict[str, object]:
    """Return the document; the order of its keys is fixed."""
    return {
        "schema_version": SCHEMA_VERSION,
        "name": name,
        "verdict": str(verdict),
        "variants": {variant.name: _write_variant(variant) for variant in variants},
        "toolchain": {
            "image": toolchain.image,
            "digest": toolchain.digest,
            "compiler": toolchain.compiler,
            "cmake": toolchain.cmake,
            "ninja": toolchain.ninja,
            "ccache": toolchain.ccache,
            "packages": list(toolchain.packages),
        },
    }


def read_summary(
    data: Mapping[str, object],
) -> tuple[str, tuple[VariantResult, ...], ToolchainInfo]:
    """Return the name, the variants and the toolchain of a document.

    Raises:
        SummaryFormatError: the data is not a summary, or one of another version.
    """
    root = JsonNode(value=data)
    try:
        version = root.child("schema_version").integer()
        if version != SCHEMA_VERSION:
            raise SummaryFormatError(
                f"read a summary: its version is {version}. "
                f"Use the release that wrote it; this one reads version {SCHEMA_VERSION}."
            )
        variants = tuple(
            _read_variant(name, node) for name, node in root.child("variants").members()
        )
        return root.child("name").string(), variants, _read_toolchain(root.child("toolchain"))
    except JsonShapeError as error:
        raise SummaryFormatError(
            f"read a summary: {error} Pass the text of a summary.json."
        ) from error


def _write_variant(variant: VariantResult) -> dict[str, object]:
    return {
        "verdict": str(variant.verdict),
        "problems": list(variant.problems),
        "tests_required": variant.tests_required,
        "tests": variant.tests and _write_totals(variant.tests),
        "failed_tests": [_write_failed_test(each) for each in variant.failed_tests],
        "findings": [_write_finding(each) for each in variant.findings],
        "steps": [_write_step(each) for each in variant.steps],
        "ccache": variant.ccache and _write_ccache(variant.ccache),
        "coverage": variant.coverage and _write_coverage(variant.coverage),
    }


def _read_variant(name: str, node: JsonNode) -> VariantResult:
    tests, ccache = node.child("tests"), node.child("ccache")
    coverage = node.child("coverage")  # missing in documents of older releases
    return VariantResult(
        name=name,
        problems=_read_strings(node.child("problems")),
        tests_required=node.child("tests_required").boolean(),
        tests=None if tests.is_null() else _read_totals(tests),
        failed_tests=tuple(_read_failed_test(each) for each in node.child("failed_tests").items()),
        findings=tuple(_read_finding(each) for each in node.child("findings").items()),
        steps=tuple(_read_step(each) for each in node.child("steps").items()),
        ccache=None if ccache.is_null() else _read_ccache(ccache),
        coverage=None if coverage.is_null() else _read_coverage(coverage),
    )


def _write_totals(tests: TestTotals) -> dict[str, object]:
    return {
        "total": tests.total,
        "passed": tests.passed,
        "failed": tests.failed,
        "skipped": tests.skipped,
        "seconds": tests.seconds,
    }


def _read_totals(node: JsonNode) -> TestTotals:
    return TestTotals(
        total=node.child("total").integer(),
        passed=node.child("passed").integer(),
        failed=node.child("failed").integer(),
        skipped=node.child("skipped").integer(),
        seconds=node.child("seconds").number(),
    )


def _write_failed_test(test: FailedTest) -> dict[str, object]:
    return {
        "name": test.name,
        "seconds": test.seconds,
        "message": test.message,
        "output_tail": test.output_tail,
    }


def _read_failed_test(node: JsonNode) -> FailedTest:
    return FailedTest(
        name=node.child("name").string(),
        seconds=node.child("seconds").number(),
        message=node.child("message").string(),
        output_tail=node.child("output_tail").string(),
    )


def _write_step(step: Step) -> dict[str, object]:
    return {
        "name": step.name,
        "seconds": step.seconds,
        "cached": step.cached,
        "exit_code": step.exit_code,
    }


def _read_step(node: JsonNode) -> Step:
    return Step(
        name=node.child("name").string(),
        seconds=node.child("seconds").number(),
        cached=node.child("cached").boolean(),
        exit_code=node.child("exit_code").integer(),
    )


def _write_ccache(stats: CcacheStats) -> dict[str, object]:
    rate = stats.hit_rate
    return {
        "hits": stats.hits,
        "misses": stats.misses,
        "hit_rate": None if rate is None else round(rate, 4),
    }


def _read_ccache(node: JsonNode) -> CcacheStats:
    return CcacheStats(hits=node.child("hits").integer(), misses=node.child("misses").integer())


def _write_coverage(coverage: Coverage) -> dict[str, object]:
    return {
        **_write_counts(coverage),
        "minimum_percent": coverage.floors.lines,
        "minimum_branch_percent": coverage.floors.branches,
        "files": [{"file": each.file, **_write_counts(each)} for each in coverage.files],
    }


def _write_counts(counts: Coverage | FileCoverage) -> dict[str, object]:
    return {
        "lines": _write_counted(counts.lines),
        "branches": _write_counted(counts.branches),
        "functions": _write_counted(counts.functions),
    }


def _write_counted(counted: Counted) -> dict[str, object]:
    return {"covered": counted.covered, "total": counted.total, "percent": counted.percent}


def _read_coverage(node: JsonNode) -> Coverage:
    return Coverage(
        lines=_read_counted(node.child("lines")),
        branches=_read_counted(node.child("branches")),
        functions=_read_counted(node.child("functions")),
        files=tuple(
            FileCoverage(
                file=each.child("file").string(),
                lines=_read_counted(each.child("lines")),
                branches=_read_counted(each.child("branches")),
                functions=_read_counted(each.child("functions")),
            )
            for each in node.child("files").items()
        ),
        floors=Floors(
            lines=node.child("minimum_percent").number(),
            branches=node.child("minimum_branch_percent").optional_number(),
        ),
    )


def _read_counted(node: JsonNode) -> Counted:
    return Counted(covered=node.child("covered").integer(), total=node.child("total").integer())


def _read_toolchain(node: JsonNode) -> ToolchainInfo:
    return ToolchainInfo(
        image=node.child("image").string(),
        digest=node.child("digest").string(),
        compiler=node.child("compiler").string(),
        cmake=node.child("cmake").string(),
        ninja=node.child("ninja").string(),
        ccache=node.child("ccache").string(),
        packages=_read_strings(node.child("packages")),
    )


def _write_finding(finding: Finding) -> dict[str, object]:
    return {
        "kind": finding.kind,
        "tool": finding.tool,
        "severity": str(finding.severity),
        "message": finding.message,
        **_write_location(finding.location),
        "count": finding.count,
        "fingerprint": finding.fingerprint,
        "stack": [_write_frame(frame) for frame in finding.stack],
        "report": finding.report,
    }


def _read_finding(node: JsonNode) -> Finding:
    return Finding(
        kind=node.child("kind").string(),
        tool=node.child("tool").string(),
        severity=_read_severity(node.child("severity")),
        message=node.child("message").string(),
        location=_read_location(node),
        count=node.child("count").integer(),
        stack=tuple(_read_frame(each) for each in node.child("stack").items()),
        report=node.child("report").string(),
    )


def _read_severity(node: JsonNode) -> Severity:
    try:
        return Severity(node.string())
    except ValueError as error:
        raise node.wrong("error, warning or note") from error


def _write_location(location: Location | None) -> dict[str, object]:
    return {
        "file": location and location.file,
        "line": location and location.line,
        "column": location and location.column,
        "function": location and location.function,
    }


def _read_location(node: JsonNode) -> Location | None:
    if node.child("file").is_null():
        return None
    return Location(
        file=node.child("file").string(),
        line=node.child("line").integer(),
        column=node.child("column").optional_integer(),
        function=node.child("function").optional_string(),
    )


def _write_frame(frame: Frame) -> dict[str, object]:
    return {
        "function": frame.function,
        "module": frame.module,
        "location": None if frame.location is None else _write_location(frame.location),
    }


def _read_frame(node: JsonNode) -> Frame:
    location = node.child("location")
    return Frame(
        function=node.child("function").string(),
        module=node.child("module").optional_string(),
        location=None if location.is_null() else _read_location(location),
    )


def _read_strings(node: JsonNode) -> tuple[str, ...]:
    return tuple(each.string() for each in node.items())
