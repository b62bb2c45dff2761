"""Results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from pipelines.cli.output import print_error, print_result, warn
from pipelines.errors import ConfigError, ConfigMistake, UsageError

ERROR = UsageError("read x", "it is not there", "Make one")


@pytest.mark.parametrize("text", ["result", "result\n"])
def test_a_result_ends_with_one_line_end(capsys: pytest.CaptureFixture[str], text: str) -> None:
    """A result is a text of whole lines, and only that is on standard output."""
    print_result(text)
    assert capsys.readouterr() == ("result\n", "")


def test_an_error_is_a_sentence_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    """People read sentences."""
    print_error(ERROR, as_json=False)
    assert capsys.readouterr() == ("", "error: read x: it is not there. Make one.\n")


def test_programs_get_an_error_as_values(capsys: pytest.CaptureFixture[str]) -> None:
    """With --json standard output has the same error for programs, with all its mistakes."""
    mistake = ConfigMistake(path="name", found="it is empty", todo="Fill it")
    print_error(ConfigError((mistake,)), as_json=True)
    captured = capsys.readouterr()
    value = json.loads(captured.out)
    assert (value["error"], value["exit_code"]) == ("ConfigError", 2)
    assert value["mistakes"] == [{"path": "name", "found": "it is empty", "todo": "Fill it"}]
    assert captured.err.startswith("error: read pipeline.yaml: 1 mistake.")


def test_a_warning_is_no_result(capsys: pytest.CaptureFixture[str]) -> None:
    """Remarks do not disturb whoever reads the result."""
    warn("remark")
    assert capsys.readouterr() == ("", "remark\n")


def test_a_reader_that_has_left_is_no_error() -> None:
    """`pipelines … | head -1` ends without a traceback, and with the command's own exit code."""
    script = (
        "from pipelines.cli.output import print_result\n"
        "for _ in range(3): print_result('x' * 100_000)\n"
    )
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as stdout:
        done = subprocess.run(
            [sys.executable, "-c", script], stdout=stdout, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (0, b"")
