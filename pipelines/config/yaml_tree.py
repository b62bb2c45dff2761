"""YAML text as a small tree that keeps places and the text of each scalar.

The ordinary loader loses what a strict reader needs: it turns 3.30 into 3.3, lets the last
of two equal keys win, and follows aliases until memory is used up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import yaml

from pipelines.errors import ConfigMistake

__all__ = ["MapNode", "Node", "ScalarNode", "SequenceNode", "YamlProblem", "parse_yaml"]

MAX_CHARACTERS = 256 * 1024
MAX_VALUES = 10_000
"""A pipeline.yaml has some dozens of values; aliases can make billions of a few lines."""

_TAG = "tag:yaml.org,2002:"
_SCALAR_TAGS = frozenset({"str", "int", "float", "bool", "null", "timestamp", "value"})


class YamlProblem(Exception):  # noqa: N818 - it carries a mistake, and never leaves the package
    """The text cannot be read at all."""

    def __init__(self, mistake: ConfigMistake) -> None:
        super().__init__(mistake)
        self.mistake = mistake


@dataclass(frozen=True, kw_only=True)
class ScalarNode:
    """A single value: its text as written, and its type by the rules of YAML."""

    place: tuple[int, int]
    text: str
    type: str


@dataclass(frozen=True, kw_only=True)
class SequenceNode:
    """A list."""

    place: tuple[int, int]
    items: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True)
class MapNode:
    """A mapping; ``repeated`` are the keys that occur again, with their places."""

    place: tuple[int, int]
    entries: dict[str, Node]
    repeated: tuple[tuple[str, tuple[int, int]], ...] = ()


Node: TypeAlias = "ScalarNode | SequenceNode | MapNode"


def parse_yaml(text: str) -> Node | None:
    """Return the tree of a text, or None when it holds no value.

    Raises:
        YamlProblem: the text is no YAML, or none that belongs into a configuration.
    """
    if len(text) > MAX_CHARACTERS:
        raise YamlProblem(
            ConfigMistake(
                path="1:1",
                found=f"the file has {len(text)} characters",
                todo=f"Keep it below {MAX_CHARACTERS}",
            )
        )
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        return None if root is None else _Builder().build(root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = None if mark is None else (mark.line, mark.column)
        raise _problem(place, str(error.problem or error.context)) from error
    except yaml.reader.ReaderError as error:
        shown = ascii(error.character) if isinstance(error.character, str) else hex(error.character)
        place = _place_at(text, error.position)
        raise _problem(place, f"the character {shown} is not allowed") from error
    # PyYAML lets some broken escapes, version numbers and depths escape as plain errors.
    except (ValueError, ArithmeticError, LookupError, yaml.YAMLError) as error:
        raise _problem(None, f"this is not YAML ({error})") from error
    except RecursionError as error:
        raise _problem(None, "the values are nested too deeply") from error


class _Builder:
    """Turn PyYAML's graph into a tree, within bounds."""

    def __init__(self) -> None:
        self._values = 0
        self._open: set[int] = set()

    def build(self, node: yaml.Node) -> Node:
        self._values += 1
        if self._values > MAX_VALUES:
            raise _problem(_place(node), f"the aliases expand to more than {MAX_VALUES} values")
        if id(node) in self._open:
            raise _problem(_place(node), "the value contains itself through an alias")
        self._open.add(id(node))
        try:
            return self._build(node)
        finally:
            self._open.remove(id(node))

    def _build(self, node: yaml.Node) -> Node:
        place = _place(node)
        kind = node.tag.removeprefix(_TAG)
        if isinstance(node, yaml.MappingNode) and kind == "map":
            return self._build_map(node, place)
        if isinstance(node, yaml.SequenceNode) and kind == "seq":
            items = tuple(self.build(item) for item in node.value)
            return SequenceNode(place=place, items=items)
        if isinstance(node, yaml.ScalarNode) and kind in _SCALAR_TAGS:
            # "=" has a type of its own in YAML 1.1, which nobody means.
            return ScalarNode(place=place, text=node.value, type="str" if kind == "value" else kind)
        raise _problem(_place(node), f"the tag {node.tag} is not supported here")

    def _build_map(self, node: yaml.MappingNode, place: tuple[int, int]) -> MapNode:
        entries: dict[str, Node] = {}
        merged: dict[str, Node] = {}
        repeated: list[tuple[str, tuple[int, int]]] = []
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise _problem(_place(key_node), "a key is a list or a mapping")
            value = self.build(value_node)
            if key_node.tag == f"{_TAG}merge":
                for name, inherited in self._merge(value, key_node).items():
                    merged.setdefault(name, inherited)
            elif key_node.value in entries:
                repeated.append((key_node.value, _place(key_node)))
            else:
                entries[key_node.value] = value
        inherited_only = {name: each for name, each in merged.items() if name not in entries}
        return MapNode(place=place, entries={**entries, **inherited_only}, repeated=tuple(repeated))

    def _merge(self, value: Node, key_node: yaml.Node) -> dict[str, Node]:
        """Read what stands beside ``<<``: a mapping, or a list of mappings."""
        sources = value.items if isinstance(value, SequenceNode) else (value,)
        merged: dict[str, Node] = {}
        for source in sources:
            if not isinstance(source, MapNode):
                raise _problem(_place(key_node), "<< needs a mapping beside it")
            for name, each in source.entries.items():
                merged.setdefault(name, each)
        return merged


def _place(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line, node.start_mark.column


def _place_at(text: str, position: int) -> tuple[int, int]:
    before = text[:position]
    return before.count("\n"), position - (before.rfind("\n") + 1)


def _problem(place: tuple[int, int] | None, found: str) -> YamlProblem:
    line, column = (0, 0) if place is None else place
    return YamlProblem(
        ConfigMistake(
            path=f"{line + 1}:{column + 1}",
            found=" ".join(found.split()),
            todo="Correct the YAML there",
        )
    )
