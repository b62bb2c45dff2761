"""Running programs: their output, their failures, and their end when nobody wants them any more."""

from __future__ import annotations

import copy
import os
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import pytest

from pipelines.engine.process import TAIL_LINES, CommandFailed, run_command
from pipelines.errors import InfrastructureError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def run(
    script: str,
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    on_line: Callable[[str], None] | None = None,
) -> str:
    """Run a shell script."""
    argv = ["sh", "-c", script]
    return anyio.run(partial(run_command, "try it", argv, env=env, cwd=cwd, on_line=on_line))


def test_both_streams_come_back_line_by_line() -> None:
    """Output and errors are one text, without a line end, and each line is told as it comes."""
    lines: list[str] = []
    text = run("echo one; echo two >&2; printf three", on_line=lines.append)
    assert text == "one\ntwo\nthree"
    assert lines == ["one", "two", "three"]


def test_folder_and_environment_are_the_callers(tmp_path: Path) -> None:
    """A program sees the folder and exactly the variables that it was given."""
    text = run("pwd; echo $GREETING", cwd=tmp_path, env={"GREETING": "hello", "PATH": "/bin"})
    assert text.splitlines() == [str(tmp_path), "hello"]


def test_bytes_that_are_no_text_do_no_harm() -> None:
    """Undecodable output is replaced, also when a letter is split between two writes."""
    assert run(r"printf '\377'; printf '\303'; sleep 0.05; printf '\244'") == "\ufffdä"


def test_standard_input_is_empty() -> None:
    """A program that reads gets the end of its input and does not wait for a person."""
    assert run("cat; echo done") == "done"


def test_a_failure_carries_code_and_tail() -> None:
    """The error has the exit code, the program's name and just the end of what it said."""
    with pytest.raises(CommandFailed) as caught:
        run("seq 100; exit 7")
    error = caught.value
    assert (error.command_exit_code, error.exit_code) == (7, 3)
    assert error.tail.splitlines() == [str(number) for number in range(101 - TAIL_LINES, 101)]
    assert str(error).startswith("try it: `sh` ended with exit code 7. Its last words:")
    assert error.argv[0] == "sh"


def test_a_silent_failure_has_no_empty_quotation() -> None:
    """Where nothing was said, nothing is quoted."""
    with pytest.raises(CommandFailed) as caught:
        run("exit 1")
    assert str(caught.value) == "try it: `sh` ended with exit code 1."


def test_a_failure_can_be_copied() -> None:
    """The error survives a copy, which is how errors travel between processes."""
    with pytest.raises(CommandFailed) as caught:
        run("echo why; exit 2")
    copied = copy.copy(caught.value)
    assert (str(copied), copied.tail) == (str(caught.value), "why")


def test_a_program_that_is_not_there_is_named() -> None:
    """A missing program is an error that tells its name, not a traceback."""
    with pytest.raises(InfrastructureError, match="`no-such-program` could not be started"):
        anyio.run(run_command, "try it", ["no-such-program"])


def alive(pid: int) -> bool:
    """Tell whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("sleep 60 & echo $!; echo $$; wait", id="obedient"),
        pytest.param(
            "sh -c 'trap \"\" TERM; echo $$; while :; do sleep 0.1; done' & wait", id="deaf-member"
        ),
    ],
)
def test_cancelling_ends_the_whole_group(script: str) -> None:
    """Nothing that the program started outlives it, even when only its leader obeys."""
    pids: list[int] = []

    async def main() -> None:
        async with anyio.create_task_group() as group:

            def note(line: str) -> None:
                pids.append(int(line))
                if len(pids) == script.count("echo"):
                    group.cancel_scope.cancel()

            await run_command("try it", ["sh", "-c", script], on_line=note)

    began = time.monotonic()
    anyio.run(main)
    assert time.monotonic() - began < 3
    assert pids
    deadline = time.monotonic() + 2
    while any(alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [pid for pid in pids if alive(pid)] == []
    assert os.getpid() not in pids
