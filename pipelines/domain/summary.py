"""The summary of a run: one value, and its verdict, JSON, Markdown and plain text."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipelines.domain.json_reader import JsonNode, JsonShapeError
from pipelines.domain.lint_json import read_lint, write_lint
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

    from pipelines.domain.lint import LintSummary

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
    """Everything that one run has to say. Variant names are unique.

    ``lint`` is what linting adds to its variant, where it was asked for.
    """

    name: str
    variants: tuple[VariantResult, ...]
    toolchain: ToolchainInfo
    lint: LintSummary | None = None

    @property
    def verdict(self) -> Verdict:
        """Passed when there is a variant and every variant passed."""
        passed = bool(self.variants) and all(variant.passed for variant in self.variants)
        return Verdict.PASSED if passed else Verdict.FAILED

    def to_dict(self) -> dict[str, object]:
        """Return JSON-ready values, as docs/reference/summary.schema.json describes them."""
        document = write_summary(
            name=self.name,
            verdict=self.verdict,
            variants=self.variants,
            toolchain=self.toolchain,
        )
        if self.lint is not None:
            document["lint"] = write_lint(self.lint)
        return document

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Summary:
        """Read what :meth:`to_dict` wrote; nothing is lost on the way.

        Raises:
            SummaryFormatError: the data is not a summary, or one of another version.
        """
        name, variants, toolchain = read_summary(data)
        try:
            lint = read_lint(JsonNode(value=data.get("lint"), path="$.lint"))
        except JsonShapeError as error:
            raise SummaryFormatError(f"read a summary: {error}") from error
        return cls(name=name, variants=variants, toolchain=toolchain, lint=lint)

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
        variants = tuple(_without_times(each) for each in self.variants)
        lint = self.lint and self.lint.without_times()
        return replace(self, variants=variants, lint=lint)


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
