"""The summary on a terminal: what failed and where, what is covered, and little else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipelines.domain.findings import LINT_TOOLS
from pipelines.domain.lint_text import lint_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.domain.coverage import Coverage
    from pipelines.domain.findings import Finding
    from pipelines.domain.results import CcacheStats, FailedTest, Step, TestTotals, VariantResult
    from pipelines.domain.summary import Summary

__all__ = [
    "describe_ccache",
    "describe_coverage",
    "describe_steps",
    "describe_tests",
    "render_text",
]

MAX_LINES = 40
"""Lines in all, so that the verdict and its reasons fit on one screen."""

MAX_WIDTH = 240
TAIL_LINES = 3
"""Characters per line; longer ones are cut."""

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def render_text(summary: Summary) -> str:
    """Return at most 40 lines without colour or control characters, the verdict last."""
    details = [line for variant in summary.variants for line in _details(variant)]
    if summary.lint is not None:
        details = [*lint_lines(summary.lint), "", *details]
    overview = list(_overview(summary.variants))
    room = max(MAX_LINES - 2 - len(overview), 1)
    if len(details) > room:
        left_out = len(details) - room + 1
        details = [*details[: room - 1], f"… {left_out} more lines in summary.md"]
    verdict = f"{summary.name}: {summary.verdict}"
    lines = [*overview[: MAX_LINES - 4], "", *details, verdict] if overview else [verdict]
    return "\n".join(_one_line(line) for line in lines) + "\n"


def describe_tests(tests: TestTotals | None) -> str:
    """Return "41 of 42 passed, 1 failed", or a dash where no test ran."""
    if tests is None:
        return "–"
    text = f"{tests.passed} of {tests.total} passed"
    if tests.failed:
        text += f", {tests.failed} failed"
    if tests.skipped:
        text += f", {tests.skipped} skipped"
    return text


def describe_ccache(stats: CcacheStats | None) -> str:
    """Return "75 % of 40", or a dash where nothing was compiled."""
    if stats is None or stats.hit_rate is None:
        return "–"
    # Rounded down: 100 % must mean that nothing was compiled anew.
    return f"{int(stats.hit_rate * 100)} % of {stats.hits + stats.misses}"


def describe_coverage(coverage: Coverage) -> str:
    """Return "lines 80.0 % (8 of 10), floor 75 %; branches …; functions …"."""
    floors = coverage.floors
    parts = (
        ("lines", coverage.lines, floors.lines),
        ("branches", coverage.branches, floors.branches),
        ("functions", coverage.functions, None),
    )
    return "; ".join(
        f"{name} {counted}{f', floor {floor:g} %' if floor else ''}"
        for name, counted, floor in parts
    )


def describe_steps(steps: tuple[Step, ...]) -> str:
    """Return "configure 1.2 s, build cached, test 0.4 s (exit code 8)"."""
    return ", ".join(_describe_step(step) for step in steps) or "–"


def _describe_step(step: Step) -> str:
    time = "cached" if step.cached else f"{step.seconds:.1f} s"
    failure = f" (exit code {step.exit_code})" if step.exit_code else ""
    return f"{step.name} {time}{failure}"


def _describe_time(variant: VariantResult) -> str:
    if variant.steps and all(step.cached for step in variant.steps):
        return f"cached ({variant.seconds:.1f} s when it ran)"
    return f"{variant.seconds:.1f} s"


def _overview(variants: tuple[VariantResult, ...]) -> Iterator[str]:
    rows = [
        (
            variant.name,
            str(variant.verdict),
            f"tests: {describe_tests(variant.tests)}",
            f"findings: {len(variant.findings)}",
            f"ccache: {describe_ccache(variant.ccache)}",
            _describe_time(variant),
        )
        for variant in variants
    ]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        padded = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        yield "  ".join(padded).rstrip()


def _details(variant: VariantResult) -> Iterator[str]:
    if not variant.reasons and not variant.findings and variant.coverage is None:
        return
    yield f"{variant.name}:"
    for reason in variant.reasons:
        yield f"  {reason}"
    for test in variant.failed_tests:
        yield f"  {_describe_failed_test(test)}"
        for line in test.output_tail.strip().splitlines()[-TAIL_LINES:]:
            yield f"      {line}"
    for finding in variant.findings:
        # What a missing package is called, and what to install, is a problem told above.
        if not any(finding.message in problem for problem in variant.problems):
            yield f"  {_describe_finding(finding)}"
    if variant.coverage is not None:
        yield from _coverage(variant.coverage)
    yield ""


def _coverage(coverage: Coverage) -> Iterator[str]:
    yield f"  {describe_coverage(coverage)}"
    files = coverage.least_covered
    if files:
        yield "  uncovered lines:"
    width = max((len(str(each.lines.uncovered)) for each in files), default=0)
    for each in files:
        yield f"    {each.lines.uncovered:{width}} of {each.lines.total} in {each.file}"


def _describe_failed_test(test: FailedTest) -> str:
    # "Failed" is ctest's word for any exit code but 0.
    message = f": {test.message}" if test.message not in ("", "Failed") else ""
    return f"test {test.name} failed after {test.seconds:.2f} s{message}"


def _describe_finding(finding: Finding) -> str:
    where = f"{finding.location}: " if finding.location else ""
    times = f" ({finding.count} times)" if finding.count > 1 else ""
    if finding.tool in LINT_TOOLS:
        return f"{where}{finding.message} [{finding.kind}]{times}"
    # Sanitizers begin their message with the kind.
    told = finding.message.startswith(finding.kind)
    kind = "" if told else f"{finding.kind}: "
    return f"{where}{finding.severity}: {kind}{finding.message}{times}"


def _one_line(text: str) -> str:
    line = _CONTROLS.sub(" ", text).rstrip()
    return line if len(line) <= MAX_WIDTH else line[: MAX_WIDTH - 1] + "…"
