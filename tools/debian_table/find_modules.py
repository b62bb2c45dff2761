"""What CMake's own Find modules look for, read from their source text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.domain.cmake_language import Command, commands

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SEARCHES = {"find_path": "header", "find_library": "library", "find_program": "program"}
_KEYWORDS = frozenset(
    [
        "NAMES",
        "NAMES_PER_DIR",
        "HINTS",
        "PATHS",
        "PATH_SUFFIXES",
        "DOC",
        "REQUIRED",
        "NO_CACHE",
        "VALIDATOR",
        "ENV",
        "REGISTRY_VIEW",
        "NO_DEFAULT_PATH",
        "NO_PACKAGE_ROOT_PATH",
        "NO_CMAKE_PATH",
        "NO_CMAKE_ENVIRONMENT_PATH",
        "NO_SYSTEM_ENVIRONMENT_PATH",
        "NO_CMAKE_SYSTEM_PATH",
        "NO_CMAKE_INSTALL_PREFIX",
        "ONLY_CMAKE_FIND_ROOT_PATH",
        "CMAKE_FIND_ROOT_PATH_BOTH",
        "NO_CMAKE_FIND_ROOT_PATH",
    ]
)
_MOST_VALUES = 100
_LONGEST_VALUE = 80
_VARIABLE = re.compile(r"\$\{([^${}]+)\}")


@dataclass(frozen=True, kw_only=True)
class Search:
    """One thing a module looks for: a header, library or program by any of its names."""

    variable: str
    kind: str
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class FindModule:
    """A Find module: its searches, the variables it insists on, its pkg-config modules."""

    name: str
    searches: tuple[Search, ...]
    required: tuple[str, ...]
    pkg_config: tuple[str, ...]


def read_module(file: Path) -> FindModule:
    """Read FindXxx.cmake with the sibling files it includes."""
    name = file.stem.removeprefix("Find")
    values: dict[str, tuple[str, ...]] = {"CMAKE_CURRENT_LIST_DIR": (str(file.parent),)}
    searches: list[Search] = []
    required: list[str] = []
    pkg_config: list[str] = []
    for command in _with_includes(file, values):
        arguments = _expand(command.arguments, values)
        if command.name in {"set", "list"}:
            _assign(command.name, command.arguments, values)
        elif command.name in _SEARCHES and arguments and "$" not in arguments[0]:
            names = list(_after("NAMES", arguments) or _short_form(arguments))
            folders = ["", *(f"{folder}/" for folder in _after("PATH_SUFFIXES", arguments))]
            kind = _SEARCHES[command.name]
            if kind == "header":
                names = [folder + name for folder in folders for name in names]
            names = [name for name in names if "$" not in name]
            searches.append(Search(variable=arguments[0], kind=kind, names=tuple(names)))
        elif command.name == "find_package_handle_standard_args":
            required += _required(arguments)
        elif command.name in {"pkg_check_modules", "pkg_search_module"}:
            options = {"QUIET", "REQUIRED", "IMPORTED_TARGET", "GLOBAL"}
            pkg_config += [each for each in arguments[1:] if each not in options]
    return FindModule(
        name=name,
        searches=tuple(searches),
        required=tuple(dict.fromkeys(required)),
        pkg_config=tuple(re.split("[<>=]", each)[0] for each in pkg_config if "$" not in each),
    )


def _with_includes(file: Path, values: Mapping[str, tuple[str, ...]]) -> list[Command]:
    found: list[Command] = []
    for command in commands(file.read_text()):
        found.append(command)
        if command.name == "include" and command.arguments:
            sibling = Path(_expand(command.arguments[:1], values)[0])
            # Only the part shared by FindPython, FindPython2 and FindPython3 searches itself.
            if sibling.parent.parent == file.parent and sibling.is_file():
                found += commands(sibling.read_text())
    return found


def _assign(name: str, arguments: Sequence[str], values: dict[str, tuple[str, ...]]) -> None:
    """Follow `set(X a b)` and `list(APPEND X a b)`; branches are added up, not chosen."""
    appends = name == "list" and arguments[:1] == ("APPEND",)
    if name == "list" and not appends:
        return
    variable, *new = _expand(arguments[1:] if appends else arguments, values) or [""]
    # Names are short; what grows with each branch is text for humans.
    both = dict.fromkeys(
        (*values.get(variable, ()), *(each for each in new if len(each) < _LONGEST_VALUE))
    )
    values[variable] = tuple(both)[:_MOST_VALUES]


def _expand(arguments: Sequence[str], values: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Replace variables that the module itself has set; a lone `${X}` becomes a list."""
    return [each for argument in arguments for each in _expand_one(argument, values)]


def _expand_one(argument: str, values: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    for _ in range(4):  # names are nested twice at most: ${_${_PREFIX}_NAMES}
        alone = _VARIABLE.fullmatch(argument)
        if alone and alone[1] in values:
            return values[alone[1]]
        argument = _VARIABLE.sub(lambda found: _scalar(values, found), argument)
    return (argument,)


def _scalar(values: Mapping[str, tuple[str, ...]], found: re.Match[str]) -> str:
    """Return the first value: that of the first branch, or the one that is set at all."""
    return next(iter(values.get(found[1], (found[0],))), "")


def _after(keyword: str, arguments: Sequence[str]) -> Sequence[str]:
    """Return the arguments between a keyword of a find_ command and the next one."""
    if keyword not in arguments:
        return ()
    rest = arguments[arguments.index(keyword) + 1 :]
    end = next((at for at, word in enumerate(rest) if word in _KEYWORDS), len(rest))
    return [part for name in rest[:end] for part in name.split(";")]


def _short_form(arguments: Sequence[str]) -> Sequence[str]:
    """Return the name of `find_path(<variable> name …)`."""
    return [part for name in arguments[1:2] if name not in _KEYWORDS for part in name.split(";")]


def _required(arguments: Sequence[str]) -> Sequence[str]:
    """Return the variables that must be set for the package to count as found."""
    options = {
        "VERSION_VAR", "HANDLE_COMPONENTS", "HANDLE_VERSION_RANGE", "CONFIG_MODE", "FAIL_MESSAGE",
        "FOUND_VAR", "REASON_FAILURE_MESSAGE", "NAME_MISMATCHED", "REQUIRED_VARS",
    }  # fmt: skip
    start = arguments.index("REQUIRED_VARS") + 1 if "REQUIRED_VARS" in arguments else 2
    rest = arguments[start:]
    end = next((at for at, word in enumerate(rest) if word in options), len(rest))
    return [name for name in rest[:end] if "$" not in name]
