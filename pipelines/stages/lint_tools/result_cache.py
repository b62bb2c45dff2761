"""Results of tools by the content of everything that they depend on."""

from __future__ import annotations

import hashlib
import json
import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

KEPT_S = 14 * 24 * 3600
"""Results that nobody asked for during two weeks are deleted."""


class ContentHashes:
    """Hashes of files, each read once."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def of(self, path: str) -> str:
        """Return the hash of a file's content; a file that is gone has one, too."""
        if path not in self._known:
            try:
                with open(path, "rb") as stream:
                    self._known[path] = hashlib.sha256(stream.read()).hexdigest()
            except OSError:
                self._known[path] = "gone"
        return self._known[path]


class ResultCache:
    """A folder of JSON files. Safe beside other threads: files are replaced as a whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def get(self, key: str) -> dict[str, object] | None:
        """Return what was stored, and remember that it was asked for."""
        path = self._folder / key
        try:
            value = json.loads(path.read_text())
            os.utime(path)
        except (OSError, ValueError):
            return None
        return value if isinstance(value, dict) else None

    def put(self, key: str, value: dict[str, object]) -> None:
        """Store a value."""
        temporary = self._folder / f".{key}.{os.getpid()}"
        temporary.write_text(json.dumps(value))
        temporary.replace(self._folder / key)

    def clean(self) -> None:
        """Delete what was not asked for in a long time."""
        oldest = time.time() - KEPT_S
        for path in self._folder.iterdir():
            if path.stat().st_mtime < oldest:
                path.unlink()


def digest(*parts: object) -> str:
    """Return a key over JSON-ready values."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
