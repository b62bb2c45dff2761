"""Keys change exactly when what they name changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from pipelines.engine.content_key import KEY_DIGITS, key_of, tree_entries

if TYPE_CHECKING:
    from pathlib import Path

PARTS = st.lists(st.text(max_size=5), max_size=4)


@given(first=PARTS, second=PARTS)
def test_only_equal_parts_have_equal_keys(first: list[str], second: list[str]) -> None:
    """Order and borders count: no two different lists share a key."""
    assert (key_of(*first) == key_of(*second)) is (first == second)


def test_a_key_is_short_and_fit_for_a_path() -> None:
    """A key is a fixed number of hexadecimal digits, and text counts as its bytes."""
    key = key_of("a", b"\xff")
    assert len(key) == KEY_DIGITS
    assert set(key) <= set("0123456789abcdef")
    assert key_of("ä") == key_of("ä".encode())


def test_moving_a_border_changes_the_key() -> None:
    """The same letters in other parts are something else, also when they hold the separator."""
    assert key_of("ab", "c") != key_of("a", "bc")
    assert key_of("1:a") != key_of("1", "a")


def write(folder: Path, files: dict[str, str]) -> None:
    """Write a small tree."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_tree_is_known_by_names_and_contents(tmp_path: Path) -> None:
    """The same files in another place have the same key; another name or content has not."""
    files = {"b/file": "1", "a": "2"}
    for name in ("one", "two", "renamed", "changed"):
        write(tmp_path / name, files)
    (tmp_path / "renamed" / "a").rename(tmp_path / "renamed" / "c")
    (tmp_path / "changed" / "a").write_text("3")
    keys = {
        name: key_of(*tree_entries(tmp_path / name))
        for name in ("one", "two", "renamed", "changed")
    }
    assert keys["one"] == keys["two"]
    assert len(set(keys.values())) == 3


def test_what_python_writes_by_itself_does_not_count(tmp_path: Path) -> None:
    """Bytecode of a first run must not make everything look changed."""
    write(tmp_path, {"module.py": "x = 1"})
    before = list(tree_entries(tmp_path))
    write(tmp_path, {"__pycache__/module.pyc": "compiled"})
    assert list(tree_entries(tmp_path)) == before
