"""Read the patch that would format the sources: one finding for each region. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.domain.findings import Finding, Location, Severity
from pipelines.domain.unified_diff import parse_unified_diff

if TYPE_CHECKING:
    from pipelines.domain.unified_diff import Region

__all__ = ["parse_format_patch"]

_SHOWN = 120
"""Characters of a suggested line in a message; the report has all of them."""


def parse_format_patch(text: str) -> tuple[tuple[Finding, int], ...]:
    """Return findings, each with the last line of its region.

    Paths of the patch are those of the repository, below a/ and b/.
    """
    found: list[tuple[Finding, int]] = []
    for file in parse_unified_diff(text):
        for region in file.regions:
            # Lines that only came in belong to both of their neighbours.
            first = max(region.old_line, 1)
            last = region.old_line + (len(region.removed) - 1 if region.removed else 1)
            removed = [f"-{line}" for line in region.removed]
            added = [f"+{line}" for line in region.added]
            finding = Finding(
                kind="clang-format",
                tool="clang-format",
                message=_message(region),
                severity=Severity.WARNING,
                location=Location(file=file.old_path or "", line=first),
                report="\n".join((*removed, *added)),
            )
            found.append((finding, max(last, first)))
    return tuple(found)


def _message(region: Region) -> str:
    if not region.added:
        amount = len(region.removed)
        return "remove this line" if amount == 1 else f"remove these {amount} lines"
    # Blanks at the beginning stay: they are often all that differs.
    shown = " ⏎ ".join(line.rstrip() for line in region.added)
    shown = shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"
    if region.removed:
        return f"write `{shown}`"
    if not any(line.strip() for line in region.added):
        return "insert an empty line after this one"
    return f"insert after this line: `{shown}`"
