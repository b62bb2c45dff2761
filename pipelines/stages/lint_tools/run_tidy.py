"""clang-tidy over translation units; results are kept by the content of all that they read."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from .outcome import Outcome, tail
from .result_cache import ContentHashes, ResultCache, digest
from .scope import Scope, nearest

if TYPE_CHECKING:
    from collections.abc import Callable

    from .clang import Includes
    from .compile_commands import Unit

TIMEOUT_S = 1800
"""Far beyond what a sound translation unit takes: then something hangs."""


class Tidy:
    """Looks at units, one call for each; safe in many threads."""

    def __init__(
        self,
        program: str,
        *,
        default_checks: str,
        scope: Scope,
        cache: ResultCache,
        hashes: ContentHashes,
        includes: Includes,
        outcome: Outcome,
        changed: frozenset[str] | None,
    ) -> None:
        self._program = program
        self._default_checks = default_checks
        self._scope = scope
        self._cache = cache
        self._hashes = hashes
        self._includes = includes
        self._outcome = outcome
        self._changed = changed
        self._filters: dict[str, list[str]] = {}
        self._lock = threading.Lock()
        # A check may read the configuration beside a header, so all of them count.
        paths = sorted(str(path) for path in scope.root.rglob(".clang-tidy"))
        styles = sorted(str(path) for path in scope.root.rglob(".clang-format"))
        self._configuration = [(path, hashes.of(path)) for path in (*paths, *styles)]

    def look(self, unit: Unit) -> str:
        """Return what clang-tidy prints about a unit."""
        read = self._includes.of(unit)
        if self._changed is not None and read is not None and not self._changed & set(read):
            self._outcome.add(unreached=1)
            return ""
        key = None
        if read is not None:
            contents = [(path, self._hashes.of(path)) for path in read]
            key = digest(
                "tidy",
                self._outcome.version,
                self._default_checks,
                self._configuration,
                unit.entry,
                contents,
            )
            known = self._cache.get(key)
            if known is not None:
                self._count(known, reused=1)
                return str(known["printed"])
        result = self._run(unit)
        if result is None:
            return ""
        if key is not None:
            self._cache.put(key, result)
        self._count(result, reused=0)
        return str(result["printed"])

    def _count(self, result: dict[str, object], *, reused: int) -> None:
        for said in result["misread"] if isinstance(result["misread"], list) else []:
            self._outcome.misunderstood(said)
        if result["silent"]:
            self._outcome.add(silent=1)
        else:
            self._outcome.add(checked=1, reused=reused)

    def _run(self, unit: Unit) -> dict[str, object] | None:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "compile_commands.json").write_text(
                json.dumps([unit.entry]), errors="surrogateescape"
            )
            argv = [self._program, "--quiet", f"-p={folder}", *self._options(unit), unit.path]
            try:
                said = subprocess.run(
                    argv,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    check=False,
                    timeout=TIMEOUT_S,
                    cwd=self._scope.root,
                )
            except subprocess.TimeoutExpired:
                self._outcome.failed(unit.file, f"it was not done after {TIMEOUT_S} s")
                return None
        printed = said.stdout.decode("utf-8", "replace")
        silent = b"no checks enabled" in said.stderr
        if said.returncode != 0 and not silent and not re.search(r"(^|: )error: ", printed, re.M):
            self._outcome.failed(unit.file, f"exit code {said.returncode}, {tail(said.stderr)}")
            return None
        return {
            "printed": "" if silent else printed,
            "silent": silent,
            "misread": _misread(said.stderr, self._scope.root),
        }

    def _options(self, unit: Unit) -> list[str]:
        if nearest(self._scope.root, unit.file, (".clang-tidy",)) is None:
            return [f"--config={{Checks: '{self._default_checks}'}}", self._everywhere]
        folder = str(Path(unit.path).parent)
        with self._lock:
            if folder not in self._filters:
                self._filters[folder] = [] if self._has_filter(unit.path) else [self._everywhere]
            return self._filters[folder]

    @property
    def _everywhere(self) -> str:
        return f"--header-filter=^{re.escape(str(self._scope.root))}/"

    def _has_filter(self, path: str) -> bool:
        """Whether the project says itself which headers count."""
        said = subprocess.run(
            [self._program, "--dump-config", path, "--"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        ).stdout.decode(errors="replace")
        match = re.search(r"^HeaderFilterRegex:[ \t]*(.*)$", said, re.MULTILINE)
        return match is not None and match[1].strip().strip("'\"") not in ("", ".*")


def _misread(stderr: bytes, root: Path) -> list[str]:
    text = stderr.decode(errors="replace")
    if "Error parsing " not in text:
        return []
    lines = [line.replace(f"{root}/", "") for line in text.splitlines() if ": error: " in line]
    return lines[:1] or ["its configuration cannot be parsed"]


def make_looker(tidy: Tidy) -> Callable[[Unit], str]:
    """Return a function from a unit to its part of the report."""

    def look(unit: Unit) -> str:
        return f"::file {unit.file}\n{tidy.look(unit)}\n"

    return look
