"""The life of the embedded engine: start, stop, everything in between, and what it leaves."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engine.host import Host, idle_control_groups, processes_of
from tests.engine.own_engine import OwnEngine, expect_nothing_left, wait_for_phase
from tests.engine.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.engine

SECOND_START_S = 5.0
STOP_S = 15.0


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a new folder with a short path: the path of a socket is limited."""
    made = Path(tempfile.mkdtemp(prefix="own-engine-"))
    yield made
    shutil.rmtree(made)


@pytest.fixture
def own(engine: None, folder: Path) -> Iterator[OwnEngine]:  # noqa: ARG001 - builds the parts
    """Return a stopped engine whose parts are there; afterwards it is stopped again."""
    made = OwnEngine.make(folder)
    made.borrow_parts()
    yield made
    made.call("stop").expect(0)


@pytest.fixture(autouse=True)
def default_interrupts() -> Iterator[None]:
    """Let children hear Ctrl-C: a test run in the background may ignore it, and they inherit."""
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, previous)


def test_the_host_is_the_same_before_while_and_after(own: OwnEngine) -> None:
    """An engine changes no mount, interface, firewall rule or setting, and stops without trace."""
    before, groups = Host.look(), idle_control_groups()
    own.start()
    own.serves()
    assert Host.look() == before
    assert processes_of(own.data.root) != []
    stopped = own.call("stop").expect(0)
    assert stopped.seconds < STOP_S, stopped.describe()
    assert stopped.stdout == "stopped\n"
    expect_nothing_left(own, before, groups)
    assert own.status()["running"] is False
    assert not own.data.socket.exists()


def test_a_second_start_finds_the_first(own: OwnEngine) -> None:
    """Starting again takes seconds and gives the same process."""
    pid = own.start()
    again = own.call("start", "--json").expect(0)
    assert again.seconds < SECOND_START_S, again.describe()
    assert json.loads(again.stdout)["pid"] == pid


def test_starting_after_a_stop_takes_seconds(own: OwnEngine) -> None:
    """With all parts there, a stopped engine is up again in seconds and knows its caches."""
    own.start()
    own.call("stop").expect(0)
    again = own.call("start").expect(0)
    assert again.seconds < SECOND_START_S, again.describe()
    own.serves()


def test_two_starts_at_once_give_one_engine(own: OwnEngine) -> None:
    """Two commands that start the engine at the same moment both succeed and share it."""
    first, second = own.begin("start", "--json"), own.begin("start", "--json")
    runs = [first.finish(timeout_s=120).expect(0), second.finish(timeout_s=120).expect(0)]
    assert len({json.loads(run.stdout)["pid"] for run in runs}) == 1
    engines = [each for each in processes_of(own.data.root) if "supervisor.sh" in each]
    assert len(engines) == 1, engines
    own.serves()


def test_status_and_logs_tell_about_the_engine(own: OwnEngine) -> None:
    """`status --json` names process, socket and folders; `logs` prints the engine's log."""
    quiet = own.call("logs").expect(0)
    assert "no log yet" in quiet.stderr
    pid = own.start()
    status = own.status()
    assert (status["running"], status["pid"]) == (True, pid)
    assert status["socket"] == str(own.data.socket)
    assert Path(status["state_dir"]).is_dir()
    logs = own.call("logs").expect(0)
    assert logs.stdout == own.data.log.read_text(errors="backslashreplace")
    assert "starting" in logs.stdout.lower() or "running" in logs.stdout.lower()


def test_stopping_what_does_not_run_is_no_error(own: OwnEngine) -> None:
    """`stop` says that there was nothing to stop, before a first start and after a stop."""
    assert own.call("stop").expect(0).stdout == "the embedded engine was not running\n"
    own.start()
    assert json.loads(own.call("stop", "--json").expect(0).stdout) == {"stopped": True}
    assert json.loads(own.call("stop", "--json").expect(0).stdout) == {"stopped": False}


def test_a_killed_engine_is_started_anew(own: OwnEngine) -> None:
    """After kill -9 nothing of the engine is left, and the next start works on the same state."""
    before, groups = Host.look(), idle_control_groups()
    killed = own.start()
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: not processes_of(own.data.root), timeout_s=10, what="all of it is gone")
    assert own.status()["running"] is False
    assert own.start() != killed
    own.serves()
    own.call("stop").expect(0)
    expect_nothing_left(own, before, groups)


def test_a_record_of_another_process_is_not_believed(own: OwnEngine) -> None:
    """A process that has got the engine's old number is neither taken for it nor stopped."""
    with subprocess.Popen(["sleep", "600"]) as stranger:
        try:
            own.data.instance.mkdir(parents=True)
            record = {"pid": stranger.pid, "started_ticks": 1, "key": "of an earlier boot"}
            (own.data.instance / "process.json").write_text(json.dumps(record))
            assert own.status()["running"] is False
            own.call("stop").expect(0)
            (own.data.instance / "process.json").write_text(json.dumps(record))
            assert own.start() != stranger.pid
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_an_interrupted_build_of_parts_leaves_nothing(own: OwnEngine) -> None:
    """However a start ends while a root file system is made, the next one completes."""
    before, groups = Host.look(), idle_control_groups()
    shutil.rmtree(own.data.cache / "images")
    for number, exit_code in ((signal.SIGINT, 130), (signal.SIGTERM, None), (signal.SIGKILL, None)):
        start = own.begin("start")
        wait_for_phase(start, "debian-bookworm", timeout_s=60)
        wait_until(
            lambda: any("mmdebstrap" in each for each in processes_of(own.data.root)),
            timeout_s=30,
            what="packages are unpacked",
        )
        time.sleep(2)  # by then it has mounted something
        os.killpg(start.pid, number)
        run = start.finish(timeout_s=30)
        assert exit_code in (run.exit_code, None), run.describe()
        assert "Traceback" not in run.output, run.describe()
        expect_nothing_left(own, before, groups)
    own.start()
    own.serves()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=lambda each: each.name)
def test_an_interrupted_launch_is_no_obstacle(own: OwnEngine, number: signal.Signals) -> None:
    """A start that ends just when the engine comes up does not spoil the next one."""
    start = own.begin("start")
    wait_for_phase(start, "engine: start", timeout_s=60)
    os.killpg(start.pid, number)
    run = start.finish(timeout_s=40)
    assert "Traceback" not in run.output, run.describe()
    if number is signal.SIGINT:
        run.expect(130)
        wait_until(lambda: not processes_of(own.data.root), timeout_s=5, what="nothing is left")
    own.start()
    own.serves()


def test_prune_frees_what_is_not_needed(own: OwnEngine) -> None:
    """`prune` deletes parts of older versions and Go's caches; the engine goes on serving."""
    pid = own.start()
    for old in (own.data.cache / "dagger" / "0123456789abcdef", own.data.go / "build"):
        old.mkdir(parents=True)
        (old / "content").write_bytes(os.urandom(5_000_000))
    freed = json.loads(own.call("prune", "--json").expect(0).stdout)["freed_bytes"]
    assert freed >= 9_000_000
    assert not (own.data.cache / "dagger" / "0123456789abcdef").exists()
    assert not (own.data.go / "build").exists()
    assert own.status()["pid"] == pid
    own.serves()


def test_prune_all_empties_the_data_folder(own: OwnEngine) -> None:
    """`prune --all` stops the engine and leaves no part and no state behind."""
    before, groups = Host.look(), idle_control_groups()
    own.start()
    own.call("prune", "--all").expect(0)
    expect_nothing_left(own, before, groups)
    left = [path.name for path in own.data.root.iterdir()]
    assert left in ([], ["lock"])
