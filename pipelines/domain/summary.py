"""The summary of a run: one value, and its verdict, JSON, Markdown and plain text."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipelines.domain.results import (
    CcacheStats,
    FailedTest,
    Step,
    TestTotals,
    ToolchainInfo,
    VariantResult,
    Verdict,
)
from pipelines.domain.summary_json import (
    SCHEMA_VERSION,
    SummaryFormatError,
    read_summary,
    write_summary,
)
from pipelines.domain.summary_markdown import render_markdown
from pipelines.domain.summary_text import render_text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "SCHEMA_VERSION",
    "CcacheStats",
    "FailedTest",
    "Step",
    "Summary",
    "SummaryFormatError",
    "TestTotals",
    "ToolchainInfo",
    "VariantResult",
    "Verdict",
]


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Everything that one run has to say. Variant names are unique."""

    name: str
    variants: tuple[VariantResult, ...]
    toolchain: ToolchainInfo

    @property
    def verdict(self) -> Verdict:
        """Passed when there is a variant and every variant passed."""
        passed = bool(self.variants) and all(variant.passed for variant in self.variants)
        return Verdict.PASSED if passed else Verdict.FAILED

    def to_dict(self) -> dict[str, object]:
        """Return JSON-ready values, as docs/reference/summary.schema.json describes them."""
        return write_summary(
            name=self.name,
            verdict=self.verdict,
            variants=self.variants,
            toolchain=self.toolchain,
        )

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Summary:
        """Read what :meth:`to_dict` wrote; nothing is lost on the way.

        Raises:
            SummaryFormatError: the data is not a summary, or one of another version.
        """
        name, variants, toolchain = read_summary(data)
        return cls(name=name, variants=variants, toolchain=toolchain)

    def to_json(self) -> str:
        """Return the text of summary.json: keys in a fixed order, pure ASCII."""
        return json.dumps(self.to_dict(), indent=2, allow_nan=False) + "\n"

    def to_markdown(self) -> str:
        """Return the text of summary.md, fit for a pull request or a job summary."""
        return render_markdown(self)

    def to_text(self) -> str:
        """Return a short plain text for a terminal: the verdict, what failed, and where."""
        return render_text(self)

    def without_times(self) -> Summary:
        """Return the summary without what differs from run to run.

        Seconds, cache hits and the raw texts of tools (which hold addresses, process ids
        and times) go; two runs of the same code then compare equal.
        """
        return replace(self, variants=tuple(_without_times(each) for each in self.variants))


def _without_times(variant: VariantResult) -> VariantResult:
    return replace(
        variant,
        tests=variant.tests and replace(variant.tests, seconds=0.0),
        failed_tests=tuple(
            replace(each, seconds=0.0, output_tail="") for each in variant.failed_tests
        ),
        findings=tuple(replace(each, report="") for each in variant.findings),
        steps=tuple(replace(each, seconds=0.0, cached=False) for each in variant.steps),
        ccache=None,
    )
