"""The few files of a repository that a plan is made from, wherever the repository is."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pipelines.config import Config, load_config
from pipelines.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FolderReader", "ProjectFiles", "SourceReader", "read_project_files"]

CONFIG_FILE = "pipeline.yaml"
MAXIMUM_DEPTH = 3


class SourceReader(Protocol):
    """Reads text files of a repository."""

    async def read(self, path: str) -> str | None:
        """Return a file's text, or None when there is no such file."""

    async def find(self, name: str) -> tuple[str, ...]:
        """Return the paths of the files of this name, at most three folders deep."""


class FolderReader:
    """Reads from a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def read(self, path: str) -> str | None:
        """Return a file's text, or None when there is no such file."""
        file = self._folder / path
        return file.read_text(errors="replace") if file.is_file() else None

    async def find(self, name: str) -> tuple[str, ...]:
        """Return the paths of the files of this name, at most three folders deep."""
        found = [
            path.relative_to(self._folder).as_posix()
            for depth in range(MAXIMUM_DEPTH + 1)
            for path in self._folder.glob(f"{'*/' * depth}{name}")
        ]
        return tuple(sorted(found, key=lambda path: (path.count("/"), path)))


@dataclass(frozen=True, kw_only=True)
class ProjectFiles:
    """What was read.

    Attributes:
        presets: The texts of CMakePresets.json and CMakeUserPresets.json, where there are any.
    """

    config: Config
    cmake_lists: str
    presets: tuple[str, ...] = ()


async def read_project_files(reader: SourceReader) -> ProjectFiles:
    """Read pipeline.yaml and what CMake says about itself.

    Raises:
        ConfigError: pipeline.yaml has mistakes.
        UsageError: There is no CMakeLists.txt.
    """
    config = load_config(await reader.read(CONFIG_FILE))
    folder = config.cmake.source
    cmake_lists = await reader.read(posixpath.join(folder, "CMakeLists.txt"))
    if cmake_lists is None:
        place = "the source folder" if folder == "." else f"its folder {folder}"
        elsewhere = [posixpath.dirname(path) for path in await reader.find("CMakeLists.txt")]
        todo = (
            f"There is one in {elsewhere[0]}: put `cmake: {{source: {elsewhere[0]}}}` into "
            "pipeline.yaml"
            if elsewhere
            else "Name the repository with --source, and the CMake folder inside it with `cmake: "
            "{source: FOLDER}` in pipeline.yaml"
        )
        raise UsageError("read the project", f"there is no CMakeLists.txt in {place}", todo)
    presets = [
        await reader.read(posixpath.join(folder, name))
        for name in ("CMakePresets.json", "CMakeUserPresets.json")
    ]
    return ProjectFiles(
        config=config,
        cmake_lists=cmake_lists,
        presets=tuple(text for text in presets if text is not None),
    )
