"""Which CMake a project needs, read from its files without running it."""

from __future__ import annotations

import re

from pipelines.domain.cmake_language import commands
from pipelines.domain.cmake_presets import preset_names, required_by_presets
from pipelines.domain.version import Version

__all__ = [
    "Version",
    "choose_cmake",
    "preset_names",
    "project_languages",
    "project_name",
    "required_by_presets",
    "required_cmake_version",
]

_KEYWORDS = frozenset({"VERSION", "DESCRIPTION", "HOMEPAGE_URL", "LANGUAGES", "COMPAT_VERSION"})
_LAST_OF_3 = 31
"""The last minor version before 4.0. Source: CMake's release notes."""


def required_cmake_version(cmake_lists: str) -> Version | None:
    """Return the minimum of the first cmake_minimum_required in a CMakeLists.txt.

    None when there is no such command, or when its version comes from a variable.
    """
    for command in commands(cmake_lists):
        if command.name == "cmake_minimum_required":
            arguments = [each.upper() for each in command.arguments]
            at = arguments.index("VERSION") + 1 if "VERSION" in arguments else len(arguments)
            minimum = "".join(command.arguments[at : at + 1]).split("...")[0]
            return Version.parse(minimum) if re.fullmatch(r"[\d.]+", minimum) else None
    return None


def project_name(cmake_lists: str) -> str | None:
    """Return the name in the first project command; None without one, or from a variable."""
    arguments = _project(cmake_lists)
    return arguments[0] if arguments and "$" not in arguments[0] else None


def project_languages(cmake_lists: str) -> frozenset[str]:
    """Return the languages of the first project command and of every enable_language.

    CMake's default without any is C and CXX; NONE is no language.
    """
    arguments = _project(cmake_lists)[1:]
    languages: list[str] = []
    for at, word in enumerate(arguments):
        # The short form, project(name CXX), has languages and nothing else.
        if word == "LANGUAGES" or (at == 0 and word not in _KEYWORDS):
            rest = arguments[at + 1 if word == "LANGUAGES" else at :]
            end = next((n for n, each in enumerate(rest) if each in _KEYWORDS), len(rest))
            languages += rest[:end]
            break
    else:
        languages = ["C", "CXX"]
    for command in commands(cmake_lists):
        if command.name == "enable_language":
            languages += command.arguments
    return frozenset(each for each in languages if re.fullmatch(r"\w+", each)) - {
        "NONE",
        "OPTIONAL",
    }


def choose_cmake(required: Version | None, distribution_version: Version) -> str | None:
    """Return a requirement for Python's package index, None when the distribution's will do.

    Args:
        required: what the project asks for; None asks for nothing.
        distribution_version: the version of the distribution's package.
    """
    if required is None or required <= distribution_version:
        return None
    if required.major <= 3:  # noqa: PLR2004 -- 3.31 was followed by 4.0
        if required.minor > _LAST_OF_3:
            return "cmake==4.0.*"
        required = max(required, Version(major=3, minor=_LAST_OF_3))
    series = f"cmake=={required.major}.{required.minor}.*"
    return f"{series},>={required}" if required.patch else series


def _project(cmake_lists: str) -> tuple[str, ...]:
    found = (each.arguments for each in commands(cmake_lists) if each.name == "project")
    return next(found, ())
