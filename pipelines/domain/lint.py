"""What linting found, and what of it counts: findings in changed lines fail, old ones do not."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipelines.domain._compat import StrEnum
from pipelines.domain.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipelines.domain.changed_lines import ChangedLines
    from pipelines.domain.findings import Finding

__all__ = [
    "LintBase",
    "LintFailOn",
    "LintScope",
    "LintSummary",
    "LintTool",
    "SplitFindings",
    "split_findings",
]


class LintFailOn(StrEnum):
    """Which findings fail: those in lines that differ from the base, or all."""

    CHANGED = "changed"
    ALL = "all"


@dataclass(frozen=True, kw_only=True)
class LintBase:
    """What the sources are compared with.

    Attributes:
        name: For people, such as "origin/main (merge base 1a2b3c4d5e6f)".
        changed: The lines that differ.
    """

    name: str
    changed: ChangedLines


@dataclass(frozen=True, kw_only=True)
class LintTool:
    """What one tool did.

    Attributes:
        version: Empty when it did not run.
        skipped: Why it did not run; empty when it ran.
        files: Files, or translation units, of the project that it could look at.
        checked: How many of them it looked at, or had looked at before, unchanged.
        reused: How many of those results came from the cache.
        seconds: Until it was done, beside the other tools.
        new: Findings that count.
        old: Findings that do not, because their lines are as in the base.
        notes: What a reader should know, in sentences.
    """

    name: str
    version: str = ""
    skipped: str = ""
    files: int = 0
    checked: int = 0
    reused: int = 0
    seconds: float = 0.0
    new: int = 0
    old: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LintSummary:
    """What linting adds to the summary of a run; the new findings are those of its variant.

    Attributes:
        base: What the lines were compared with, or None.
        changed_files: How many files differ from the base, or None without one.
    """

    base: str | None
    changed_files: int | None
    fail_on: LintFailOn
    tools: tuple[LintTool, ...]

    @property
    def new(self) -> int:
        """The findings that count."""
        return sum(tool.new for tool in self.tools)

    @property
    def old(self) -> int:
        """The findings that do not."""
        return sum(tool.old for tool in self.tools)

    def without_times(self) -> LintSummary:
        """Return the same without what differs from run to run of the same code."""
        tools = tuple(replace(tool, seconds=0.0, reused=0) for tool in self.tools)
        return replace(self, tools=tools)


@dataclass(frozen=True, kw_only=True)
class LintScope:
    """Which findings concern the project.

    Attributes:
        exclude: Regular expressions; a path that one of them matches somewhere is left out.
        submodules: Folders that belong to other repositories.
    """

    exclude: tuple[str, ...] = ()
    submodules: tuple[str, ...] = ()

    def has(self, file: str) -> bool:
        """Whether a path is the project's own; those from outside begin with a slash."""
        if file.startswith(("/", "<")) or not file:
            return False
        if any(file.startswith(f"{folder}/") for folder in self.submodules):
            return False
        return not any(re.search(pattern, file) for pattern in self.exclude)


@dataclass(frozen=True, kw_only=True)
class SplitFindings:
    """Findings that count, as errors, and those that do not, as warnings; sorted by place."""

    new: tuple[Finding, ...]
    old: tuple[Finding, ...]


def split_findings(
    found: Iterable[tuple[Finding, int]],
    *,
    scope: LintScope,
    changed: ChangedLines | None,
    fail_on: LintFailOn,
) -> SplitFindings:
    """Tell findings that count from those that do not, and drop what is not the project's.

    Args:
        found: Findings, each with the last line that it speaks of.
        scope: What belongs to the project.
        changed: The lines that differ from the base; without a base every finding is new.
        fail_on: ALL: every finding counts.
    """
    new: list[Finding] = []
    old: list[Finding] = []
    for finding, last_line in found:
        place = finding.location
        if place is None or not scope.has(place.file):
            continue
        everything = changed is None or fail_on is LintFailOn.ALL
        if everything or (changed and changed.touches(place.file, place.line, last_line)):
            new.append(replace(finding, severity=Severity.ERROR))
        else:
            old.append(replace(finding, severity=Severity.WARNING))
    return SplitFindings(new=tuple(sorted(new, key=_place)), old=tuple(sorted(old, key=_place)))


def _place(finding: Finding) -> tuple[str, int, int, str, str]:
    place = finding.location
    if place is None:
        return ("", 0, 0, finding.kind, finding.message)
    return (place.file, place.line, place.column or 0, finding.kind, finding.message)
