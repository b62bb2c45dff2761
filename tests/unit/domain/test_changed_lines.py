"""Diffs as git writes them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from pipelines.domain.changed_lines import EVERYTHING, changed_lines

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "diff --git a/x b/x\nindex 1..2 100644\n"


def test_a_new_file_is_new_as_a_whole() -> None:
    """Every line of a file that was not there counts."""
    diff = f"{HEAD}new file mode 100644\n--- /dev/null\n+++ b/x\n@@ -0,0 +1,2 @@\n+a\n+b\n"
    assert changed_lines(diff).ranges == {"x": ((1, 2),)}


def test_a_deleted_file_is_not_there() -> None:
    """A file that is gone has no lines."""
    diff = f"{HEAD}deleted file mode 100644\n--- a/x\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n"
    assert changed_lines(diff).files == ()


def test_deleted_lines_leave_nothing_new() -> None:
    """A file that only lost lines differs, and none of its lines is new."""
    changed = changed_lines(f"{HEAD}--- a/x\n+++ b/x\n@@ -3,2 +2,0 @@ int f()\n-a\n-b\n")
    assert changed.files == ("x",)
    assert not any(changed.touches("x", line) for line in range(10))


def test_a_missing_line_end_is_no_line() -> None:
    """The remark about it is passed over, on both sides."""
    remark = "\\ No newline at end of file\n"
    changed = changed_lines(f"{HEAD}--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n{remark}+b\n{remark}")
    assert changed.ranges == {"x": ((1, 1),)}


def test_quoted_names_are_read() -> None:
    """Octal bytes, tabs and quotes in names are what they stand for; a stamp is no name."""
    name = 'z\\303\\244hl\\t\\"er\\".cpp'
    diff = f'--- "a/{name}"\n+++ "b/{name}"\n@@ -1 +1 @@\n-a\n+b\n'
    assert changed_lines(diff).files == ('zähl\t"er".cpp',)
    diff = "--- a/na me\t2024-01-01\n+++ b/na me\t\n@@ -1 +1 @@\n-a\n+b\n"
    assert changed_lines(diff).files == ("na me",)


def test_folders_are_compared() -> None:
    """Names lose the folder of the new side; what lies elsewhere is left out."""
    hunk = "@@ -1 +1 @@\n-a\n+b\n"
    diff = f"--- a/base/x\n+++ b/head/x\n{hunk}--- a/base/y\n+++ b/other/y\n{hunk}"
    assert changed_lines(diff, below="head/").files == ("x",)


def test_files_that_git_does_not_know_are_new() -> None:
    """Every line of them counts, however long they are."""
    changed = changed_lines("", new_files=["new.cpp"])
    assert changed.ranges == {"new.cpp": EVERYTHING}
    assert changed.touches("new.cpp", 1_000_000)
    assert not changed.touches("old.cpp", 1)


def test_what_git_really_writes_is_read(tmp_path: Path) -> None:
    r"""A renamed file with \\r\\n and an odd name is new only in the line that changed."""
    base, head = tmp_path / "base", tmp_path / "head"
    for folder, name, text in (
        (base, "old.cpp", b"one\r\ntwo\r\nthree\r\nfour\r\nfive\r\n"),
        (head, 'größe "neu".cpp', b"one\r\ntwo\r\n2.5\r\nthree\r\nfour\r\nfive\r\n"),
    ):
        folder.mkdir()
        (folder / name).write_bytes(text)
    said = subprocess.run(
        ["git", "diff", "--no-index", "--unified=0", "--find-renames", "base", "head"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert said.returncode == 1
    changed = changed_lines(said.stdout.decode(), below="head/")
    assert changed.ranges == {'größe "neu".cpp': ((3, 3),)}
