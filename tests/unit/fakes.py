"""Fakes of our own ports, and small programs that stand in for big ones."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(kw_only=True)
class RecordingProgress:
    """A `Progress` that remembers what it was told."""

    events: list[tuple[str, str, str]] = field(default_factory=list)

    def started(self, name: str, detail: str) -> None:
        """Remember the start."""
        self.events.append(("started", name, detail))

    def advanced(self, name: str, detail: str) -> None:
        """Remember the advance."""
        self.events.append(("advanced", name, detail))

    def finished(self, name: str, detail: str, *, seconds: float, failed: bool) -> None:
        """Remember the end."""
        assert seconds >= 0
        self.events.append(("failed" if failed else "finished", name, detail))

    @property
    def names(self) -> list[tuple[str, str]]:
        """What happened to which phase, without the details."""
        return [(what, name) for what, name, _ in self.events]


class FakeSource:
    """A `SourceReader` over a mapping; it also remembers what it was asked for."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
        self.asked: list[str] = []

    async def read(self, path: str) -> str | None:
        """Return the text under that path."""
        path = posixpath.normpath(path)
        self.asked.append(path)
        return self._files.get(path)

    async def find(self, name: str) -> tuple[str, ...]:
        """Return the paths that end with that name."""
        return tuple(path for path in self._files if posixpath.basename(path) == name)


def write_program(path: Path, script: str) -> Path:
    """Write an executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path
