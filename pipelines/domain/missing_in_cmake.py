"""Read from CMake's output what configuring missed."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.domain.cmake_output import CMakeMessage, cmake_messages
from pipelines.domain.missing_values import MissingDependency, MissingKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.domain.source_paths import SourceTree

__all__ = ["missing_in_cmake"]

# Source: cmFindPackageCommand.cxx, FindPackageHandleStandardArgs.cmake, CMakeFindDependencyMacro,
# CMakeDetermine*Compiler.cmake and cmFindBase.cxx of CMake 3.22 to 3.31; recorded in the tests.
_CONFIG = re.compile(
    r'Could not find a package configuration file provided by "(?P<name>[^"]+)"'
    r'|Could not find a configuration file for package "(?P<other>[^"]+)" that'
    r' (?:is compatible with|exactly matches) requested version(?: range)? "(?P<wanted>[^"]+)"'
)
_MODULE = re.compile(r"Could NOT find (?P<name>[\w.+-]*\w)")
_UNSUITABLE = re.compile(
    r'Found unsuitable version "(?P<found>[^"]*)", but required[^"]*"(?P<wanted>[^"]+)"'
)
_MISSING = re.compile(r"\(missing: ([^()]*)\)")
_QT = re.compile(r'package "(Qt\d)" is considered .*?required Qt component "(\w+)"')
_CHAINED = re.compile(r"could not be found because dependency (\S+) could not be found")
_SEARCH = re.compile(r"Could not find \S+ using the following (?:names|files): (.+)")
_COMPILER = re.compile(r"No CMAKE_(\w+)_COMPILER could be found")
_NAMED_COMPILER = re.compile(r"The CMAKE_\w+_COMPILER: (\S+) is not a full path")
_BUILD_PROGRAM = re.compile(r'unable to find a build program corresponding to "([^"]+)"')
_PKG_LIST = re.compile(
    r"None of the required '([^']+)' found|required packages were not found: ((?:- \S+ ?)+)"
)
_PKG_LINE = re.compile(
    r"Package '?(?P<name>[^' ]+?)'?(?:, required by '[^']*', not found| was not found in the pkg)"
    r"|No package '(?P<none>[^']+)' found"
    r"|Package '(?P<old>[^']+)' has version '(?P<found>[^']+)',"
    r" required version is '(?P<wanted>[^']+)'"
    r"|Requested '(?P<asked>\S+) (?P<needed>[^']+)' but version of .+? is (?P<has>\S+)"
)
_SEARCH_KINDS = {
    "find_program": MissingKind.PROGRAM,
    "find_library": MissingKind.LIBRARY,
    "find_path": MissingKind.HEADER,
    "find_file": MissingKind.HEADER,
}
_COMPILERS = {
    "C": "gcc", "CXX": "g++", "Fortran": "gfortran", "ASM": "gcc", "CUDA": "nvcc", "HIP": "hipcc",
    "ASM_NASM": "nasm", "ASM_YASM": "yasm", "Swift": "swiftc", "CSharp": "mcs", "Java": "javac",
}  # fmt: skip
_BUILD_PROGRAMS = {"Ninja": "ninja", "Ninja Multi-Config": "ninja", "Unix Makefiles": "make"}


def missing_in_cmake(output: str, sources: SourceTree) -> list[MissingDependency]:
    """Return what made CMake fail; what it did without, only where no error names anything.

    A project may look for a package and then stop with a sentence of its own.
    """
    required: list[MissingDependency] = []
    optional: list[MissingDependency] = []
    pending: list[MissingDependency] = []
    failed = False
    for message in cmake_messages(output, sources):
        if not message.severity:
            if message.text.startswith("-- Checking for"):
                optional += pending
                pending = []
            pending += _pkg_config_line(message.text)
            optional += _package(message) if message.text.startswith("-- ") else []
            continue
        found = list(_in_message(message))
        if pending and "required package" in message.text:
            # Newer versions list what the project asked for, the lines before say what lacks.
            found = [replace(each, where=message.where) for each in pending]
            pending = []
        failed = failed or message.severity == "error"
        (required if message.severity == "error" else optional).extend(found)
    if required or not failed:
        return required
    return [replace(each, required=False) for each in [*optional, *pending]]


def _in_message(message: CMakeMessage) -> Iterator[MissingDependency]:
    yield from _package(message)
    patterns: tuple[tuple[re.Pattern[str], MissingKind, dict[str, str]], ...] = (
        (_COMPILER, MissingKind.PROGRAM, _COMPILERS),
        (_BUILD_PROGRAM, MissingKind.PROGRAM, _BUILD_PROGRAMS),
        (_NAMED_COMPILER, MissingKind.PROGRAM, {}),
        (_CHAINED, MissingKind.CMAKE_PACKAGE, {}),
    )
    for pattern, kind, names in patterns:
        if found := pattern.search(message.text):
            name = names.get(found[1], found[1]).rpartition("/")[2]
            yield _missing(kind, name, message)
    if qt := _QT.search(message.text):
        yield _missing(MissingKind.CMAKE_PACKAGE, qt[1] + qt[2], message)
    if (search := _SEARCH.search(message.text)) and message.command.lower() in _SEARCH_KINDS:
        first, *others = search[1].split(", ")
        kind = _SEARCH_KINDS[message.command.lower()]
        yield _missing(kind, first, message, details=tuple(others))
    if listed := _PKG_LIST.search(message.text):
        yield from _listed_modules(listed, message)


def _listed_modules(listed: re.Match[str], message: CMakeMessage) -> Iterator[MissingDependency]:
    """`pkg_search_module` is content with any of its modules, `pkg_check_modules` wants all."""
    text = listed[1] or listed[2].replace("- ", "")
    names = [name for each in re.split(r"[;\s]+", text) if (name := re.split("[<>=]", each)[0])]
    if listed[1] and names:
        yield _missing(MissingKind.PKG_CONFIG, names[0], message, details=tuple(names[1:]))
    elif names:
        yield from (_missing(MissingKind.PKG_CONFIG, name, message) for name in names)


def _package(message: CMakeMessage) -> Iterator[MissingDependency]:
    if config := _CONFIG.search(message.text):
        version = re.search(r", version: (\S+)", message.text)
        yield MissingDependency(
            kind=MissingKind.CMAKE_PACKAGE,
            name=config["name"] or config["other"],
            tool="cmake",
            where=message.where,
            wanted_version=config["wanted"],
            found_version=version[1] if version and config["wanted"] else None,
        )
    elif module := _MODULE.search(message.text):
        missing = _MISSING.search(message.text)
        unsuitable = _UNSUITABLE.search(message.text)
        yield MissingDependency(
            kind=MissingKind.CMAKE_PACKAGE,
            name=module["name"],
            tool="cmake",
            where=message.where,
            details=tuple(missing[1].split()) if missing else (),
            wanted_version=unsuitable["wanted"] if unsuitable else None,
            found_version=unsuitable["found"] if unsuitable else None,
        )


def _pkg_config_line(line: str) -> Iterator[MissingDependency]:
    if found := _PKG_LINE.search(line):
        yield MissingDependency(
            kind=MissingKind.PKG_CONFIG,
            name=found["name"] or found["none"] or found["old"] or found["asked"],
            tool="cmake",
            wanted_version=found["wanted"] or found["needed"],
            found_version=found["found"] or found["has"],
        )


def _missing(
    kind: MissingKind, name: str, message: CMakeMessage, details: tuple[str, ...] = ()
) -> MissingDependency:
    return MissingDependency(
        kind=kind, name=name, tool="cmake", where=message.where, details=details
    )
