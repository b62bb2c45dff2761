"""What linting did, in words: which tools ran, on how much, and what it was compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.domain.lint import LintFailOn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pipelines.domain.findings import Finding
    from pipelines.domain.lint import LintSummary, LintTool

__all__ = ["describe_base", "describe_tool", "lint_lines", "list_findings"]

_UNITS = {"clang-format": "file", "clang-tidy": "translation unit", "cppcheck": "translation unit"}


def lint_lines(lint: LintSummary) -> Iterator[str]:
    """Yield a line for each tool, its notes, and the base."""
    for tool in lint.tools:
        yield describe_tool(tool)
        for note in tool.notes:
            yield f"  {note}"
    yield describe_base(lint)


def describe_tool(tool: LintTool) -> str:
    """Return "cppcheck 2.10: 3 of 50 translation units (2 reused), findings: 1 new, 7 old"."""
    if tool.skipped:
        return f"{tool.name}: did not run, {tool.skipped}"
    unit = _UNITS.get(tool.name, "file")
    amount = str(tool.files) if tool.checked == tool.files else f"{tool.checked} of {tool.files}"
    units = unit if tool.files == 1 else f"{unit}s"
    reused = f" ({tool.reused} reused)" if tool.reused else ""
    found = f"findings: {tool.new} new, {tool.old} old"
    return f"{tool.name} {tool.version}: {amount} {units}{reused}, {found}, {tool.seconds:.1f} s"


def describe_base(lint: LintSummary) -> str:
    """Say what counts as new."""
    if lint.base is None:
        return "no base to compare with: every finding is new"
    files = "file" if lint.changed_files == 1 else "files"
    compared = f"compared with {lint.base}: {lint.changed_files or 0} changed {files}"
    if lint.fail_on is LintFailOn.ALL:
        return f"{compared}; findings in old lines fail, too (fail_on: all)"
    return compared


def list_findings(new: Iterable[Finding], old: Iterable[Finding]) -> str:
    """Return all findings, a line each, for a file."""
    return "".join(
        f"{state}: {finding.location}: {finding.message} [{finding.kind}]\n"
        for state, findings in (("new", new), ("old", old))
        for finding in findings
    )
