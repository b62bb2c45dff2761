"""Where errors of the command line end: a sentence and an exit code, never a traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from pipelines.cli.edge import run_edge
from pipelines.errors import (
    DiskFull,
    GateFailed,
    InfrastructureError,
    RollbackFailed,
    RolledBack,
    UsageError,
)

if sys.version_info < (3, 11):
    from exceptiongroup import BaseExceptionGroup

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.progress import Progress


def edge(error: BaseException | None, *, as_json: bool = False) -> int:
    """Run work that fails with an error, or does not."""

    async def work(progress: Progress) -> None:
        progress.started("work", "")
        if error is not None:
            raise error

    return run_edge(work, as_json=as_json)


def test_success_is_zero(capsys: pytest.CaptureFixture[str]) -> None:
    """Work that ends well prints nothing by itself."""
    assert edge(None) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (GateFailed, 1),
        (UsageError, 2),
        (InfrastructureError, 3),
        (DiskFull, 3),
        (RolledBack, 4),
        (RollbackFailed, 5),
    ],
)
def test_each_family_of_errors_has_its_code(
    capsys: pytest.CaptureFixture[str], kind: type[GateFailed], code: int
) -> None:
    """Scripts can decide by exit code, people by the sentence."""
    assert edge(kind("do it", "it failed", "Try again")) == code
    assert capsys.readouterr().err.endswith("error: do it: it failed. Try again.\n")


def test_a_red_gate_has_printed_its_result_already(capsys: pytest.CaptureFixture[str]) -> None:
    """With --json there is one document on standard output: the summary, or the error."""
    edge(GateFailed("test", "red", ""), as_json=True)
    assert capsys.readouterr().out == ""
    edge(UsageError("test", "wrong", ""), as_json=True)
    assert json.loads(capsys.readouterr().out)["exit_code"] == 2


def test_every_member_of_a_group_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Concurrent failures are all told; the first one decides."""
    group = BaseExceptionGroup(
        "", [UsageError("a", "1", ""), BaseExceptionGroup("", [GateFailed("b", "2", "")])]
    )
    assert edge(group) == 2
    err = capsys.readouterr().err
    assert "error: a: 1." in err
    assert "error: b: 2." in err
    assert "Traceback" not in err


def test_errors_of_the_system_name_the_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A file that cannot be used is named with the system's own reason."""
    assert edge(FileNotFoundError(2, "No such file or directory", str(tmp_path / "x"))) == 3
    assert f"use {tmp_path / 'x'}: No such file or directory." in capsys.readouterr().err


def test_a_bug_is_told_as_ours(capsys: pytest.CaptureFixture[str]) -> None:
    """An unforeseen error is a sentence, too, and says how to report it."""
    assert edge(KeyError("x")) == 3
    err = capsys.readouterr().err
    assert "unexpected KeyError" in err
    assert "PIPELINES_TRACEBACK=1" in err
    assert "Traceback (most" not in err


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), BaseExceptionGroup("", [KeyboardInterrupt()])]
)
def test_an_interruption_is_130(capsys: pytest.CaptureFixture[str], error: BaseException) -> None:
    """Ctrl-C is no failure of anything, wherever it hits."""
    assert edge(error) == 130
    assert capsys.readouterr().err.rstrip().endswith("`pipelines engine stop` ends it.")


WAITS = """
import subprocess, sys
import anyio
from pipelines.cli.edge import run_edge
from pipelines.engine.process import run_command

async def work(progress):
    await run_command("wait", ["sh", "-c", "echo $$ > " + sys.argv[1] + "; sleep 60"])

sys.exit(run_edge(work))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda each: each.name)
def test_a_signal_ends_what_was_started(tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C and a request to end both take the running programs along: exit code 130."""
    note = tmp_path / "pid"
    argv = [sys.executable, "-c", WAITS, str(note)]
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(argv, stderr=subprocess.PIPE, start_new_session=True)
    finally:
        signal.signal(signal.SIGINT, previous)
    with process:
        deadline = time.monotonic() + 20
        while not (note.exists() and note.read_text().strip()) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(number)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 130, err
    assert b"Traceback" not in err
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)
