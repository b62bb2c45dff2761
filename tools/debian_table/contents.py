"""Sort the archive's files into what a C++ build may miss: names and who ships them."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from .ranking import excluded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .apt_index import Entry

Owners = dict[str, set[str]]

_MULTIARCH = re.compile(r"^x86_64-linux-gnu/")
_CONFIG = re.compile(r"/(?:(?P<camel>[^/]+)Config|(?P<kebab>[^/]+)-config)\.cmake$")
_PKG_CONFIG = re.compile(r"/pkgconfig/([^/]+)\.pc$")
_LIBRARY = re.compile(r"^usr/lib/(?:x86_64-linux-gnu/)?(?:[\w.+-]+/)?lib([^/]+)\.(?:so|a)$")
_PROGRAM = re.compile(r"^(?:usr/)?s?bin/([^/]+)$|^usr/lib/jvm/[^/]+/bin/([^/]+)$")
_HEADER = re.compile(r"^usr/include/(.+)$|^usr/lib/jvm/[^/]+/include/([^/]+)$")
_VERSIONED = re.compile(r"-\d[\d.]*$|\d\.\d+$")
_QT_CLASS = re.compile(r"^qt\d/Qt\w+/(Q\w+)$")


def _owners() -> Owners:
    return defaultdict(set)


@dataclass(frozen=True, kw_only=True)
class Names:
    """Everything found, by kind; `nested` are headers behind an include folder of their own."""

    cmake: Owners = field(default_factory=_owners)
    pkg_config: Owners = field(default_factory=_owners)
    libraries: Owners = field(default_factory=_owners)
    programs: Owners = field(default_factory=_owners)
    headers: Owners = field(default_factory=_owners)
    nested: Owners = field(default_factory=_owners)
    filled: set[str] = field(default_factory=set)


def sort_files(entries: Iterable[Entry]) -> Names:
    """Read the archive's files once."""
    names = Names()
    for entry in entries:
        names.filled.update(name for _, name in entry.owners)
        owners = {name for _, name in entry.owners if not excluded(name)}
        development = {
            name
            for section, name in entry.owners
            if name in owners and (section == "libdevel" or re.search(r"-dev$|-jdk-", name))
        }
        _add(names, entry.path, owners, development)
    _add_nested(names)
    return names


def _add(names: Names, path: str, owners: set[str], development: set[str]) -> None:
    if program := _PROGRAM.search(path):
        names.programs[program[1] or program[2]] |= owners
    if module := _PKG_CONFIG.search(path):
        names.pkg_config[module[1]] |= owners
    if (config := _CONFIG.search(path)) and _searched(path, config["camel"] or config["kebab"]):
        names.cmake[config["camel"] or config["kebab"]] |= owners
    if not development:
        return
    if library := _LIBRARY.search(path):
        names.libraries[library[1]] |= development
    if (header := _HEADER.search(path)) and not path.startswith("usr/include/c++/"):
        inside = _MULTIARCH.sub("", header[1] or header[2])
        if not re.match(r"[^/]+-linux-gnu\w*/", inside):
            names.headers[inside] |= development


def _searched(path: str, name: str) -> bool:
    """Tell whether find_package looks there: the folder starts with the package's name.

    Source: cmake-commands(7), find_package, "Config Mode Search Procedure".
    """
    folders = PurePosixPath(path).parts[:-1]
    nearest = folders[-2] if folders[-1].lower() == "cmake" else folders[-1]
    plain = nearest.lower()
    return nearest == "cmake" or plain.startswith(name.lower()) or name.lower().startswith(plain)


def _add_nested(names: Names) -> None:
    """Add headers as they are included with an include folder from pkg-config or CMake.

    `glib-2.0/glib.h` is written `<glib.h>`, `eigen3/Eigen/Dense` is written `<Eigen/Dense>`.
    The first folder counts as such a folder when it is named like what follows, or carries a
    version and few packages know the rest; anything looser would blame projects' own files.
    """
    versioned: Owners = defaultdict(set)
    for path, owners in names.headers.items():
        folder, _, rest = path.partition("/")
        if not rest:
            continue
        if _alike(folder, rest.partition("/")[0]):
            names.nested[rest] |= owners
        elif _VERSIONED.search(folder) or (folder[-1].isdigit() and "/" not in rest):
            versioned[rest] |= owners
        if qt := _QT_CLASS.match(path):
            names.nested[qt[1]] |= owners
    for rest, owners in versioned.items():
        if len(owners) <= 3 and rest not in names.nested:  # noqa: PLR2004 -- see the docstring
            names.nested[rest] |= owners
    for path in names.headers.keys() & names.nested.keys():
        del names.nested[path]


def _alike(folder: str, following: str) -> bool:
    """Compare names by their letters: `gtk-3.0` and `gtk`, `eigen3` and `Eigen`."""
    first, second = (
        re.sub(r"[^a-z]", "", name.lower()).removeprefix("lib")
        for name in (folder, following.rpartition(".")[0] or following)
    )
    shorter, longer = sorted((first, second), key=len)
    return len(shorter) > 1 and longer.startswith(shorter)
