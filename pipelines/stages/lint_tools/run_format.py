"""clang-format over all sources: a patch that would format them."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from .outcome import Outcome, tail
from .result_cache import ContentHashes, ResultCache, digest
from .scope import Scope, nearest

if TYPE_CHECKING:
    from collections.abc import Callable

STYLES = (".clang-format", "_clang-format")


def plan_format(scope: Scope, *, everywhere: bool) -> list[str]:
    """Return the files to look at: those with a style file above them, or all sources."""
    files = scope.sources()
    if everywhere:
        return files
    return [file for file in files if nearest(scope.root, file, STYLES) is not None]


def make_formatter(
    program: str, scope: Scope, cache: ResultCache, hashes: ContentHashes, outcome: Outcome
) -> Callable[[str], str]:
    """Return a function from a file to its patch, which is empty when all is well."""
    styles = sorted(str(path) for name in STYLES for path in scope.root.rglob(name))
    styles_key = [(path, hashes.of(path)) for path in styles]

    def patch_of(file: str) -> str:
        path = str(scope.root / file)
        key = digest("format", outcome.version, file, hashes.of(path), styles_key)
        known = cache.get(key)
        if known is not None:
            outcome.add(checked=1, reused=1)
            return str(known["patch"])
        said = subprocess.run(
            [program, "--style=file", path],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        if b"Error reading " in said.stderr:
            outcome.misunderstood(_configuration_error(said.stderr, scope.root))
            return ""
        if said.returncode != 0:
            outcome.failed(file, tail(said.stderr))
            return ""
        patch = "" if said.stdout == Path(path).read_bytes() else _diff(file, path, said.stdout)
        cache.put(key, {"patch": patch})
        outcome.add(checked=1)
        return patch

    return patch_of


def _configuration_error(stderr: bytes, root: Path) -> str:
    lines = stderr.decode(errors="replace").splitlines()
    said = next((line for line in lines if "error:" in line), lines[-1] if lines else "")
    return said.replace(f"{root}/", "")


def _diff(file: str, path: str, formatted: bytes) -> str:
    labels = ["--label", _label(f"a/{file}"), "--label", _label(f"b/{file}")]
    said = subprocess.run(
        ["diff", "--text", "-u", *labels, path, "-"],
        input=formatted,
        capture_output=True,
        check=False,
    )
    # Other encodings than UTF-8 pass through: the patch is written with the same error handler.
    return said.stdout.decode("utf-8", "surrogateescape")


def _label(name: str) -> str:
    """Write a name as git reads it: quoted when odd, with a tab after it when it has a blank."""
    if any(letter in '"\\' or letter < " " for letter in name):
        escaped = "".join(
            f"\\{ord(letter):03o}" if letter < " " else f"\\{letter}" if letter in '"\\' else letter
            for letter in name
        )
        return f'"{escaped}"'
    return f"{name}\t" if " " in name else name
