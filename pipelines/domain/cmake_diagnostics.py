"""Read the errors and warnings that CMake prints while it configures."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipelines.domain.findings import Finding, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.domain.source_paths import SourceTree

__all__ = ["read_cmake"]

MAX_LINES = 100
"""Lines that one message may have."""

_HEAD = re.compile(
    r"^CMake (?P<level>Error|Warning|Deprecation Warning|Author Warning)(?: \(dev\))?"
    r"(?: (?:at|in) (?P<file>.*?)(?::(?P<line>\d+))?(?: \((?P<command>[^()]*)\))?)?:"
    r"(?: (?P<text>.*))?$"
)
_CALL = re.compile(r"^  (?P<file>\S.*):(?P<line>\d+) \((?P<command>[^()]*)\)$")
_CALLS = "Call Stack (most recent call first):"


def read_cmake(lines: list[str], tree: SourceTree) -> Iterator[tuple[int, Finding]]:
    """Yield the messages with the numbers of their first lines."""
    for number, line in enumerate(lines):
        match = _HEAD.match(line)
        if match is not None:
            yield number, _read(match, lines[number : number + MAX_LINES], tree)


def _read(match: re.Match[str], lines: list[str], tree: SourceTree) -> Finding:
    text, calls = _body(lines[1:])
    message = " ".join(" ".join([match["text"] or "", *text]).split())
    error = match["level"] == "Error"
    return Finding(
        kind="configure-error" if error else "configure-warning",
        tool="cmake",
        message=message,
        severity=Severity.ERROR if error else Severity.WARNING,
        location=_blame([match, *calls], tree),
        report="\n".join(lines[: 1 + len(text) + len(calls) + bool(calls)]).rstrip(),
    )


def _body(lines: list[str]) -> tuple[list[str], list[re.Match[str]]]:
    """Split into the indented text and the calls that led to it."""
    text: list[str] = []
    calls: list[re.Match[str]] = []
    in_calls = False
    for line in lines:
        if line == _CALLS:
            in_calls = True
        elif in_calls:
            call = _CALL.match(line)
            if call is None:
                break
            calls.append(call)
        elif line and not line.startswith(" "):
            break
        else:
            text.append(line)
    return text, calls


def _blame(places: list[re.Match[str]], tree: SourceTree) -> Location | None:
    """Return the project's own place: modules of CMake fail on behalf of their callers."""
    named = [place for place in places if place["file"]]
    own = [place for place in named if tree.owns(place["file"])]
    for place in own or named:
        return Location(
            file=tree.normalize(place["file"]),
            line=int(place["line"] or 0),
            function=place["command"],
        )
    return None
