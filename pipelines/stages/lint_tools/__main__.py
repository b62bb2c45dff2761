"""The whole run: python3 -m lint_tools OPTIONS. Ends with 0; the caller reads the verdict."""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .clang import FlagProbe, Includes, find_clang, version_of
from .compile_commands import Unit, read_units
from .outcome import Outcome
from .result_cache import ContentHashes, ResultCache
from .run_cppcheck import run_cppcheck
from .run_format import make_formatter, plan_format
from .run_tidy import Tidy, make_looker
from .scope import Scope, make_scope

if TYPE_CHECKING:
    from collections.abc import Callable


def main(arguments: list[str]) -> int:
    """Run what is switched on, side by side, and write the reports."""
    options = _parse(arguments)
    scope = make_scope(options.source, tuple(options.exclude))
    cache = ResultCache(options.work / "results")
    hashes = ContentHashes()
    jobs = len(os.sched_getaffinity(0))
    suffix = f"-{options.clang_version}" if options.clang_version else ""

    formatting = Outcome("clang-format")
    tidying = Outcome("clang-tidy")
    checking = Outcome("cppcheck")
    for outcome, mode, program in (
        (formatting, options.clang_format, f"clang-format{suffix}"),
        (tidying, options.clang_tidy, f"clang-tidy{suffix}"),
        (checking, options.cppcheck, "cppcheck"),
    ):
        if mode == "off":
            outcome.skipped = "switched off"
        else:
            outcome.version = version_of(program)

    files: list[str] = []
    if formatting.version:
        files = plan_format(scope, everywhere=options.clang_format == "on")
        formatting.files = len(files)
        if not files and options.clang_format == "auto" and scope.sources():
            formatting.skipped = "there is no .clang-format"
    units = _units(options, scope, cache, tidying, suffix)
    for outcome in (tidying, checking):
        if outcome.version:
            outcome.files = len(units)

    changed = None
    if options.changed is not None:
        named = json.loads(options.changed.read_text())
        changed = frozenset(str(scope.root / name) for name in named)
    tidy = Tidy(
        f"clang-tidy{suffix}",
        default_checks=options.default_checks,
        scope=scope,
        cache=cache,
        hashes=hashes,
        includes=Includes(find_clang(tidying.version)),
        outcome=tidying,
        changed=changed,
    )
    counter = _Counter(len(files) * bool(formatting.version) + len(units) * bool(tidying.version))
    beside = threading.Thread(
        target=run_cppcheck,
        args=(units,),
        kwargs={
            "root": scope.root,
            "work": options.work,
            "report": options.reports / "cppcheck.xml",
            "jobs": jobs,
            "outcome": checking,
        },
    )
    if checking.version and units:
        beside.start()
    with ThreadPoolExecutor(jobs) as pool:
        patches = pool.map(
            counter.counting(
                "clang-format",
                make_formatter(f"clang-format{suffix}", scope, cache, hashes, formatting),
            ),
            files if formatting.version else [],
        )
        looks = pool.map(
            counter.counting("clang-tidy", make_looker(tidy)), units if tidying.version else []
        )
        _write(options.reports / "format.patch", "".join(patches))
        _write(options.reports / "clang-tidy.txt", "".join(looks))
    if beside.ident is not None:
        beside.join()
    cache.clean()
    _write(
        options.reports / "lint.json",
        json.dumps(
            {
                "tools": [each.to_json() for each in (formatting, tidying, checking)],
                "submodules": list(scope.submodules),
            },
            indent=2,
        ),
    )
    return 0


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="lint_tools", allow_abbrev=False)
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--reports", type=Path, required=True)
    parser.add_argument("--clang-format", choices=("auto", "on", "off"), default="auto")
    parser.add_argument("--clang-tidy", choices=("on", "off"), default="on")
    parser.add_argument("--cppcheck", choices=("on", "off"), default="on")
    parser.add_argument("--clang-version", default="")
    parser.add_argument("--default-checks", default="")
    parser.add_argument("--exclude", action="append", default=[])
    parser.add_argument("--changed", type=Path, help="a JSON list: only what these files reach")
    return parser.parse_args(arguments)


def _units(
    options: argparse.Namespace,
    scope: Scope,
    cache: ResultCache,
    tidying: Outcome,
    suffix: str,
) -> list[Unit]:
    database = options.build / "compile_commands.json"
    if not database.is_file():
        return []
    # Without clang-tidy there is nobody to ask, and cppcheck minds no flag.
    if not tidying.version:
        return read_units(database, scope, options.work, lambda flag, _: flag)
    probe = FlagProbe(f"clang-tidy{suffix}", tidying.version, cache)
    units = read_units(database, scope, options.work, probe)
    tidying.refused = sorted(probe.refused)
    return units


class _Counter:
    """Prints a line for each file that is done, which the progress display understands."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._lock = threading.Lock()

    def counting(self, name: str, work: Callable[[Any], str]) -> Callable[[Any], str]:
        """Return the work with a line printed after it."""

        def counted(item: str | Unit) -> str:
            result = work(item)
            with self._lock:
                self._done += 1
                shown = item if isinstance(item, str) else item.file
                print(f"[{self._done}/{self._total}] {name} {shown}", flush=True)  # noqa: T201
            return result

        return counted


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8", "surrogateescape"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
