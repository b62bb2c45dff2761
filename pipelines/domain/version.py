"""Release numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Version"]

_VERSION = re.compile(r"(?<![\w.])(\d{1,6})\.(\d{1,6})(?:\.(\d{1,8}))?")


@dataclass(frozen=True, kw_only=True, order=True)
class Version:
    """A release; release candidates count as their release."""

    major: int
    minor: int
    patch: int = 0

    @classmethod
    def parse(cls, text: str) -> Version | None:
        """Return the first version in a text ("cmake version 3.25.1"), None without any."""
        found = _VERSION.search(text)
        if found is None:
            return None
        return cls(major=int(found[1]), minor=int(found[2]), patch=int(found[3] or 0))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}" + (f".{self.patch}" if self.patch else "")
