"""The errors that users see."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from pipelines.errors import (
    ConfigError,
    ConfigMistake,
    DiskFull,
    EngineLost,
    EngineUnavailable,
    GateFailed,
    InfrastructureError,
    NetworkUnreachable,
    PipelineError,
    RollbackFailed,
    RolledBack,
    UsageError,
)

MISTAKE = ConfigMistake(
    path="deploy.canary.steps[2].weight", found="140 is not within 1–100", todo="Use a percentage"
)


def test_message_says_what_was_done_found_and_to_do() -> None:
    """A message has its three parts, each ended by exactly one mark."""
    error = GateFailed("run the tests", "2 of 9 failed.", "Read reports/summary.md")
    assert str(error) == "run the tests: 2 of 9 failed. Read reports/summary.md."


def test_nothing_to_do_leaves_no_gap() -> None:
    """An error without advice ends after what was found."""
    assert str(DiskFull("export", "no space is left", "")) == "export: no space is left."


@pytest.mark.parametrize(
    ("kind", "exit_code"),
    [
        (GateFailed, 1),
        (UsageError, 2),
        (InfrastructureError, 3),
        (EngineUnavailable, 3),
        (EngineLost, 3),
        (DiskFull, 3),
        (NetworkUnreachable, 3),
        (RolledBack, 4),
        (RollbackFailed, 5),
    ],
)
def test_each_class_has_its_exit_code(kind: type[PipelineError], exit_code: int) -> None:
    """Scripts can tell the families of errors apart by the exit code."""
    assert kind("do", "found", "todo").exit_code == exit_code


def test_config_error_lists_every_mistake() -> None:
    """A configuration error shows all mistakes with their paths, and is a usage error."""
    error = ConfigError((MISTAKE, ConfigMistake(path="nam", found="unknown key", todo="")))
    assert error.exit_code == 2
    assert str(error) == (
        "read pipeline.yaml: 2 mistakes.\n"
        "  deploy.canary.steps[2].weight: 140 is not within 1–100. Use a percentage.\n"
        "  nam: unknown key."
    )


def test_errors_turn_into_json() -> None:
    """An error can be printed as JSON, mistakes included."""
    data = json.loads(json.dumps(ConfigError((MISTAKE,)).to_dict()))
    assert data["error"] == "ConfigError"
    assert data["exit_code"] == 2
    assert data["mistakes"] == [MISTAKE.to_dict()]


@pytest.mark.parametrize("error", [GateFailed("do", "found", "todo"), ConfigError((MISTAKE,))])
def test_errors_survive_copies(error: PipelineError) -> None:
    """Copied and pickled errors keep their text."""
    assert str(copy.copy(error)) == str(error)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 - our own bytes
