"""What a tool did, for lint.json."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field


@dataclass
class Outcome:
    """Collects from many threads.

    Attributes:
        version: Empty when the tool is not there.
        skipped: Why it did not run.
        files: How many files, or translation units, are the project's.
        silent: Units for which the project's .clang-tidy switches every check off.
        unreached: Units that include no changed file, and were left out for that.
        refused: Flags of the compiler that clang does not take.
        misread: What the tool said about its configuration files.
        failures: Files with what the tool said when it failed on them.
    """

    name: str
    version: str = ""
    skipped: str = ""
    files: int = 0
    checked: int = 0
    reused: int = 0
    silent: int = 0
    unreached: int = 0
    seconds: float = 0.0
    refused: list[str] = field(default_factory=list)
    misread: list[str] = field(default_factory=list)
    failures: list[list[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._began = time.monotonic()

    def add(
        self, *, checked: int = 0, reused: int = 0, silent: int = 0, unreached: int = 0
    ) -> None:
        """Count."""
        with self._lock:
            self.checked += checked
            self.reused += reused
            self.silent += silent
            self.unreached += unreached
            self.seconds = time.monotonic() - self._began

    def failed(self, file: str, said: str) -> None:
        """Note that the tool failed on a file."""
        with self._lock:
            self.failures.append([file, said])

    def misunderstood(self, said: str) -> None:
        """Note what the tool said about its configuration, once."""
        with self._lock:
            if said not in self.misread:
                self.misread.append(said)

    def to_json(self) -> dict[str, object]:
        """Return JSON-ready values."""
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}


def tail(text: bytes) -> str:
    """Return the last line of a tool's words that says something."""
    lines = [line.strip() for line in text.decode(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"
