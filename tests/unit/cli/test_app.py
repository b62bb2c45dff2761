"""From the words of a command line to a job, and back to an exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from pipelines.cli import job as job_module
from pipelines.cli.app import app
from pipelines.config import load_config
from pipelines.errors import GateFailed
from pipelines.stages.plan_run import plan_run
from pipelines.stages.project_files import ProjectFiles
from pipelines.stages.request import RunRequest

if TYPE_CHECKING:
    from pipelines.cli.job import Job
    from pipelines.progress import Progress

COMMANDS = ("build", "test", "sanitize", "coverage", "build-and-test", "lint", "reports")


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """Collect the jobs that would be run."""
    started: list[Job] = []

    async def run(job: Job, progress: Progress) -> None:
        progress.started(job.name, "")
        started.append(job)

    monkeypatch.setattr(job_module, "run_job", run)
    return started


def call(*arguments: str) -> tuple[int, str]:
    """Run the command line; return its exit code and all that it printed."""
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.output


def chosen(job: Job) -> list[str]:
    """Return the variants that a job picks out of a plan."""
    files = ProjectFiles(config=load_config(""), cmake_lists="project(app)")
    plan = plan_run(files, RunRequest(), {"debian": "d@sha256:1"})
    return [variant.name for variant in job.choose(plan)]


@pytest.mark.parametrize(
    ("command", "variants"),
    [
        ("build", ["release"]),
        ("test", ["release"]),
        ("sanitize", ["asan-ubsan"]),
        ("coverage", ["coverage"]),
        ("build-and-test", ["release", "asan-ubsan"]),
        ("lint", ["lint"]),
        ("reports", ["release", "asan-ubsan"]),
    ],
)
def test_each_command_runs_its_variants(jobs: list[Job], command: str, variants: list[str]) -> None:
    """A command without options works on this folder with all defaults."""
    code, output = call(command)
    assert code == 0, output
    (job,) = jobs
    assert job.name == command
    assert job.source == Path()
    assert job.request == RunRequest()
    assert chosen(job) == variants
    assert (job.as_json, job.verbose, job.netrc) == (False, False, None)
    assert job.gate is (command != "reports")
    assert job.reports == (Path("reports") if command == "reports" else None)


def test_only_build_installs(jobs: list[Job]) -> None:
    """`build` plans an install tree and no tests."""
    assert call("build", "--output", "out")[0] == 0
    files = ProjectFiles(config=load_config(""), cmake_lists="project(app)")
    (variant,) = jobs[0].choose(plan_run(files, RunRequest(), {"debian": "d@sha256:1"}))
    assert variant.install is not None
    assert variant.test is None
    assert jobs[0].install_to == Path("out")


@pytest.mark.parametrize("command", COMMANDS)
def test_common_options_reach_the_job(jobs: list[Job], command: str) -> None:
    """Every option that all commands share arrives, repeated ones in their order."""
    code, output = call(
        command,
        *("--source", "repo", "--reports", "out"),
        *("--cmake-option", "A=1", "--cmake-option", "B=x=y"),
        *("--package", "libfmt-dev", "--package", "zlib1g-dev", "--preset", "ci"),
        *("--netrc", "env://NETRC", "--cache-namespace", "main", "--json", "--fresh", "-v"),
    )
    assert code == 0, output
    (job,) = jobs
    assert (job.source, job.reports, job.netrc) == (Path("repo"), Path("out"), "env://NETRC")
    assert (job.as_json, job.verbose) == (True, True)
    assert job.request == RunRequest(
        options=(("A", "1"), ("B", "x=y")),
        packages=("libfmt-dev", "zlib1g-dev"),
        preset="ci",
        fresh=True,
        cache_namespace="main",
    )


def test_sanitizers_are_a_list(jobs: list[Job]) -> None:
    """Names are separated by commas; blanks around them do not count."""
    assert call("sanitize", "--sanitizers", "address,undefined")[0] == 0
    assert call("sanitize", "--sanitizers", "address, undefined,")[0] == 0
    assert [job.request.sanitizers for job in jobs] == [("address", "undefined")] * 2


def test_a_floor_reaches_the_job(jobs: list[Job]) -> None:
    """--minimum-percent is a number; zero is not the same as leaving it out."""
    assert call("coverage", "--minimum-percent", "87.5")[0] == 0
    assert call("coverage", "--minimum-percent", "0")[0] == 0
    assert [job.request.minimum_percent for job in jobs] == [87.5, 0.0]
    assert call("coverage", "--minimum-percent", "much")[0] == 2


def test_reports_of_another_job_can_be_written(jobs: list[Job]) -> None:
    """--job chooses the variants, and the gate stays open."""
    assert call("reports", "--job", "coverage")[0] == 0
    assert chosen(jobs[0]) == ["coverage"]
    assert (jobs[0].name, jobs[0].gate) == ("reports", False)


def test_lint_takes_a_base(jobs: list[Job]) -> None:
    """A git ref reaches the job; without one the job asks the configuration and git."""
    assert call("lint", "--base", "origin/main")[0] == 0
    assert call("lint")[0] == 0
    assert call("test")[0] == 0
    assert [job.lint and job.lint.base for job in jobs] == ["origin/main", None, None]
    assert [job.lint is None for job in jobs] == [False, False, True]


@pytest.mark.parametrize("command", ["build", "test", "build-and-test", "reports"])
def test_the_build_type_is_that_of_the_release(jobs: list[Job], command: str) -> None:
    """The sanitized variant alone has no choice of build type."""
    assert call(command, "--build-type", "MinSizeRel")[0] == 0
    assert jobs[0].request.build_type == "MinSizeRel"
    assert call("sanitize", "--build-type", "MinSizeRel")[0] == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("build-and-tset",),
        ("test", "--no-such-option"),
        ("test", "stray"),
        ("test", "--cmake-option", "NO_EQUALS_SIGN"),
        ("test", "--source"),
        ("engine", "strat"),
    ],
)
def test_a_mistyped_command_line_is_exit_code_two(
    jobs: list[Job], arguments: tuple[str, ...]
) -> None:
    """Nothing runs, and no traceback appears."""
    code, output = call(*arguments)
    assert code == 2, output
    assert "Traceback" not in output
    assert jobs == []


def test_a_red_job_is_exit_code_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate's error reaches the shell."""

    async def run(job: Job, progress: Progress) -> None:
        progress.started(job.name, "")
        raise GateFailed(job.name, "the pipeline is red", "Look at the reports")

    monkeypatch.setattr(job_module, "run_job", run)
    code, output = call("test")
    assert code == 1
    assert "error: test: the pipeline is red. Look at the reports." in output


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (None, "there is no folder"),
        ({}, "there is no CMakeLists.txt"),
        ({"pipeline.yaml": "nmae: x", "CMakeLists.txt": "project(x)"}, "name"),
    ],
)
def test_mistakes_are_found_before_any_engine_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str] | None, words: str
) -> None:
    """A wrong folder or configuration is exit code 2 at once, also as JSON."""
    # An engine that cannot be: looking for it would fail with exit code 3.
    monkeypatch.setenv("_EXPERIMENTAL_DAGGER_RUNNER_HOST", "tcp://127.0.0.1:9")
    monkeypatch.setenv("PIPELINES_DATA_DIR", str(tmp_path / "data"))
    source = tmp_path / "source"
    for name, text in (files or {}).items():
        source.mkdir(exist_ok=True)
        (source / name).write_text(text)
    if files == {}:
        source.mkdir()
    result = CliRunner().invoke(app, ["test", "--source", str(source), "--json"])
    assert result.exit_code == 2
    assert words in result.output
    assert json.loads(result.stdout)["exit_code"] == 2
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("command", [*COMMANDS, "engine"])
def test_help_needs_nothing(command: str) -> None:
    """Help is there without an engine and without a repository."""
    code, output = call(command, "--help")
    assert code == 0
    assert "Usage" in output


def test_engine_commands_without_an_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Status, logs and stop have an answer also where nothing was ever started."""
    monkeypatch.setenv("PIPELINES_DATA_DIR", str(tmp_path / "data"))
    code, output = call("engine", "status", "--json")
    assert code == 0
    assert json.loads(output)["running"] is False
    assert call("engine", "logs")[0] == 0
    code, output = call("engine", "stop")
    assert (code, "was not running" in output) == (0, True)
