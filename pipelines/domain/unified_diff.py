"""Read unified diffs, of git as of diff(1): which lines of which file are new. Pure.

Source: GNU diffutils manual, "Detailed Description of Unified Format"; git-diff(1), "Generating
patch text with -p".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

__all__ = ["FileDiff", "Region", "parse_unified_diff"]

_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_LETTERS = {
    b"a": b"\a",
    b"b": b"\b",
    b"t": b"\t",
    b"n": b"\n",
    b"v": b"\v",
    b"f": b"\f",
    b"r": b"\r",
}


@dataclass(frozen=True, kw_only=True)
class Region:
    """Neighbouring lines that were taken away and put in their place, without line ends.

    Attributes:
        old_line: The first removed line; where none was removed, the line to insert after.
        new_line: The same on the new side.
    """

    old_line: int
    new_line: int
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FileDiff:
    """What changed in one file; None is the side on which the file does not exist."""

    old_path: str | None
    new_path: str | None
    regions: tuple[Region, ...] = ()


def parse_unified_diff(text: str) -> tuple[FileDiff, ...]:
    """Return the files of a diff that have text hunks, in order.

    Paths lose the first folder ("a/", "b/"). Lines are counted by what a hunk's head promises, so
    that text that looks like a head is text. What is no diff is passed over.
    """
    # Only this ends a line: form feeds and separators of Unicode are text, and so is \r.
    lines = text.split("\n")
    files: list[FileDiff] = []
    position = 0
    while position < len(lines) - 1:
        old, new = lines[position], lines[position + 1]
        following = lines[position + 2] if position + 2 < len(lines) else ""
        if old.startswith("--- ") and new.startswith("+++ ") and _HUNK.match(following):
            regions, position = _regions(lines, position + 2)
            files.append(
                FileDiff(old_path=_path(old[4:]), new_path=_path(new[4:]), regions=regions)
            )
        else:
            position += 1
    return tuple(files)


def _regions(lines: list[str], position: int) -> tuple[tuple[Region, ...], int]:
    regions: list[Region] = []
    while position < len(lines) and (head := _HUNK.match(lines[position])):
        old, old_count, new, new_count = (int(each) if each else 1 for each in head.groups())
        # An empty side names the line before it.
        state = _Hunk(old=old if old_count else old + 1, new=new if new_count else new + 1)
        position += 1
        while position < len(lines) and (old_count > 0 or new_count > 0):
            mark, rest = lines[position][:1], lines[position][1:]
            if mark == "-":
                state.removed.append(rest)
                old_count -= 1
            elif mark == "+":
                state.added.append(rest)
                new_count -= 1
            elif mark != "\\":  # an empty context line may have lost its blank
                state.close()
                state.old += 1
                state.new += 1
                old_count -= 1
                new_count -= 1
            position += 1
        state.close()
        regions += state.regions
        if position < len(lines) and lines[position].startswith("\\"):
            position += 1
    return tuple(regions), position


@dataclass(kw_only=True)
class _Hunk:
    """The next line of both sides, and the region that is being read."""

    old: int
    new: int
    removed: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)

    def close(self) -> None:
        """End the region, if there is one."""
        if self.removed or self.added:
            self.regions.append(
                Region(
                    old_line=self.old if self.removed else self.old - 1,
                    new_line=self.new if self.added else self.new - 1,
                    removed=tuple(self.removed),
                    added=tuple(self.added),
                )
            )
        self.old += len(self.removed)
        self.new += len(self.added)
        self.removed, self.added = [], []


def _path(written: str) -> str | None:
    """Return the path of a head line, without quotes, time stamp and first folder."""
    written = written.removesuffix("\r")
    quoted = written.startswith('"')
    name = _unquote(written[1 : written.rindex('"')]) if quoted else written.partition("\t")[0]
    if name == "/dev/null":
        return None
    first, slash, rest = name.partition("/")
    return rest if slash else first


def _unquote(text: str) -> str:
    """Undo the quotes of C that git puts around unusual names."""

    def letter(match: re.Match[bytes]) -> bytes:
        escape = match[1]
        if len(escape) == 3:  # noqa: PLR2004 - three octal digits are a byte
            return bytes([int(escape, 8) & 0xFF])
        return _LETTERS.get(escape, escape)

    raw = text.encode("utf-8", "surrogateescape")
    return _ESCAPE.sub(letter, raw).decode("utf-8", "surrogateescape")
