"""What a git work tree on this machine is compared with, and the lines that differ."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import anyio

from pipelines.config import is_git_ref
from pipelines.domain.changed_lines import changed_lines
from pipelines.domain.lint import LintBase
from pipelines.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from subprocess import CompletedProcess

__all__ = ["host_base"]

DOING = "find the base of the changes"
# Origin's default branch, or what a CI that fetched only this branch may still have of it.
DEFAULTS = ("origin/HEAD", "origin/main", "origin/master")
# The words of a user's own configuration must not get into what is read here.
_DIFF = (
    "diff",
    "--unified=0",
    "--find-renames",
    "--relative",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--ignore-submodules=all",
    "--src-prefix=a/",
    "--dst-prefix=b/",
)


async def host_base(folder: Path, *, asked: str | None, configured: str | None) -> LintBase | None:
    """Compare a folder, as it lies there, with the commit where its branch left the base.

    Args:
        folder: Inside a git work tree, or not.
        asked: A git ref from the command line.
        configured: A git ref from pipeline.yaml.

    Returns:
        None where nothing is asked for and there is no base: no git, no origin, no commit.

    Raises:
        UsageError: What was asked for cannot be compared with.
    """
    ref = asked or configured
    where = "--base" if asked else "lint.base"
    if ref is not None and not is_git_ref(ref):
        raise UsageError(
            DOING, f"`{ref}` does not name a commit", "Write a branch, tag or commit, such as main"
        )
    if not await _is_work_tree(folder):
        if ref is None:
            return None
        raise UsageError(
            DOING, f"{folder} is no git work tree, but {where} is {ref}", f"Leave {where} out"
        )
    if ref is None:
        ref = await _default(folder)
        if ref is None:
            return None
    elif await _commit(folder, ref) is None:
        raise UsageError(
            DOING,
            f"git knows no commit `{ref}` ({where})",
            f"Fetch it, for example with `git fetch origin {ref.removeprefix('origin/')}`",
        )
    merge_base = await _ask(folder, "merge-base", ref, "HEAD")
    if merge_base is None:
        raise UsageError(
            DOING,
            f"`{ref}` and HEAD have no common commit in this clone",
            "Fetch the whole history: `git fetch --unshallow`, or `fetch-depth: 0` in a workflow",
        )
    commit = merge_base.strip()
    diff = await _ask(folder, *_DIFF, commit, "--", ".")
    new = await _ask(folder, "ls-files", "-z", "--others", "--exclude-standard")
    if diff is None or new is None:
        raise UsageError(DOING, f"git cannot compare with {commit}", "Run `git diff` to see why")
    untracked = [path for path in new.split("\0") if path]
    return LintBase(name=f"{ref} ({commit[:12]})", changed=changed_lines(diff, new_files=untracked))


async def _is_work_tree(folder: Path) -> bool:
    """Whether git answers for the folder.

    Raises:
        UsageError: It is a work tree, but git does not answer.
    """
    if shutil.which("git") is None:
        return False
    said = await _run(folder, ("rev-parse", "--is-inside-work-tree"))
    if said.returncode == 0:
        return said.stdout.strip() == b"true"
    absolute = await anyio.Path(folder).resolve()
    for each in (absolute, *absolute.parents):
        if await (each / ".git").exists():
            words = said.stderr.decode(errors="replace").strip().splitlines()
            raise UsageError(
                DOING,
                f"git does not read {each} ({words[0] if words else 'it said nothing'})",
                "Correct that, for example with `git config --global --add safe.directory FOLDER`",
            )
    return False


async def _default(folder: Path) -> str | None:
    for ref in DEFAULTS:
        if await _commit(folder, ref) is not None and await _commit(folder, "HEAD") is not None:
            name = await _ask(folder, "rev-parse", "--abbrev-ref", ref)
            return (name or ref).strip()
    return None


async def _commit(folder: Path, ref: str) -> str | None:
    return await _ask(folder, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")


async def _ask(folder: Path, *arguments: str) -> str | None:
    """Return what git prints, or None when it fails."""
    said = await _run(folder, arguments)
    # Whatever encoding names and sources have, nothing of them gets lost.
    return said.stdout.decode("utf-8", "surrogateescape") if said.returncode == 0 else None


async def _run(folder: Path, arguments: Sequence[str]) -> CompletedProcess[bytes]:
    argv = ["git", "-C", str(folder), "-c", "core.quotePath=false", *arguments]
    return await anyio.run_process(argv, check=False)
