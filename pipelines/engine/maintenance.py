"""Look at the embedded engine, and free the disk that it no longer needs."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import anyio.to_thread

from pipelines.engine.embedded_images import IMAGE_RECIPES
from pipelines.engine.embedded_process import running_engine
from pipelines.engine.go_tools import ENGINE_TOOLS, drop_go_caches
from pipelines.engine.locking import exclusive
from pipelines.engine.paths import DataFolder
from pipelines.engine.root_file_system import ENGINE_ROOT
from pipelines.errors import UsageError
from pipelines.progress import Progress, phase

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["engine_status", "remove_data", "remove_old_parts", "used_bytes"]


async def engine_status(data: DataFolder | None = None) -> dict[str, object]:
    """Return facts about the embedded engine, ready for JSON; sizes in bytes."""
    data = data or DataFolder.from_environment()
    process = running_engine(data)
    data.state.mkdir(parents=True, exist_ok=True)
    return {
        "running": process is not None,
        "pid": process.pid if process else None,
        "socket": str(data.socket),
        "data_dir": str(data.root),
        "state_dir": str(data.state),
        "log": str(data.log),
        "state_bytes": await anyio.to_thread.run_sync(used_bytes, data.state),
        "parts_bytes": await anyio.to_thread.run_sync(used_bytes, data.cache),
        "go_cache_bytes": await anyio.to_thread.run_sync(used_bytes, data.go),
    }


async def remove_old_parts(data: DataFolder, progress: Progress) -> None:
    """Delete Go's caches and every part that the present version does not use."""
    async with exclusive(data.lock, progress):
        with phase(progress, "prune", "parts of older versions, Go's caches"):
            await anyio.to_thread.run_sync(_remove_old_parts, data)


async def remove_data(data: DataFolder, progress: Progress) -> None:
    """Delete everything; the next start builds it anew.

    Raises:
        UsageError: The engine is still running.
    """
    async with exclusive(data.lock, progress):
        if running_engine(data) is not None:
            raise UsageError(
                "delete the engine's data", "the engine is running", "Run `pipelines engine stop`"
            )
        with phase(progress, "prune", "all parts and the engine's state"):
            for folder in (data.cache, data.instance):
                await anyio.to_thread.run_sync(_remove_tree, folder)
            await anyio.to_thread.run_sync(drop_go_caches, data)


def used_bytes(folder: Path) -> int:
    """Return the bytes that a folder takes on its disk, hard links once."""
    seen: set[tuple[int, int]] = set()
    total = 0
    # Not rglob: it raises for a folder that disappears, and the engine goes on working meanwhile.
    for parent, folders, names in os.walk(folder):
        for name in (*folders, *names):
            try:
                facts = os.lstat(os.path.join(parent, name))  # noqa: PTH118 - many files
            except OSError:
                continue
            if (facts.st_dev, facts.st_ino) not in seen:
                seen.add((facts.st_dev, facts.st_ino))
                total += facts.st_blocks * 512
    return total


def _remove_old_parts(data: DataFolder) -> None:
    keep = {
        data.cache / ENGINE_TOOLS.name / ENGINE_TOOLS.key,
        data.cache / ENGINE_ROOT.name / ENGINE_ROOT.key,
        *(data.cache / "images" / name / each.root.key for name, each in IMAGE_RECIPES.items()),
    }
    groups = {path.parent for path in keep}
    for group in groups:
        for part in group.glob("*"):
            if part not in keep:
                _remove_tree(part)
    drop_go_caches(data)


def _remove_tree(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
