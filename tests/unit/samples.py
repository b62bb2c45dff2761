"""Values and recorded tool output that several tests need."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.domain.coverage import Counted, Coverage, FileCoverage, Floors
from pipelines.domain.findings import Finding, Frame, Location, Severity
from pipelines.domain.summary import (
    CcacheStats,
    FailedTest,
    Step,
    Summary,
    TestTotals,
    ToolchainInfo,
    VariantResult,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

DATA = Path(__file__).parent / "data"

TOOLCHAIN = ToolchainInfo(
    image="debian:bookworm-slim",
    digest="sha256:" + "a" * 64,
    compiler="gcc 12.2.0",
    cmake="3.25.1",
    ninja="1.11.1",
    ccache="4.7.5",
    packages=("libboost-dev", "libspdlog-dev"),
)

ALL_PASSED = TestTotals(total=3, passed=3, failed=0, skipped=0, seconds=0.5)


def read_sample(name: str) -> str:
    """Return recorded output by its path below tests/unit/data."""
    return (DATA / name).read_text(encoding="utf-8", errors="replace")


def finding(
    *,
    kind: str = "heap-use-after-free",
    file: str | None = "src/session.cpp",
    line: int = 12,
    message: str = "READ of size 4",
    severity: Severity = Severity.ERROR,
    tool: str = "AddressSanitizer",
) -> Finding:
    """Make a finding of which only some values matter."""
    location = None
    if file is not None:
        location = Location(file=file, line=line, column=5, function="use(Session*)")
    stack = (
        Frame(function="use(Session*)", location=location, module="app"),
        Frame(function="", location=None, module="libc.so.6"),
    )
    return Finding(
        kind=kind,
        tool=tool,
        message=message,
        severity=severity,
        location=location,
        stack=stack,
        report="==1==ERROR: AddressSanitizer",
    )


def release() -> VariantResult:
    """Make a variant that passed."""
    return VariantResult(
        name="release",
        tests=ALL_PASSED,
        steps=(
            Step(name="configure", seconds=1.25, cached=True, exit_code=0),
            Step(name="build", seconds=10.0, cached=False, exit_code=0),
            Step(name="test", seconds=0.75, cached=False, exit_code=0),
        ),
        ccache=CcacheStats(hits=30, misses=10),
    )


def sanitized(findings: Iterable[Finding] = ()) -> VariantResult:
    """Make a variant with a failed test."""
    return VariantResult(
        name="asan-ubsan",
        tests=TestTotals(total=3, passed=1, failed=1, skipped=1, seconds=2.0),
        failed_tests=(
            FailedTest(name="session|lifetime", seconds=1.5, message="Failed", output_tail="boom"),
        ),
        findings=tuple(findings) or (finding(),),
        steps=(Step(name="test", seconds=2.0, cached=False, exit_code=8),),
    )


def covered(*, floors: Floors | None = None) -> VariantResult:
    """Make a variant that measured 80 % of the lines and half of the branches."""
    counts = {
        "lines": Counted(covered=8, total=10),
        "branches": Counted(covered=2, total=4),
        "functions": Counted(covered=2, total=2),
    }
    return VariantResult(
        name="coverage",
        tests=ALL_PASSED,
        coverage=Coverage(
            **counts,
            files=(FileCoverage(file="src/a|b.cpp", **counts),),
            floors=floors or Floors(),
        ),
    )


def summary(*variants: VariantResult) -> Summary:
    """Make a summary; without variants it has one that passed and one that failed."""
    return Summary(
        name="sample-app", variants=variants or (release(), sanitized()), toolchain=TOOLCHAIN
    )
