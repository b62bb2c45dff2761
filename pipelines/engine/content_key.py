"""Keys that change exactly when what they name changes."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["key_of", "tree_entries"]

# 16 hex digits (64 bits) keep paths readable; a collision among a handful of parts is out of reach.
KEY_DIGITS = 16


def key_of(*parts: str | bytes) -> str:
    """Return a short stable key of the parts, in order and with their borders."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(f"{len(data)}:".encode())
        digest.update(data)
    return digest.hexdigest()[:KEY_DIGITS]


def tree_entries(folder: Path) -> Iterable[bytes]:
    """Yield names and contents of a folder's files, in a stable order."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield str(path.relative_to(folder)).encode()
            yield path.read_bytes()
