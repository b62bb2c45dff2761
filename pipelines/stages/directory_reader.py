"""Read a repository's text files out of a directory inside the engine."""

from __future__ import annotations

import dagger

from pipelines.stages.project_files import MAXIMUM_DEPTH

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

    async def find(self, name: str) -> tuple[str, ...]:
        """Return the paths of the files of this name, at most three folders deep."""
        found = [
            path
            for depth in range(MAXIMUM_DEPTH + 1)
            for path in await self._directory.glob(f"{'*/' * depth}{name}")
        ]
        return tuple(sorted(found, key=lambda path: (path.count("/"), path)))
