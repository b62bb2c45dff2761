"""What a work tree is compared with, asked of a real git."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import pytest

from pipelines.cli.git_base import host_base
from pipelines.domain.changed_lines import EVERYTHING
from pipelines.errors import UsageError
from tests.unit.cli.test_host_source import git

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.domain.lint import LintBase


def base_of(
    folder: Path, *, asked: str | None = None, configured: str | None = None
) -> LintBase | None:
    """Ask for the base of a folder."""

    async def ask() -> LintBase | None:
        return await host_base(folder, asked=asked, configured=configured)

    return anyio.run(ask)


def changed(folder: Path, *, asked: str | None = "main") -> dict[str, object]:
    """Return the changed lines of a folder."""
    base = base_of(folder, asked=asked)
    assert base is not None
    return dict(base.changed.ranges)


@pytest.fixture
def work_tree(tmp_path: Path) -> Path:
    """Return a repository whose branch `work` left `main` at the first of its two commits."""
    folder = tmp_path / "work tree"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / "größe.cpp").write_text("one\ntwo\nthree\n")
    (folder / "stays.cpp").write_text("one\n")
    (folder / ".gitignore").write_text("*.o\n")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "first")
    git(folder, "branch", "work")
    (folder / "stays.cpp").write_text("one\nand more of main\n")
    git(folder, "commit", "--quiet", "--all", "--message", "second")
    git(folder, "checkout", "--quiet", "work")
    return folder


def test_what_the_base_did_since_is_not_ours(work_tree: Path) -> None:
    """The comparison is with the commit where the branch left its base."""
    assert changed(work_tree) == {}


def test_commits_index_and_work_tree_all_count(work_tree: Path) -> None:
    """Lines that are committed, staged, written or in new files are all new; ignored files not."""
    file = work_tree / "größe.cpp"
    file.write_text("zero\none\ntwo\nthree\n")
    git(work_tree, "commit", "--quiet", "--all", "--message", "third")
    file.write_text("zero\none\ntwo\nthree\nfour\n")
    git(work_tree, "add", ".")
    file.write_text("zero\none\n2\nthree\nfour\n")
    (work_tree / "neue datei.cpp").write_text("x\n")
    (work_tree / "made.o").write_text("x\n")
    assert changed(work_tree) == {
        "größe.cpp": ((1, 1), (3, 3), (5, 5)),
        "neue datei.cpp": EVERYTHING,
    }


def test_a_renamed_file_keeps_its_old_lines(work_tree: Path) -> None:
    """Only the line that is new in it counts, and the old name is gone."""
    git(work_tree, "mv", "größe.cpp", "maß.cpp")
    (work_tree / "maß.cpp").write_text("one\ntwo\nthree\nfour\n")
    assert changed(work_tree) == {"maß.cpp": ((4, 4),)}


def test_a_folder_of_a_repository_has_its_own_paths(work_tree: Path) -> None:
    """Paths begin at the folder, and what changed beside it does not count."""
    inner = work_tree / "inner"
    inner.mkdir()
    (inner / "a.cpp").write_text("one\n")
    git(work_tree, "add", ".")
    git(work_tree, "commit", "--quiet", "--message", "inner")
    (inner / "a.cpp").write_text("one\ntwo\n")
    (inner / "new.cpp").write_text("x\n")
    (work_tree / "stays.cpp").write_text("changed\n")
    assert changed(inner, asked="HEAD") == {"a.cpp": ((2, 2),), "new.cpp": EVERYTHING}


def test_the_users_own_settings_change_nothing(work_tree: Path) -> None:
    """Prefixes, colours and tools of a user's configuration stay out of what is read."""
    for name, value in (
        ("diff.noprefix", "true"),
        ("diff.mnemonicPrefix", "true"),
        ("color.ui", "always"),
        ("diff.external", "false"),
        ("core.quotePath", "true"),
    ):
        git(work_tree, "config", name, value)
    (work_tree / "größe.cpp").write_text("one\ntwo\nthree\nfour\n")
    assert changed(work_tree) == {"größe.cpp": ((4, 4),)}


def test_many_changed_lines_are_all_there(work_tree: Path) -> None:
    """A diff of tens of thousands of lines is read to its end."""
    lines = "".join(f"line {number}\n" for number in range(30_000))
    (work_tree / "stays.cpp").write_text(f"one\n{lines}")
    assert changed(work_tree) == {"stays.cpp": ((2, 30_001),)}


def test_origins_default_branch_is_the_default(work_tree: Path, tmp_path: Path) -> None:
    """A clone compares with what its origin has, and names it."""
    git(work_tree, "checkout", "--quiet", "main")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(work_tree), str(clone))
    (clone / "stays.cpp").write_text("one\nand more of main\nand of me\n")
    base = base_of(clone)
    assert base is not None
    assert base.name.startswith("origin/main (")
    assert base.changed.ranges == {"stays.cpp": ((3, 3),)}


def test_there_may_be_no_base(work_tree: Path, tmp_path: Path) -> None:
    """Without an origin, without a commit and without git there is none, and that is no error."""
    assert base_of(work_tree) is None
    empty = tmp_path / "empty"
    empty.mkdir()
    assert base_of(empty) is None
    git(empty, "init", "--quiet")
    assert base_of(empty) is None


@pytest.mark.parametrize(
    ("ref", "said"),
    [
        ("mian", "git knows no commit `mian` (--base). Fetch it"),
        ("--output=x", "does not name a commit"),
        ("main..work", "does not name a commit"),
    ],
)
def test_a_base_that_is_not_there_is_a_mistake(work_tree: Path, ref: str, said: str) -> None:
    """What was asked for by name has to be there; nothing else is taken in its place."""
    with pytest.raises(UsageError) as caught:
        base_of(work_tree, asked=ref)
    assert said in str(caught.value)


def test_the_configuration_is_named_where_it_asked(tmp_path: Path) -> None:
    """The key that is wrong is in the message; the command line goes first."""
    with pytest.raises(UsageError, match=r"lint\.base is main"):
        base_of(tmp_path, configured="main")
    with pytest.raises(UsageError, match="--base is other"):
        base_of(tmp_path, asked="other", configured="main")


def test_a_shallow_clone_is_told_what_to_fetch(work_tree: Path) -> None:
    """Without a common commit nothing is guessed."""
    git(work_tree, "checkout", "--quiet", "--orphan", "apart")
    git(work_tree, "commit", "--quiet", "--message", "apart")
    with pytest.raises(UsageError, match="no common commit") as caught:
        base_of(work_tree, asked="main")
    assert "--unshallow" in str(caught.value)


def test_a_work_tree_that_git_refuses_is_a_mistake(tmp_path: Path) -> None:
    """A folder with a broken .git is not taken for one without."""
    (tmp_path / ".git").write_text("gitdir: /nowhere\n")
    with pytest.raises(UsageError, match="git does not read"):
        base_of(tmp_path)
