"""Read the reports of one variant: files that a container wrote become values with a verdict."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipelines.domain.ccache import parse_ccache_log
from pipelines.domain.compiler import parse_diagnostics
from pipelines.domain.findings import Finding, Severity, deduplicate
from pipelines.domain.junit import (
    JUnitFormatError,
    JUnitReport,
    TestStatus,
    explain_failures,
    parse_junit,
)
from pipelines.domain.missing_dependency import find_missing
from pipelines.domain.network_failure import NetworkFailure, network_failures
from pipelines.domain.package_advice import explain, missing_findings, suggest
from pipelines.domain.results import Step, VariantResult
from pipelines.domain.sanitizer import parse_reports
from pipelines.domain.source_paths import SourceTree
from pipelines.domain.variant import BUILD_ROOT, SOURCE_ROOT, VariantPlan
from pipelines.stages.read_coverage import read_coverage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipelines.domain.debian_packages import DebianTable

__all__ = ["VariantReading", "read_variant"]

STEPS = ("probe", "sync", "configure", "build", "test", "coverage", "install", "lint")
# Below this the failure of a step is taken for what it most likely is.
FULL_BYTES = 4_000_000
_MAXIMUM_REPORT_BYTES = 8_000_000
_PLAIN_SWITCH = re.compile(r"(?:^|^[A-Z0-9]+_)(?:BUILD_|ENABLE_)?TEST(?:S|ING)?$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class VariantReading:
    """What the reports of one variant say.

    Attributes:
        cached: The reports are those of an earlier run with the same inputs.
        unreachable: Downloads that failed while configuring; the code was not judged.
        disk_full: The engine's disk had no space left when a step failed.
    """

    result: VariantResult
    cached: bool
    unreachable: tuple[NetworkFailure, ...] = ()
    disk_full: bool = False

    @property
    def is_stale_failure(self) -> bool:
        """Whether to run again: the engine remembers lack of network or disk like any failure."""
        return self.cached and (bool(self.unreachable) or self.disk_full)


def read_variant(
    folder: Path, variant: VariantPlan, *, run_id: str, table: Callable[[], DebianTable]
) -> VariantReading:
    """Read the reports folder of a variant.

    Args:
        folder: What was /reports in the container.
        variant: The plan that was run.
        run_id: This run; reports of another one came out of the engine's cache.
        table: Loads the table of Debian packages; asked only when something is missing.
    """
    cached = _text(folder / "run-id") != run_id
    steps = _read_steps(folder, cached=cached)
    failed = next((step for step in steps if step.exit_code != 0), None)
    problems: list[str] = []
    findings: list[Finding] = []
    unreachable: tuple[NetworkFailure, ...] = ()

    problems += _probe_problems(folder)
    if failed is not None and failed.name in ("sync", "configure", "build", "install", "lint"):
        log = _text(folder / f"{failed.name}.log")
        problems.append(f"The step `{failed.name}` ended with exit code {failed.exit_code}.")
        advice, found = _explain_log(log, table)
        problems += advice
        findings += found
        unreachable = network_failures(log) if failed.name in ("configure", "build") else ()
    report, junit_problem = _read_junit(folder)
    if junit_problem and variant.test is not None:
        problems.append(junit_problem)
    if report is not None and not report.cases:
        problems.append(_explain_no_tests(_text(folder / "test-switches.txt")))
    if report is None and failed is not None and failed.name == "test":
        problems.append(_explain_no_report(_text(folder / "test.log"), failed))
    if variant.probes:
        findings += _sanitizer_findings(folder, report)
        problems += _instrumentation_problems(folder)
        if findings and not variant.fail_on_findings:
            findings = _demote(findings)
    coverage = None
    if variant.coverage is not None:
        coverage, coverage_problems = read_coverage(folder, variant.coverage, steps)
        problems += coverage_problems
    result = VariantResult(
        name=variant.name,
        tests=report.totals if report is not None else None,
        failed_tests=report.failed_tests if report is not None else (),
        findings=deduplicate(findings),
        steps=steps,
        ccache=parse_ccache_log(_text(folder / "ccache.log")),
        problems=tuple(problems),
        tests_required=variant.test is not None,
        coverage=coverage,
    )
    return VariantReading(
        result=result,
        cached=cached,
        unreachable=unreachable,
        disk_full=failed is not None and _free_bytes(folder) < FULL_BYTES,
    )


def _read_steps(folder: Path, *, cached: bool) -> tuple[Step, ...]:
    steps = [_read_step(name, _text(folder / f"{name}.step"), cached=cached) for name in STEPS]
    return tuple(step for step in steps if step is not None)


def _read_step(name: str, record: str, *, cached: bool) -> Step | None:
    """Read a record; None when the step did not run, or its record was cut short."""
    try:
        code, began, ended = record.split()
        seconds = max(round(float(ended) - float(began), 3), 0.0)
        return Step(name=name, seconds=seconds, cached=cached, exit_code=int(code))
    except ValueError:
        return None


def _probe_problems(folder: Path) -> list[str]:
    lines = [line.split() for line in _text(folder / "probe.txt").splitlines()]
    dead = [fields for fields in lines if len(fields) == 3 and fields[1] != "alive"]  # noqa: PLR2004
    said = "The sanitizer is not active: the known-bad program `{}` ended with {} and no report."
    return [said.format(name, code) for name, _, code in dead]


def _instrumentation_problems(folder: Path) -> list[str]:
    listed = _text(folder / "instrumented.txt").splitlines()
    if not listed or any(line.startswith("yes ") for line in listed):
        return []
    example = listed[0].partition(" ")[2]
    problem = (
        f"The sanitizer is not active: none of {len(listed)} built programs and libraries has "
        f"its runtime (for example {example}). Look for flags that the project resets."
    )
    return [problem]


def _explain_log(log: str, table: Callable[[], DebianTable]) -> tuple[list[str], list[Finding]]:
    findings = list(parse_diagnostics(log, source_root=SOURCE_ROOT, build_root=BUILD_ROOT))
    tree = SourceTree(source_root=SOURCE_ROOT, build_root=BUILD_ROOT)
    missing = find_missing(log, sources=tree)
    if not missing:
        return [], findings
    suggestions = suggest(missing, table())
    # The advice says all that the tool's own words say, and what to do about it.
    places = {(each.where.file, each.where.line) for each in missing if each.where}
    findings = [
        finding
        for finding in findings
        if finding.location is None or (finding.location.file, finding.location.line) not in places
    ]
    return list(explain(suggestions)), [*missing_findings(suggestions), *findings]


def _explain_no_tests(switches: str) -> str:
    # X_BUILD_TESTS and X_TESTING before X_BUILD_CONTAINER_TESTS.
    names = sorted(
        (line.partition(":")[0] for line in switches.splitlines()),
        key=lambda name: (not _PLAIN_SWITCH.search(name), len(name)),
    )
    hint = (
        f"The project switches them off with {', '.join(names)}: try --cmake-option {names[0]}=ON."
        if names
        else "Call enable_testing() and add_test(), or name the option that builds the tests with "
        "--cmake-option."
    )
    return f"ctest found no tests. {hint}"


def _explain_no_report(log: str, step: Step) -> str:
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    said = f": {lines[-1]}" if lines else ""
    return f"ctest ended with exit code {step.exit_code} and left no report{said}"


def _read_junit(folder: Path) -> tuple[JUnitReport | None, str | None]:
    path = folder / "junit.xml"
    if not path.is_file():
        return None, None
    try:
        report = parse_junit(path.read_bytes())
    except JUnitFormatError as error:
        return None, str(error)
    return explain_failures(report, _text(folder / "test.log")), None


def _sanitizer_findings(folder: Path, report: JUnitReport | None) -> list[Finding]:
    texts = [_text(path) for path in sorted((folder / "sanitizer").glob("*"))]
    texts += [_text(folder / "build.log")]  # test discovery runs programs while building
    # What went to standard error; the same finding twice is one finding.
    if report is not None:
        texts += [case.output for case in report.cases if case.status is not TestStatus.DISABLED]
    return [
        finding
        for text in texts
        for finding in parse_reports(text, source_root=SOURCE_ROOT, build_root=BUILD_ROOT)
    ]


def _demote(findings: list[Finding]) -> list[Finding]:
    return [replace(finding, severity=Severity.WARNING) for finding in findings]


def _free_bytes(folder: Path) -> int:
    text = _text(folder / "free-bytes").strip()
    return int(text) if text.isdigit() else FULL_BYTES


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return stream.read(_MAXIMUM_REPORT_BYTES).decode(errors="replace")
    except OSError:
        return ""
