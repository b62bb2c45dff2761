"""Which files are the project's own."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

EXTENSIONS = frozenset(
    [
        ".c",
        ".cc",
        ".cpp",
        ".cxx",
        ".c++",
        ".cppm",
        ".ixx",
        ".h",
        ".hh",
        ".hpp",
        ".hxx",
        ".h++",
        ".inl",
        ".ipp",
        ".tpp",
        ".txx",
        ".cu",
        ".cuh",
    ]
)
"""Of C and C++. Source: the suffixes that clang's driver and clang-format's git hook know."""


@dataclass(frozen=True)
class Scope:
    """The folder of the sources, and what in it is not judged."""

    root: Path
    exclude: tuple[str, ...]
    submodules: tuple[str, ...]

    def relative(self, path: str) -> str | None:
        """Return an absolute path from the root, or None when the file is not the project's."""
        clean = os.path.normpath(path)
        prefix = f"{self.root}/"
        if not clean.startswith(prefix):
            return None
        name = clean[len(prefix) :]
        if any(name.startswith(f"{folder}/") for folder in self.submodules):
            return None
        return None if any(re.search(pattern, name) for pattern in self.exclude) else name

    def sources(self) -> list[str]:
        """Return the paths of all sources and headers, from the root, in order."""
        found = []
        for folder, _, names in os.walk(self.root):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.splitext(name)[1].lower() in EXTENSIONS and not os.path.islink(path):
                    relative = self.relative(path)
                    if relative is not None:
                        found.append(relative)
        return sorted(found)


def make_scope(root: Path, exclude: tuple[str, ...]) -> Scope:
    """Return the scope of a source tree; .gitmodules names the folders of others."""
    try:
        text = (root / ".gitmodules").read_text(errors="replace")
    except OSError:
        text = ""
    paths = re.findall(r"^\s*path\s*=\s*(.+?)\s*$", text, re.MULTILINE)
    return Scope(root=root, exclude=exclude, submodules=tuple(path.strip('"/') for path in paths))


def nearest(root: Path, file: str, names: tuple[str, ...]) -> Path | None:
    """Return the file of one of these names that lies nearest above a source, inside the root."""
    folder = (root / file).parent
    while True:
        for name in names:
            if (folder / name).is_file():
                return folder / name
        if folder in (root, folder.parent):
            return None
        folder = folder.parent
