"""Read what gcovr and its helper in the container wrote, and tell numbers from lack of proof."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.domain.coverage import Counted, Coverage, FileCoverage, Floors, notable_files
from pipelines.domain.json_reader import JsonNode, JsonShapeError

if TYPE_CHECKING:
    from pipelines.domain.coverage_plan import CoveragePlan

__all__ = ["CounterFiles", "GcovrFormatError", "lack_of_counts", "parse_gcovr_summary"]

UNKNOWN = "an unknown compiler"


class GcovrFormatError(ValueError):
    """The text is no JSON summary of gcovr."""


@dataclass(frozen=True, kw_only=True)
class CounterFiles:
    """What was found in the build directory after the tests.

    Attributes:
        instrumented: Object files that the compiler gave counters (.gcno).
        counted: Object files of which a program ran to its end (.gcda).
        writers: The compilers that wrote them, each with its number of files.
        reader: The gcov that fits; None where there is none.
        example: One of the instrumented files.
    """

    instrumented: int
    counted: int
    writers: tuple[tuple[str, int], ...]
    reader: str | None
    example: str

    @classmethod
    def parse(cls, text: str) -> CounterFiles:
        """Read counters.json, which read_counters.py writes.

        Raises:
            GcovrFormatError: It is not such a text.
        """
        node = _parse(text)
        try:
            return cls(
                instrumented=node.child("instrumented").integer(),
                counted=node.child("counted").integer(),
                writers=tuple(
                    (name, count.integer()) for name, count in node.child("writers").members()
                ),
                reader=node.child("reader").optional_string(),
                example=node.child("example").string(),
            )
        except JsonShapeError as error:
            raise GcovrFormatError(f"read counters.json: {error}") from error


def parse_gcovr_summary(text: str, floors: Floors) -> Coverage:
    """Read the JSON summary of gcovr.

    Raises:
        GcovrFormatError: It is not such a text.
    """
    node = _parse(text)
    try:
        files = [
            FileCoverage(
                file=each.child("filename").string(),
                lines=_counted(each, "line"),
                branches=_counted(each, "branch"),
                functions=_counted(each, "function"),
            )
            for each in node.child("files").items()
        ]
        return Coverage(
            lines=_counted(node, "line"),
            branches=_counted(node, "branch"),
            functions=_counted(node, "function"),
            files=notable_files(files),
            floors=floors,
        )
    except JsonShapeError as error:
        raise GcovrFormatError(f"read the summary of gcovr: {error}") from error


def lack_of_counts(files: CounterFiles, coverage: Coverage | None, plan: CoveragePlan) -> str:
    """Say why there is nothing to judge, with a way out; empty when there is.

    Args:
        files: What was found.
        coverage: What gcovr made of it; None where it was not called.
        plan: What was to be measured.
    """
    if lack := _nothing_counted(files):
        return f"Coverage was not measured: {lack}"
    if coverage is None:
        return "Coverage was not measured: gcovr left no summary. Look into coverage/coverage.log."
    if coverage.lines.total == 0:
        return f"Coverage was not measured: {_nothing_left(files, plan)}"
    if coverage.lines.covered == 0:
        return (
            f"None of the {coverage.lines.total} lines ran: the tests reached other code only. "
            "Let them run the project's own code, or correct coverage.include and "
            "coverage.exclude in pipeline.yaml."
        )
    return ""


def _nothing_counted(files: CounterFiles) -> str:
    if files.instrumented == 0:
        return (
            "no object file has counters. Look for flags that the project resets "
            "(COMPILE_OPTIONS, or a CMAKE_PROJECT_INCLUDE of its own); a coverage.preset must "
            "bring --coverage itself."
        )
    # Programs that mix formats write no counters, so this comes first.
    if reason := _nothing_readable(files):
        return reason
    if files.counted == 0:
        return (
            f"{files.instrumented} object files have counters, and no test ran one of them to its "
            "end. Let the tests run the programs of this build, and let these end by themselves: "
            "a killed program and _exit() write no counters."
        )
    return ""


def _nothing_readable(files: CounterFiles) -> str:
    if len(files.writers) > 1:
        written = ", ".join(f"{name}: {count}" for name, count in files.writers)
        return (
            "the counters come from different compilers, whose formats differ "
            f"(object files of {written}). Build C and C++ with one compiler and version."
        )
    if files.reader is None:
        writer = files.writers[0][0] if files.writers else UNKNOWN
        return (
            f"{writer} wrote the counters, and no gcov of that version is there to read them. "
            f"{_way_to_reader(writer)}"
        )
    return ""


def _way_to_reader(writer: str) -> str:
    family, _, version = writer.partition(" ")
    if family not in ("GCC", "Clang"):
        return "Use GCC or Clang."
    package = "llvm" if family == "Clang" else f"gcc-{version}"
    return f"Install it: --package {package}, or toolchain.packages in pipeline.yaml."


def _nothing_left(files: CounterFiles, plan: CoveragePlan) -> str:
    rules = [f"coverage.exclude {' '.join(plan.exclude)}"] if plan.exclude else []
    rules += [f"coverage.include {' '.join(plan.include)}"] if plan.include else []
    because = f" ({'; '.join(rules)})" if rules else ""
    return (
        f"{files.instrumented} object files have counters (for example {files.example}), and none "
        f"of their lines counts: they are left out{because}, or lie outside the repository. "
        "Correct coverage.include and coverage.exclude in pipeline.yaml."
    )


def _counted(node: JsonNode, kind: str) -> Counted:
    covered = node.child(f"{kind}_covered").integer()
    total = node.child(f"{kind}_total").integer()
    if not 0 <= covered <= total:
        raise JsonShapeError(f"{node.path}: {covered} of {total} {kind}s cannot be.")
    return Counted(covered=covered, total=total)


def _parse(text: str) -> JsonNode:
    try:
        return JsonNode(value=json.loads(text))
    except (ValueError, RecursionError) as error:
        raise GcovrFormatError("read coverage: the text is no JSON") from error
