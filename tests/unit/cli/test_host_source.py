"""What of a folder goes into the engine, and what stays behind."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import anyio

from pipelines.cli.host_source import ignored_by_git

if TYPE_CHECKING:
    from pathlib import Path


def git(folder: Path, *arguments: str) -> None:
    """Run git in a folder, whoever and wherever the user is."""
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.invalid"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True)


def test_untracked_ignored_files_stay_behind(tmp_path: Path) -> None:
    """What .gitignore names is left out, but for what is tracked all the same."""
    (tmp_path / ".gitignore").write_text("out/\n*.log\n[odd]*.txt\n")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "kept.txt").write_text("tracked")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "--force", ".")
    git(tmp_path, "commit", "--quiet", "--message", "first")
    (tmp_path / "out" / "made.txt").write_text("untracked")
    (tmp_path / "build [1].log").write_text("untracked")
    ignored = anyio.run(ignored_by_git, tmp_path)
    assert sorted(ignored) == [r"build \[1\].log", "out/made.txt"]


def test_a_folder_without_git_is_taken_whole(tmp_path: Path) -> None:
    """A tarball has only what belongs to it, whatever its .gitignore says."""
    (tmp_path / ".gitignore").write_text("*\n")
    assert anyio.run(ignored_by_git, tmp_path) == []
