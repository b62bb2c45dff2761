"""Read from the output of compilers, linkers and shells what building missed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipelines.domain.findings import Location
from pipelines.domain.missing_values import MissingDependency, MissingKind
from pipelines.domain.terminal import strip_ansi

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.domain.source_paths import SourceTree

__all__ = ["missing_in_build"]

_HEADER = re.compile(
    r"(?P<file>[^:\s][^:]*):(?P<line>\d+):(?:(?P<column>\d+):)? fatal error: "
    r"(?:(?P<gcc>[^:']+): No such file or directory|'(?P<clang>[^']+)' file not found)"
)
# ld and gold; lld; mold
_LIBRARY = re.compile(
    r"cannot find -l:?(?P<ld>[^\s:]+)"
    r"|unable to find library -l:?(?P<lld>[^\s:]+)"
    r"|library not found: (?P<mold>[\w.+-]+)$"
)
# dash, bash, busybox
_PROGRAM = re.compile(
    r"^(?:/\S*/)?(?:ba|da)?sh: (?:line )?(?:\d+: )?(?P<name>[\w.+-]+): (?:command )?not found$"
)


def missing_in_build(output: str, sources: SourceTree) -> Iterator[MissingDependency]:
    """Yield what the lines of a build name as missing, in order; never raises."""
    for line in strip_ansi(output).splitlines():
        text = line.strip()
        if header := _HEADER.match(text):
            yield MissingDependency(
                kind=MissingKind.HEADER,
                name=header["gcc"] or header["clang"],
                tool="gcc" if header["gcc"] else "clang",
                where=Location(
                    file=sources.normalize(header["file"]),
                    line=int(header["line"]),
                    column=int(header["column"]) if header["column"] else None,
                ),
            )
        elif library := _LIBRARY.search(text):
            name = library["ld"] or library["lld"] or library["mold"]
            yield MissingDependency(kind=MissingKind.LIBRARY, name=name, tool="ld")
        elif program := _PROGRAM.match(text):
            yield MissingDependency(kind=MissingKind.PROGRAM, name=program["name"], tool="sh")
