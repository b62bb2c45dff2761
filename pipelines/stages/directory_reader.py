"""Read a repository's text files out of a directory inside the engine."""

from __future__ import annotations

import dagger

__all__ = ["DirectoryReader"]


class DirectoryReader:
    """Reads from a directory inside the engine."""

    def __init__(self, directory: dagger.Directory) -> None:
        self._directory = directory

    async def read(self, path: str) -> str | None:
        """Return a file's text, or None when there is no such file."""
        if not await self._directory.exists(path, expected_type=dagger.ExistsType.REGULAR_TYPE):
            return None
        return await self._directory.file(path).contents()
