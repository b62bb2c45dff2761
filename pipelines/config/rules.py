"""Readers of single values: what a name, a path, a version or a number may be."""

from __future__ import annotations

import math
import posixpath
import re
from typing import TYPE_CHECKING, TypeVar

from pipelines.config.reading import Value, Wrong
from pipelines.domain._compat import StrEnum

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

# Source: Debian Policy 4.6, 5.6.1. A hyphen at the end is left out: apt-get reads "name-"
# as an order to remove the package.
_PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]*[a-z0-9+.]")

# Source: cmake-language(7), "Variable References", without escapes; types of cmake(1) -D.
_OPTION = re.compile(r"[A-Za-z_][A-Za-z0-9_./+-]*(?::(?:BOOL|FILEPATH|PATH|STRING|INTERNAL))?")

# Source: gitrevisions(7), without what needs blanks, colons or wildcards.
_GIT_REF = re.compile(r"[A-Za-z0-9_@][A-Za-z0-9_./@{}^~+-]*")

_INTEGER = re.compile(r"[-+]?[0-9]{1,15}")
_NUMBER = re.compile(r"[-+]?[0-9]{1,15}(?:\.[0-9]{0,15})?(?:[eE][-+]?[0-9]{1,3})?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

NAME = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
"""A DNS label. Source: RFC 1123, 2.1; Kubernetes "Object Names and IDs"."""


def is_package_name(text: str) -> bool:
    """Whether the text can be the name of a Debian package."""
    return _PACKAGE.fullmatch(text) is not None


def is_option_name(text: str) -> bool:
    """Whether the text can name a CMake cache variable, as in NAME or NAME:TYPE."""
    return _OPTION.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """Whether the text is a DNS label, as names of environments and services are."""
    return re.fullmatch(NAME, text) is not None


def text(value: Value) -> str:
    """Read text on one line."""
    read = value.scalar("str", expected="text", todo="Put it in quotes if it is meant as text")
    if not read.strip() or _CONTROL.search(read):
        raise Wrong(f"{value.shown} is empty or has control characters", "Write plain text")
    return read


def matching(pattern: str, what: str, example: str) -> Callable[[Value], str]:
    """Make a reader of text that matches a pattern as a whole."""
    compiled = re.compile(pattern)

    def read(value: Value) -> str:
        found = text(value)
        if compiled.fullmatch(found) is None:
            raise Wrong(f"{value.shown} is not {what}", f"Write it like {example}")
        return found

    return read


def version(value: Value) -> str:
    """Read a version. 3.30 without quotes is a number to YAML; its text is what counts."""
    todo = 'Write it like "3.31" or "3.31.6"'
    found = value.scalar("str", "float", "int", expected="a version", todo=todo)
    if re.fullmatch(r"[0-9]{1,4}(?:\.[0-9]{1,4}){1,2}(?:-rc[0-9]{1,3})?", found) is None:
        raise Wrong(f"{value.shown} is not a version", todo)
    return found


def package(value: Value) -> str:
    """Read the name of a Debian package."""
    found = text(value)
    if not is_package_name(found):
        raise Wrong(
            f"{value.shown} is not the name of a Debian package",
            "Use lower-case letters, digits, plus, minus and dots, such as libboost-dev",
        )
    return found


def options(value: Value) -> tuple[tuple[str, str], ...]:
    """Read CMake cache variables: names with texts, numbers or booleans."""
    found: list[tuple[str, str]] = []
    for key, entry in value.entries():
        if not is_option_name(key):
            entry.note(
                "this is not the name of a CMake variable",
                "Use letters, digits and _, such as MYLIB_BUILD_TESTS or NAME:BOOL",
            )
        elif _bare(key) in {_bare(name) for name, _ in found}:
            entry.note("the variable is set twice", "Remove one of the two")
        else:
            found.append((key, entry.read(_option_value, "")))
    return tuple(found)


def _bare(option: str) -> str:
    return option.partition(":")[0]


def _option_value(value: Value) -> str:
    found = value.scalar(
        "str",
        "int",
        "float",
        "bool",
        expected="text, a number or a boolean",
        todo='Write a value such as "ON", 17 or true',
    )
    if _CONTROL.search(found):
        raise Wrong(f"{value.shown} has control characters", "Write it on one line")
    if value.scalar_type == "bool":
        return "ON" if _is_true(found) else "OFF"
    return found


def boolean(value: Value) -> bool:
    """Read true or false."""
    return _is_true(value.scalar("bool", expected="true or false", todo="Write true or false"))


def _is_true(found: str) -> bool:
    return found.lower() in {"true", "yes", "on"}


def integer(low: int, high: int, todo: str) -> Callable[[Value], int]:
    """Make a reader of whole numbers from low to high."""

    def read(value: Value) -> int:
        found = value.scalar("int", expected="a whole number", todo=todo)
        # YAML 1.1 also knows 0x10, 010 (eight) and 1:30 (ninety), which surprise people.
        if _INTEGER.fullmatch(found) is None or (len(found) > 1 and found[0] == "0"):
            raise Wrong(f"{value.shown} is not a plain whole number", todo)
        if not low <= int(found) <= high:
            raise Wrong(f"{found} is not within {low}–{high}", todo)
        return int(found)

    return read


def number(low: float, high: float, todo: str) -> Callable[[Value], float]:
    """Make a reader of numbers from low to high."""

    def read(value: Value) -> float:
        found = value.scalar("int", "float", expected="a number", todo=todo)
        if _NUMBER.fullmatch(found) is None:
            raise Wrong(f"{value.shown} is not a number", todo)
        result = float(found)
        if not (math.isfinite(result) and low <= result <= high):
            raise Wrong(f"{found} is not within {low:g}–{high:g}", todo)
        return result

    return read


def choice(members: type[E]) -> Callable[[Value], E]:
    """Make a reader of one word out of several."""
    names = [str(member) for member in members]

    def read(value: Value) -> E:
        todo = f"Use one of: {', '.join(names)}"
        found = value.scalar("str", expected="one of the known words", todo=todo)
        for member in members:
            if found == str(member):
                return member
        raise Wrong(f"{value.shown} is not known here", todo)

    return read


def list_of(item: Callable[[Value], T], *, at_least: int = 0) -> Callable[[Value], tuple[T, ...]]:
    """Make a reader of lists without repetitions; every wrong item is noted by itself."""

    def read(value: Value) -> tuple[T, ...]:
        values = value.items()
        if len(values) < at_least:
            raise Wrong("the list is empty", "Name at least one, or remove the key")
        found: list[T] = []
        for each in values:
            result = each.read(item, None)
            if result is not None and result in found:
                each.note(f"{each.shown} is listed twice", "Remove one of the two")
            elif result is not None:
                found.append(result)
        return tuple(found)

    return read


def is_git_ref(text: str) -> bool:
    """Whether git may be asked for the text as a commit: never an option, no range."""
    return _GIT_REF.fullmatch(text) is not None and ".." not in text


def git_ref(value: Value) -> str:
    """Read what names a commit to git."""
    found = text(value)
    if not is_git_ref(found):
        raise Wrong(
            f"{value.shown} does not name a commit", "Write a branch, tag or commit, such as main"
        )
    return found


def regex(value: Value) -> str:
    """Read a regular expression."""
    found = text(value)
    try:
        re.compile(found)
    except (re.error, RecursionError, OverflowError) as error:
        raise Wrong(
            f"{value.shown} is not a regular expression ({error})",
            "Correct it, or escape with a backslash what is meant as it is",
        ) from error
    return found


def path_inside(value: Value) -> str:
    """Read a path inside the repository, and return it without detours."""
    found = text(value)
    clean = posixpath.normpath(found)
    if found.startswith(("/", "~")) or "\\" in found:
        raise Wrong(
            f"{value.shown} is not a relative path", "Write it from the root of the repository"
        )
    if clean == ".." or clean.startswith("../"):
        raise Wrong(f"{value.shown} leaves the repository", "Name a path inside it")
    return clean


def path_pattern(value: Value) -> str:
    """Read a regular expression that matches paths inside the repository from their start."""
    found = text(value)
    try:
        re.compile(found)
    except re.error as error:
        raise Wrong(
            f"{value.shown} is not a regular expression ({error.msg})",
            "Write it like src/generated/ or (.*/)?tests?/",
        ) from error
    if found.lstrip("^").startswith("/"):
        raise Wrong(
            f"{value.shown} is an absolute path", "Write it from the root of the repository"
        )
    return found


def absolute_path(value: Value) -> str:
    """Read an absolute path on a host, and return it without detours."""
    found = text(value)
    clean = posixpath.normpath(found)
    if not found.startswith("/") or clean.startswith("//") or clean == "/":
        raise Wrong(f"{value.shown} is not an absolute path", "Write it like /opt/sample-app")
    return clean
