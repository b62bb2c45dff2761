"""Fixture repositories through the whole pipeline: which are green, which are red, and why."""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engine.reports import (
    COMMON_FILES,
    VARIANT_FILES,
    FindingJson,
    counts_of,
    errors_of,
    folder_size_bytes,
    junit_failures,
    junit_names,
    read_sarif,
)
from tests.fixtures.builders import (
    build_many_files,
    build_unicode_repository,
    marked_line,
    repository,
)

if TYPE_CHECKING:
    from tests.engine.cli import Cli, CliRun

pytestmark = pytest.mark.engine

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Green:
    """A repository that passes in both variants."""

    name: str
    passed: int
    skipped: int = 0
    options: tuple[str, ...] = ()


GREEN = (
    Green(name="presets", passed=1),
    Green(name="tests_behind_option", passed=1, options=("--cmake-option", "FOO_BUILD_TESTS=ON")),
    Green(name="subdirectory", passed=1),
    Green(name="header_only", passed=1),
    Green(name="c_only", passed=1),
    Green(name="two_executables", passed=2),
    Green(name="expected_failures", passed=2),
    Green(name="skipped_tests", passed=1, skipped=2),
    Green(name="missing_dependency", passed=1, options=("--package", "libfmt-dev")),
)


def expect_green(run: CliRun, *, passed: int, skipped: int = 0) -> None:
    """Check that both variants ran the tests and nothing was found."""
    summary = run.expect(0).summary
    assert summary["verdict"] == "passed"
    assert set(summary["variants"]) == {"release", "asan-ubsan"}
    for variant in summary["variants"].values():
        assert variant["verdict"] == "passed"
        assert variant["problems"] == []
        assert errors_of(variant) == []
        assert counts_of(variant) == (passed, 0, skipped)


@pytest.mark.parametrize("green", GREEN, ids=lambda green: green.name)
def test_passes_in_both_variants(cli: Cli, green: Green) -> None:
    """A sound repository is green in Release and under the sanitizers, with the right totals."""
    run = cli.run("build-and-test", *green.options, source=repository(green.name))
    expect_green(run, passed=green.passed, skipped=green.skipped)


def test_plain_repository_gets_every_report(cli: Cli) -> None:
    """A plain repository is green, gets all reports, and its own folder stays as it was."""
    source = repository("plain")
    before = sorted(source.rglob("*"))
    run = cli.run("build-and-test", source=source)
    expect_green(run, passed=2)
    assert json.loads(run.stdout) == run.summary
    assert_reports_are_complete(run, "release", "asan-ubsan")
    steps = {
        name: {step["name"] for step in variant["steps"]}
        for name, variant in run.summary["variants"].items()
    }
    assert {"configure", "build", "test"} <= steps["release"]
    assert {"probe", "configure", "build", "test"} <= steps["asan-ubsan"]
    assert sorted(source.rglob("*")) == before


def test_each_command_runs_its_own_variant(cli: Cli) -> None:
    """`build` runs no tests, `test` runs Release only, and `sanitize` the other variant only."""
    source = repository("two_executables")
    built = cli.run("build", source=source).expect(0).summary["variants"]
    assert list(built) == ["release"]
    assert built["release"]["tests"] is None
    assert "test" not in {step["name"] for step in built["release"]["steps"]}
    assert list(cli.run("test", source=source).expect(0).summary["variants"]) == ["release"]
    assert list(cli.run("sanitize", source=source).expect(0).summary["variants"]) == ["asan-ubsan"]


def test_path_with_spaces_and_non_ascii(cli: Cli, tmp_path: Path) -> None:
    """Spaces and non-ASCII letters in paths, file names and test names change nothing."""
    run = cli.run("build-and-test", source=build_unicode_repository(tmp_path))
    expect_green(run, passed=1)
    assert junit_names(run.reports / "release" / "junit.xml") == ["zählt bis drei"]


def test_two_thousand_small_files(cli: Cli, tmp_path: Path) -> None:
    """All of 2,000 files arrive, and a run after changing one of them sees the change."""
    source = build_many_files(tmp_path, count=2000)
    assert counts_of(cli.run("test", source=source).expect(0).summary["variants"]["release"]) == (
        1,
        0,
        0,
    )
    changed = source / "include" / "part_0999.hpp"
    changed.write_text(changed.read_text().replace("return 999", "return 1000"))
    again = cli.run("test", source=source).expect(1)
    assert again.summary["variants"]["release"]["failed_tests"][0]["name"] == "many_files.sum"


def test_other_checkout_with_older_files_is_built_anew(cli: Cli, tmp_path: Path) -> None:
    """A second checkout is judged by its own content, also where its files are older.

    Build folders that are kept between runs tempt to trust modification times alone, and
    then the second checkout would get the objects, and the verdict, of the first.
    """
    sound, broken = (
        Path(shutil.copytree(repository("plain"), tmp_path / name / "plain"))
        for name in ("sound", "broken")
    )
    changed = broken / "src" / "add.cpp"
    changed.write_text(changed.read_text().replace("left + right", "left - right"))
    long_ago = 1_000_000_000
    os.utime(changed, (long_ago, long_ago))
    cli.run("test", source=sound).expect(0)
    failed = cli.run("test", source=broken).expect(1).summary["variants"]["release"]["failed_tests"]
    assert [test["name"] for test in failed] == ["plain.add"]


def test_newer_cmake_is_installed_by_itself(cli: Cli) -> None:
    """A repository that asks for a newer CMake than the distribution's gets one."""
    run = cli.run("build-and-test", source=repository("newer_cmake"))
    expect_green(run, passed=1)
    version = re.search(r"(\d+)\.(\d+)", run.summary["toolchain"]["cmake"])
    assert version is not None
    assert (int(version.group(1)), int(version.group(2))) >= (3, 28)


def test_no_tests_is_red(cli: Cli) -> None:
    """A repository without a single test fails, and is told so."""
    run = cli.run("test", source=repository("no_tests")).expect(1)
    release = run.summary["variants"]["release"]
    assert (run.summary["verdict"], release["verdict"]) == ("failed", "failed")
    assert any("test" in problem for problem in release["problems"])


def test_failing_test_is_named_and_reported(cli: Cli) -> None:
    """A failing test turns both variants red, JUnit names it, and all reports are there."""
    source = repository("failing_test")
    run = cli.run("build-and-test", source=source).expect(1)
    for name, variant in run.summary["variants"].items():
        assert variant["verdict"] == "failed"
        assert counts_of(variant) == (1, 1, 0)
        assert [test["name"] for test in variant["failed_tests"]] == ["arithmetic.wrong"]
        assert junit_failures(run.reports / name / "junit.xml") == ["arithmetic.wrong"]
    assert_reports_are_complete(run, "release", "asan-ubsan")
    assert "arithmetic.wrong" in (run.reports / "summary.md").read_text(encoding="utf-8")
    assert "expected 5, got 4" in (run.reports / "release" / "test.log").read_text()

    exported = cli.run("reports", source=source).expect(0)
    assert exported.summary["verdict"] == "failed"
    assert_reports_are_complete(exported, "release", "asan-ubsan")


def test_compile_error_is_a_located_finding(cli: Cli) -> None:
    """A compile error is red, and file and line are in the summary and in SARIF."""
    source = repository("compile_error")
    run = cli.run("test", source=source).expect(1)
    expected = marked_line(source)
    release = run.summary["variants"]["release"]
    assert release["verdict"] == "failed"
    assert [(each["kind"], each["file"], each["line"]) for each in errors_of(release)] == [
        (expected.kind, expected.file, expected.line)
    ]
    assert [(each.rule, each.file, each.line) for each in read_sarif(run.reports)] == [
        (expected.kind, expected.file, expected.line)
    ]
    assert "no_such_member" in (run.reports / "release" / "build.log").read_text()


def test_missing_dependency_names_the_debian_package(cli: Cli) -> None:
    """A package that CMake cannot find is red, and the Debian package that has it is named."""
    run = cli.run("test", source=repository("missing_dependency")).expect(1)
    missing = [
        finding
        for finding in errors_of(run.summary["variants"]["release"])
        if finding["kind"] == "missing-dependency"
    ]
    assert [("libfmt-dev" in finding["message"]) for finding in missing] == [True]
    assert "libfmt-dev" in (run.reports / "summary.md").read_text(encoding="utf-8")


def test_hanging_test_is_red_at_its_timeout(cli: Cli) -> None:
    """A test that hangs is ended after `test.timeout_s` and fails; the others are unharmed."""
    run = cli.run("test", source=repository("hanging_test")).expect(1)
    release = run.summary["variants"]["release"]
    assert counts_of(release) == (1, 1, 0)
    (hung,) = release["failed_tests"]
    assert hung["name"] == "hanging.hangs"
    assert 2.9 <= hung["seconds"] < 10  # ctest measures it a hair below 3
    assert junit_failures(run.reports / "release" / "junit.xml") == ["hanging.hangs"]


def test_huge_output_is_truncated(cli: Cli) -> None:
    """100 MB of test output leave small reports with a note, and the command's memory small."""
    run = cli.run("test", source=repository("noisy_test")).expect(1)
    release = run.summary["variants"]["release"]
    assert counts_of(release) == (1, 1, 0)
    assert junit_failures(run.reports / "release" / "junit.xml") == ["noisy.fails"]
    assert folder_size_bytes(run.reports) < 5 * MEGABYTE
    assert len(run.output) < MEGABYTE
    assert run.peak_rss_bytes < 256 * MEGABYTE
    noted = re.compile(r"truncated|output was removed since it exceeds", re.IGNORECASE)
    for name in ("junit.xml", "test.log"):
        assert noted.search((run.reports / "release" / name).read_text(encoding="utf-8")), name


def test_repository_without_cmakelists_is_a_usage_error(cli: Cli) -> None:
    """A folder without CMakeLists.txt ends with exit code 2 and a sentence that says so."""
    run = cli.run("build-and-test", source=repository("no_cmakelists")).expect(2)
    assert "CMakeLists.txt" in run.output


def test_missing_source_is_a_usage_error(cli: Cli, tmp_path: Path) -> None:
    """A source folder that does not exist ends with exit code 2 and is named."""
    run = cli.run("build-and-test", source=tmp_path / "nowhere").expect(2)
    assert "nowhere" in run.output


def test_bad_configuration_lists_every_mistake(cli: Cli) -> None:
    """All mistakes of pipeline.yaml come at once, each with its path and the near match."""
    run = cli.run("build-and-test", source=repository("bad_config")).expect(2)
    for path in ("toolchain.compiller", "test.timeout_s", "sanitize.sanitizers[0]"):
        assert path in run.output
    for near_match in (r"\bcompiler\b", r"\baddress\b"):
        assert re.search(near_match, run.output)


@pytest.mark.parametrize(
    "name",
    [
        "unreachable_git",
        # CMake itself tries a URL again and again for about 90 seconds.
        "unreachable_download",
    ],
)
def test_unreachable_download_names_the_host(cli: Cli, name: str) -> None:
    """A download at configure time that cannot be reached fails with a sentence naming its host."""
    run = cli.run("test", source=repository(name)).expect(1, 3)
    if run.exit_code == 3:
        sentences = [run.last_sentence]
    else:
        release = run.summary["variants"]["release"]
        sentences = [*release["problems"], *messages_of(errors_of(release))]
    assert any("example.invalid" in sentence for sentence in sentences), run.describe()


def messages_of(findings: list[FindingJson]) -> list[str]:
    """Return what the findings say."""
    return [finding["message"] for finding in findings]


def assert_reports_are_complete(run: CliRun, *variants: str) -> None:
    """Check that each promised file is there and has content."""
    expected = [*COMMON_FILES, *(f"{name}/{file}" for name in variants for file in VARIANT_FILES)]
    missing = [
        name
        for name in expected
        if not (run.reports / name).is_file() or (run.reports / name).stat().st_size == 0
    ]
    assert missing == [], run.describe()
