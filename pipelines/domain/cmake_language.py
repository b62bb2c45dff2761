"""Read CMake source text as commands, without running it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Source: cmake-language(7), "Source Files"; unfinished brackets and strings end with the text.
_TOKEN = re.compile(
    r"""
      \#\[(?P<comment_level>=*)\[.*?(?:\](?P=comment_level)\]|\Z)
    | \#[^\n]*
    | \s+
    | \[(?P<level>=*)\[\n?(?P<bracket>.*?)(?:\](?P=level)\]|\Z)
    | "(?P<quoted>(?:\\.|[^"\\])*)(?:"|\\?\Z)
    | (?P<open>\()
    | (?P<close>\))
    | (?P<word>(?:\\.|[^\s()#"\\])+)
    | .
    """,
    re.DOTALL | re.VERBOSE,
)


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command as written: variables are not replaced, nested parentheses are left out."""

    name: str
    arguments: tuple[str, ...]


def commands(text: str) -> Iterator[Command]:
    """Yield the commands of `text` in order, names in lower case; never raises."""
    name = ""
    depth = 0
    arguments: list[str] = []
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "open":
            depth += 1
        elif kind == "close":
            if depth == 1 and name:
                yield Command(name=name.lower(), arguments=tuple(arguments))
            if depth <= 1:
                name, arguments = "", []
            depth = max(depth - 1, 0)
        elif kind in {"word", "quoted", "bracket"}:
            if depth:
                arguments.append(token[kind])
            else:
                name = token["word"] or ""
