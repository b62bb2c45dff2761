"""The compile database: one entry for each translation unit of the project, fit for clang.

Source: Clang documentation, "JSON Compilation Database Format Specification".
"""

from __future__ import annotations

import json
import os
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .scope import Scope

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
    database: Path, scope: Scope, accepted: Callable[[str, str], str | None]
) -> list[Unit]:
    """Return the project's own units, each once for each way in which it is compiled.

    Args:
        database: compile_commands.json of the build directory.
        scope: Which files are the project's.
        accepted: Returns what clang takes in the place of a flag (the flag itself, mostly) for a
            file, or None when there is nothing.
    """
    units: dict[tuple[str, tuple[str, ...]], Unit] = {}
    for entry in json.loads(database.read_text(errors="surrogateescape")):
        path = os.path.normpath(os.path.join(entry["directory"], entry["file"]))
        file = scope.relative(path)
        if file is None:
            continue
        words = entry.get("arguments") or shlex.split(entry["command"])
        arguments = _clean(words, path, entry["directory"], accepted)
        unit = Unit(file=file, path=path, directory=entry["directory"], arguments=arguments)
        units.setdefault((file, arguments), unit)
    return sorted(units.values(), key=lambda unit: (unit.file, unit.arguments))


def _clean(
    words: list[str], path: str, directory: str, accepted: Callable[[str, str], str | None]
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
