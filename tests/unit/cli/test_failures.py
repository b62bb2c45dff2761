"""What went wrong in a session, told as one error that a user can act on."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import dagger
import pytest
from dagger._exceptions import QueryErrorValue
from gql import GraphQLRequest

from pipelines.cli.failures import Interrupted, explain_failure, flatten
from pipelines.engine import DataFolder, EngineEndpoint, EngineKind
from pipelines.engine.embedded_process import _started_ticks
from pipelines.errors import (
    ConfigError,
    DiskFull,
    EngineLost,
    EngineUnavailable,
    InfrastructureError,
    NetworkUnreachable,
    PipelineError,
    UsageError,
)

if sys.version_info < (3, 11):
    from exceptiongroup import ExceptionGroup

if TYPE_CHECKING:
    from pathlib import Path

HOST = EngineEndpoint(kind=EngineKind.RUNNER_HOST, description="engine at tcp://x")
EMBEDDED = EngineEndpoint(kind=EngineKind.EMBEDDED, description="embedded engine", pid=1)
NETWORK = NetworkUnreachable("fetch", "no answer", "")


def explain(
    error: Exception,
    data: Path,
    *,
    endpoint: EngineEndpoint = HOST,
    log_tail: str = "",
) -> PipelineError:
    """Explain a failure."""
    return explain_failure(error, endpoint, DataFolder(root=data), log_tail=log_tail)


def exec_error(*, stdout: str = "", stderr: str = "") -> dagger.ExecError:
    """Make the error of a failed step."""
    details = {
        "_type": "EXEC_ERROR",
        "cmd": ["bash", "-c", "x" * 300],
        "exitCode": 9,
        "stdout": stdout,
        "stderr": stderr,
    }
    value = QueryErrorValue(message="process did not complete", extensions=details)
    return dagger.ExecError([value], GraphQLRequest("{ version }"))  # type: ignore[no-untyped-call]


def set_running(data: Path) -> None:
    """Record this very process as the engine: one that surely runs."""
    folder = DataFolder(root=data).instance
    folder.mkdir(parents=True)
    ticks = _started_ticks(os.getpid())
    record = f'{{"pid": {os.getpid()}, "started_ticks": {ticks}, "key": "k"}}'
    (folder / "process.json").write_text(record)


def test_our_own_error_is_kept(tmp_path: Path) -> None:
    """What is explained already stays as it is, alone or in groups."""
    assert explain(NETWORK, tmp_path) is NETWORK
    group = ExceptionGroup("", [ValueError("x"), ExceptionGroup("", [NETWORK])])
    assert explain(group, tmp_path) is NETWORK


def test_a_lost_engine_explains_everything_else(tmp_path: Path) -> None:
    """All other members of a group follow from the engine that went away."""
    lost = EngineLost("run", "gone", "")
    assert explain(ExceptionGroup("", [NETWORK, lost, exec_error()]), tmp_path) is lost


def test_an_engine_that_is_gone_is_told(tmp_path: Path) -> None:
    """A client's complaint about an engine that no longer runs is about the engine."""
    error = explain(dagger.ClientConnectionError("EOF"), tmp_path, endpoint=EMBEDDED)
    assert isinstance(error, EngineLost)
    assert error.exit_code == 3


def test_a_foreign_engine_is_not_declared_dead(tmp_path: Path) -> None:
    """Only the embedded engine's process can be looked at."""
    assert not isinstance(explain(NETWORK, tmp_path, endpoint=HOST), EngineLost)


@pytest.mark.parametrize("place", ["error", "log", "own"])
def test_a_full_disk_is_recognised_wherever_it_is_said(tmp_path: Path, place: str) -> None:
    """The kernel's words in the error or in the log's tail mean a full disk."""
    words = "write /x: No space left on device"
    answer = dagger.QueryError([QueryErrorValue(message=words)], GraphQLRequest("{ version }"))
    errors: dict[str, Exception] = {
        "error": answer,
        "log": exec_error(),
        "own": InfrastructureError("do", words, ""),
    }
    error = explain(errors[place], tmp_path, log_tail=words if place == "log" else "")
    assert isinstance(error, DiskFull)
    assert "disk is full" in str(error)


def test_a_mistake_of_the_user_is_none_of_the_disk(tmp_path: Path) -> None:
    """What a project prints cannot turn a usage error into one of the engine."""
    usage = UsageError("read", "wrong", "")
    assert explain(usage, tmp_path, log_tail="test says: no space left on device") is usage
    config = ConfigError(())
    assert explain(config, tmp_path, log_tail="no space left on device") is config


def test_a_failed_step_has_command_code_and_last_words(tmp_path: Path) -> None:
    """A step that should not fail is told with what it said last, in bounded length."""
    error = explain(exec_error(stderr="one\ntwo\n"), tmp_path)
    assert type(error) is InfrastructureError
    assert "ended with exit code 9 (two)." in str(error)
    assert len(str(error)) < 400
    assert "(only here)" in str(explain(exec_error(stdout="only here"), tmp_path))
    assert "(no output)" in str(explain(exec_error(), tmp_path))


def test_a_connection_that_fails_leads_to_the_status(tmp_path: Path) -> None:
    """An engine that does not answer is an engine to look at."""
    set_running(tmp_path)
    error = explain(dagger.ClientConnectionError("refused\nmore"), tmp_path, endpoint=EMBEDDED)
    assert isinstance(error, EngineUnavailable)
    assert str(error).startswith("connect to the embedded engine: ")
    assert "refused. Check `pipelines engine status`." in str(error)


def test_any_other_answer_of_the_engine_is_one_line(tmp_path: Path) -> None:
    """A long answer is cut to its first line."""
    value = QueryErrorValue(message="first line\nsecond line")
    error = explain(dagger.QueryError([value], GraphQLRequest("{ version }")), tmp_path)
    assert "the engine answered: first line." in str(error)
    assert "second" not in str(error)


def test_a_bug_stays_a_bug(tmp_path: Path) -> None:
    """What nobody knows is passed on as it is, for the edge to report."""
    bug = KeyError("x")
    with pytest.raises(KeyError) as caught:
        explain(bug, tmp_path)
    assert caught.value is bug


def test_groups_are_flattened_at_any_depth() -> None:
    """The members come in their order."""
    inner = ExceptionGroup("", [ValueError("b"), ValueError("c")])
    group = ExceptionGroup("", [ValueError("a"), inner])
    assert [str(member) for member in flatten(group)] == ["a", "b", "c"]
    assert [str(member) for member in flatten(ValueError("alone"))] == ["alone"]


def test_an_interruption_names_its_signal() -> None:
    """Whoever reads a log sees who asked for the end."""
    error = Interrupted(signal.SIGTERM)
    assert error.exit_code == 130
    assert "interrupted by SIGTERM" in str(error)
