"""Write pipelines/data/debian-bookworm.json.gz from Debian's own indexes.

Run it on a Debian machine that has bookworm among its package sources:

    python tools/build_debian_table.py

It takes about a minute, downloads about 70 MB through apt into a temporary folder and needs
no root. The same indexes give the same bytes.
"""

from __future__ import annotations

import gzip
import json
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from debian_table.apt_index import AptIndex  # noqa: E402 -- after the path is set
from debian_table.contents import Owners, sort_files  # noqa: E402
from debian_table.find_modules import FindModule, read_module  # noqa: E402
from debian_table.folding import fold  # noqa: E402
from debian_table.ranking import Ranking  # noqa: E402

from pipelines.domain.debian_packages import Candidates as DebianCandidates  # noqa: E402
from pipelines.domain.debian_packages import DebianTable  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SUITE = "bookworm"
TARGET = ROOT / "pipelines" / "data" / f"debian-{SUITE}.json.gz"

Candidates = tuple[str, ...]

# These modules ask an interpreter or a compiler wrapper; what they want has a pkg-config file.
ASKS_A_PROGRAM = {"HDF5": "hdf5-serial", "MPI": "ompi", "Python": "python3", "Python3": "python3"}


def main() -> None:
    """Fetch, build, write, and say how much there is."""
    with tempfile.TemporaryDirectory() as folder:
        index = AptIndex(SUITE, Path(folder))
        index.update()
        document = build(index)
    text = json.dumps(document, indent=0, sort_keys=True, separators=(",", ":"))
    TARGET.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
    sizes = json.dumps(document["counts"])
    print(f"{TARGET}: {TARGET.stat().st_size} bytes, {sizes}")  # noqa: T201


def build(index: AptIndex) -> Mapping[str, object]:
    """Return the table's document; names are grouped by their candidates, best first."""
    names = sort_files(index.files())
    ranking = Ranking(index.binary_stanzas(), index.source_stanzas(), names.filled)

    def ranked(owners: Owners) -> dict[str, Candidates]:
        found = {name: ranking.order(packages, name) for name, packages in owners.items()}
        return {name: candidates for name, candidates in found.items() if candidates}

    # A Find module names the very file it wants, so it is resolved before folders are folded.
    table = DebianTable(
        suite=SUITE,
        date=index.date(),
        cmake=ranked(names.cmake),
        modules={},
        pkg_config=ranked(names.pkg_config),
        libraries=ranked(names.libraries),
        programs=ranked(names.programs),
        headers=ranked(names.headers),
        nested_headers=ranked(names.nested),
    )
    shipped = index.unpack("cmake-data") / "usr" / "share"
    modules = {
        module.name: resolved
        for file in sorted(shipped.glob("cmake-*/Modules/Find*.cmake"))
        for module in [read_module(file)]
        if (resolved := resolve(module, table, ranking))
    }
    kinds = {
        "cmake": table.cmake,
        "pkg_config": table.pkg_config,
        "libraries": table.libraries,
        "programs": table.programs,
        "headers": fold(table.headers),
        "nested_headers": fold(table.nested_headers),
    }
    counts = {kind: len(found) for kind, found in kinds.items()}
    return {
        "suite": table.suite,
        "date": table.date,
        "counts": {**counts, "modules": len(modules)},
        "modules": modules,
        **{kind: _grouped(found) for kind, found in kinds.items()},
    }


def resolve(module: FindModule, table: DebianTable, ranking: Ranking) -> dict[str, str]:
    """Return the packages of each variable of a module, and under "" those it needs first."""

    def best(found: Iterable[Candidates]) -> Candidates:
        """Choose the best known; a module tries names of many systems in any order."""
        # The C library is on every build machine: a match there says nothing.
        useful = [each for each in found if each and each[0] not in {"libc6-dev", "musl-dev"}]
        return max(useful, key=lambda each: ranking.users(each[0]), default=())

    variables: dict[str, Candidates] = {}
    known = ASKS_A_PROGRAM.get(module.name)
    libraries = [_packages(table.pkg_config_module(name)) for name in module.pkg_config]
    for search in module.searches:
        look_up = {"header": table.header, "library": table.library, "program": table.program}
        found = best(_packages(look_up[search.kind](name)) for name in search.names)
        if found:
            variables.setdefault(search.variable, found)
            if search.kind != "program":
                libraries.append(found)
    needed = [found for name in module.required if (found := _variable(variables, name))]
    first = _packages(table.pkg_config_module(known)) if known else best(needed or libraries)
    if not first:
        return {}
    return {"": " ".join(first), **{name: " ".join(found) for name, found in variables.items()}}


def _packages(found: DebianCandidates | None) -> Candidates:
    return found.packages if found else ()


def _variable(variables: Mapping[str, Candidates], name: str) -> Candidates:
    """Return what a required variable needs; modules add suffixes to what they search for."""
    spellings = (name, f"{name}_RELEASE", name.removesuffix("S"), f"_{name.removesuffix('S')}")
    return next((variables[each] for each in spellings if each in variables), ())


def _grouped(found: Mapping[str, Candidates]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for name in sorted(found):
        groups[" ".join(found[name])].append(name)
    return dict(groups)


if __name__ == "__main__":
    main()
