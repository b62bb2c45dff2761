"""Small readers that turn YAML into typed values and collect every mistake on the way."""

from __future__ import annotations

import difflib
import json
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from pipelines.config.yaml_tree import MapNode, Node, ScalarNode, SequenceNode
from pipelines.errors import ConfigMistake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")
D = TypeVar("D")

MAX_SHOWN = 60
"""Characters of a wrong value that are shown."""

_PLAIN_KEY = re.compile(r"[\w-]+")


class Wrong(Exception):  # noqa: N818 - it never leaves the package
    """A value that cannot be taken; whoever reads it notes the mistake and goes on."""

    def __init__(self, found: str, todo: str) -> None:
        super().__init__(found, todo)
        self.found = found
        self.todo = todo


@dataclass(frozen=True, kw_only=True)
class Mistakes:
    """The mistakes so far, with their places in the text."""

    noted: list[tuple[tuple[int, int], ConfigMistake]] = field(default_factory=list)

    def note(self, place: tuple[int, int], path: str, found: str, todo: str) -> None:
        """Add one."""
        self.noted.append((place, ConfigMistake(path=path, found=found, todo=todo)))

    def in_order(self) -> tuple[ConfigMistake, ...]:
        """Return them in the order of the text."""
        return tuple(mistake for _, mistake in sorted(self.noted, key=lambda pair: pair[0]))


@dataclass(frozen=True, kw_only=True)
class Value:
    """A value, and where it stands."""

    node: Node
    path: str
    mistakes: Mistakes

    def read(self, reader: Callable[[Value], T], default: D) -> T | D:
        """Return what the reader makes of the value, or note a mistake and go on."""
        try:
            return reader(self)
        except Wrong as wrong:
            self.note(wrong.found, wrong.todo)
            return default

    def note(self, found: str, todo: str) -> None:
        """Note a mistake at this value."""
        self.mistakes.note(self.node.place, self.path, found, todo)

    def scalar(self, *types: str, expected: str, todo: str) -> str:
        """Return the text of a scalar of one of the types, else raise Wrong."""
        node = self.node
        if not isinstance(node, ScalarNode) or node.type not in types:
            raise Wrong(f"{self.shown} is not {expected}", todo)
        return node.text

    def items(self) -> tuple[Value, ...]:
        """Return the items of a list, else raise Wrong."""
        if not isinstance(self.node, SequenceNode):
            raise Wrong(f"{self.shown} is not a list", "Write a list, such as [one, two]")
        return tuple(
            Value(node=item, path=f"{self.path}[{index}]", mistakes=self.mistakes)
            for index, item in enumerate(self.node.items)
        )

    def entries(self) -> Iterator[tuple[str, Value]]:
        """Yield the entries of a mapping, and note its repeated keys; else raise Wrong."""
        if not isinstance(self.node, MapNode):
            raise Wrong(f"{self.shown} is not a mapping", "Write keys and values below it")
        for key, place in self.node.repeated:
            path = join(self.path, key)
            self.mistakes.note(place, path, "the key occurs twice", "Remove one of the two")
        for key, node in self.node.entries.items():
            yield key, Value(node=node, path=join(self.path, key), mistakes=self.mistakes)

    @property
    def is_null(self) -> bool:
        """Whether nothing is written there."""
        return self.scalar_type == "null"

    @property
    def scalar_type(self) -> str:
        """The type that YAML gives a single value; empty for lists and mappings."""
        return self.node.type if isinstance(self.node, ScalarNode) else ""

    @property
    def shown(self) -> str:
        """The value as it is shown in a message."""
        if isinstance(self.node, MapNode):
            return "a mapping"
        if isinstance(self.node, SequenceNode):
            return "a list"
        if self.is_null:
            return "nothing"
        text = self.node.text
        if self.node.type == "str":
            text = json.dumps(text, ensure_ascii=False)
        return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


class Section:
    """A mapping with known keys; make it with :func:`section`."""

    def __init__(self, value: Value) -> None:
        self._values = dict(value.entries())
        self._known: list[str] = []

    def get(self, key: str, reader: Callable[[Value], T], default: D) -> T | D:
        """Return what the reader makes of a key; missing and empty mean the default."""
        self._known.append(key)
        value = self._values.get(key)
        if value is None or value.is_null:
            return default
        return value.read(reader, default)

    def value(self, key: str) -> Value | None:
        """Return the value of a key, for checks that look at several keys."""
        return self._values.get(key)

    def note_unknown_keys(self) -> None:
        """Note the keys that nobody asked for, but for ``x-…``, which may hold anchors."""
        for key, value in self._values.items():
            if key not in self._known and not key.startswith("x-"):
                value.note("unknown key", _suggest(key, self._known))


@contextmanager
def section(value: Value) -> Iterator[Section]:
    """Open a mapping; once its keys were read, note the ones that are unknown.

    Raises:
        Wrong: the value is no mapping.
    """
    opened = Section(value)
    yield opened
    opened.note_unknown_keys()


def join(path: str, key: str) -> str:
    """Return the path of a key below a path."""
    if not _PLAIN_KEY.fullmatch(key):
        shown = key if len(key) <= MAX_SHOWN else f"{key[:MAX_SHOWN]}…"
        return f"{path}[{json.dumps(shown, ensure_ascii=False)}]"
    return f"{path}.{key}" if path else key


def _suggest(key: str, known: list[str]) -> str:
    near = difflib.get_close_matches(key[:MAX_SHOWN], known, n=1)
    if near:
        return f"Perhaps you meant {near[0]}?"
    return f"Known keys: {', '.join(known)}"
