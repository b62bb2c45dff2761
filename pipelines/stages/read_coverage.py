"""Read the coverage reports of one variant: numbers, or a sentence that says why there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.domain.gcovr import (
    CounterFiles,
    GcovrFormatError,
    lack_of_counts,
    parse_gcovr_summary,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pipelines.domain.coverage import Coverage
    from pipelines.domain.coverage_plan import CoveragePlan
    from pipelines.domain.results import Step

__all__ = ["read_coverage"]


def read_coverage(
    folder: Path, plan: CoveragePlan, steps: Sequence[Step]
) -> tuple[Coverage | None, tuple[str, ...]]:
    """Return what was measured, and what is wrong with it besides floors.

    Args:
        folder: What was /reports in the container.
        plan: What was to be measured.
        steps: What ran; without a step `coverage` nothing was to be expected.
    """
    step = next((step for step in steps if step.name == "coverage"), None)
    if step is None:
        return None, ()
    if step.exit_code != 0:
        return None, (_explain_failure(folder, step),)
    try:
        files = CounterFiles.parse((folder / "counters.json").read_text())
        summary = folder / "summary.json"
        there = summary.is_file()  # not where reading makes no sense
        coverage = parse_gcovr_summary(summary.read_text(), plan.floors) if there else None
    except (OSError, GcovrFormatError) as error:
        return None, (f"Coverage was not measured: {error}",)
    if lack := lack_of_counts(files, coverage, plan):
        # Numbers that prove nothing are not shown as if they did.
        return None, (lack,)
    return coverage, ()


def _explain_failure(folder: Path, step: Step) -> str:
    log = (folder / "coverage.log").read_text(errors="replace")
    said = [line.strip() for line in log.splitlines() if "ERROR" in line]
    detail = f": {said[0]}" if said else ""
    return (
        f"Coverage was not measured: gcovr ended with exit code {step.exit_code}{detail}. "
        "The whole text is in coverage/coverage.log of the reports."
    )
