"""What the machine is, and whose time its processors spend. Source of all formats: proc(5)."""

from __future__ import annotations

import os
import platform
import resource
import time
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Clock", "CpuUse", "MachineFacts", "engine_daemon", "read_clock", "read_facts"]

BUSY_LOAD = 0.5
"""Load above which the figures are doubtful: on two cores a quarter of the machine."""
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


@dataclass(frozen=True, kw_only=True)
class MachineFacts:
    """The machine as it was before the first measurement.

    Attributes:
        load: Average number of running processes in the last minute.
    """

    cores: int
    processor: str
    memory_bytes: int
    kernel: str
    load: float

    @property
    def warning(self) -> str | None:
        """Tell that others were at work, when they were."""
        if self.load <= BUSY_LOAD:
            return None
        return (
            f"the load was {self.load:.1f} before the first measurement (quiet: at most "
            f"{BUSY_LOAD}): wall times and their ratios are doubtful"
        )


@dataclass(frozen=True, kw_only=True)
class CpuUse:
    """Seconds of processor time of one measured run, all cores added up.

    Attributes:
        client_s: The command that was measured, with all its children on this side.
        engine_s: The engine itself; zero for raw commands.
        containers_s: What ran inside the engine's containers; zero for raw commands.
        others_s: Everything else on this machine meanwhile: what may have disturbed.
    """

    client_s: float
    engine_s: float
    containers_s: float
    others_s: float

    @property
    def own_s(self) -> float:
        """All that the measured run cost."""
        return self.client_s + self.engine_s + self.containers_s


@dataclass(frozen=True, kw_only=True)
class Clock:
    """Readings at one moment; the difference of two is a wall time and a use of processors."""

    wall_s: float
    children_s: float
    engine_s: float
    containers_s: float
    busy_s: float

    def seconds_since(self, earlier: Clock) -> float:
        """Return the wall time in between."""
        return self.wall_s - earlier.wall_s

    def cpu_since(self, earlier: Clock) -> CpuUse:
        """Return the processor time in between."""
        client = self.children_s - earlier.children_s
        engine = self.engine_s - earlier.engine_s
        containers = self.containers_s - earlier.containers_s
        others = self.busy_s - earlier.busy_s - client - engine - containers
        return CpuUse(
            client_s=client,
            engine_s=engine,
            containers_s=containers,
            others_s=max(others, 0.0),  # the clocks tick in hundredths of a second
        )


def read_clock(daemon: int | None) -> Clock:
    """Read all clocks; children of this process count once they have ended.

    Args:
        daemon: The engine's process, when it runs on this machine.
    """
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    fields = _stat_fields(daemon) if daemon is not None else None
    own, waited_for = (0, 0)
    if fields is not None:
        # The engine waits for its runtime, which waits for the container: fields 14 to 17.
        own, waited_for = (sum(map(int, fields[11:13])), sum(map(int, fields[13:15])))
    return Clock(
        wall_s=time.monotonic(),
        children_s=children.ru_utime + children.ru_stime,
        engine_s=own / _TICKS_PER_S,
        containers_s=waited_for / _TICKS_PER_S,
        busy_s=busy_ticks((_PROC / "stat").read_text()) / _TICKS_PER_S,
    )


def busy_ticks(stat: str) -> int:
    """Return the ticks that all processors together were not idle, from /proc/stat."""
    fields = [int(field) for field in stat.splitlines()[0].split()[1:]]
    user, nice, system, _idle, _iowait, interrupts, soft_interrupts, *_ = fields
    return user + nice + system + interrupts + soft_interrupts


def engine_daemon(outermost: int | None) -> int | None:
    """Return the engine's own process below the outermost one, which only watches over it."""
    waiting = [] if outermost is None else [outermost]
    while waiting:
        pid = waiting.pop(0)
        if _name(pid) == "dagger-engine":
            return pid
        waiting += _children(pid)
    return None


def read_facts() -> MachineFacts:
    """Look at the machine."""
    return MachineFacts(
        cores=len(os.sched_getaffinity(0)),
        processor=_field(_PROC / "cpuinfo", "model name") or platform.machine(),
        memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        kernel=platform.release(),
        load=os.getloadavg()[0],
    )


def _children(pid: int) -> list[int]:
    tasks = (_PROC / str(pid) / "task").glob("*/children")
    return [int(child) for task in tasks for child in _read(task).split()]


def _name(pid: int) -> str:
    return _read(_PROC / str(pid) / "comm").strip()


def _stat_fields(pid: int) -> list[str] | None:
    # The name in parentheses may hold spaces and parentheses itself.
    return _read(_PROC / str(pid) / "stat").rpartition(")")[2].split() or None


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it has ended
        return ""


def _field(path: Path, name: str) -> str:
    for line in path.read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return ""
