"""Look at what an engine could leave behind on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_CGROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True, kw_only=True)
class Host:
    """The parts of this machine that belong to everybody, as they are at one moment.

    Attributes:
        mounts: mount points with the type of their file system.
        interfaces: network interfaces.
        firewall: what iptables-save prints, without its counters and comments; empty without it.
        ip_forward: the sysctl net.ipv4.ip_forward.
    """

    mounts: tuple[str, ...]
    interfaces: tuple[str, ...]
    firewall: tuple[str, ...]
    ip_forward: str

    @classmethod
    def look(cls) -> Host:
        """Read all of it now."""
        return cls(
            mounts=tuple(sorted(mounts())),
            interfaces=tuple(sorted(each.name for each in Path("/sys/class/net").iterdir())),
            firewall=_firewall(),
            ip_forward=(_PROC / "sys/net/ipv4/ip_forward").read_text().strip(),
        )


def mounts() -> list[str]:
    """List the mounts of this namespace as `MOUNTPOINT TYPE`."""
    found = []
    for line in (_PROC / "self/mountinfo").read_text().splitlines():
        # Source: proc(5): the optional fields end with a lone dash.
        before, _, after = line.partition(" - ")
        found.append(f"{before.split()[4]} {after.split()[0]}")
    return found


def processes_of(data_root: Path) -> list[str]:
    """List the processes that have a data folder in their arguments, environment or mounts.

    Mounts are what gives a process away whose arguments only name paths inside its namespace.
    """
    needle = str(data_root)
    found = []
    for folder in _PROC.iterdir():
        if not folder.name.isdigit() or folder.name == str(_own_pid()):
            continue
        try:
            argv = (folder / "cmdline").read_bytes()
            environ = (folder / "environ").read_bytes()
            mountinfo = (folder / "mountinfo").read_text()
        except OSError:
            continue  # it ended meanwhile, or is only a record
        if needle.encode() in argv + environ or _mounts_inside(mountinfo, needle):
            found.append(f"{folder.name} {argv.decode(errors='replace')[:200]!r}")
    return found


def idle_control_groups() -> set[str]:
    """List the control groups of engines in which nothing runs, at any depth.

    Those in which something runs belong to another engine of this machine.
    """
    found = set()
    for top in (*_CGROUPS.glob("buildkit"), *_CGROUPS.glob("*/buildkit")):
        for folder, _, _ in os.walk(top):
            if not any(_has_processes(each) for each, _, _ in os.walk(folder)):
                found.add(folder)
    return found


def _has_processes(group: str) -> bool:
    try:
        return bool(Path(group, "cgroup.procs").read_text())
    except OSError:
        return False  # it has just been removed


def _own_pid() -> int:
    return int((_PROC / "self").readlink().name)


def _mounts_inside(mountinfo: str, needle: str) -> bool:
    own = (_PROC / "self/mountinfo").read_text()
    return needle in mountinfo and needle not in own


def _firewall() -> tuple[str, ...]:
    program = shutil.which("iptables-save", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if program is None:
        return ()
    done = subprocess.run([program], capture_output=True, text=True, check=False)
    # Chain lines end with counters, which move by themselves.
    return tuple(
        line.partition(" [")[0] for line in done.stdout.splitlines() if not line.startswith("#")
    )
