"""The compile database: one entry for each translation unit of the project, fit for clang.

Source: Clang documentation, "JSON Compilation Database Format Specification".
"""

from __future__ import annotations

import json
import os
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .result_cache import digest

if TYPE_CHECKING:
    from collections.abc import Callable

    from .scope import Scope

# Source: CMake, property UNITY_BUILD: the files that it writes.
_UNITY = re.compile(r"/CMakeFiles/[^/]+\.dir/Unity/unity_\d+_[a-z]+\.[a-z]+$")

LAUNCHERS = frozenset({"ccache", "sccache", "distcc", "icecc"})

# Of no meaning for reading a file, or of one that spoils it: outputs, dependency files,
# precompiled headers of GCC, and warnings turned into errors (clang's, too).
_DROPPED = frozenset(
    {"-c", "-M", "-MM", "-MD", "-MMD", "-MP", "-MG", "-Werror", "-pedantic-errors", "-Winvalid-pch"}
)
_DROPPED_WITH_VALUE = frozenset({"-o", "-MF", "-MT", "-MQ"})
_DROPPED_PREFIXES = ("-Werror=", "-fmodule-mapper=", "-fdeps-", "-fplugin")
_WITH_VALUE = frozenset(
    [
        "-I",
        "-isystem",
        "-iquote",
        "-idirafter",
        "-include",
        "-imacros",
        "-D",
        "-U",
        "-x",
        "-Xclang",
        "-arch",
        "-isysroot",
        "--param",
        "-iprefix",
        "-iwithprefix",
        "-Xpreprocessor",
        "-Xassembler",
        "-Xlinker",
        "-T",
        "-u",
        "-z",
    ]
)
# GCC's warnings that clang does not know are no news about the code.
QUIET = (
    "-Wno-unknown-warning-option",
    "-Wno-unused-command-line-argument",
    "-Wno-ignored-optimization-argument",
    "-Wno-ignored-gch",
)


@dataclass(frozen=True)
class Unit:
    """A translation unit: its file, from the source root, and how clang is to read it."""

    file: str
    path: str
    directory: str
    arguments: tuple[str, ...]

    @property
    def entry(self) -> dict[str, str]:
        """The unit as an entry of a compile database."""
        command = shlex.join([*self.arguments, "-c", self.path])
        return {"directory": self.directory, "file": self.path, "command": command}


def read_units(
    database: Path, scope: Scope, work: Path, accepted: Callable[[str, str], str | None]
) -> list[Unit]:
    """Return the project's own units, each once for each way in which it is compiled.

    Args:
        database: compile_commands.json of the build directory.
        scope: Which files are the project's.
        work: A folder for headers that are read in the place of precompiled ones.
        accepted: Returns what clang takes in the place of a flag (the flag itself, mostly) for a
            file, or None when there is nothing.
    """
    units: dict[tuple[str, tuple[str, ...]], Unit] = {}
    for entry in json.loads(database.read_text(errors="surrogateescape")):
        directory = entry["directory"]
        compiled = os.path.normpath(os.path.join(directory, entry["file"]))
        words = entry.get("arguments") or shlex.split(entry["command"])
        for path in _sources(compiled):
            file = scope.relative(path)
            if file is not None:
                arguments = _clean(words, compiled, directory, work, accepted)
                unit = Unit(file=file, path=path, directory=directory, arguments=arguments)
                units.setdefault((file, arguments), unit)
    return sorted(units.values(), key=lambda unit: (unit.file, unit.arguments))


def _sources(compiled: str) -> list[str]:
    """Return the sources that CMake put together in a file of a unity build, else the file."""
    if not _UNITY.search(compiled):
        return [compiled]
    try:
        text = Path(compiled).read_text(errors="surrogateescape")
    except OSError:
        return [compiled]
    included = re.findall(r'^#include "(.+)"$', text, re.MULTILINE)
    return [os.path.normpath(path) for path in included]


def _unprecompiled(header: str, directory: str, work: Path) -> str:
    """Return a header without a precompiled one of GCC beside it, which clang would stumble on."""
    path = Path(directory, header)
    if not path.with_name(f"{path.name}.gch").exists():
        return header
    copy = work / "headers" / digest(str(path))[:16] / path.name
    copy.parent.mkdir(parents=True, exist_ok=True)
    # The same path for the same header, so that results are found again.
    copy.write_bytes(path.read_bytes())
    return str(copy)


def _clean(
    words: list[str],
    path: str,
    directory: str,
    work: Path,
    accepted: Callable[[str, str], str | None],
) -> tuple[str, ...]:
    rest = list(words)
    while len(rest) > 1 and os.path.basename(rest[0]) in LAUNCHERS:
        rest.pop(0)
    kept = [rest.pop(0)]
    while rest:
        word = rest.pop(0)
        if word in _DROPPED_WITH_VALUE:
            rest[:1] = []
        elif word == "--param":
            rest[:1] = []  # a knob of GCC's optimiser
        elif word == "-include" and rest:
            kept += [word, _unprecompiled(rest.pop(0), directory, work)]
        elif word in _WITH_VALUE:
            kept += [word, *rest[:1]]
            rest[:1] = []
        elif word in _DROPPED or word.startswith(_DROPPED_PREFIXES):
            continue
        elif word.startswith(("-f", "-m", "-W", "-O", "-std=", "--param=", "-g", "@")):
            taken = accepted(word, path)
            kept += [taken] if taken is not None else []
        elif word.startswith("-") or os.path.normpath(os.path.join(directory, word)) != path:
            kept.append(word)
    return (*kept, *QUIET)
