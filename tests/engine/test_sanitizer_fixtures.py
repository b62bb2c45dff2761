"""Repositories that are green in Release and red under the sanitizers, at a known line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.reports import counts_of, errors_of, read_sarif
from tests.fixtures.builders import marked_line, repository

if TYPE_CHECKING:
    from tests.engine.cli import Cli

pytestmark = pytest.mark.engine


@pytest.mark.parametrize(
    "name",
    [
        "heap_overflow",
        "use_after_free",
        "memory_leak",
        "signed_overflow",
        "null_reference",
        # The project overwrites CMAKE_CXX_FLAGS and its kin: the sanitizer must stay on.
        "overridden_flags",
        # WILL_FAIL: ctest calls the test passed because the sanitizer ended it.
        "hidden_finding",
    ],
)
def test_is_green_in_release_and_found_by_the_sanitizer(cli: Cli, name: str) -> None:
    """The mistake goes unnoticed in Release; `asan-ubsan` reports it once, at its line."""
    source = repository(name)
    expected = marked_line(source)
    run = cli.run("build-and-test", source=source).expect(1)
    assert run.summary["verdict"] == "failed"
    release = run.summary["variants"]["release"]
    assert (release["verdict"], errors_of(release)) == ("passed", [])
    assert counts_of(release)[1:] == (0, 0)

    sanitized = run.summary["variants"]["asan-ubsan"]
    assert sanitized["verdict"] == "failed"
    place = (expected.kind, expected.file, expected.line)
    assert [(each["kind"], each["file"], each["line"]) for each in errors_of(sanitized)] == [place]
    assert [
        (each.rule, each.file, each.line)
        for each in read_sarif(run.reports)
        if each.level == "error"
    ] == [place]
    junit = (run.reports / "findings.junit.xml").read_text(encoding="utf-8")
    assert expected.kind in junit
    assert expected.file in junit


def test_the_same_mistake_in_two_tests_is_one_finding(cli: Cli) -> None:
    """Two tests that die of the same mistake give one finding that counts both."""
    run = cli.run("sanitize", source=repository("heap_overflow")).expect(1)
    sanitized = run.summary["variants"]["asan-ubsan"]
    assert [finding["count"] for finding in errors_of(sanitized)] == [2]
    assert len(sanitized["failed_tests"]) == 2
