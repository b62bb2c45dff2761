"""Read the JUnit file that ``ctest --output-junit`` writes.

ctest says less there than on its terminal: a timeout and a crash carry no message, and a
test whose program is missing is called "skipped". The readers here set that right.

Source: cmCTestTestHandler::WriteJUnitXML and its files, as CMake 3.25 writes them.
"""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from dataclasses import dataclass, replace

from pipelines.domain._compat import StrEnum
from pipelines.domain.results import FailedTest, TestTotals
from pipelines.domain.terminal import strip_ansi

__all__ = [
    "JUnitFormatError",
    "JUnitReport",
    "TestCase",
    "TestStatus",
    "explain_failures",
    "parse_junit",
]

TAIL_LINES = 40
TAIL_CHARACTERS = 4_000
"""What is kept of a failed test's output in a summary; the JUnit file holds the rest."""

# Only these two make ctest itself count a test that did not run as skipped. Every other
# reason (no program, no file, failed fixture, no resources) is a failure to ctest too.
# Source: cmCTestRunTest::EndTest
_SKIPPED_ON_PURPOSE = ("SKIP_RETURN_CODE=", "SKIP_REGULAR_EXPRESSION_MATCHED")


class JUnitFormatError(ValueError):
    """The file is not JUnit XML that can be read, or not XML that is safe to read."""


class TestStatus(StrEnum):
    """How a test ended."""

    __test__ = False

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    DISABLED = "disabled"


@dataclass(frozen=True, kw_only=True)
class TestCase:
    """One test: how it ended, how long it took, and what it printed."""

    __test__ = False

    name: str
    status: TestStatus
    seconds: float
    message: str = ""
    output: str = ""


@dataclass(frozen=True, kw_only=True)
class JUnitReport:
    """All tests of one run, in the order of the file."""

    cases: tuple[TestCase, ...]

    @property
    def totals(self) -> TestTotals:
        """Count the tests; disabled ones count as skipped."""
        statuses = [case.status for case in self.cases]
        return TestTotals(
            total=len(statuses),
            passed=statuses.count(TestStatus.PASSED),
            failed=statuses.count(TestStatus.FAILED),
            skipped=statuses.count(TestStatus.SKIPPED) + statuses.count(TestStatus.DISABLED),
            seconds=sum(case.seconds for case in self.cases),
        )

    @property
    def failed_tests(self) -> tuple[FailedTest, ...]:
        """The failed tests, each with the tail of its output."""
        return tuple(
            FailedTest(
                name=case.name,
                seconds=case.seconds,
                message=case.message,
                output_tail=tail(case.output),
            )
            for case in self.cases
            if case.status is TestStatus.FAILED
        )


def parse_junit(xml: bytes) -> JUnitReport:
    """Read a report.

    Raises:
        JUnitFormatError: the bytes are no JUnit report, or they declare a DTD.
    """
    parser = ET.XMLParser(target=_Builder())  # noqa: S314 - _Builder refuses DTDs
    try:
        parser.feed(xml)
        root = parser.close()
    except (ET.ParseError, LookupError, ValueError) as error:
        if isinstance(error, JUnitFormatError):
            raise
        raise JUnitFormatError(
            f"read a JUnit report: {error}. Look at the test log; ctest may have been killed."
        ) from error
    if root.tag not in {"testsuite", "testsuites"}:
        raise JUnitFormatError(
            f"read a JUnit report: its root is <{root.tag}>. "
            "Pass the file that ctest --output-junit wrote."
        )
    return JUnitReport(cases=tuple(_read_case(element) for element in root.iter("testcase")))


def explain_failures(report: JUnitReport, ctest_output: str) -> JUnitReport:
    """Add ctest's own words, such as "Timeout" or "SEGFAULT", to the messages of failed tests.

    ``ctest_output`` is what ctest printed; it ends with a list of the failed tests.
    """
    _, _, listed = ctest_output.rpartition("The following tests FAILED:")
    reasons: dict[str, str] = {}
    for case in report.cases:
        # The name is known, so parentheses and blanks inside it cannot mislead.
        start = listed.find(f" - {case.name} (")
        if case.status is TestStatus.FAILED and start >= 0:
            reason, closed, _ = listed[start + len(case.name) + 5 :].partition(")")
            if closed and "\n" not in reason:
                reasons[case.name] = reason
    return replace(
        report,
        cases=tuple(
            replace(case, message=_explained(case.message, reasons[case.name]))
            if case.name in reasons
            else case
            for case in report.cases
        ),
    )


def _explained(message: str, reason: str) -> str:
    if not message:
        return reason
    # These two say nothing that a message of the test's own does not say better.
    told = reason in ("Failed", "Not Run") or reason in message
    return message if told else f"{reason}: {message}"


def tail(text: str) -> str:
    """Return the last lines of a text, at most 40 and at most 4000 characters."""
    lines = text.rstrip().splitlines()
    return "\n".join(lines[-TAIL_LINES:])[-TAIL_CHARACTERS:]


class _Builder(ET.TreeBuilder):
    """Build the tree, but stop at a DTD: the only place where entities can be declared."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        """Refuse the document."""
        del pubid, system
        raise JUnitFormatError(
            f"read a JUnit report: it declares a DTD ({name}). "
            "Remove the DOCTYPE; a JUnit report needs none."
        )


def _read_case(element: ET.Element) -> TestCase:
    failure = _first(element, "failure", "error")
    skipped = _first(element, "skipped")
    reason = skipped if failure is None else failure
    output = "".join(part.text or "" for part in element.iter("system-out"))
    return TestCase(
        name=element.get("name", ""),
        status=_read_status(element.get("status", ""), failure, skipped),
        seconds=_read_seconds(element.get("time", "")),
        message="" if reason is None else _clean(reason.get("message") or reason.text or ""),
        output=strip_ansi(output),
    )


def _read_status(status: str, failure: ET.Element | None, skipped: ET.Element | None) -> TestStatus:
    if failure is not None or status == "fail":
        return TestStatus.FAILED
    if status == "disabled":
        return TestStatus.DISABLED
    if status == "notrun":
        message = "" if skipped is None else skipped.get("message", "")
        on_purpose = message.startswith(_SKIPPED_ON_PURPOSE)
        return TestStatus.SKIPPED if on_purpose else TestStatus.FAILED
    return TestStatus.PASSED if skipped is None else TestStatus.SKIPPED


def _read_seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        return 0.0
    return seconds if math.isfinite(seconds) and seconds >= 0 else 0.0


def _first(element: ET.Element, *names: str) -> ET.Element | None:
    return next((child for child in element if child.tag in names), None)


def _clean(message: str) -> str:
    return " ".join(strip_ansi(message).split())
