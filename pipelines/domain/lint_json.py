"""The key `lint` of summary.json, and back without loss."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.domain.lint import LintFailOn, LintSummary, LintTool

if TYPE_CHECKING:
    from pipelines.domain.json_reader import JsonNode

__all__ = ["read_lint", "read_tool_run", "write_lint"]


def write_lint(lint: LintSummary) -> dict[str, object]:
    """Return JSON-ready values; the order of the keys is fixed."""
    return {
        "base": lint.base,
        "changed_files": lint.changed_files,
        "fail_on": str(lint.fail_on),
        "new": lint.new,
        "old": lint.old,
        "tools": [_write_tool(tool) for tool in lint.tools],
    }


def read_lint(node: JsonNode) -> LintSummary | None:
    """Read what :func:`write_lint` wrote; nothing at all gives None.

    Raises:
        JsonShapeError: It is something else.
    """
    if node.is_null():
        return None
    try:
        fail_on = LintFailOn(node.child("fail_on").string())
    except ValueError as error:
        raise node.child("fail_on").wrong("changed or all") from error
    return LintSummary(
        base=node.child("base").optional_string(),
        changed_files=node.child("changed_files").optional_integer(),
        fail_on=fail_on,
        tools=tuple(_read_tool(each) for each in node.child("tools").items()),
    )


def _write_tool(tool: LintTool) -> dict[str, object]:
    return {
        "name": tool.name,
        "version": tool.version,
        "skipped": tool.skipped,
        "files": tool.files,
        "checked": tool.checked,
        "reused": tool.reused,
        "seconds": tool.seconds,
        "new": tool.new,
        "old": tool.old,
        "notes": list(tool.notes),
    }


def read_tool_run(node: JsonNode) -> LintTool:
    """Read what one tool did, not yet judged; the tools themselves write the same keys.

    Raises:
        JsonShapeError: It is something else.
    """
    return LintTool(
        name=node.child("name").string(),
        version=node.child("version").string(),
        skipped=node.child("skipped").string(),
        files=node.child("files").integer(),
        checked=node.child("checked").integer(),
        reused=node.child("reused").integer(),
        seconds=node.child("seconds").number(),
    )


def _read_tool(node: JsonNode) -> LintTool:
    return replace(
        read_tool_run(node),
        new=node.child("new").integer(),
        old=node.child("old").integer(),
        notes=tuple(each.string() for each in node.child("notes").items()),
    )
