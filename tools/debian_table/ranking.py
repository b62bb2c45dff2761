"""Which of several packages to name first when all of them ship what is missing.

Debian's own developers answer that: the more source packages build with a package, the
better it is known. Versioned packages stand behind the unversioned one that pulls them in
(`libboost-dev` depends on `libboost1.74-dev`), which Contents does not list at all.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

MOST_CANDIDATES = 3

_EXCLUDED = re.compile(
    r"-dbg$|-dbgsym$|-cross$|-cross-|mingw|-udeb$|^lib(32|64|n32|x32)|^libc6-dev-"
)
_VERSION = re.compile(r"-?\d[\d.]*")


def excluded(package: str) -> bool:
    """Tell whether a package is for debugging, another processor or another system."""
    return _EXCLUDED.search(package) is not None


class Ranking:
    """Order candidates, the package to install first."""

    def __init__(
        self,
        binaries: Iterable[Mapping[str, str]],
        sources: Iterable[Mapping[str, str]],
        filled: Container[str],
    ) -> None:
        """Read the dependency fields; `filled` are the packages with files beyond documents."""
        self._dependencies: dict[str, tuple[str, ...]] = {}
        self._transitional: set[str] = set()
        for fields in binaries:
            name = fields["Package"]
            self._dependencies[name] = _first_alternatives(fields, "Pre-Depends", "Depends")
            if fields.get("Section", "").endswith("oldlibs") or "transitional" in fields.get(
                "Description", ""
            ):
                self._transitional.add(name)
        self._users = Counter(
            package
            for fields in sources
            for package in _first_alternatives(
                fields, "Build-Depends", "Build-Depends-Arch", "Build-Depends-Indep"
            )
        )
        self._stand_ins: dict[str, set[str]] = defaultdict(set)
        for package, needed in self._dependencies.items():
            empty = package not in filled and len(needed) == 1 and package.endswith("-dev")
            # Debian's choice among several implementations: default-jdk, mpi-default-dev.
            default = "default" in package.split("-")
            for name in needed:
                if _unversions(package, name) or default or (empty and "-dev" in name):
                    self._stand_ins[name].add(package)

    def order(self, packages: Iterable[str], name: str) -> tuple[str, ...]:
        """Return at most three packages for `name`, best first.

        Versioned packages are left out when the unversioned one pulls them in.
        """
        known = {package for package in packages if not excluded(package)}
        candidates = known | {
            stand_in for package in known for stand_in in self._stand_ins.get(package, ())
        }
        # `python3` holds no program: python3-minimal does, and python3 depends on it.
        if any(package in self._dependencies.get(name, ()) for package in known):
            candidates.add(name)
        covered = {
            each
            for each in candidates
            for other in self._stand_ins.get(each, ())
            if other in candidates and _unversions(other, each)
        }
        ranked = sorted(candidates - covered, key=lambda each: self._key(each, name))
        # Next to a package everybody builds with, one that hardly anybody does is a distraction.
        least = self._users[ranked[0]] / 100 if ranked else 0
        return tuple(each for each in ranked if self._users[each] >= least)[:MOST_CANDIDATES]

    def users(self, package: str) -> int:
        """Return how many source packages of Debian build with a package."""
        return self._users[package]

    def _key(self, package: str, name: str) -> tuple[bool, bool, bool, int, bool, int, str]:
        stem = re.sub(r"^lib|-dev$", "", package).lower()
        return (
            package != name,
            # Debian builds GPL programs with GnuTLS for its licence; elsewhere OpenSSL is meant.
            "gnutls" in package,
            package in self._transitional,
            -self._users[package],
            re.sub(r"^lib", "", name.lower()) not in stem,
            len(package),
            package,
        )


def _unversions(package: str, versioned: str) -> bool:
    """Tell whether `package` is `versioned` without (a part of) its version."""
    return len(package) < len(versioned) and _VERSION.sub("", package) == _VERSION.sub(
        "", versioned
    )


def _first_alternatives(fields: Mapping[str, str], *names: str) -> tuple[str, ...]:
    """Return the packages of dependency fields, the first of each group of alternatives."""
    relations = ",".join(fields.get(name, "") for name in names).split(",")
    found = (re.match(r"\s*([a-z0-9][a-z0-9.+-]+)", relation) for relation in relations)
    return tuple(dict.fromkeys(match[1] for match in found if match))
