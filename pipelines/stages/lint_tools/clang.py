"""Ask clang-tidy and the clang of its release."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

from .compile_commands import QUIET, Unit
from .result_cache import ResultCache, digest

# A standard that is newer than clang had its number under way.
# Source: clang's LangStandards.def over the releases.
_OLDER_NAMES = {
    "26": ("2c", "23", "2b"),
    "2c": ("23", "2b"),
    "23": ("2b",),
    "2b": ("2a",),
    "20": ("2a",),
}


def version_of(program: str) -> str:
    """Return the version of a tool of LLVM, or of cppcheck; empty when it is not there.

    "Debian clang-format version 14.0.6" becomes "14.0.6".
    """
    if shutil.which(program) is None:
        return ""
    said = subprocess.run(
        [program, "--version"], stdin=subprocess.DEVNULL, capture_output=True, check=False
    ).stdout.decode(errors="replace")
    match = re.search(r"\d+(?:\.\d+)+", said)
    return match[0] if match else ""


class FlagProbe:
    """Finds out which flags of another compiler clang takes, by having it compile nothing."""

    def __init__(self, clang_tidy: str, version: str, cache: ResultCache) -> None:
        self._clang_tidy = clang_tidy
        self._version = version
        self._cache = cache
        self._known: dict[tuple[str, str], str | None] = {}
        self.refused: set[str] = set()

    def __call__(self, flag: str, path: str) -> str | None:
        """Return the flag, what stands for it, or None."""
        suffix = ".c" if path.endswith(".c") else ".cpp"
        key = (flag, suffix)
        if key not in self._known:
            self._known[key] = next(
                (each for each in _alternatives(flag) if self._takes(each, suffix)), None
            )
        if self._known[key] is None:
            self.refused.add(flag)
        return self._known[key]

    def _takes(self, flag: str, suffix: str) -> bool:
        name = digest("flag", self._version, flag, suffix)
        known = self._cache.get(name)
        if known is None:
            with tempfile.TemporaryDirectory() as folder:
                stub = Path(folder) / f"stub{suffix}"
                stub.write_text("int stub;\n")
                argv = [self._clang_tidy, "--quiet", "--checks=-*,bugprone-*", str(stub), "--"]
                said = subprocess.run(
                    [*argv, *QUIET, flag],
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    check=False,
                    cwd=folder,
                )
            known = {"taken": b"error:" not in said.stdout and said.returncode == 0}
            self._cache.put(name, known)
        return bool(known["taken"])


def _alternatives(flag: str) -> tuple[str, ...]:
    match = re.fullmatch(r"(-std=(?:c|gnu)\+\+)(\w+)", flag)
    if match is None:
        return (flag,)
    return (flag, *(match[1] + name for name in _OLDER_NAMES.get(match[2], ())))


class Includes:
    """Which files a translation unit reads, as clang sees it."""

    def __init__(self, clang: str | None) -> None:
        self._clang = clang
        self._lock = threading.Lock()
        self._known: dict[Unit, tuple[str, ...] | None] = {}

    def of(self, unit: Unit) -> tuple[str, ...] | None:
        """Return the absolute paths, or None when that cannot be told."""
        with self._lock:
            if unit in self._known:
                return self._known[unit]
        found = self._ask(unit)
        with self._lock:
            self._known[unit] = found
        return found

    def _ask(self, unit: Unit) -> tuple[str, ...] | None:
        if self._clang is None:
            return None
        mode = [] if unit.path.endswith(".c") else ["--driver-mode=g++"]
        said = subprocess.run(
            [self._clang, *mode, *unit.arguments[1:], "-w", "-M", unit.path],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            cwd=unit.directory,
        )
        if said.returncode != 0:
            return None
        return parse_make_rule(said.stdout.decode(errors="surrogateescape"), unit.directory)


def parse_make_rule(text: str, directory: str) -> tuple[str, ...]:
    """Return the prerequisites of a rule for make, absolute and without detours."""
    _, _, rule = text.replace("\\\n", " ").partition(": ")
    words = re.findall(r"(?:\\[ #]|\$\$|[^\s])+", rule)
    paths = [re.sub(r"\\([ #])", r"\1", word).replace("$$", "$") for word in words]
    return tuple(os.path.normpath(os.path.join(directory, path)) for path in paths)


def find_clang(version: str) -> str | None:
    """Return the compiler of the release that clang-tidy belongs to."""
    names = (f"clang-{version.partition('.')[0]}", "clang")
    return next((found for name in names if (found := shutil.which(name))), None)
