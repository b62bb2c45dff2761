"""The whole run: python3 -m lint_tools OPTIONS. Ends with 0; the caller reads the verdict."""

from __future__ import annotations

import argparse
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .clang import FlagProbe, Includes, find_clang, version_of
from .compile_commands import Unit, read_units
from .counter import Counter
from .outcome import Outcome
from .result_cache import ContentHashes, ResultCache
from .run_cppcheck import run_cppcheck
from .run_format import make_formatter, plan_format
from .run_tidy import Tidy, make_looker
from .scope import Scope, make_scope


def main(arguments: list[str]) -> int:
    """Run what is switched on, side by side, and write the reports."""
    options = _parse(arguments)
    scope = make_scope(options.source, tuple(options.exclude))
    cache = ResultCache(options.work / "results")
    tools = _find_tools(options)
    formatting, tidying, checking = tools

    files: list[str] = []
    if formatting.version:
        files = plan_format(scope, everywhere=options.clang_format == "on")
        formatting.files = len(files)
        if not files and options.clang_format == "auto" and scope.sources():
            formatting.skipped = "there is no .clang-format"
    units = _units(options, scope, cache, tidying)
    for outcome in (tidying, checking):
        if outcome.version:
            outcome.files = len(units)

    _run(options, scope, cache, tools, files=files, units=units)
    cache.clean()
    record = {
        "tools": [outcome.to_json() for outcome in tools],
        "submodules": list(scope.submodules),
    }
    _write(options.reports / "lint.json", json.dumps(record, indent=2))
    return 0


def _find_tools(options: argparse.Namespace) -> tuple[Outcome, Outcome, Outcome]:
    """Return what is to be told of each tool, with its version where it is switched on."""
    tools = (Outcome("clang-format"), Outcome("clang-tidy"), Outcome("cppcheck"))
    modes = (options.clang_format, options.clang_tidy, options.cppcheck)
    for outcome, mode in zip(tools, modes):  # noqa: B905 - Python 3.9 has no `strict`
        if mode == "off":
            outcome.skipped = "switched off"
        else:
            outcome.version = version_of(_program(outcome, options))
    return tools


def _program(outcome: Outcome, options: argparse.Namespace) -> str:
    if outcome.name == "cppcheck" or not options.clang_version:
        return outcome.name
    return f"{outcome.name}-{options.clang_version}"


def _run(
    options: argparse.Namespace,
    scope: Scope,
    cache: ResultCache,
    tools: tuple[Outcome, Outcome, Outcome],
    *,
    files: list[str],
    units: list[Unit],
) -> None:
    """Run the tools side by side and write what they print."""
    formatting, tidying, checking = tools
    hashes = ContentHashes()
    jobs = len(os.sched_getaffinity(0))
    files = files if formatting.version else []
    looked_at = units if tidying.version else []
    counter = Counter(len(files) + len(looked_at))
    patch_of = make_formatter(_program(formatting, options), scope, cache, hashes, formatting)
    tidy = Tidy(
        _program(tidying, options),
        default_checks=options.default_checks,
        scope=scope,
        cache=cache,
        hashes=hashes,
        includes=Includes(find_clang(tidying.version)),
        outcome=tidying,
        changed=_changed(options, scope),
    )
    with ThreadPoolExecutor(jobs) as pool, ThreadPoolExecutor(1) as beside:
        checked = beside.submit(
            run_cppcheck,
            units if checking.version else [],
            root=scope.root,
            work=options.work,
            report=options.reports / "cppcheck.xml",
            jobs=jobs,
            outcome=checking,
        )
        patches = pool.map(counter.counting("clang-format", patch_of), files)
        looks = pool.map(counter.counting("clang-tidy", make_looker(tidy)), looked_at)
        _write(options.reports / "format.patch", "".join(patches))
        _write(options.reports / "clang-tidy.txt", "".join(looks))
        checked.result()


def _changed(options: argparse.Namespace, scope: Scope) -> frozenset[str] | None:
    if options.changed is None:
        return None
    names = json.loads(options.changed.read_text())
    return frozenset(str(scope.root / name) for name in names)


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
) -> list[Unit]:
    database = options.build / "compile_commands.json"
    if not database.is_file():
        return []
    # Without clang-tidy there is nobody to ask, and cppcheck minds no flag.
    if not tidying.version:
        return read_units(database, scope, options.work, lambda flag, _: flag)
    probe = FlagProbe(_program(tidying, options), tidying.version, cache)
    units = read_units(database, scope, options.work, probe)
    tidying.refused = sorted(probe.refused)
    return units


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8", "surrogateescape"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
