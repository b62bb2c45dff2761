"""How to make values of the domain."""

from __future__ import annotations

from hypothesis import strategies as st

from pipelines.domain.coverage import Counted, Coverage, FileCoverage, Floors
from pipelines.domain.findings import Finding, Frame, Location, Severity
from pipelines.domain.lint import LintFailOn, LintSummary, LintTool
from pipelines.domain.summary import (
    CcacheStats,
    FailedTest,
    Step,
    Summary,
    TestTotals,
    ToolchainInfo,
    VariantResult,
)

any_text = st.text(max_size=30)
seconds = st.floats(min_value=0, max_value=1e6, allow_nan=False)
counts = st.integers(min_value=0, max_value=10_000)

locations = st.builds(
    Location,
    file=any_text,
    line=counts,
    column=st.none() | counts,
    function=st.none() | any_text,
)

frames = st.builds(
    Frame, function=any_text, location=st.none() | locations, module=st.none() | any_text
)

findings = st.builds(
    Finding,
    kind=st.sampled_from(["memory-leak", "compile-error", "data-race"]) | any_text,
    tool=st.sampled_from(["AddressSanitizer", "gcc", "cmake"]),
    message=any_text,
    severity=st.sampled_from(Severity),
    location=st.none() | locations,
    stack=st.lists(frames, max_size=3).map(tuple),
    report=any_text,
    count=st.integers(min_value=1, max_value=99),
)

counted = st.builds(
    lambda covered, more: Counted(covered=covered, total=covered + more), counts, counts
)
percents = st.floats(min_value=0, max_value=100, allow_nan=False)

coverages = st.builds(
    Coverage,
    lines=counted,
    branches=counted,
    functions=counted,
    files=st.lists(
        st.builds(FileCoverage, file=any_text, lines=counted, branches=counted, functions=counted),
        max_size=12,
    ).map(tuple),
    floors=st.builds(Floors, lines=percents, branches=st.none() | percents),
)

variants = st.builds(
    VariantResult,
    name=any_text,
    tests=st.none()
    | st.builds(
        TestTotals,
        total=counts,
        passed=counts,
        failed=counts,
        skipped=counts,
        seconds=seconds,
    ),
    failed_tests=st.lists(
        st.builds(
            FailedTest, name=any_text, seconds=seconds, message=any_text, output_tail=any_text
        ),
        max_size=3,
    ).map(tuple),
    findings=st.lists(findings, max_size=3).map(tuple),
    steps=st.lists(
        st.builds(
            Step,
            name=any_text,
            seconds=seconds,
            cached=st.booleans(),
            exit_code=st.integers(min_value=-255, max_value=255),
        ),
        max_size=3,
    ).map(tuple),
    ccache=st.none() | st.builds(CcacheStats, hits=counts, misses=counts),
    problems=st.lists(any_text, max_size=2).map(tuple),
    tests_required=st.booleans(),
    coverage=st.none() | coverages,
)

lints = st.builds(
    LintSummary,
    base=st.none() | any_text,
    changed_files=st.none() | counts,
    fail_on=st.sampled_from(LintFailOn),
    tools=st.lists(
        st.builds(
            LintTool,
            name=st.sampled_from(["clang-format", "clang-tidy", "cppcheck"]),
            version=any_text,
            skipped=any_text,
            files=counts,
            checked=counts,
            reused=counts,
            seconds=seconds,
            new=counts,
            old=counts,
            notes=st.lists(any_text, max_size=2).map(tuple),
        ),
        max_size=3,
    ).map(tuple),
)

summaries = st.builds(
    Summary,
    name=any_text,
    variants=st.lists(variants, max_size=3, unique_by=lambda variant: variant.name).map(tuple),
    toolchain=st.builds(
        ToolchainInfo,
        image=any_text,
        digest=any_text,
        compiler=any_text,
        cmake=any_text,
        ninja=any_text,
        ccache=any_text,
        packages=st.lists(any_text, max_size=3).map(tuple),
    ),
    lint=st.none() | lints,
)
