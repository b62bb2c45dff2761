"""Read typed values out of parsed JSON, and say where a value is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["JsonNode", "JsonShapeError"]


class JsonShapeError(ValueError):
    """A value in the document is missing or has another type than expected."""


@dataclass(frozen=True, kw_only=True)
class JsonNode:
    """A value and its path in the document. Every method raises JsonShapeError."""

    value: object
    path: str = "$"

    def child(self, key: str) -> JsonNode:
        """Return the member of an object; a missing one reads as null."""
        value = self._mapping().get(key)
        return JsonNode(value=value, path=f"{self.path}.{key}")

    def members(self) -> Iterator[tuple[str, JsonNode]]:
        """Yield the members of an object."""
        for key, value in self._mapping().items():
            yield str(key), JsonNode(value=value, path=f"{self.path}.{key}")

    def items(self) -> Iterator[JsonNode]:
        """Yield the items of a list."""
        if not isinstance(self.value, list | tuple):
            raise self.wrong("a list")
        for index, value in enumerate(self.value):
            yield JsonNode(value=value, path=f"{self.path}[{index}]")

    def is_null(self) -> bool:
        """Whether the value is null or missing."""
        return self.value is None

    def string(self) -> str:
        """Return a string."""
        if not isinstance(self.value, str):
            raise self.wrong("a string")
        return self.value

    def optional_string(self) -> str | None:
        """Return a string, or None for null."""
        return None if self.value is None else self.string()

    def integer(self) -> int:
        """Return an integer; true and false are none."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self.wrong("an integer")
        return self.value

    def optional_integer(self) -> int | None:
        """Return an integer, or None for null."""
        return None if self.value is None else self.integer()

    def number(self) -> float:
        """Return a number; true and false are none."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise self.wrong("a number")
        return float(self.value)

    def optional_number(self) -> float | None:
        """Return a number, or None for null."""
        return None if self.value is None else self.number()

    def boolean(self) -> bool:
        """Return true or false."""
        if not isinstance(self.value, bool):
            raise self.wrong("true or false")
        return self.value

    def wrong(self, expected: str) -> JsonShapeError:
        """Make the error for this value."""
        found = "nothing" if self.value is None else type(self.value).__name__
        return JsonShapeError(f"{self.path}: expected {expected}, found {found}.")

    def _mapping(self) -> dict[object, object]:
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        return self.value
