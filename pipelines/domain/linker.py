"""Read what GNU ld, lld and mold print."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipelines.domain.findings import Finding, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.domain.source_paths import SourceTree

__all__ = ["read_linker"]

MAX_PROGRAM = 64
"""Characters in the name of a linker, triplet included."""

_LINKER = re.compile(r"(?:[\w.-]+-)?ld(?:\.\w+)?|lld|mold")
_SYMBOL = re.compile(
    r"(?P<place>.*?): (?:warning: )?"
    r"(?P<text>(?:undefined reference to|multiple definition of) .*)$"
)
_FUNCTION = re.compile(r"(?P<object>.*?): [iI]n function [`'‘](?P<function>.*)['’]:$")
_ERROR = re.compile(r"(?:error: |fatal: )(?P<text>.*)$|(?P<plain>(?:cannot find|final link) .*)$")
_REFERENCED = re.compile(r"^>>> (?:referenced by|defined (?:at|in)) (?P<place>.*)$")
_FAILED = re.compile(
    r"^(?:collect2: (?:fatal )?error: (?P<gcc>.*)"
    r"|[^\s:]*clang[^\s:]*: error: (?P<clang>linker command failed.*))$"
)
_SEPARATORS = re.compile(r"[\s:()]+")
_TARGET_FOLDER = re.compile(r"CMakeFiles/[^/]+\.dir/")
_LLD_PLACE = re.compile(r"^(?P<name>\S+?):(?P<line>\d+)(?: \((?P<path>.*):\d+\))?")


def read_linker(lines: list[str], tree: SourceTree) -> Iterator[tuple[int, Finding]]:
    """Yield the errors with the numbers of their lines."""
    function = source = ""
    explained = False
    for number, line in enumerate(lines):
        program, rest = _split_program(line)
        ends_as_heading = rest.endswith(("':", "’:"))
        if ends_as_heading and (match := _FUNCTION.match(rest)):
            function, source = match["function"], match["object"]
        elif match := _SYMBOL.match(rest):
            location = _gnu_place(match["place"], source, function, tree)
            explained = True
            yield number, _finding(match["text"], location, line)
        elif program and (match := _ERROR.match(rest)):
            explained = True
            text = match["text"] or match["plain"]
            yield number, _finding(text, _lld_place(lines, number, tree), line)
        elif match := _FAILED.match(line):
            # This line only says that the linker failed; it counts when nothing else did.
            if not explained:
                yield number, _finding(match["gcc"] or match["clang"], None, line)
            function, source, explained = "", "", False


def _split_program(line: str) -> tuple[str, str]:
    """Split "/usr/bin/ld: text"; lines without a linker's name have an empty one."""
    program, colon, rest = line.partition(": ")
    name = program.rpartition("/")[2]
    if colon and len(name) < MAX_PROGRAM and _LINKER.fullmatch(name):
        return name, rest
    return "", line


def _finding(text: str, location: Location | None, line: str) -> Finding:
    message = text.strip().replace("`", "'")
    return Finding(
        kind="link-error",
        tool="ld",
        message=message,
        severity=Severity.ERROR,
        location=location,
        report=line,
    )


def _gnu_place(place: str, source: str, function: str, tree: SourceTree) -> Location | None:
    """Read "two.cpp.o:/src/two.cpp:1" or, without debug information, "one.cpp:(.text+0x5)"."""
    head, _, tail = place.rpartition(":")
    if tail.isascii() and tail.isdigit():
        file = head.rpartition(":")[2]
        return Location(file=tree.normalize(file), line=int(tail), function=function or None)
    built = next(
        (part for part in _SEPARATORS.split(f"{place}:{source}") if part.endswith((".o", ".obj"))),
        None,
    )
    if built is None:
        return None
    # CMake names an object after its source: CMakeFiles/app.dir/src/main.cpp.o
    file = _TARGET_FOLDER.sub("", built.rpartition(".")[0])
    return Location(file=tree.normalize(file), line=0, function=function or None)


def _lld_place(lines: list[str], number: int, tree: SourceTree) -> Location | None:
    for line in lines[number + 1 : number + 3]:
        match = _REFERENCED.match(line)
        place = None if match is None else _LLD_PLACE.match(match["place"])
        if place is not None:
            return Location(
                file=tree.normalize(place["path"] or place["name"]), line=int(place["line"])
            )
    return None
