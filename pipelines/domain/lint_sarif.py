"""Findings of linting as SARIF: one run for each tool, with what is new and what is not.

Source: OASIS SARIF Version 2.1.0, 3.27.24 "baselineState property"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.domain.lint_checks import help_uri
from pipelines.domain.sarif import sarif_result, sarif_run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.domain.findings import Finding
    from pipelines.domain.lint import LintTool

__all__ = ["lint_runs"]

_PAGES = {
    "clang-format": "https://clang.llvm.org/docs/ClangFormat.html",
    "clang-tidy": "https://clang.llvm.org/extra/clang-tidy/",
    "cppcheck": "https://cppcheck.sourceforge.io/",
}


def lint_runs(
    tools: Sequence[LintTool], new: Sequence[Finding], old: Sequence[Finding]
) -> list[dict[str, object]]:
    """Return a run for each tool that ran, also when it found nothing: then old alerts close."""
    return [_run(tool, new, old) for tool in tools if not tool.skipped and tool.version]


def _run(tool: LintTool, new: Sequence[Finding], old: Sequence[Finding]) -> dict[str, object]:
    states = [("new", finding) for finding in new] + [("unchanged", finding) for finding in old]
    listed = [(state, finding) for state, finding in states if finding.tool == tool.name]
    kinds = tuple(dict.fromkeys(finding.kind for _, finding in listed))
    driver: dict[str, object] = {
        "name": tool.name,
        "version": tool.version,
        "informationUri": _PAGES[tool.name],
        "rules": [_rule(tool.name, kind) for kind in kinds],
    }
    results = []
    for state, finding in listed:
        result = sarif_result(finding, kinds.index(finding.kind))
        results.append({**result, "message": {"text": finding.message}, "baselineState": state})
    return sarif_run(driver, results)


def _rule(tool: str, kind: str) -> dict[str, object]:
    page = help_uri(tool, kind)
    return {
        "id": kind,
        "shortDescription": {"text": f"{tool}: {kind}"},
        "helpUri": page,
        "help": {"text": f"See {page}", "markdown": f"[{kind}]({page})"},
    }
