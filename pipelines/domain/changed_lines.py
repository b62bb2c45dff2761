"""Which lines are new against a base. Pure."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.domain.unified_diff import parse_unified_diff

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["EVERYTHING", "ChangedLines", "changed_lines"]

EVERYTHING = ((1, 2**31),)
"""The ranges of a file of which every line is new."""


@dataclass(frozen=True, kw_only=True)
class ChangedLines:
    """The changed lines of each file: first and last of each range, in order.

    A file without ranges only lost lines.
    """

    ranges: Mapping[str, tuple[tuple[int, int], ...]]

    @property
    def files(self) -> tuple[str, ...]:
        """The files that exist and differ from the base, in order."""
        return tuple(sorted(self.ranges))

    def touches(self, file: str, first: int, last: int | None = None) -> bool:
        """Whether one of the lines `first` to `last` is new; line 0 stands for the whole file."""
        ranges = self.ranges.get(file, ())
        if first <= 0:
            return bool(ranges)
        last = first if last is None else last
        # The last range that begins at or before the end of what is asked for.
        index = bisect_right(ranges, last, key=lambda each: each[0])
        return index > 0 and ranges[index - 1][1] >= first


def changed_lines(diff: str, *, new_files: Iterable[str] = (), below: str = "") -> ChangedLines:
    """Read a diff whose new side is the source that is judged.

    Args:
        diff: In unified format; context lines do no harm.
        new_files: Files that the diff does not know, and of which every line is new.
        below: A folder that all paths of the new side begin with, and which is taken away.
    """
    ranges: dict[str, tuple[tuple[int, int], ...]] = {}
    for file in parse_unified_diff(diff):
        if file.new_path is not None and file.new_path.startswith(below):
            ranges[file.new_path.removeprefix(below)] = tuple(
                (region.new_line, region.new_line + len(region.added) - 1)
                for region in file.regions
                if region.added
            )
    ranges.update(dict.fromkeys(new_files, EVERYTHING))
    return ChangedLines(ranges=ranges)
