"""Why the silence of a tool would mean nothing, and what else to know about its run. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.domain.clang_tidy_output import TidyOutput
    from pipelines.domain.cppcheck_output import CppcheckOutput
    from pipelines.domain.lint import LintTool

__all__ = ["ToolRecord", "nothing_checked", "tool_notes", "tool_problems"]

_SHOWN = 5
"""Files by name in a list of problems of one kind; the rest is a number."""

_SWITCH = {"clang-format": "clang_format", "clang-tidy": "clang_tidy", "cppcheck": "cppcheck"}
_STYLE = {"clang-format": ".clang-format", "clang-tidy": ".clang-tidy"}


@dataclass(frozen=True, kw_only=True)
class ToolRecord:
    """What a tool's run left behind, beside its findings.

    Attributes:
        silent: Translation units for which the project switches every check off.
        unreached: Translation units that include no changed file, and were left out.
        refused: Flags of the compiler that clang does not take.
        misread: What it said about its configuration files.
        failures: Files on which it failed, with its words; no file means the whole run.
    """

    tool: LintTool
    silent: int = 0
    unreached: int = 0
    refused: tuple[str, ...] = ()
    misread: tuple[str, ...] = ()
    failures: tuple[tuple[str, str], ...] = ()


def tool_problems(
    record: ToolRecord, *, tidy: TidyOutput, cppcheck: CppcheckOutput
) -> tuple[str, ...]:
    """Return what has to fail the run, in sentences."""
    tool = record.tool
    if tool.skipped:
        return ()
    if not tool.version:
        return (
            (
                f"{tool.name} is not in the toolchain container. Use an image of Debian, or "
                f"switch it off with `lint: {{{_SWITCH[tool.name]}: false}}`."
            ),
        )
    problems = [
        f"{tool.name} {tool.version} does not understand its configuration: {said}. Name the "
        "release that your team uses, such as `lint: {clang_version: 19}`, or correct "
        f"{_STYLE[tool.name]}."
        for said in record.misread
    ]
    problems += _some(
        [
            f"{tool.name} failed{f' on {file}' if file else ''}: {said}."
            for file, said in record.failures
        ]
    )
    if tool.name == "clang-tidy":
        problems += _some(
            [
                f"clang-tidy cannot read {unit.file}, although it was compiled: "
                f"{f'{unit.location}: ' if unit.location else ''}{unit.message}. Correct the code "
                "for clang, for example with `#ifdef __clang__`, or put the file into lint.exclude."
                for unit in tidy.unparsed
            ]
        )
    if tool.name == "cppcheck" and tool.files and len(cppcheck.given_up) >= tool.files:
        problems.append(f"cppcheck gave every file up, first {cppcheck.given_up[0][1]}.")
    return (*problems, *_unexplained(record), *_nothing_to_check(record))


def _unexplained(record: ToolRecord) -> tuple[str, ...]:
    """Say so when files are missing from the count and nothing tells why."""
    tool = record.tool
    missing = tool.files - tool.checked - record.silent - record.unreached
    if missing <= 0 or record.failures or record.misread:
        return ()
    return (f"{tool.name} did not look at {missing} of {tool.files} files. See lint.log.",)


def _nothing_to_check(record: ToolRecord) -> tuple[str, ...]:
    tool = record.tool
    off = f"`lint: {{{_SWITCH[tool.name]}: false}}`"
    if tool.files == 0:
        if tool.name == "clang-format":
            return (
                (
                    "clang-format found nothing to check: the repository has no C or C++ file that "
                    f"lint.exclude leaves. Correct lint.exclude, or switch it off with {off}."
                ),
            )
        return (
            (
                f"{tool.name} found nothing to check: the build compiles no file of the repository "
                "that lint.exclude leaves. Switch tests or examples on with cmake.options, or the "
                f"tool off with {off}."
            ),
        )
    if record.silent == tool.files:
        return (
            (
                "clang-tidy checked nothing: the project's .clang-tidy switches every check off. "
                f"Name some under Checks, or switch it off with {off}."
            ),
        )
    return ()


def nothing_checked(records: Sequence[ToolRecord]) -> tuple[str, ...]:
    """Say so when no tool ran at all."""
    if not records or not all(record.tool.skipped for record in records):
        return ()
    reasons = "; ".join(f"{record.tool.name}: {record.tool.skipped}" for record in records)
    return (f"Nothing was checked ({reasons}). Switch a tool on in `lint` of pipeline.yaml.",)


def tool_notes(
    record: ToolRecord, *, tidy: TidyOutput, cppcheck: CppcheckOutput
) -> tuple[str, ...]:
    """Return what a reader should know, in sentences."""
    notes = []
    if record.unreached:
        notes.append(f"{record.unreached} left out, because they include no changed file")
    if record.silent:
        notes.append(f"{record.silent} left out, because their .clang-tidy switches all checks off")
    if record.refused:
        shown = ", ".join(record.refused[:_SHOWN])
        more = f" and {len(record.refused) - _SHOWN} more" if len(record.refused) > _SHOWN else ""
        notes.append(f"read without flags that clang does not know: {shown}{more}")
    if record.tool.name == "clang-tidy" and tidy.unparsed:
        notes.append(f"{len(tidy.unparsed)} could not be read")
    if record.tool.name == "cppcheck" and cppcheck.given_up:
        amount = len(cppcheck.given_up)
        notes.append(f"gave {amount} up, which is no finding: {cppcheck.given_up[0][1]}")
    return tuple(notes)


def _some(sentences: list[str]) -> list[str]:
    left = len(sentences) - _SHOWN
    return [*sentences[:_SHOWN], *([f"… and {left} more of this kind."] if left > 0 else [])]
