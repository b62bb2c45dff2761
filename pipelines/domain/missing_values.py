"""What a build can miss."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipelines.domain._compat import StrEnum

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipelines.domain.findings import Location

__all__ = ["MissingDependency", "MissingKind", "merged"]


class MissingKind(StrEnum):
    """What sort of thing is missing, which decides how its package is looked up."""

    CMAKE_PACKAGE = "cmake-package"
    PKG_CONFIG = "pkg-config"
    HEADER = "header"
    PROGRAM = "program"
    LIBRARY = "library"


@dataclass(frozen=True, kw_only=True)
class MissingDependency:
    """One thing that configuring, compiling or linking asked for in vain.

    Attributes:
        tool: who missed it: ``cmake``, ``gcc``, ``clang``, ``ld`` or ``sh``.
        details: for a CMake package the variables and components that are missing, for
            everything else further names, any of which would do.
        required: False where the build went on without it, and failed later.
        wanted_version: set where only another version was found.
        found_version: that other version, where the tool named it.
    """

    kind: MissingKind
    name: str
    tool: str
    where: Location | None = None
    details: tuple[str, ...] = ()
    required: bool = True
    wanted_version: str | None = None
    found_version: str | None = None


def merged(missing: Iterable[MissingDependency]) -> tuple[MissingDependency, ...]:
    """Keep the first report of each thing, with the details of all of them."""
    kept: dict[tuple[MissingKind, str], MissingDependency] = {}
    for each in missing:
        key = (each.kind, each.name)
        first = kept.setdefault(key, each)
        details = tuple(dict.fromkeys((*first.details, *each.details)))
        kept[key] = replace(first, details=details)
    return tuple(kept.values())
