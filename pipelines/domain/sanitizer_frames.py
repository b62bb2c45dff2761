"""Read the stacks of sanitizer reports, with and without symbols."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.domain.findings import Frame, Location

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipelines.domain.source_paths import SourceTree

__all__ = ["Stack", "blame", "read_stacks"]

MAX_FRAMES = 64
"""Frames kept per stack; a stack overflow has thousands of equal ones."""

MAX_NAME = 1_000
"""Characters kept of a function's name; templates make very long ones."""

_FRAME = re.compile(r"^\s*#(\d{1,5})\s+(?:0x[0-9a-fA-F]+\s+)?(?:in\s+)?(\S.*)?$")
_BUILD_ID = re.compile(r"\(BuildId: [0-9a-fA-F]*\)$")
_MODULE = re.compile(r"\(([^()]*)\+0x[0-9a-fA-F]+\)$")
_POSITION = re.compile(r":(\d+)(?::(\d+))?$")

# The sanitizers' own sources, as libasan's debug information names them.
_RUNTIME = ("libsanitizer/", "compiler-rt/", "sanitizer_common/", "sysdeps/", "csu/", "nptl/")


@dataclass(frozen=True, kw_only=True)
class Stack:
    """Frames with the line above them, such as "freed by thread T0 here:"."""

    title: str
    frames: tuple[Frame, ...]


def read_stacks(lines: Iterable[str], tree: SourceTree) -> tuple[Stack, ...]:
    """Return the stacks in the order of the text; other lines among them are skipped."""
    stacks: list[Stack] = []
    frames: list[Frame] = []
    title = heading = ""
    next_number = 0
    for line in lines:
        match = _FRAME.match(line)
        if match is None:
            heading = line.strip() or heading
            continue
        number = int(match[1])
        if number == 0:
            _close(stacks, title, frames)
            frames, title, next_number = [], heading, 0
        if number == next_number:
            next_number += 1
            if number < MAX_FRAMES:
                frames.append(_read_frame(match[2] or "", tree))
    _close(stacks, title, frames)
    return tuple(stacks)


def blame(frames: Iterable[Frame], tree: SourceTree) -> Location | None:
    """Return the first place inside the project, else the first that is no runtime's."""
    located = [frame.location for frame in frames if frame.location is not None]
    for location in located:
        if tree.owns(location.file):
            return location
    return next((each for each in located if not _is_runtime(each.file)), None)


def _close(stacks: list[Stack], title: str, frames: list[Frame]) -> None:
    if frames:
        stacks.append(Stack(title=title, frames=tuple(frames)))


def _read_frame(text: str, tree: SourceTree) -> Frame:
    rest = _BUILD_ID.sub("", text.strip()).rstrip()
    module = _MODULE.search(rest)
    if module is not None:
        rest = rest[: module.start()]
    function, location = _split_place(rest.strip(), tree)
    return Frame(function=function, location=location, module=None if module is None else module[1])


def _split_place(text: str, tree: SourceTree) -> tuple[str, Location | None]:
    """Split "func(int) /path/file.cpp:12:5"; functions and paths may both hold blanks."""
    position = _POSITION.search(text)
    if position is None:
        return text.removesuffix("<null>").strip().replace("<null>", "")[:MAX_NAME], None
    before = text[: position.start()]
    file = tree.path_at_end(before)
    function = before.removesuffix(file).strip()[:MAX_NAME]
    column = position[2]
    return function, Location(
        file=tree.normalize(file),
        line=int(position[1]),
        column=None if column is None else int(column),
        function=function or None,
    )


def _is_runtime(file: str) -> bool:
    return any(part in file for part in _RUNTIME)
