"""Cut what CMake prints into its messages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.domain.findings import Location
from pipelines.domain.terminal import strip_ansi

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.domain.source_paths import SourceTree

__all__ = ["CMakeMessage", "cmake_messages"]

_HEAD = re.compile(
    r"CMake (?P<severity>Error|Warning|Deprecation Warning)(?: \(dev\))?"
    r"(?: (?:at|in) (?P<place>[^\n]+?))?:(?: (?P<text>\S.*))?"
)
_PLACE = re.compile(r"(?P<file>.+?):(?P<line>\d+)(?::EVAL:\d+)?(?: \((?P<command>[^()]*)\))?")

_ASKING = frozenset(
    [
        "find_package",
        "find_dependency",
        "find_program",
        "find_library",
        "find_path",
        "find_file",
        "pkg_check_modules",
        "pkg_search_module",
        "project",
        "enable_language",
    ]
)


@dataclass(frozen=True, kw_only=True)
class CMakeMessage:
    """One error, one warning, or (``severity`` is "") one line of any other output.

    ``text`` has no line breaks. ``command`` is the one that complained. ``where`` is the
    place in the project that asked for it, not the one inside CMake's own modules.
    """

    severity: str
    text: str
    command: str = ""
    where: Location | None = None


def cmake_messages(output: str, sources: SourceTree) -> Iterator[CMakeMessage]:
    """Yield the messages of a CMake run, in order; never raises."""
    lines = strip_ansi(output).splitlines()
    at = 0
    while at < len(lines):
        head = _HEAD.fullmatch(lines[at])
        at += 1
        if head is None:
            yield CMakeMessage(severity="", text=lines[at - 1])
            continue
        end = at
        while end < len(lines) and (
            lines[end][:1] in {"", " "} or lines[end].startswith("Call Stack (")
        ):
            end += 1
        yield _message(head, lines[at:end], sources)
        at = end


def _message(head: re.Match[str], body: list[str], sources: SourceTree) -> CMakeMessage:
    calls = next((n for n, line in enumerate(body) if line.startswith("Call Stack (")), len(body))
    first = _PLACE.fullmatch(head["place"] or "")
    frames = [first, *(_PLACE.fullmatch(line.strip()) for line in body[calls + 1 :])]
    # A message of the project's own is indented like CMake's, so words are all that is sure.
    words = " ".join([head["text"] or "", *body[:calls]]).split()
    return CMakeMessage(
        severity=head["severity"].rpartition(" ")[2].lower(),
        text=" ".join(words),
        command=(first["command"] or "") if first else "",
        where=_where([frame for frame in frames if frame], sources),
    )


def _where(frames: list[re.Match[str]], sources: SourceTree) -> Location | None:
    own = [frame for frame in frames if sources.owns(frame["file"])]
    asking = [frame for frame in own if (frame["command"] or "").lower() in _ASKING]
    for frame in [*asking, *own]:
        return Location(file=sources.normalize(frame["file"]), line=int(frame["line"]))
    return None
