"""Where the embedded engine keeps its parts, its images and its state."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DATA_DIR_VARIABLE", "DataFolder"]

DATA_DIR_VARIABLE = "PIPELINES_DATA_DIR"


@dataclass(frozen=True, kw_only=True)
class DataFolder:
    """The user's data folder: everything in it can be deleted and is then made again."""

    root: Path

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> DataFolder:
        """Follow PIPELINES_DATA_DIR, then XDG_DATA_HOME, then ~/.local/share.

        Source: XDG Base Directory Specification 0.8.
        """
        environ = os.environ if environ is None else environ
        if explicit := environ.get(DATA_DIR_VARIABLE):
            return cls(root=Path(explicit).expanduser().absolute())
        base = environ.get("XDG_DATA_HOME")
        share = Path(base) if base else Path.home() / ".local" / "share"
        return cls(root=share / "cpp-pipelines")

    @property
    def cache(self) -> Path:
        """Parts keyed by content: never changed once complete."""
        return self.root / "cache"

    @property
    def go(self) -> Path:
        """Go's module and build caches; they let an interrupted build resume."""
        return self.root / "go"

    @property
    def instance(self) -> Path:
        """The engine's own folder: state, registry, socket, logs."""
        return self.root / "engine"

    @property
    def state(self) -> Path:
        """What the engine itself stores: layers, cache volumes, its database."""
        return self.instance / "state"

    @property
    def socket(self) -> Path:
        """The socket on which the engine listens."""
        return self.instance / "run" / "engine.sock"

    @property
    def log(self) -> Path:
        """The engine's log."""
        return self.instance / "engine.log"

    @property
    def lock(self) -> Path:
        """Held while parts are built or an engine is started or stopped."""
        return self.root / "lock"
