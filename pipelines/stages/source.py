"""What of a repository never goes into the engine."""

from __future__ import annotations

__all__ = ["IGNORED"]

IGNORED = (
    ".git",
    "**/CMakeFiles",
    "**/CMakeCache.txt",
    "**/cmake-build-*",
    "**/__pycache__",
    "**/node_modules",
    "**/.venv",
    "**/.cache",
)
"""Never part of a build: history, build trees, other tools' caches."""
