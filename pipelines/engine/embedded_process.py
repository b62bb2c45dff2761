"""The running embedded engine as the operating system sees it: start, find, stop, clean up."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from dataclasses import asdict, dataclass
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import TYPE_CHECKING

import anyio

from pipelines.errors import EngineUnavailable

if TYPE_CHECKING:
    from pipelines.engine.paths import DataFolder

__all__ = [
    "EngineProcess",
    "answers",
    "launch",
    "network_process",
    "remove_cgroups",
    "running_engine",
    "stop",
]

SUPERVISOR = Path(__file__).parent.parent / "embedded" / "supervisor.sh"
CGROUPS = Path("/sys/fs/cgroup")
# Measured: 1.5 s to the socket; a loaded machine may need many times that.
START_TIMEOUT_S = 60.0
# Measured: 2.6 s, spent on closing databases; after this the processes are killed.
STOP_TIMEOUT_S = 30.0
POLL_S = 0.05


@dataclass(frozen=True, kw_only=True)
class EngineProcess:
    """The record of a started engine.

    Attributes:
        pid: The outermost process; all others end with it.
        started_ticks: Its start time in clock ticks since boot, which tells it from a later
            process with the same number.
        key: What the engine was made of.
    """

    pid: int
    started_ticks: int
    key: str

    @property
    def is_alive(self) -> bool:
        """Tell whether this very process still runs."""
        return _started_ticks(self.pid) == self.started_ticks


def running_engine(data: DataFolder) -> EngineProcess | None:
    """Return the engine that runs on this data folder, if one does."""
    try:
        process = EngineProcess(**json.loads(_record(data).read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return process if process.is_alive else None


async def launch(
    data: DataFolder, *, rootfs: Path, binaries: Path, content: Path, sdk_digest: str, key: str
) -> EngineProcess:
    """Start the engine in namespaces of its own and wait until it listens.

    Raises:
        EngineUnavailable: It ended or did not listen in time; the error has its last words.
    """
    data.socket.unlink(missing_ok=True)
    arguments = [str(path) for path in (rootfs, data.instance, binaries, content)]
    argv = ["unshare", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child=SIGKILL"]
    argv += ["/bin/sh", str(SUPERVISOR), *arguments, sdk_digest]
    environ = _engine_environment()
    with data.log.open("ab") as log:
        log_start = log.tell()
        # Not anyio.open_process: the engine outlives this program, and nobody waits for it.
        process = Popen(  # noqa: ASYNC220 - starting takes no time
            argv, stdin=DEVNULL, stdout=log, stderr=log, env=environ, start_new_session=True
        )
    started = EngineProcess(
        pid=process.pid, started_ticks=_started_ticks(process.pid) or 0, key=key
    )
    _record(data).write_text(json.dumps(asdict(started)))
    process.returncode = 0  # it is meant to stay: no warning about a child that still runs
    try:
        if await answers(data, started):
            return started
    except BaseException:
        # Interrupted: an engine that is half up would be taken for a working one. It has nothing
        # to save yet.
        _signal(process.pid, signal.SIGKILL)
        with anyio.CancelScope(shield=True):
            await stop(data)
        raise
    with anyio.CancelScope(shield=True):
        await stop(data)
    raise EngineUnavailable(
        "start the embedded engine",
        f"it did not come up; its last words:\n    {_tail(data.log, log_start)}\n",
        f"The whole log is {data.log}",
    )


async def answers(data: DataFolder, process: EngineProcess) -> bool:
    """Tell whether a running engine listens; one that is just starting gets its time to."""
    with anyio.move_on_after(START_TIMEOUT_S):
        while process.is_alive:
            if await _listens(data.socket):
                return True
            await anyio.sleep(POLL_S)
    return False


async def stop(data: DataFolder) -> bool:
    """Stop the engine and everything that it started; return whether there was one.

    Its namespaces die with it, and with them all mounts, bridges and iptables rules.
    """
    process = running_engine(data)
    if process is not None:
        for child in _children(process.pid):
            _signal(child, signal.SIGTERM)
        if not await _wait_end(process, STOP_TIMEOUT_S):
            _signal(process.pid, signal.SIGKILL)  # takes its namespace along (--kill-child)
            await _wait_end(process, STOP_TIMEOUT_S)
    _record(data).unlink(missing_ok=True)
    data.socket.unlink(missing_ok=True)
    remove_cgroups()
    return process is not None


def network_process(process: EngineProcess) -> int:
    """Return a process inside the engine's own network namespace.

    Raises:
        EngineUnavailable: The engine has ended meanwhile.
    """
    outside = _network_of(process.pid)
    waiting = _children(process.pid)
    while waiting:
        pid = waiting.pop(0)
        if _network_of(pid) not in (outside, None):
            return pid
        waiting += _children(pid)
    raise EngineUnavailable(
        "enter the embedded engine", "it has ended", "Look at `pipelines engine logs`"
    )


def remove_cgroups() -> None:
    """Remove the empty control groups that an engine leaves; those in use refuse and stay."""
    for group in (*CGROUPS.glob("buildkit"), *CGROUPS.glob("*/buildkit")):
        for folder, _, _ in os.walk(group, topdown=False):
            with contextlib.suppress(OSError):
                Path(folder).rmdir()


async def _listens(socket: Path) -> bool:
    try:
        stream = await anyio.connect_unix(str(socket))
    except OSError:
        return False
    await stream.aclose()
    return True


async def _wait_end(process: EngineProcess, timeout_s: float) -> bool:
    with anyio.move_on_after(timeout_s):
        while process.is_alive:
            # A child of this very program has to be collected before it is gone.
            with contextlib.suppress(ChildProcessError):
                os.waitpid(process.pid, os.WNOHANG)  # noqa: ASYNC222 - does not wait
            await anyio.sleep(POLL_S)
        return True
    return False


def _started_ticks(pid: int) -> int | None:
    """Return field 22 of /proc/PID/stat; None for no process, or one that is only a record.

    Source: proc(5).
    """
    fields = _stat_fields(pid)
    if fields is None or fields[0] in "ZX":
        return None
    return int(fields[19])


def _children(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = _stat_fields(int(entry.name))
            if fields is not None and int(fields[1]) == pid:
                found.append(int(entry.name))
    return found


def _network_of(pid: int) -> str | None:
    try:
        return str(Path(f"/proc/{pid}/ns/net").readlink())
    except OSError:
        return None


def _stat_fields(pid: int) -> list[str] | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The name in parentheses may hold spaces and parentheses itself.
    return text.rpartition(")")[2].split()


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _record(data: DataFolder) -> Path:
    return data.instance / "process.json"


def _tail(log: Path, start: int) -> str:
    with log.open("rb") as stream:
        stream.seek(start)
        lines = stream.read().decode(errors="replace").splitlines()
    return "\n    ".join(lines[-15:]) or "(none)"


def _engine_environment() -> dict[str, str]:
    """Hand over what the network needs, and nothing else: an environment may hold secrets."""
    wanted = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")
    kept = {name: value for name, value in os.environ.items() if name.upper() in wanted}
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin:/sbin:/bin"
    return kept | {"DO_NOT_TRACK": "1", "HOME": "/root", "LANG": "C.UTF-8", "PATH": path}
