"""Tell the project's files from everybody else's, and name them from the source root."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

__all__ = ["SourceTree"]

# Debug information of glibc has relative paths that begin with a dot.
_FOREIGN = re.compile(
    r"^\./(?:csu|nptl|sysdeps|stdlib|stdio-common|libio|io|string|malloc|signal|assert|"
    r"posix|debug|elf|misc|setjmp|socket|time)/.*\.(?:c|h|S)$"
)

# Where dependencies that CMake, vcpkg or Conan fetched live inside a build directory.
_FETCHED = ("_deps", "vcpkg_installed", "CMakeFiles", "CPM_modules")


@dataclass(frozen=True, kw_only=True)
class SourceTree:
    """The absolute paths of a project's sources and of its build directory."""

    source_root: str
    build_root: str

    def normalize(self, path: str) -> str:
        """Return the path from the source root, or a clean path when it lies outside."""
        root = posixpath.normpath(self.source_root)
        clean = self._absolute(path)
        if _inside(clean, root):
            return posixpath.relpath(clean, root)
        return clean

    def owns(self, path: str) -> bool:
        """Whether the file belongs to the project, generated files included."""
        clean = self._absolute(path)
        build = posixpath.normpath(self.build_root)
        if _inside(clean, build):
            return posixpath.relpath(clean, build).split("/", 1)[0] not in _FETCHED
        return _inside(clean, posixpath.normpath(self.source_root))

    def path_at_end(self, text: str) -> str:
        """Return the path at the end of a text; what stands before it may hold blanks.

        The path itself may hold blanks too when it is absolute.
        """
        root = self.source_root.rstrip("/") + "/"
        if text.startswith(root):
            return text
        start = text.find(f" {root}")
        if start < 0:
            start = text.rfind(" /")
        if start >= 0:
            return text[start + 1 :]
        return text if text.startswith("/") else text[text.rfind(" ") + 1 :]

    def _absolute(self, path: str) -> str:
        """Resolve a relative path as far as that is safe.

        Compilers are started in the build directory, but builds that map prefixes away
        name files from the source root. A path with dots inside could be either.
        """
        if path.startswith("/"):
            return posixpath.normpath(path)
        if ".." in path.split("/") or _FOREIGN.match(path) or path.startswith("<"):
            return path
        return posixpath.normpath(posixpath.join(self.source_root, path))


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
