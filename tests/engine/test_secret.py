"""A secret that the code under test prints: it must not come out anywhere."""

from __future__ import annotations

import json
import mmap
import os
import secrets
import stat
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engine.reports import counts_of
from tests.fixtures.builders import repository

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.cli import Cli


@pytest.mark.engine
@pytest.mark.parametrize(
    ("options", "exit_code"),
    [
        pytest.param((), 0, id="passing"),
        # The output of a failed test goes further: into the summary and onto the terminal.
        pytest.param(("--cmake-option", "PRINTS_NETRC_THEN_FAILS=ON"), 1, id="failing"),
    ],
)
def test_printed_secret_appears_nowhere(cli: Cli, options: tuple[str, ...], exit_code: int) -> None:
    """A .netrc printed by a test is in no report, no output and no file of the engine's state."""
    began = time.time()
    planted = f"planted-{secrets.token_hex(16)}"
    with_secret = replace(
        cli,
        env={"NETRC_SECRET": f"machine example.invalid login robot password {planted}\n"},
    )
    run = with_secret.run(
        "test", "--netrc", "env://NETRC_SECRET", "-v", *options, source=repository("prints_netrc")
    ).expect(exit_code)
    assert counts_of(run.summary["variants"]["release"])[:2] == (1, exit_code)
    junit = (run.reports / "release" / "junit.xml").read_text(encoding="utf-8")
    assert "printed 1 line(s)" in junit

    needle = planted.encode()
    assert needle not in run.output.encode()
    assert list(files_with(needle, below=run.reports)) == []
    status = json.loads(cli.call("engine", "status", "--json").expect(0).stdout)
    state = Path(status["state_dir"])
    assert state.is_dir()
    assert list(files_with(needle, below=state, changed_since=began)) == []


def test_search_finds_what_is_there(tmp_path: Path) -> None:
    """The search itself finds a value inside a binary file, deep in a folder."""
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "empty").touch()
    (deep / "link").symlink_to("binary")
    (deep / "binary").write_bytes(b"\0\xff" * 5000 + b"planted-value" + b"\0")
    assert list(files_with(b"planted-value", below=tmp_path)) == [deep / "binary"]
    assert list(files_with(b"absent", below=tmp_path)) == []


def files_with(needle: bytes, *, below: Path, changed_since: float = 0) -> Iterator[Path]:
    """Find the files that contain `needle`; files may vanish meanwhile.

    Args:
        needle: the bytes to look for.
        below: the folder to walk; links are not followed.
        changed_since: skip files whose inode was last changed earlier than this time. The
            kernel sets that stamp at each write and nobody can set it back, so a value that
            did not exist before cannot hide behind it.
    """
    for folder, _, names in os.walk(below):
        for name in names:
            path = Path(folder, name)
            try:
                status = path.lstat()
                if not stat.S_ISREG(status.st_mode) or status.st_size == 0:
                    continue
                # One second of margin for the coarse clock of file stamps.
                if status.st_ctime >= changed_since - 1 and _contains(path, needle):
                    yield path
            except FileNotFoundError:
                continue


def _contains(path: Path, needle: bytes) -> bool:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(needle) >= 0
