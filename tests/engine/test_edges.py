"""The Dagger edge: the same functions and the same results as through the CLI."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engine.cli import Cli
from tests.engine.reports import COMMON_FILES
from tests.fixtures.builders import repository

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.engine

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = ("build", "test", "sanitize", "coverage", "build-and-test", "lint", "reports")
TIME_DEPENDENT = frozenset({"seconds", "cached", "ccache"})
"""Keys that say how long a run took or what an earlier run had left for it."""


@pytest.fixture
def dagger(cli: Cli) -> Cli:
    """Return the raw `dagger` command on this module, as `pipelines engine env` sets it up."""
    env: Mapping[str, str] = json.loads(cli.call("engine", "env", "--json").expect(0).stdout)
    assert "_EXPERIMENTAL_DAGGER_RUNNER_HOST" in env
    program = shutil.which("dagger", path=env["PATH"])
    assert program is not None, "`pipelines engine env` gives a PATH without dagger"
    return Cli(
        program=(program, "-m", str(ROOT)),
        workspace=cli.workspace,
        env={**env, "DAGGER_PROGRESS": "plain", "DO_NOT_TRACK": "1"},
    )


def test_every_function_is_listed_with_its_help(dagger: Cli) -> None:
    """`dagger functions` shows each function and says what it is for."""
    run = dagger.call("functions").expect(0)
    for function in FUNCTIONS:
        # Dagger prints a lone dash where a description is missing.
        described = rf"^{re.escape(function)} +(?!-\s*$)\w.*"
        assert re.search(described, run.stdout, re.MULTILINE), f"{function}\n{run.describe()}"


def test_dagger_call_gives_the_summary_of_the_cli(dagger: Cli, cli: Cli, tmp_path: Path) -> None:
    """`dagger call build-and-test` passes, and its reports equal the CLI's, times aside."""
    source = repository("plain")
    passed = dagger.call("call", "--source", str(source), "build-and-test").expect(0)
    assert "passed" in passed.stdout
    reports = tmp_path / "dagger-reports"
    dagger.call("call", "--source", str(source), "reports", "-o", str(reports)).expect(0)
    assert [name for name in COMMON_FILES if not (reports / name).is_file()] == []
    through_dagger = json.loads((reports / "summary.json").read_text(encoding="utf-8"))
    through_cli = cli.run("build-and-test", source=source).expect(0).summary
    assert without_times(through_dagger) == without_times(through_cli)


def test_dagger_call_fails_on_a_failing_test(dagger: Cli) -> None:
    """A gate that fails makes `dagger call` fail, and the message names the test."""
    source = repository("failing_test")
    run = dagger.call("call", "--source", str(source), "build-and-test")
    assert run.exit_code != 0, run.describe()
    assert "arithmetic.wrong" in run.output, run.describe()


def test_dagger_call_measures_coverage(dagger: Cli, tmp_path: Path) -> None:
    """`coverage` passes at its floor and fails above; `reports --job coverage` is there anyway."""
    source = ("call", "--source", str(repository("coverage_known")))
    passed = dagger.call(*source, "coverage", "--minimum-percent", "80").expect(0)
    assert "lines 80.0 % (8 of 10), floor 80 %" in passed.stdout
    failed = dagger.call(*source, "coverage", "--minimum-percent", "80.1")
    assert failed.exit_code != 0, failed.describe()
    assert "below the floor of 80.1 %" in failed.output, failed.describe()
    reports = tmp_path / "coverage-reports"
    dagger.call(*source, "reports", "--job", "coverage", "-o", str(reports)).expect(0)
    assert [name for name in COMMON_FILES if not (reports / name).is_file()] == []
    for name in ("html/index.html", "cobertura.xml", "summary.json"):
        assert (reports / "coverage" / name).is_file(), name


def test_dagger_check_runs_the_gates(dagger: Cli) -> None:
    """`dagger check` in this repository builds and tests the sample service, and is green."""
    run = dagger.call("check", timeout_s=20 * 60).expect(0)
    assert re.search(r"pipelines:build-and-test.*(DONE|OK|✔)", run.output), run.describe()


def test_the_sample_service_passes_through_the_cli(cli: Cli) -> None:
    """What `make run` does is green: all its tests run, in both variants."""
    run = cli.run("build-and-test", source=ROOT / "sample_app", timeout_s=20 * 60).expect(0)
    for variant in run.summary["variants"].values():
        assert variant["tests"] is not None
        assert variant["tests"]["passed"] >= 50, run.describe()


def without_times(value: object) -> object:
    """Return the same JSON value without what differs from run to run."""
    if isinstance(value, dict):
        return {
            key: without_times(member) for key, member in value.items() if key not in TIME_DEPENDENT
        }
    if isinstance(value, list):
        return [without_times(member) for member in value]
    return value
