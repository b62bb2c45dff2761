"""summary.md: the summary for a pull request or the job page of a CI."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipelines.domain.lint_text import lint_lines
from pipelines.domain.summary_text import (
    describe_ccache,
    describe_coverage,
    describe_steps,
    describe_tests,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.domain.findings import Finding
    from pipelines.domain.results import FailedTest, ToolchainInfo, VariantResult
    from pipelines.domain.summary import Summary

__all__ = ["render_markdown"]

MAX_ROWS = 50
"""Rows per table; job pages refuse very long texts, and the JSON holds everything."""

MAX_CELL = 400
"""Characters per cell, for the same reason."""

# Everything that CommonMark may read as markup inside a line.
# Source: CommonMark 0.31.2, 2.4 "Backslash escapes"
_MARKUP = re.compile(r"([\\`*_{}\[\]<>|~#&!@])")
_BREAKS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")


def render_markdown(summary: Summary) -> str:
    """Return the text: a table of variants, then whatever needs a person's eye."""
    return "\n".join(_lines(summary)).rstrip() + "\n"


def escape_cell(text: str) -> str:
    """Return the text as it can stand in a table cell: one line, no markup, bounded."""
    line = _BREAKS.sub(" ", text).strip()
    if len(line) > MAX_CELL:
        line = line[: MAX_CELL - 1] + "…"
    return _MARKUP.sub(r"\\\1", line)


def _lines(summary: Summary) -> Iterator[str]:
    yield f"## {escape_cell(summary.name)}: {summary.verdict}"
    yield ""
    yield "| Variant | Verdict | Tests | Time | Findings | ccache | Steps |"
    yield "| --- | --- | --- | ---: | ---: | --- | --- |"
    for variant in summary.variants:
        yield _variant_row(variant)
    yield ""
    for variant in summary.variants:
        yield from _problems(variant)
    if summary.lint is not None:
        yield from (f"- {escape_cell(line)}" for line in lint_lines(summary.lint))
        yield ""
    for variant in summary.variants:
        yield from _failed_tests(variant)
    for variant in summary.variants:
        yield from _findings(variant)
    for variant in summary.variants:
        yield from _coverage(variant)
    yield _toolchain_line(summary.toolchain)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def _variant_row(variant: VariantResult) -> str:
    mark = "✅" if variant.passed else "❌"
    return _row(
        escape_cell(variant.name),
        f"{mark} {variant.verdict}",
        describe_tests(variant.tests),
        f"{variant.seconds:.1f} s",
        str(len(variant.findings)),
        describe_ccache(variant.ccache),
        escape_cell(describe_steps(variant.steps)),
    )


def _problems(variant: VariantResult) -> Iterator[str]:
    if not variant.reasons:
        return
    yield f"**{escape_cell(variant.name)} failed:**"
    yield ""
    for reason in variant.reasons:
        yield f"- {escape_cell(reason)}"
    yield ""


def _failed_tests(variant: VariantResult) -> Iterator[str]:
    tests = variant.failed_tests
    if not tests:
        return
    yield f"### Failing tests of {escape_cell(variant.name)}"
    yield ""
    yield "| Test | Time | Message |"
    yield "| --- | ---: | --- |"
    for test in tests[:MAX_ROWS]:
        yield _failed_test_row(test)
    yield from _more(len(tests))
    yield ""


def _failed_test_row(test: FailedTest) -> str:
    return _row(escape_cell(test.name), f"{test.seconds:.2f} s", escape_cell(test.message))


def _findings(variant: VariantResult) -> Iterator[str]:
    findings = variant.findings
    if not findings:
        return
    yield f"### Findings of {escape_cell(variant.name)}"
    yield ""
    yield "| Severity | Kind | Where | Message | Count |"
    yield "| --- | --- | --- | --- | ---: |"
    for finding in findings[:MAX_ROWS]:
        yield _finding_row(finding)
    yield from _more(len(findings))
    yield ""


def _finding_row(finding: Finding) -> str:
    location = finding.location
    where = str(location) if location else "unknown"
    if location and location.function:
        where += f" in {location.function}"
    return _row(
        str(finding.severity),
        escape_cell(finding.kind),
        escape_cell(where),
        escape_cell(f"{finding.message} ({finding.tool})"),
        str(finding.count),
    )


def _coverage(variant: VariantResult) -> Iterator[str]:
    coverage = variant.coverage
    if coverage is None:
        return
    yield "### Coverage"
    yield ""
    yield escape_cell(describe_coverage(coverage))
    yield ""
    if not coverage.least_covered:
        return
    yield "| File | Uncovered lines | Lines | Branches |"
    yield "| --- | ---: | ---: | ---: |"
    for each in coverage.least_covered:
        counts = str(each.lines.uncovered), str(each.lines), str(each.branches)
        yield _row(escape_cell(each.file), *counts)
    yield ""


def _more(amount: int) -> Iterator[str]:
    if amount > MAX_ROWS:
        yield ""
        yield f"… and {amount - MAX_ROWS} more, all of them in summary.json."


def _toolchain_line(toolchain: ToolchainInfo) -> str:
    parts = [
        toolchain.image,
        toolchain.compiler,
        *(
            f"{tool} {version}"
            for tool, version in (
                ("CMake", toolchain.cmake),
                ("Ninja", toolchain.ninja),
                ("ccache", toolchain.ccache),
            )
            if version
        ),
    ]
    line = "Toolchain: " + escape_cell(", ".join(part for part in parts if part))
    if toolchain.digest:
        line += f"; all packages and tools: {escape_cell(toolchain.digest)}"
    if toolchain.packages:
        line += "; packages: " + escape_cell(", ".join(toolchain.packages))
    return line
