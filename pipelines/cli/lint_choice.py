"""What the command line says about linting."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LintChoice"]


@dataclass(frozen=True, kw_only=True)
class LintChoice:
    """A git ref to compare with; None is the one of pipeline.yaml, or origin's default branch."""

    base: str | None = None
