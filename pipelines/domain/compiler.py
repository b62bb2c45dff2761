"""Read what GCC, Clang, the linkers and CMake print, into findings."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from pipelines.domain.cmake_diagnostics import read_cmake
from pipelines.domain.findings import Finding, Location, Severity, deduplicate
from pipelines.domain.linker import read_linker
from pipelines.domain.source_paths import SourceTree
from pipelines.domain.terminal import strip_ansi

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["parse_diagnostics"]

MAX_FINDINGS = 200
"""One missing header can make thousands of errors; nobody reads more than the first."""

MAX_SNIPPET_LINES = 12
"""Lines of quoted code that a finding keeps."""

MAX_NOTES = 50
"""Lines below an error in which the project's own line is looked for."""

MAX_PROGRAM = 64
"""Characters in the name of a compiler, triplet and version included."""

_DIAGNOSTIC = re.compile(
    r"^(?P<file>.*?):(?P<line>\d+):(?:(?P<column>\d+):)? "
    r"(?P<level>fatal error|error|warning): (?P<text>.*)$"
)
_DRIVER = re.compile(r"^(?P<program>[^\s:]+): (?:fatal )?error: (?P<text>.*)$")
_DRIVER_NAME = re.compile(
    r"cc1plus|cc1|c\+\+|cc|(?:[\w.-]+-)?(?:g\+\+|gcc|clang\+\+|clang)(?:-\d+)?"
)
_BUILD_TOOL = re.compile(
    r"^(?:ninja: error: (?P<ninja>.*)|g?make(?:\[\d+\])?: \*\*\* (?P<make>No rule to make .*))$"
)
# Written before the diagnostic by GCC, after it by Clang.
_REQUIRED = re.compile(r"^(?P<file>.*?):(?P<line>\d+):(?:(?P<column>\d+):)?\s+required from")
_REQUESTED = re.compile(r"^(?P<file>.*?):(?P<line>\d+):(?:(?P<column>\d+):)? note: ")
_INCLUDED = re.compile(r"^(?:In file included|\s+) ?from (?P<file>.*?):(?P<line>\d+)[:,]")
_CARETS = re.compile(r"^[ |~]*\^[ ~^]*$")
_CLANG = re.compile(r"^\d+ (?:error|warning)s?(?: and \d+ errors?)? generated\.$", re.MULTILINE)


def parse_diagnostics(
    text: str,
    *,
    source_root: str,
    build_root: str,
    include_warnings: bool = False,
) -> tuple[Finding, ...]:
    """Return the errors of a configure or build log, equal ones merged, at most 200.

    Args:
        text: The log of CMake, Ninja or Make, with or without colours.
        source_root: The absolute path of the sources where they were built.
        build_root: The absolute path of the build directory.
        include_warnings: Return the warnings too.

    An error inside a system header is located where the project's code led to it.
    """
    tree = SourceTree(source_root=source_root, build_root=build_root)
    lines = strip_ansi(text).splitlines()
    tool = "clang" if _CLANG.search("\n".join(lines)) else "gcc"
    found = [
        *_read_compiler(lines, tool, tree),
        *read_linker(lines, tree),
        *read_cmake(lines, tree),
    ]
    found.sort(key=lambda numbered: numbered[0])
    wanted = (
        finding for _, finding in found if include_warnings or finding.severity is Severity.ERROR
    )
    return tuple(islice(deduplicate(wanted), MAX_FINDINGS))


def _read_compiler(lines: list[str], tool: str, tree: SourceTree) -> Iterator[tuple[int, Finding]]:
    required: Location | None = None
    included: Location | None = None
    for number, line in enumerate(lines):
        if match := _REQUIRED.match(line):
            required = _place(match, tree) if tree.owns(match["file"]) else required
        elif match := _INCLUDED.match(line):
            included = _place(match, tree) if tree.owns(match["file"]) else included
        elif match := _DIAGNOSTIC.match(line):
            below = lines[number : number + MAX_NOTES]
            led_here = None
            if not tree.owns(match["file"]):
                led_here = required or _requested(below[1:], tree) or included
            yield number, _diagnostic(match, _snippet(below), tool, led_here, tree)
            required = included = None
        elif match := _BUILD_TOOL.match(line):
            text = match["ninja"] or match["make"]
            yield number, _simple("build-error", "cmake", text, line)
        elif (match := _DRIVER.match(line)) and _is_driver_error(match):
            yield number, _simple("compile-error", tool, match["text"], line)


def _diagnostic(
    match: re.Match[str],
    snippet: str,
    tool: str,
    led_here: Location | None,
    tree: SourceTree,
) -> Finding:
    location, message = _place(match, tree), match["text"].strip()
    if led_here is not None:
        message = f"{message} (at {location})"
        location = led_here
    warning = match["level"] == "warning"
    return Finding(
        kind="compile-warning" if warning else "compile-error",
        tool=tool,
        message=message,
        severity=Severity.WARNING if warning else Severity.ERROR,
        location=location,
        report=snippet,
    )


def _is_driver_error(match: re.Match[str]) -> bool:
    # "linker command failed" only repeats that the linker's lines above are errors.
    name = match["program"].rpartition("/")[2]
    return (
        len(name) < MAX_PROGRAM
        and _DRIVER_NAME.fullmatch(name) is not None
        and not match["text"].startswith("linker command failed")
    )


def _simple(kind: str, tool: str, message: str, line: str) -> Finding:
    return Finding(
        kind=kind, tool=tool, message=message.strip(), severity=Severity.ERROR, report=line
    )


def _requested(lines: list[str], tree: SourceTree) -> Location | None:
    """Find the project's line among the notes that Clang writes below an error."""
    for line in lines:
        if _DIAGNOSTIC.match(line):
            return None
        match = _REQUESTED.match(line) if line.endswith("requested here") else None
        if match is not None and tree.owns(match["file"]):
            return _place(match, tree)
    return None


def _place(match: re.Match[str], tree: SourceTree) -> Location:
    column = match.groupdict().get("column")
    return Location(
        file=tree.normalize(match["file"]),
        line=int(match["line"]),
        column=None if column is None else int(column),
    )


def _snippet(lines: list[str]) -> str:
    """Return the diagnostic with the code that is quoted below it."""
    # GCC indents the quoted lines; Clang does not, but a line of carets ends them.
    for number, line in enumerate(lines[1:MAX_SNIPPET_LINES], start=1):
        if _DIAGNOSTIC.match(line) or " note: " in line:
            break
        if _CARETS.match(line):
            return "\n".join(lines[: number + 1])
    return lines[0]
