"""Send a folder of this machine into the engine, without what does not belong to the project."""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING

from dagger import Directory, dag

from pipelines.engine.process import run_command
from pipelines.errors import InfrastructureError
from pipelines.stages.source import IGNORED

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["host_source", "ignored_by_git"]


async def host_source(folder: Path) -> Directory:
    """Return a folder of this machine; only what changed since the last run is sent.

    In a git work tree, untracked files that git ignores stay behind: a fresh checkout would not
    have them.
    """
    exclude = [*IGNORED, *await ignored_by_git(folder)]
    return dag.host().directory(os.path.abspath(folder), exclude=exclude)  # noqa: ASYNC240, PTH100 - asks the disk for nothing


async def ignored_by_git(folder: Path) -> list[str]:
    """Return exclude patterns for what git ignores in a folder; none where there is no git.

    .gitignore alone does not tell: files that are tracked all the same belong to the project.
    """
    if shutil.which("git") is None:
        return []
    argv = ["git", "-C", str(folder), "ls-files", "-z", "--others", "--ignored"]
    argv += ["--exclude-standard", "--directory", "--no-empty-directory"]
    try:
        listed = await run_command("ask git what it ignores", argv)
    except InfrastructureError:
        return []  # no work tree: a tarball has only what belongs to it
    paths = [path.rstrip("/") for path in listed.split("\0")]
    return [re.sub(r"([\\*?\[\]!])", r"\\\1", path) for path in paths if path not in ("", ".")]
