"""Look up which Debian package has what a build misses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pipelines.domain.json_reader import JsonNode

__all__ = ["Candidates", "DebianTable"]

_Found = Mapping[str, tuple[str, ...]]
_Value = TypeVar("_Value")


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """Packages that have a thing, the one to install first at the front.

    ``certain`` is False where the name only resembles what the package has.
    """

    packages: tuple[str, ...]
    certain: bool = True


@dataclass(frozen=True, kw_only=True)
class DebianTable:
    """What one Debian suite's packages hold, as of ``date`` (YYYY-MM-DD).

    Names are looked up as spelled, then without regard to case.
    """

    suite: str
    date: str
    cmake: _Found
    modules: Mapping[str, _Found]
    pkg_config: _Found
    libraries: _Found
    programs: _Found
    headers: _Found
    nested_headers: _Found

    @classmethod
    def from_json(cls, text: str) -> DebianTable:
        """Read a table that tools/build_debian_table.py wrote.

        Raises:
            ValueError: the text is not such a table.
        """
        return cls.from_document(json.loads(text))

    @classmethod
    def from_document(cls, document: object) -> DebianTable:
        """Build the table of a parsed document; raises JsonShapeError when it is none."""
        node = JsonNode(value=document)
        return cls(
            suite=node.child("suite").string(),
            date=node.child("date").string(),
            cmake=_ungrouped(node.child("cmake")),
            modules={
                name: {variable: _split(each) for variable, each in module.members()}
                for name, module in node.child("modules").members()
            },
            pkg_config=_ungrouped(node.child("pkg_config")),
            libraries=_ungrouped(node.child("libraries")),
            programs=_ungrouped(node.child("programs")),
            headers=_ungrouped(node.child("headers")),
            nested_headers=_ungrouped(node.child("nested_headers")),
        )

    def cmake_package(self, name: str, missing: Iterable[str] = ()) -> tuple[Candidates, ...]:
        """Find what `find_package(name)` needs, one entry for each package to install.

        Args:
            name: as in ``find_package``.
            missing: the variables and components that CMake listed as missing.
        """
        module = _get(self.modules, name) or {}
        needed = {
            candidates.packages[0]: candidates
            for each in missing
            if (candidates := self._variable(module, each) or self._component(name, each))
        }
        if needed:
            return tuple(needed.values())
        packages = module.get("") or _get(self.cmake, name)
        if packages:
            return (Candidates(packages=packages),)
        # Projects bring Find modules of their own, mostly for what pkg-config or ld know.
        plain = name.removeprefix("lib").removeprefix("Lib")
        spellings = (name, f"lib{plain}", plain)
        files = (f"{plain}.h".lower(), f"{plain}.hpp".lower(), f"{plain}/".lower())
        resembling = (
            *(
                _get(table, each)
                for table in (self.pkg_config, self.libraries)
                for each in spellings
            ),
            *(self.headers.get(each) for each in files),
        )
        # The C library is on every build machine already.
        likely = (each for each in resembling if each and each[0] != "libc6-dev")
        return tuple(Candidates(packages=each, certain=False) for each in likely)[:1]

    def pkg_config_module(self, name: str) -> Candidates | None:
        """Find the package with `name`.pc."""
        return _certain(_get(self.pkg_config, name))

    def library(self, name: str) -> Candidates | None:
        """Find the package that lets the linker resolve -l`name` or -l:lib`name`.a."""
        stem = re.sub(r"\.(?:a|so)$", "", name)
        plain = stem.removeprefix("lib")
        return _certain(_get(self.libraries, plain) or _get(self.libraries, stem))

    def program(self, name: str) -> Candidates | None:
        """Find the package with the command `name`."""
        return _certain(self.programs.get(name))

    def header(self, path: str) -> Candidates | None:
        """Find the package for ``#include <path>``.

        The table names folders where it can: a header that does not exist gets the package
        of its folder. Headers behind an include folder of their own (`glib-2.0/glib.h`)
        count as uncertain.
        """
        for table, certain in ((self.headers, True), (self.nested_headers, False)):
            if packages := _folder_entry(table, path):
                return Candidates(packages=packages, certain=certain)
        return None

    def _variable(self, module: _Found, variable: str) -> Candidates | None:
        """Resolve a variable of a Find module; the plural is made from the singular."""
        singular = re.sub(r"IES$", "Y", variable).removesuffix("S")
        # Modules search for X_LIBRARY_RELEASE and require X_LIBRARY, made of it.
        for spelling in (variable, singular, f"{singular}_RELEASE", f"_{singular}"):
            if packages := module.get(spelling):
                return Candidates(packages=packages)
        if variable.endswith("_EXECUTABLE"):
            return self.program(variable.removesuffix("_EXECUTABLE").lower())
        return None

    def _component(self, name: str, component: str) -> Candidates | None:
        """Resolve a component: Qt6 and Svg are Qt6Svg, Boost and regex are boost_regex."""
        for joint in ("", "_", "-"):
            joined = f"{name}{joint}{component}"
            if packages := _get(self.cmake, joined) or _get(self.libraries, joined):
                return Candidates(packages=packages)
        return None


def _certain(packages: tuple[str, ...] | None) -> Candidates | None:
    return Candidates(packages=packages) if packages else None


def _folder_entry(table: _Found, path: str) -> tuple[str, ...] | None:
    """Return the entry of the path or of the nearest folder above it."""
    clean = "/".join(part for part in path.split("/") if part not in {"", "."})
    if packages := table.get(clean):
        return packages
    while "/" in clean:
        clean = clean.rpartition("/")[0]
        # A folder that is a symbolic link is listed like a file.
        if packages := table.get(f"{clean}/") or table.get(clean):
            return packages
    return None


def _get(table: Mapping[str, _Value], name: str) -> _Value | None:
    """Look a name up as spelled, else the first spelling that differs in case alone."""
    if name in table:
        return table[name]
    folded = name.casefold()
    return next((table[each] for each in table if each.casefold() == folded), None)


def _split(node: JsonNode) -> tuple[str, ...]:
    return tuple(node.string().split())


def _ungrouped(node: JsonNode) -> _Found:
    """Turn {"packages": [names]} around."""
    return {
        name.string(): tuple(packages.split())
        for packages, names in node.members()
        for name in names.items()
    }
