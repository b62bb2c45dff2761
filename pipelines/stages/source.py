"""The sources that go into the engine, filtered so that what does not matter changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagger
from dagger import dag

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["IGNORED", "host_source", "without_ignored"]

IGNORED = (
    ".git",
    "**/CMakeFiles",
    "**/CMakeCache.txt",
    "**/cmake-build-*",
    "**/__pycache__",
    "**/node_modules",
    "**/.venv",
    "**/.cache",
)
"""Never part of a build: history, build trees, other tools' caches."""


def host_source(folder: Path) -> dagger.Directory:
    """Return a folder of this machine; only what changed since the last run is sent."""
    directory = dag.host().directory(str(folder.absolute()), exclude=list(IGNORED), gitignore=True)
    return without_ignored(directory)


def without_ignored(directory: dagger.Directory) -> dagger.Directory:
    """Leave out what the repository itself ignores (.gitignore): a commit would not have it."""
    return directory.filter(gitignore=True)
