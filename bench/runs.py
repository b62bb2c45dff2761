"""One measured run, ours or raw, in the same terms."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.machine import CpuUse
    from pipelines.domain.results import TestTotals

__all__ = ["BenchFailed", "Run"]


class BenchFailed(Exception):  # noqa: N818 - reads well where it is caught
    """What was measured did not do what it should: no figure may come of it."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """A finished build-and-test of both variants.

    Attributes:
        passed: The verdict.
        tests: What was counted, by variant; a variant that did not build has no entry.
        steps: Seconds by variant and step; without steps that came from the engine's cache.
        output: The end of what it printed, for error messages.
    """

    seconds: float
    cpu: CpuUse
    passed: bool
    tests: Mapping[str, TestTotals]
    steps: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    output: str = ""

    def expect(self, what: str, *, passed: bool, tests: int) -> Run:
        """Return the run itself, or refuse a verdict that is not the right one.

        Raises:
            BenchFailed: The verdict is wrong, or not all tests were run in both variants.
        """
        counted = {name: totals.total for name, totals in self.tests.items()}
        if self.passed is passed and len(counted) == 2 and set(counted.values()) == {tests}:  # noqa: PLR2004 - Release and sanitized
            return self
        wanted = "passed" if passed else "failed"
        raise BenchFailed(
            f"{what}: the verdict is {'passed' if self.passed else 'failed'} with tests {counted}, "
            f"not {wanted} with {tests} each. The last words were:\n{self.output}"
        )
