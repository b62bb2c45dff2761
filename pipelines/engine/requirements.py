"""What the embedded engine needs of this machine, checked before anything is changed."""

from __future__ import annotations

import os
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import EngineUnavailable

if TYPE_CHECKING:
    from pipelines.engine.paths import DataFolder

__all__ = ["MachineFacts", "check_machine", "missing_requirements", "read_machine_facts"]

# Measured on Debian 12: Go modules 2.0 GB, Go build cache 1.9 GB, root file system 0.4 GB,
# images 0.2 GB, binaries 0.2 GB, toolchain container 1 GB; rounded up with room for one build.
COLD_BYTES = 8_000_000_000
# Once the parts are there only layers and cache volumes grow.
WARM_BYTES = 2_000_000_000
# Source: unix(7), sun_path holds 108 bytes with its closing zero.
MAXIMUM_SOCKET_PATH_BYTES = 107

HOST_TOOLS = {
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "pivot_root": "util-linux",
    "mount": "mount",
    "perl": "perl",
    "apt-get": "apt",
    "dpkg-deb": "dpkg",
    "gpgv": "gpgv",
}


@dataclass(frozen=True, kw_only=True)
class MachineFacts:
    """What was found on this machine."""

    system: str
    machine: str
    is_root: bool
    distribution_ids: tuple[str, ...]
    tools: tuple[str, ...]
    has_tun: bool
    has_debian_keyring: bool
    free_bytes: int
    socket_path_bytes: int


def read_machine_facts(data: DataFolder) -> MachineFacts:
    """Look at this machine; changes nothing."""
    existing = data.root
    # Not Path.exists: it raises where a folder may not be entered.
    while not os.path.exists(existing):  # noqa: PTH110
        existing = existing.parent
    return MachineFacts(
        system=platform.system(),
        machine=platform.machine(),
        is_root=os.geteuid() == 0,
        distribution_ids=_distribution_ids(),
        tools=tuple(tool for tool in HOST_TOOLS if _find_tool(tool)),
        has_tun=Path("/dev/net/tun").exists(),
        has_debian_keyring=Path("/usr/share/keyrings/debian-archive-keyring.gpg").exists(),
        free_bytes=shutil.disk_usage(existing).free,
        socket_path_bytes=len(os.fsencode(data.socket)),
    )


def check_machine(facts: MachineFacts, *, parts_exist: bool) -> None:
    """Refuse with one error that names everything that is missing.

    Raises:
        EngineUnavailable: The embedded engine cannot run here.
    """
    missing = missing_requirements(facts, parts_exist=parts_exist)
    if missing:
        listed = "".join(f"\n  - {sentence}" for sentence in missing)
        raise EngineUnavailable(
            "start the embedded engine",
            f"this machine lacks what it needs:{listed}\n",
            "Or install Docker, Podman or nerdctl, or point _EXPERIMENTAL_DAGGER_RUNNER_HOST at a "
            "running engine, and the embedded one is not needed",
        )


def missing_requirements(facts: MachineFacts, *, parts_exist: bool) -> tuple[str, ...]:
    """Return a sentence for each thing that is missing; none when all is well."""
    missing: list[str] = []
    if facts.system != "Linux":
        return (f"Linux (found {facts.system}): use Docker here",)
    if facts.machine not in ("x86_64", "amd64"):
        missing.append(f"an x86-64 processor (found {facts.machine}): use Docker here")
    if not facts.is_root:
        missing.append("root: run the command with sudo")
    debian_like = {"debian", "ubuntu"} & set(facts.distribution_ids)
    if not debian_like:
        found = facts.distribution_ids[0] if facts.distribution_ids else "an unknown distribution"
        missing.append(f"Debian, Ubuntu or a derivative of them (found {found}): use Docker here")
    else:
        missing.extend(_missing_packages(facts))
    if not facts.has_tun:
        missing.append("the device /dev/net/tun: run `modprobe tun`")
    if facts.socket_path_bytes > MAXIMUM_SOCKET_PATH_BYTES:
        excess = facts.socket_path_bytes - MAXIMUM_SOCKET_PATH_BYTES
        missing.append(
            f"a data folder with a path that is {excess} bytes shorter, because sockets allow no "
            "more: set PIPELINES_DATA_DIR"
        )
    needed = WARM_BYTES if parts_exist else COLD_BYTES
    if facts.free_bytes < needed:
        missing.append(
            f"{needed / 1e9:.0f} GB of free disk (found {facts.free_bytes / 1e9:.1f} GB): free "
            "some, run `pipelines engine prune`, or set PIPELINES_DATA_DIR to a larger disk"
        )
    return tuple(missing)


def _missing_packages(facts: MachineFacts) -> list[str]:
    packages = {package for tool, package in HOST_TOOLS.items() if tool not in facts.tools}
    if not facts.has_debian_keyring:
        packages.add("debian-archive-keyring")
    if not packages:
        return []
    names = " ".join(sorted(packages))
    return [f"the packages {names}: run `apt-get install {names}`"]


def _distribution_ids() -> tuple[str, ...]:
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return ()
    return (release.get("ID", ""), *release.get("ID_LIKE", "").split())


def _find_tool(tool: str) -> str | None:
    # A user's PATH may leave out the administrator's folders.
    return shutil.which(tool) or shutil.which(tool, path="/usr/sbin:/sbin:/usr/bin:/bin")
