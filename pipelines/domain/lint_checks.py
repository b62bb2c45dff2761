"""Checks of the tools that read sources: those for projects that name none, and their pages."""

from __future__ import annotations

__all__ = ["DEFAULT_CHECKS", "help_uri"]

DEFAULT_CHECKS = (
    "-*",
    # Mistakes, undefined behaviour and waste: what a team without a .clang-tidy wants to know too.
    # Style (modernize, readability, the guidelines) is for teams that chose one.
    "bugprone-*",
    "clang-analyzer-*",
    "performance-*",
    # Two strings or two sizes side by side are often right.
    "-bugprone-easily-swappable-parameters",
    # Report nearly every multiplication and conversion of mixed integer types.
    "-bugprone-implicit-widening-of-multiplication-result",
    "-bugprone-narrowing-conversions",
    # Matters of taste or of layout, not of correctness.
    "-clang-analyzer-optin.performance.Padding",
    "-performance-avoid-endl",
    "-performance-enum-size",
)
"""What clang-tidy looks for where no .clang-tidy lies above a file."""

_TIDY = "https://clang.llvm.org/extra/clang-tidy/checks"
_PAGES = {
    "clang-format": "https://clang.llvm.org/docs/ClangFormatStyleOptions.html",
    "cppcheck": "https://cppcheck.sourceforge.io/manual.html",
}


def help_uri(tool: str, check: str) -> str:
    """Return the page that explains a check."""
    if tool != "clang-tidy":
        return _PAGES.get(tool, "")
    if check.startswith("clang-diagnostic-"):
        flag = check.removeprefix("clang-diagnostic-").lower()
        return f"https://clang.llvm.org/docs/DiagnosticsReference.html#w{flag}"
    group = "clang-analyzer" if check.startswith("clang-analyzer-") else check.partition("-")[0]
    name = check.removeprefix(f"{group}-")
    return f"{_TIDY}/{group}/{name}.html" if name != check else f"{_TIDY}/list.html"
