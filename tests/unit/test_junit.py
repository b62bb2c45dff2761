"""Reading ctest's JUnit files, recorded from ctest 3.25."""

from __future__ import annotations

import pytest

from pipelines.domain.junit import (
    TAIL_CHARACTERS,
    TAIL_LINES,
    JUnitFormatError,
    TestStatus,
    explain_failures,
    parse_junit,
    tail,
)
from tests.unit.samples import DATA, read_sample

EVERY_OUTCOME = (DATA / "junit" / "every_outcome.xml").read_bytes()

STATUSES = {
    "passes": TestStatus.PASSED,
    "fails": TestStatus.FAILED,
    "times_out": TestStatus.FAILED,
    "skips_by_code": TestStatus.SKIPPED,
    "skips_by_regex": TestStatus.SKIPPED,
    "is_disabled": TestStatus.DISABLED,
    "has_no_program": TestStatus.FAILED,
    "lacks_a_file": TestStatus.FAILED,
    "aborts": TestStatus.FAILED,
    "segfaults": TestStatus.FAILED,
    "fails_to_set_up": TestStatus.FAILED,
    "needs_the_set_up": TestStatus.FAILED,
    "should_have_failed": TestStatus.FAILED,
    "lacks_the_pattern": TestStatus.FAILED,
    'prints <controls> & "quotes"': TestStatus.FAILED,
}


def test_statuses_agree_with_ctest() -> None:
    """Each outcome is judged as ctest itself judges it in its closing list."""
    report = parse_junit(EVERY_OUTCOME)
    assert {case.name: case.status for case in report.cases} == STATUSES


def test_totals_count_disabled_tests_as_skipped() -> None:
    """The totals add up, and hold the failures that ctest reports as skipped."""
    totals = parse_junit(EVERY_OUTCOME).totals
    assert (totals.total, totals.passed, totals.failed, totals.skipped) == (15, 1, 11, 3)
    assert 1.0 < totals.seconds < 1.5


def test_messages_say_why_a_test_did_not_run() -> None:
    """The reasons that the file does hold are kept, on one line."""
    messages = {case.name: case.message for case in parse_junit(EVERY_OUTCOME).cases}
    assert messages["has_no_program"] == "Unable to find executable"
    assert messages["needs_the_set_up"] == "Fixture dependency failed"
    assert messages["lacks_the_pattern"] == ("Required regular expression not found. Regex=[fine ]")
    assert messages["times_out"] == ""


def test_missing_messages_are_taken_from_ctests_own_list() -> None:
    """A timeout and a crash are named, though the file is silent about them."""
    report = explain_failures(parse_junit(EVERY_OUTCOME), read_sample("junit/every_outcome.log"))
    messages = {case.name: case.message for case in report.cases}
    assert messages["times_out"] == "Timeout"
    assert messages["segfaults"] == "SEGFAULT"
    assert messages["aborts"] == "Subprocess aborted"
    assert messages["fails"] == "Failed"
    assert messages['prints <controls> & "quotes"'] == "Failed"
    assert messages["has_no_program"] == "Unable to find executable"
    assert messages["passes"] == ""


@pytest.mark.parametrize("log", ["", "The following tests FAILED:\n\t 2 - fails (Fai\nled)"])
def test_incomplete_logs_explain_nothing(log: str) -> None:
    """A log that was cut off leaves the messages as they were."""
    report = parse_junit(EVERY_OUTCOME)
    assert explain_failures(report, log) == report


def test_output_is_readable() -> None:
    """Colours go; other bytes that XML cannot hold stay as ctest spells them."""
    output = parse_junit(EVERY_OUTCOME).cases[-1].output
    assert "esc:red bell:" in output
    assert "utf8:ä" in output
    assert "[NON-UTF-8-BYTE-0xFF]" in output


def test_failed_tests_keep_the_tail_of_their_output() -> None:
    """Failed tests carry the end of their output, and passed ones are left out."""
    failed = parse_junit(EVERY_OUTCOME).failed_tests
    assert [test.name for test in failed][:2] == ["fails", "times_out"]
    assert failed[0].output_tail == "expected 4, got 5\non stderr"


def test_truncated_output_is_read() -> None:
    """Output that ctest cut is no mistake."""
    (case,) = parse_junit((DATA / "junit" / "huge_output.xml").read_bytes()).cases
    assert case.status is TestStatus.FAILED
    assert "exceeds the threshold" in case.output


def test_no_tests_is_an_empty_report() -> None:
    """A project without tests gives a report with nothing in it."""
    report = parse_junit((DATA / "junit" / "no_tests.xml").read_bytes())
    assert report.cases == ()
    assert report.totals.total == 0


def test_other_writers_are_understood() -> None:
    """Files of test frameworks, without ctest's status, are read by their children."""
    report = parse_junit(
        b"<testsuites><testsuite>"
        b"<testcase name='a' time='0.5'/>"
        b"<testcase name='b' time='x'><failure>text\n of it</failure></testcase>"
        b"<testcase name='c' time='nan'><error message='boom'/></testcase>"
        b"<testcase name='d' time='-1'><skipped/></testcase>"
        b"</testsuite></testsuites>"
    )
    assert [str(case.status) for case in report.cases] == ["passed", "failed", "failed", "skipped"]
    assert [case.seconds for case in report.cases] == [0.5, 0.0, 0.0, 0.0]
    assert [case.message for case in report.cases] == ["", "text of it", "boom", ""]


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"not xml",
        b"<testsuite><testcase",
        EVERY_OUTCOME[:700],
        b"<html/>",
        b"<?xml version='1.0' encoding='nonsense'?><testsuite/>",
        b"\xff\xfe\x00",
        b"<testsuite>\x1b</testsuite>",
    ],
)
def test_broken_files_are_refused(xml: bytes) -> None:
    """A file that is cut off or no report at all gives an error that says what to do."""
    with pytest.raises(JUnitFormatError, match=r"^read a JUnit report: .+\. .+\.$"):
        parse_junit(xml)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(encoding: str) -> None:
    """A DTD is refused in any encoding, before its entities can expand."""
    bomb = (
        f'<?xml version="1.0" encoding="{encoding}"?>'
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><testsuite>&b;</testsuite>'
    )
    with pytest.raises(JUnitFormatError, match="declares a DTD"):
        parse_junit(bomb.encode(encoding))


def test_tail_is_bounded() -> None:
    """The tail holds the last lines, and never too many characters."""
    assert tail("a\nb\n\n") == "a\nb"
    assert tail("\n".join(map(str, range(100)))).splitlines()[0] == str(100 - TAIL_LINES)
    assert len(tail("x" * 100_000)) == TAIL_CHARACTERS
