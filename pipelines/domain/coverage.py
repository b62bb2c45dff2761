"""How much of the code the tests reach: counts, floors, and what they say about a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Counted", "Coverage", "FileCoverage", "Floors", "notable_files"]

NOTABLE = 10
"""Files that are told about, of each kind; the report of gcovr has them all."""

NAMED = 3
"""Files that a sentence names."""


@dataclass(frozen=True, kw_only=True)
class Counted:
    """How many lines, branches or functions there are, and how many of them ran."""

    covered: int
    total: int

    @property
    def uncovered(self) -> int:
        """How many did not run."""
        return self.total - self.covered

    @property
    def percent(self) -> float | None:
        """The share from 0 to 100 with one decimal, or None where there is nothing to count.

        Rounded down: 100 means that all ran, and a value below a floor never looks like the floor.
        """
        return self.covered * 1000 // self.total / 10 if self.total else None

    def reaches(self, floor: float) -> bool:
        """Whether the share, unrounded, is at least the floor; nothing to count reaches none."""
        return self.total > 0 and self.covered * 100 >= floor * self.total

    def __str__(self) -> str:
        if self.percent is None:
            return "–"
        return f"{self.percent:.1f} % ({self.covered} of {self.total})"


@dataclass(frozen=True, kw_only=True)
class FileCoverage:
    """The counts of one source file; ``file`` is relative to the repository."""

    file: str
    lines: Counted
    branches: Counted
    functions: Counted


@dataclass(frozen=True, kw_only=True)
class Floors:
    """The percentages that must be reached; 0 and None ask for nothing."""

    lines: float = 0.0
    branches: float | None = None


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """What one run of the tests reached.

    Attributes:
        files: Those with the most uncovered lines, and those with the most uncovered branches.
    """

    lines: Counted
    branches: Counted
    functions: Counted
    files: tuple[FileCoverage, ...] = ()
    floors: Floors = field(default_factory=Floors)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Say in sentences which floor is not reached, and where the most is missing."""
        reasons = [
            _below("Line", "line", self.lines, self.floors.lines, self._told(_lines)),
            _below("Branch", "branch", self.branches, self.floors.branches, self._told(_branches)),
        ]
        return tuple(reason for reason in reasons if reason)

    @property
    def least_covered(self) -> tuple[FileCoverage, ...]:
        """The files with the most uncovered lines, at most ten, the worst first."""
        return _worst(self.files, _lines)

    def _told(self, counts: Callable[[FileCoverage], Counted]) -> str:
        worst = _worst(self.files, counts)[:NAMED]
        return ", ".join(f"{each.file} ({counts(each).uncovered} uncovered)" for each in worst)


def notable_files(files: Iterable[FileCoverage]) -> tuple[FileCoverage, ...]:
    """Return the files that a summary keeps, those with the most uncovered lines first."""
    files = tuple(files)
    kept = {each.file for counts in (_lines, _branches) for each in _worst(files, counts)}
    found = [each for each in files if each.file in kept]
    return tuple(sorted(found, key=lambda each: (-each.lines.uncovered, each.file)))


def _lines(file: FileCoverage) -> Counted:
    return file.lines


def _branches(file: FileCoverage) -> Counted:
    return file.branches


def _worst(
    files: Iterable[FileCoverage], counts: Callable[[FileCoverage], Counted]
) -> tuple[FileCoverage, ...]:
    missing = [each for each in files if counts(each).uncovered > 0]
    return tuple(sorted(missing, key=lambda each: (-counts(each).uncovered, each.file)))[:NOTABLE]


def _below(what: str, key: str, counted: Counted, floor: float | None, worst: str) -> str | None:
    """Say that a floor is not reached; None when it is, or when there is none."""
    setting = "coverage.minimum_percent" if key == "line" else "coverage.minimum_branch_percent"
    if not floor or counted.reaches(floor):
        return None
    if counted.total == 0:
        return f"{what} coverage has a floor of {_percent(floor)}, and there is no {key} to count."
    where = f"; most is missing in {worst}" if worst else ""
    return (
        f"{what} coverage is {counted}, below the floor of {_percent(floor)}{where}. "
        f"Test more of it, or lower {setting}."
    )


def _percent(floor: float) -> str:
    return f"{floor:g} %"
