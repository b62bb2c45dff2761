"""What one run brought to light: the values that a summary is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.domain._compat import StrEnum
from pipelines.domain.findings import Severity

if TYPE_CHECKING:
    from pipelines.domain.coverage import Coverage
    from pipelines.domain.findings import Finding

__all__ = [
    "CcacheStats",
    "FailedTest",
    "Step",
    "TestTotals",
    "ToolchainInfo",
    "VariantResult",
    "Verdict",
]


class Verdict(StrEnum):
    """Whether the code may go on."""

    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class TestTotals:
    """How many tests there were, and the seconds that they took together."""

    __test__ = False  # the name is not meant for pytest

    total: int
    passed: int
    failed: int
    skipped: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class FailedTest:
    """A test that failed, with the end of what it printed."""

    name: str
    seconds: float
    message: str
    output_tail: str = ""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a variant: "probe", "sync", "configure", "build", "test", "coverage"."""

    name: str
    seconds: float
    cached: bool
    exit_code: int


@dataclass(frozen=True, kw_only=True)
class CcacheStats:
    """What the compiler cache answered during one build."""

    hits: int
    misses: int

    @property
    def hit_rate(self) -> float | None:
        """The share of hits from 0 to 1, or None when nothing was compiled."""
        total = self.hits + self.misses
        return self.hits / total if total else None


@dataclass(frozen=True, kw_only=True)
class ToolchainInfo:
    """What the code was built with."""

    image: str
    digest: str
    compiler: str
    cmake: str
    ninja: str
    ccache: str
    packages: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class VariantResult:
    """The outcome of one variant, such as ``release`` or ``asan-ubsan``.

    ``problems`` are sentences for people. A variant that only builds carries
    ``tests_required=False``.
    """

    name: str
    tests: TestTotals | None = None
    failed_tests: tuple[FailedTest, ...] = ()
    findings: tuple[Finding, ...] = ()
    steps: tuple[Step, ...] = ()
    ccache: CcacheStats | None = None
    problems: tuple[str, ...] = ()
    tests_required: bool = True
    coverage: Coverage | None = None

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that fail the variant."""
        return tuple(each for each in self.findings if each.severity is Severity.ERROR)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Say in sentences why the variant failed; empty when it passed."""
        reasons = list(self.problems)
        ran = self.tests is not None and self.tests.total > 0
        # A problem says better why no test ran than the bare fact does.
        if self.tests_required and (ran or not reasons) and (reason := _lack_of_proof(self.tests)):
            reasons.append(reason)
        if self.errors:
            reasons.append(f"{_amount(len(self.errors), 'finding')} of severity error.")
        if self.coverage is not None:
            reasons += self.coverage.reasons
        return tuple(reasons)

    @property
    def verdict(self) -> Verdict:
        """Passed only when tests ran where they must, all is well, and nothing was found."""
        return Verdict.FAILED if self.reasons else Verdict.PASSED

    @property
    def passed(self) -> bool:
        """Whether the verdict is :attr:`Verdict.PASSED`."""
        return self.verdict is Verdict.PASSED

    @property
    def seconds(self) -> float:
        """The seconds of all steps together."""
        return sum(step.seconds for step in self.steps)


def _lack_of_proof(tests: TestTotals | None) -> str | None:
    """Say why the tests do not prove that the code works, or None when they do."""
    if tests is None:
        return "The tests did not run."
    if tests.total == 0:
        return "There is no test."
    if tests.failed:
        verb = "failed"
        return f"{tests.failed} of {_amount(tests.total, 'test')} {verb}."
    if tests.passed == 0:
        return f"No test ran: all {tests.total} were skipped."
    return None


def _amount(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
