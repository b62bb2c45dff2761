"""Read what the sanitizers of GCC and Clang print, into findings.

The text may be a program's output with reports in between, several log files joined, or a
report that was cut off: whatever can be recognised is reported, the rest is skipped.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from pipelines.domain.findings import Finding, Location, Severity, deduplicate
from pipelines.domain.sanitizer_frames import Stack, blame, read_stacks
from pipelines.domain.sanitizer_kinds import error_kind, undefined_kind
from pipelines.domain.source_paths import SourceTree
from pipelines.domain.terminal import strip_ansi

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.domain.findings import Frame

__all__ = ["parse_reports"]

MAX_REPORT_LINES = 200
"""Lines of a tool's own text that a finding keeps."""

MAX_TEXT = 2_000
"""Characters of a line that are searched for words."""

# ctest -V writes "12: " before each line of test 12.
_CTEST_PREFIX = re.compile(r"^\d+: ")
_ERROR = re.compile(r"(?:ERROR|WARNING|FATAL): (?P<tool>[A-Za-z]+Sanitizer): (?P<text>.*)")
_FATAL = re.compile(r"==\d+==(?P<tool>[A-Za-z]+Sanitizer):? (?P<text>CHECK failed|has encountered)")
_RUNTIME_ERROR = ": runtime error: "
_POSITION = re.compile(r":(\d+):(\d+)$")
_LEAK = re.compile(
    r"(?P<way>Direct|Indirect) leak of (?P<bytes>\d+) byte\(s\) in (?P<objects>\d+) object\(s\)"
)
_END = re.compile(r"SUMMARY: [A-Za-z]+Sanitizer: |==\d+==ABORTING|^={10,}$")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]+")
_RANGES = re.compile(r" \[0x[^)\]]*[)\]](?: and \[0x[^)\]]*[)\]])?")
_PROCESS = re.compile(r" \(pid=\d+\)$")
_ACCESS = re.compile(
    r"(?:Atomic |Previous |previous )?(?:READ|WRITE|Read|Write|read|write) of size \d+"
)
_REGION = re.compile(r"is located (\d+ bytes .*? (?:region|variable '[^']*'))")
_SIGNAL = re.compile(r"The signal is caused by a (\w+) memory access")


def parse_reports(text: str, *, source_root: str, build_root: str) -> tuple[Finding, ...]:
    """Return the findings of a text, equal ones merged, in order of appearance.

    Args:
        text: What the program printed, or its sanitizer log files joined.
        source_root: The absolute path of the sources where the program was built.
        build_root: The absolute path of the build directory.

    A finding's location is the topmost frame of the project's own code. Fetched
    dependencies below the build directory are not the project's own.
    """
    tree = SourceTree(source_root=source_root, build_root=build_root)
    return deduplicate(_findings(text, tree))


def _findings(text: str, tree: SourceTree) -> Iterator[Finding]:
    lines = [_CTEST_PREFIX.sub("", line) for line in strip_ansi(text).splitlines()]
    starts = [number for number, line in enumerate(lines) if _is_start(line)]
    for start, following in pairwise([*starts, len(lines)]):
        finding = _read_block(_cut(lines[start:following]), tree)
        # The headline of a leak report stands for itself only if its leaks were cut off.
        followed_by_leak = following < len(lines) and _LEAK.search(lines[following])
        if not (finding.kind == "memory-leak" and not finding.stack and followed_by_leak):
            yield finding


def _is_start(line: str) -> bool:
    return _RUNTIME_ERROR in line or any(
        pattern.search(line) is not None for pattern in (_ERROR, _FATAL, _LEAK)
    )


def _cut(lines: list[str]) -> list[str]:
    """Return the lines of one report: to its summary, or to what follows it."""
    for number, line in enumerate(lines[1:], start=1):
        if _END.search(line):
            return lines[: number + ("SUMMARY" in line)][:MAX_REPORT_LINES]
    return lines[:MAX_REPORT_LINES]


def _read_block(block: list[str], tree: SourceTree) -> Finding:
    headline = block[0]
    stacks = read_stacks(block[1:], tree)
    report = "\n".join(block).strip()
    if _RUNTIME_ERROR in headline:
        return _undefined(headline, _primary(stacks), report, tree)
    if leak := _LEAK.search(headline):
        return _leak(leak, _primary(stacks), report, tree)
    error = _ERROR.search(headline) or _FATAL.search(headline)
    if error is None:  # pragma: no cover - _is_start lets nothing else through
        raise AssertionError(headline)
    return _error(error, block, stacks, report, tree)


def _undefined(headline: str, frames: tuple[Frame, ...], report: str, tree: SourceTree) -> Finding:
    place, _, text = headline.partition(_RUNTIME_ERROR)
    text = text[:MAX_TEXT]
    return Finding(
        kind=undefined_kind(text),
        tool="UndefinedBehaviorSanitizer",
        message=_ADDRESS.sub("an address", text.strip()),
        severity=Severity.ERROR,
        location=_undefined_location(place, frames, tree),
        stack=frames,
        report=report,
    )


def _undefined_location(place: str, frames: tuple[Frame, ...], tree: SourceTree) -> Location | None:
    blamed = blame(frames, tree)
    position = _POSITION.search(place)
    if position is None:
        return blamed
    file = tree.path_at_end(place[: position.start()])
    if not tree.owns(file) and blamed is not None and tree.owns(blamed.file):
        return blamed
    named, line = tree.normalize(file), int(position[1])
    function = next(
        (
            frame.function
            for frame in frames
            if frame.location and (frame.location.file, frame.location.line) == (named, line)
        ),
        None,
    )
    return Location(file=named, line=line, column=int(position[2]), function=function)


def _leak(
    match: re.Match[str], frames: tuple[Frame, ...], report: str, tree: SourceTree
) -> Finding:
    location = blame(frames, tree)
    message = (
        f"{match['bytes']} byte(s) leaked in {match['objects']} object(s), "
        f"{match['way'].lower()} leak"
    )
    allocator = next((frame.function for frame in frames[1:] if frame.function), "")
    if location is None and allocator:
        message += f", allocated by {allocator}"
    return Finding(
        kind="memory-leak",
        tool="LeakSanitizer",
        message=message,
        severity=Severity.ERROR,
        location=location,
        stack=frames,
        report=report,
    )


def _error(
    match: re.Match[str],
    block: list[str],
    stacks: tuple[Stack, ...],
    report: str,
    tree: SourceTree,
) -> Finding:
    tool, description = match["tool"], _PROCESS.sub("", match["text"].strip())[:MAX_TEXT]
    frames = _primary(stacks)
    kind = error_kind(description)
    if "FATAL: " in match[0] or match.re is _FATAL:
        kind, description = "sanitizer-failure", block[0].partition(tool)[2][:MAX_TEXT].strip(": ")
    if tool == "LeakSanitizer" and "memory leaks" in description:
        kind = "memory-leak"
    return Finding(
        kind=kind,
        tool=tool,
        message=_describe(description, block, stacks, tree),
        severity=Severity.ERROR,
        location=blame(frames, tree),
        stack=frames,
        report=report,
    )


def _describe(
    description: str, block: list[str], stacks: tuple[Stack, ...], tree: SourceTree
) -> str:
    """Say the error in one line: what was accessed, and where that memory came from."""
    # Addresses differ from run to run, and so does everything after the first of them.
    parts = [re.split(r" (?:on|\(?pc|at) (?:unknown )?(?:address )?0x", description)[0]]
    heads = [line[:MAX_TEXT] for line in block[1:]]
    for pattern in (_ACCESS, _REGION, _SIGNAL):
        found = next((each for line in heads if (each := pattern.search(line))), None)
        if found is not None:
            parts.append(found[found.re.groups])
    for stack in stacks[1:]:
        title = stack.title.rstrip(":").removesuffix(" here")
        place = blame(stack.frames, tree)
        if place is not None and re.search(r"freed by|allocated by|created by|revious", title):
            title = re.sub(r"at 0x[0-9a-fA-F]+ | \(tid=[^)]*\)| at$", "", title)
            parts.append(f"{title} at {place}")
    return _ADDRESS.sub("an address", _RANGES.sub("", ", ".join(parts)))


def _primary(stacks: tuple[Stack, ...]) -> tuple[Frame, ...]:
    return stacks[0].frames if stacks else ()
