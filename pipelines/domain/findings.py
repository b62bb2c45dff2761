"""Findings: what a compiler, a linker or a sanitizer has to say about the code."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipelines.domain._compat import StrEnum

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Finding", "Frame", "Location", "Severity", "deduplicate"]

LINT_TOOLS = frozenset({"clang-format", "clang-tidy", "cppcheck"})
"""Tools that read sources."""

BUILD_TOOLS = frozenset({"gcc", "clang", "ld", "cmake", *LINT_TOOLS})
"""Tools that do not watch a program run. Several of their findings may share one line."""

_NUMBER = re.compile(r"0x[0-9a-fA-F]+|\d+")


class Severity(StrEnum):
    """How bad a finding is. Only errors fail a gate."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, kw_only=True)
class Location:
    """A place in a file.

    ``file`` is relative to the project's source root when it lies inside. ``line`` counts
    from 1; 0 says that the tool named no line.
    """

    file: str
    line: int
    column: int | None = None
    function: str | None = None

    def __str__(self) -> str:
        numbers = [str(number) for number in (self.line, self.column) if number]
        return ":".join([self.file, *numbers])


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One step of a stack; ``location`` is None where debug information is missing."""

    function: str
    location: Location | None = None
    module: str | None = None


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that a tool found, ``count`` times.

    ``report`` is the tool's own text. ``location`` is the first place inside the project
    that the tool blames, else the first place with a file.
    """

    kind: str
    tool: str
    message: str
    severity: Severity
    location: Location | None = None
    stack: tuple[Frame, ...] = ()
    report: str = ""
    count: int = 1

    @property
    def fingerprint(self) -> str:
        """Identify the finding across runs: 32 hex digits of its kind and its place.

        Addresses and values in messages change between runs, so the message counts only
        where the place alone does not tell findings apart, and then without its numbers.
        """
        parts = [self.kind]
        if self.location is not None:
            parts += [self.location.file, self.location.function or "", str(self.location.line)]
        if self.location is None or self.tool in BUILD_TOOLS:
            parts += [self.tool, _NUMBER.sub("#", self.message)]
        text = "\0".join(parts).encode("utf-8", "backslashreplace")
        return hashlib.sha256(text).hexdigest()[:32]


def deduplicate(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Merge findings with the same fingerprint, in order of first appearance.

    The first one stays, with the counts of all of them added up.
    """
    merged: dict[str, Finding] = {}
    for finding in findings:
        key = finding.fingerprint
        first = merged.get(key)
        if first is None:
            merged[key] = finding
        else:
            merged[key] = replace(first, count=first.count + finding.count)
    return tuple(merged.values())
