"""Reading the reports of a variant: what a container wrote becomes a verdict."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pipelines.domain.coverage import Counted, Floors
from pipelines.domain.coverage_plan import CoveragePlan
from pipelines.domain.findings import Severity
from pipelines.domain.results import CcacheStats, Verdict
from pipelines.domain.variant import (
    VariantPlan,
    VariantSettings,
    plan_coverage,
    plan_release,
    plan_sanitized,
)
from pipelines.stages.debian_table import load_debian_table
from pipelines.stages.read_reports import FULL_BYTES, VariantReading, read_variant
from tests.unit.samples import read_sample

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.domain.debian_packages import DebianTable

RELEASE = plan_release(VariantSettings())
SANITIZED = plan_sanitized(VariantSettings(), sanitizers=("address", "undefined"))
PASSED = '<testsuite><testcase name="a.b" time="0.5" status="run"/></testsuite>'
FAILED = (
    '<testsuite><testcase name="a.b" time="0.5" status="fail"><failure message=""/>'
    "<system-out>{}</system-out></testcase></testsuite>"
)
ASAN = """\
==1==ERROR: AddressSanitizer: heap-use-after-free on address 0x60 at pc 0x55
READ of size 4 at 0x60 thread T0
    #0 0x55 in use /project/src/src/app.cpp:12:3
    #1 0x56 in main /project/src/src/main.cpp:4

SUMMARY: AddressSanitizer: heap-use-after-free /project/src/src/app.cpp:12:3 in use
"""
STEPS = ("sync", "configure", "build", "test")
COVERAGE = plan_coverage(VariantSettings(), CoveragePlan(floors=Floors(lines=80)))


class Reports:
    """A reports folder as run_variant.sh leaves it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "sanitizer").mkdir()
        self.write("run-id", "this run")
        self.write("free-bytes", str(10 * FULL_BYTES))

    def write(self, name: str, text: str) -> None:
        """Write a file."""
        (self.folder / name).write_text(text)

    def ran(self, **codes: int) -> None:
        """Write the records of steps, up to the first one that failed."""
        for name in (each for each in (*STEPS, "coverage") if each in codes):
            self.write(f"{name}.step", f"{codes[name]} 100.25 102.75\n")
            self.write(f"{name}.log", f"{name}\n")

    def all_passed(self) -> None:
        """Write what a green run leaves."""
        self.ran(sync=0, configure=0, build=0, test=0)
        self.write("junit.xml", PASSED)

    def read(self, variant: VariantPlan = RELEASE, *, run_id: str = "this run") -> VariantReading:
        """Read the folder."""
        return read_variant(self.folder, variant, run_id=run_id, table=load_debian_table)


@pytest.fixture
def reports(tmp_path: Path) -> Reports:
    """Return a folder in which nothing ran yet."""
    return Reports(tmp_path)


def test_a_green_run_has_tests_steps_and_no_problem(reports: Reports) -> None:
    """Totals, durations and cache hits come out of the files."""
    reports.all_passed()
    reports.write("ccache.log", "# a.cpp\ndirect_cache_hit\n# b.cpp\ncache_miss\n")
    reading = reports.read()
    result = reading.result
    assert result.verdict is Verdict.PASSED
    assert result.problems == ()
    assert result.tests is not None
    assert (result.tests.total, result.tests.passed) == (1, 1)
    assert [(step.name, step.seconds) for step in result.steps] == [(name, 2.5) for name in STEPS]
    assert result.ccache == CcacheStats(hits=1, misses=1)
    assert (reading.cached, reading.disk_full, reading.unreachable) == (False, False, ())


def test_results_of_another_run_are_marked_as_cached(reports: Reports) -> None:
    """A step that the engine remembered says so."""
    reports.all_passed()
    reading = reports.read(run_id="another run")
    assert reading.cached
    assert all(step.cached for step in reading.result.steps)


def test_an_empty_folder_is_no_success(reports: Reports) -> None:
    """Where nothing was written, nothing is proved."""
    assert reports.read().result.verdict is Verdict.FAILED


@pytest.mark.parametrize("name", ["sync", "configure", "build"])
def test_a_failed_step_is_a_problem_with_its_code(reports: Reports, name: str) -> None:
    """The step that ended the run is named, and no test is claimed."""
    reports.ran(**dict.fromkeys(STEPS[: STEPS.index(name)], 0), **{name: 7})
    result = reports.read().result
    assert result.verdict is Verdict.FAILED
    assert result.problems == (f"The step `{name}` ended with exit code 7.",)
    assert result.tests is None


@pytest.mark.parametrize("record", ["", "0", "0 1", "x y z", "0 1,5 2,5", "0 1 2 3", "\x00"])
def test_a_broken_record_of_a_step_is_no_crash(reports: Reports, record: str) -> None:
    """A record that a full disk or a killed container cut short is left out."""
    reports.ran(sync=0, configure=0)
    reports.write("build.step", record)
    assert [step.name for step in reports.read().result.steps] == ["sync", "configure"]


def test_compiler_errors_become_findings(reports: Reports) -> None:
    """An error message with file and line is a located finding."""
    reports.ran(sync=0, configure=0, build=1)
    reports.write("build.log", "/project/src/src/a.cpp:3:5: error: expected ';' before '}'\n")
    result = reports.read().result
    (finding,) = result.errors
    assert finding.location is not None
    assert (finding.kind, finding.location.file, finding.location.line) == (
        "compile-error",
        "src/a.cpp",
        3,
    )


def test_a_missing_package_is_named_once(reports: Reports) -> None:
    """The advice replaces the tool's own words, and names the Debian package."""
    reports.ran(sync=0, configure=0, build=1)
    reports.write(
        "build.log",
        "/project/src/a.cpp:1:10: fatal error: fmt/core.h: No such file or directory\n"
        "    1 | #include <fmt/core.h>\ncompilation terminated.\n",
    )
    result = reports.read().result
    assert [finding.kind for finding in result.findings] == ["missing-dependency"]
    assert any("libfmt-dev" in problem for problem in result.problems)


def test_the_table_of_packages_is_loaded_only_when_needed(reports: Reports) -> None:
    """A green run does not pay for reading Debian's packages."""
    reports.all_passed()

    def refuse() -> DebianTable:
        pytest.fail("the table was loaded")

    read_variant(reports.folder, RELEASE, run_id="", table=refuse)


def test_a_download_that_fails_leaves_the_code_unjudged(reports: Reports) -> None:
    """A host that cannot be reached is told apart from a mistake in the project."""
    reports.ran(sync=0, configure=1)
    reports.write(
        "configure.log",
        "fatal: unable to access 'https://example.invalid/x.git/': "
        "Could not resolve host: example.invalid\n",
    )
    (failure,) = reports.read().unreachable
    assert failure.target == "https://example.invalid/x.git/"


def test_a_test_that_cannot_reach_the_network_has_failed(reports: Reports) -> None:
    """Only configuring and building may blame the network."""
    reports.ran(sync=0, configure=0, build=0, test=8)
    reports.write("test.log", "fatal: unable to access 'https://h/': Could not resolve host: h\n")
    reports.write("junit.xml", FAILED.format(""))
    assert reports.read().unreachable == ()


@pytest.mark.parametrize(
    ("free", "codes", "full"),
    [
        (FULL_BYTES - 1, {"build": 1}, True),
        (0, {"configure": 1}, True),
        (FULL_BYTES, {"build": 1}, False),
        (0, {"test": 0}, False),
    ],
)
def test_a_failure_on_a_full_disk_is_the_disks(
    reports: Reports, free: int, codes: dict[str, int], *, full: bool
) -> None:
    """Without space a failed step proves nothing; a step that passed still does."""
    reports.ran(**codes)
    reports.write("free-bytes", str(free))
    assert reports.read().disk_full is full


@pytest.mark.parametrize("free", ["", "x", "-1"])
def test_an_unknown_amount_of_space_is_enough(reports: Reports, free: str) -> None:
    """Without a number nobody claims that the disk was full."""
    reports.ran(build=1)
    reports.write("free-bytes", free)
    assert reports.read().disk_full is False


def test_a_failed_test_has_its_reason_from_ctest(reports: Reports) -> None:
    """What ctest lists at its end explains a failure that the report leaves empty."""
    reports.ran(sync=0, configure=0, build=0, test=8)
    reports.write("junit.xml", FAILED.format("boom"))
    reports.write("test.log", "The following tests FAILED:\n\t  1 - a.b (Timeout)\n")
    result = reports.read().result
    assert [(test.name, test.message) for test in result.failed_tests] == [("a.b", "Timeout")]
    assert result.verdict is Verdict.FAILED


@pytest.mark.parametrize(
    ("switches", "words"),
    [
        ("", ("found no tests", "enable_testing()", "--cmake-option")),
        ("FOO_BUILD_TESTS:BOOL=OFF\n", ("FOO_BUILD_TESTS", "--cmake-option FOO_BUILD_TESTS=ON")),
    ],
)
def test_no_tests_is_a_failure_with_a_hint(
    reports: Reports, switches: str, words: tuple[str, ...]
) -> None:
    """A run without tests is red, and a switch that is off is named."""
    reports.ran(sync=0, configure=0, build=0, test=8)
    reports.write("junit.xml", "<testsuite/>")
    reports.write("test-switches.txt", switches)
    result = reports.read().result
    assert result.verdict is Verdict.FAILED
    (problem,) = result.problems
    assert [word for word in words if word not in problem] == []


@pytest.mark.parametrize("junit", ["", "<testsuite><testcase", "<!DOCTYPE x []><testsuite/>"])
def test_a_broken_report_is_a_problem(reports: Reports, junit: str) -> None:
    """A report that cannot be read is told, and the run is red."""
    reports.all_passed()
    reports.write("junit.xml", junit)
    result = reports.read().result
    assert result.verdict is Verdict.FAILED
    assert any("JUnit" in problem for problem in result.problems)


def test_ctest_without_a_report_is_quoted(reports: Reports) -> None:
    """Where ctest left no report, its last words are the explanation."""
    reports.ran(sync=0, configure=0, build=0, test=1)
    reports.write("test.log", "ctest\nUnknown argument: --foo\n\n")
    (problem,) = reports.read().result.problems
    assert problem == "ctest ended with exit code 1 and left no report: Unknown argument: --foo"


@pytest.mark.parametrize("place", ["file", "test-output", "build-output", "both"])
def test_a_sanitizer_report_is_found_wherever_it_is(reports: Reports, place: str) -> None:
    """Files, the output of tests and of the build are read; twice the same is one finding."""
    reports.all_passed()
    if place in ("file", "both"):
        reports.write("sanitizer/asan.123", ASAN)
    if place in ("test-output", "both"):
        reports.write("junit.xml", FAILED.format(ASAN))
    if place == "build-output":
        reports.write("build.log", ASAN)
    (finding,) = reports.read(SANITIZED).result.errors
    assert finding.location is not None
    assert (finding.kind, finding.location.file, finding.location.line) == (
        "heap-use-after-free",
        "src/app.cpp",
        12,
    )
    assert reports.read(RELEASE).result.findings == ()


def test_findings_can_be_warnings(reports: Reports) -> None:
    """Where only failed tests count, findings are shown and do not fail."""
    reports.all_passed()
    reports.write("sanitizer/asan.1", ASAN)
    lenient = plan_sanitized(
        VariantSettings(), sanitizers=("address", "undefined"), fail_on_findings=False
    )
    result = reports.read(lenient).result
    assert [finding.severity for finding in result.findings] == [Severity.WARNING]
    assert result.verdict is Verdict.PASSED


def test_a_dead_sanitizer_is_a_problem(reports: Reports) -> None:
    """A known-bad program that lived on makes all silence worthless."""
    reports.all_passed()
    reports.write("probe.txt", "heap_overflow alive 1\nleak dead 0\n")
    result = reports.read(SANITIZED).result
    assert result.verdict is Verdict.FAILED
    (problem,) = result.problems
    assert "`leak`" in problem
    assert "not active" in problem


@pytest.mark.parametrize(
    ("listed", "dead"), [("no bin/app\nno lib/x.so\n", True), ("no a\nyes b\n", False), ("", False)]
)
def test_programs_without_the_runtime_are_a_problem(
    reports: Reports, listed: str, *, dead: bool
) -> None:
    """A project that resets the flags is found out by what it links."""
    reports.all_passed()
    reports.write("instrumented.txt", listed)
    assert (reports.read(SANITIZED).result.verdict is Verdict.FAILED) is dead


def test_any_bytes_are_read(reports: Reports) -> None:
    """Reports are foreign data: no content of any file is a crash."""
    reports.all_passed()
    for name in ("probe.txt", "instrumented.txt", "test.log", "ccache.log", "free-bytes", "run-id"):
        (reports.folder / name).write_bytes(bytes(range(256)))
    (reports.folder / "sanitizer" / "asan.1").write_bytes(bytes(range(256)) * 100)
    (reports.folder / "sanitizer" / "folder").mkdir()
    reports.read(SANITIZED)


def measure(reports: Reports, found: dict[str, object] | None = None, *, gcovr: int = 0) -> None:
    """Write what a green run with counters leaves."""
    reports.all_passed()
    reports.ran(sync=0, configure=0, build=0, test=0, coverage=gcovr)
    counters = {"instrumented": 2, "counted": 2, "writers": {"GCC 12": 2}, "reader": "gcov-12"}
    reports.write(
        "counters.json", json.dumps({**counters, "example": "src/a.cpp", **(found or {})})
    )


def test_coverage_at_its_floor_passes(reports: Reports) -> None:
    """The counts of gcovr are judged by the floor of the plan."""
    measure(reports)
    reports.write("summary.json", read_sample("gcovr/known.json"))
    result = reports.read(COVERAGE).result
    assert result.coverage is not None
    assert result.coverage.lines == Counted(covered=8, total=10)
    assert result.verdict is Verdict.PASSED
    assert [step.name for step in result.steps][-1] == "coverage"


def test_coverage_below_its_floor_fails(reports: Reports) -> None:
    """One line less than the floor is red, although all tests passed."""
    measure(reports)
    sample = read_sample("gcovr/known.json").replace('"line_covered": 8', '"line_covered": 7')
    reports.write("summary.json", sample)
    result = reports.read(COVERAGE).result
    assert result.verdict is Verdict.FAILED
    assert "Line coverage is 70.0 % (7 of 10), below the floor of 80 %" in result.reasons[0]


@pytest.mark.parametrize(
    ("found", "summary", "words"),
    [
        ({"instrumented": 0, "writers": {}, "reader": None}, None, "no object file has counters"),
        ({"counted": 0}, None, "no test ran one of them"),
        ({}, None, "gcovr left no summary"),
        ({}, "{", "the text is no JSON"),
        ({"writers": 3}, None, "read counters.json: $.writers"),
    ],
)
def test_nothing_measured_is_a_failure_without_numbers(
    reports: Reports, found: dict[str, object], summary: str | None, words: str
) -> None:
    """No counts are neither 0 % nor 100 %: the variant fails with the cause."""
    measure(reports, found)
    if summary is not None:
        reports.write("summary.json", summary)
    result = reports.read(COVERAGE).result
    assert result.coverage is None
    assert result.verdict is Verdict.FAILED
    (problem,) = result.problems
    assert problem.startswith("Coverage was not measured: ")
    assert words in problem


def test_a_failure_of_gcovr_quotes_it(reports: Reports) -> None:
    """The exit code and the first error of gcovr are in the sentence."""
    measure(reports, gcovr=64)
    reports.write("coverage.log", "(WARNING) odd\n(ERROR) cannot read a.gcno\n(ERROR) more\n")
    (problem,) = reports.read(COVERAGE).result.problems
    assert "gcovr ended with exit code 64: (ERROR) cannot read a.gcno." in problem


def test_a_failed_build_is_not_blamed_on_coverage(reports: Reports) -> None:
    """Where the tests never ran, the step that failed is the whole story."""
    reports.ran(sync=0, configure=0, build=2)
    result = reports.read(COVERAGE).result
    assert result.problems == ("The step `build` ended with exit code 2.",)
    assert result.coverage is None
