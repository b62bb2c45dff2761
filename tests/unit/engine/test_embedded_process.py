"""The engine's process: recognised by number and start time, and ended with all it started."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import pytest

from pipelines.engine import embedded_process
from pipelines.engine.embedded_process import (
    EngineProcess,
    answers,
    launch,
    network_process,
    remove_cgroups,
    running_engine,
    stop,
)
from pipelines.engine.paths import DataFolder
from pipelines.errors import EngineUnavailable
from tests.unit.fakes import write_program

if TYPE_CHECKING:
    from collections.abc import Iterator

# Source: proc(5), field 22 of /proc/PID/stat; two fields stand before the closing parenthesis.
START_TIME = 19
LISTENS = """exec python3 -c '
import socket, sys, time
socket_ = socket.socket(socket.AF_UNIX)
socket_.bind(sys.argv[1])
socket_.listen()
time.sleep(60)' "$socket"
"""


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataFolder:
    """Return a data folder with an instance, on a machine whose control groups are a folder."""
    monkeypatch.setattr(embedded_process, "CGROUPS", tmp_path / "cgroup")
    # unix sockets need short paths, which those of pytest are not always
    monkeypatch.chdir(tmp_path)
    data = DataFolder(root=tmp_path / "d")
    data.socket.parent.mkdir(parents=True)
    return data


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    """Start a process with a child, as the engine's outermost one has."""
    argv = ["sh", "-c", "sleep 60 & echo started; wait"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"started\n"
        yield process
        process.kill()


def record(data: DataFolder, process: EngineProcess) -> None:
    """Write the record of a started engine."""
    (data.instance / "process.json").write_text(json.dumps(asdict(process)))


def engine_of(process: subprocess.Popen[bytes]) -> EngineProcess:
    """Describe a running process as an engine."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return EngineProcess(pid=process.pid, started_ticks=int(fields[START_TIME]), key="k")


def set_supervisor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Start a script instead of the engine: as PID 1 of nothing, with $socket set."""
    program = write_program(tmp_path / "supervisor.sh", f"socket=$2/run/engine.sock\n{script}")
    monkeypatch.setattr(embedded_process, "SUPERVISOR", program)
    skip = 'while [ "${1#-}" != "$1" ]; do shift; done; "$@"'
    write_program(tmp_path / "bin" / "unshare", skip)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")


def start(data: DataFolder) -> EngineProcess:
    """Launch whatever the supervisor is."""

    async def main() -> EngineProcess:
        folder = data.root
        return await launch(
            data, rootfs=folder, binaries=folder, content=folder, sdk_digest="sha256:0", key="k"
        )

    return anyio.run(main)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"pid": 1}', '{"pid": 1, "started_ticks": 2, "key": "", "x": 1}']
)
def test_a_record_that_says_nothing_is_no_engine(data: DataFolder, text: str) -> None:
    """A missing, broken or foreign record means that no engine runs."""
    assert running_engine(data) is None
    (data.instance / "process.json").write_text(text)
    assert running_engine(data) is None


def test_a_running_engine_is_recognised(data: DataFolder, child: subprocess.Popen[bytes]) -> None:
    """The very process of the record is the engine, as long as it runs."""
    process = engine_of(child)
    record(data, process)
    assert running_engine(data) == process
    child.kill()
    assert running_engine(data) in (process, None)
    child.wait()
    assert running_engine(data) is None


def test_a_zombie_is_no_engine(data: DataFolder, child: subprocess.Popen[bytes]) -> None:
    """A process that has ended and only waits to be collected does not run."""
    record(data, engine_of(child))
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert running_engine(data) is None


def test_a_later_process_with_the_number_is_no_engine(
    data: DataFolder, child: subprocess.Popen[bytes]
) -> None:
    """Numbers are given away again: another start time is another process, and is left alone."""
    process = engine_of(child)
    record(data, EngineProcess(pid=child.pid, started_ticks=process.started_ticks - 1, key="k"))
    assert running_engine(data) is None
    assert anyio.run(stop, data) is False
    assert child.poll() is None
    assert not (data.instance / "process.json").exists()


def test_stop_ends_the_engine_and_forgets_it(
    data: DataFolder, child: subprocess.Popen[bytes]
) -> None:
    """The children are asked to end, the record and the socket go; stopping again is no error."""
    record(data, engine_of(child))
    data.socket.touch()
    assert anyio.run(stop, data) is True
    assert running_engine(data) is None
    assert not data.socket.exists()
    assert anyio.run(stop, data) is False


def test_an_engine_that_does_not_obey_is_killed(
    data: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the time that closing may take, the process is killed."""
    monkeypatch.setattr(embedded_process, "STOP_TIMEOUT_S", 0.3)
    script = "sh -c 'trap \"\" TERM; echo deaf; while :; do sleep 0.1; done' & wait"
    argv = ["sh", "-c", script]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"deaf\n"
        record(data, engine_of(process))
        assert anyio.run(stop, data) is True
        assert running_engine(data) is None
        os.killpg(process.pid, signal.SIGKILL)  # no namespace here that would take it along


def test_launch_waits_until_the_engine_listens(
    data: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine is returned once its socket accepts, and recorded from the beginning."""
    set_supervisor(tmp_path, monkeypatch, f"sleep 0.2; {LISTENS}")
    process = start(data)
    assert process.key == "k"
    assert running_engine(data) == process
    assert anyio.run(answers, data, process) is True
    assert anyio.run(stop, data) is True


def test_an_engine_that_ends_at_once_leaves_its_last_words(
    data: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failed start tells what the engine said this time, and where the whole log is."""
    data.log.write_text("words of an earlier start\n")
    set_supervisor(tmp_path, monkeypatch, "echo 'mount: not allowed' >&2; exit 1")
    with pytest.raises(EngineUnavailable) as caught:
        start(data)
    assert "mount: not allowed" in str(caught.value)
    assert "earlier" not in str(caught.value)
    assert str(data.log) in str(caught.value)
    assert running_engine(data) is None


def test_an_engine_that_never_listens_is_ended(
    data: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Waiting for the socket has an end, and then the process has one, too."""
    monkeypatch.setattr(embedded_process, "START_TIMEOUT_S", 0.3)
    monkeypatch.setattr(embedded_process, "STOP_TIMEOUT_S", 0.3)
    set_supervisor(tmp_path, monkeypatch, "exec sleep 60")
    with pytest.raises(EngineUnavailable, match="did not come up"):
        start(data)
    assert running_engine(data) is None


def test_an_interrupted_launch_leaves_no_engine(
    data: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever interrupts a start finds neither a process nor a record of it."""
    set_supervisor(tmp_path, monkeypatch, "exec sleep 60")

    async def main() -> None:
        with anyio.move_on_after(0.3):
            await launch(
                data,
                rootfs=tmp_path,
                binaries=tmp_path,
                content=tmp_path,
                sdk_digest="sha256:0",
                key="k",
            )

    anyio.run(main)
    assert not (data.instance / "process.json").exists()


def test_a_half_started_engine_does_not_answer(
    data: DataFolder, child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that never listens is told from an engine that works."""
    monkeypatch.setattr(embedded_process, "START_TIMEOUT_S", 0.2)
    assert anyio.run(answers, data, engine_of(child)) is False


def test_a_process_without_network_of_its_own_is_no_engine(
    child: subprocess.Popen[bytes],
) -> None:
    """Nothing is ever pushed into the network of the host."""
    with pytest.raises(EngineUnavailable, match="has ended"):
        network_process(engine_of(child))


def test_only_the_groups_of_engines_are_removed(data: DataFolder, tmp_path: Path) -> None:
    """Empty groups go, from the inside out; those in use and those of others stay."""
    groups = tmp_path / "cgroup"
    for name in ("buildkit/a/b", "memory/buildkit/a", "memory/other", "cpu/buildkit/busy"):
        (groups / name).mkdir(parents=True)
    # Where a process is, rmdir fails; here a file does it.
    (groups / "cpu/buildkit/busy/cgroup.procs").write_text("1")
    remove_cgroups()
    left = sorted(str(path.relative_to(groups)) for path in groups.rglob("*") if path.is_dir())
    assert left == ["cpu", "cpu/buildkit", "cpu/buildkit/busy", "memory", "memory/other"]
    assert data.root.is_dir()
