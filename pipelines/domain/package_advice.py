"""Turn what is missing into packages to install, sentences and findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.domain.debian_packages import Candidates, DebianTable
from pipelines.domain.findings import Finding, Severity
from pipelines.domain.missing_values import MissingDependency, MissingKind

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["PackageSuggestion", "explain", "missing_findings", "suggest"]


@dataclass(frozen=True, kw_only=True)
class PackageSuggestion:
    """Packages that have what is missing.

    Install the first of ``packages``; the others have it too. Without any, the suite is not
    known to have it, or has another version only. ``certain`` is False for a resemblance.
    """

    missing: MissingDependency
    packages: tuple[str, ...]
    certain: bool = True


def suggest(
    missing: Iterable[MissingDependency], table: DebianTable
) -> tuple[PackageSuggestion, ...]:
    """Look everything up; a thing that needs several packages gets several suggestions."""
    return tuple(
        PackageSuggestion(missing=each, packages=found.packages, certain=found.certain)
        for each in missing
        for found in _look_up(each, table) or (Candidates(packages=()),)
    )


def explain(suggestions: Iterable[PackageSuggestion]) -> tuple[str, ...]:
    """Return one sentence for each missing thing: what was found, and what to do."""
    return tuple(
        f"{_doing(each)}: {_sentence(each, found)}" for each, found in _grouped(suggestions)
    )


def missing_findings(suggestions: Iterable[PackageSuggestion]) -> tuple[Finding, ...]:
    """Return one finding of kind ``missing-dependency`` for each missing thing.

    What the build went on without is a warning.
    """
    return tuple(
        Finding(
            kind="missing-dependency",
            tool=each.tool,
            message=_sentence(each, found),
            severity=Severity.ERROR if each.required else Severity.WARNING,
            location=each.where,
        )
        for each, found in _grouped(suggestions)
    )


def _look_up(missing: MissingDependency, table: DebianTable) -> tuple[Candidates, ...]:
    if missing.wanted_version is not None:
        return ()  # it is installed; installing it again does not make it newer
    if missing.kind is MissingKind.CMAKE_PACKAGE:
        return table.cmake_package(missing.name, missing.details)
    look_up = {
        MissingKind.PKG_CONFIG: table.pkg_config_module,
        MissingKind.HEADER: table.header,
        MissingKind.PROGRAM: table.program,
        MissingKind.LIBRARY: table.library,
    }[missing.kind]
    for name in (missing.name, *missing.details):
        if found := look_up(name):
            return (found,)
    return ()


def _grouped(
    suggestions: Iterable[PackageSuggestion],
) -> Iterable[tuple[MissingDependency, list[PackageSuggestion]]]:
    groups: dict[MissingDependency, list[PackageSuggestion]] = {}
    for suggestion in suggestions:
        groups.setdefault(suggestion.missing, []).append(suggestion)
    return groups.items()


def _doing(missing: MissingDependency) -> str:
    return {"cmake": "configure", "ld": "link", "sh": "build"}.get(missing.tool, "compile")


def _sentence(missing: MissingDependency, suggestions: list[PackageSuggestion]) -> str:
    place = f" ({missing.where})" if missing.where else ""
    return f"{_found(missing)}{place}. {_todo(missing, suggestions)}"


def _found(missing: MissingDependency) -> str:
    what = {
        MissingKind.CMAKE_PACKAGE: "package",
        MissingKind.PKG_CONFIG: "pkg-config module",
        MissingKind.HEADER: "header",
        MissingKind.PROGRAM: "program",
        MissingKind.LIBRARY: "library",
    }[missing.kind]
    if missing.wanted_version is not None:
        found = missing.found_version or "another version"
        return f"{what} {missing.name} {found} is there, but {missing.wanted_version} is wanted"
    who = {"cmake": "CMake", "ld": "the linker", "sh": "the shell"}.get(missing.tool, missing.tool)
    if missing.kind is MissingKind.CMAKE_PACKAGE and missing.details:
        return f"{who} found no package {missing.name}, missing {', '.join(missing.details)}"
    return f"{who} found no {what} {' or '.join((missing.name, *missing.details))}"


def _todo(missing: MissingDependency, suggestions: list[PackageSuggestion]) -> str:
    if missing.wanted_version is not None:
        return (
            "Let the project accept the version that is there, or fetch the wanted one itself"
            " (FetchContent)."
        )
    known = [each for each in suggestions if each.packages]
    if not known:
        return _without_package(missing)
    options = " ".join(f"--package {each.packages[0]}" for each in known)
    start = "Install it:" if all(each.certain for each in known) else "If it is this one, install"
    others = known[0].packages[1:] if len(known) == 1 else ()
    more = f" Others that have it: {', '.join(others)}." if others else ""
    return f"{start} {options}, or toolchain.packages in pipeline.yaml.{more}"


def _without_package(missing: MissingDependency) -> str:
    if missing.kind is MissingKind.HEADER:
        return (
            "No Debian package is known to have it. A file of the project needs its folder in"
            " target_include_directories; a file of another project must be fetched (FetchContent)."
        )
    if missing.kind is MissingKind.LIBRARY:
        return (
            "No Debian package is known to have it. Link to a target of the project by its CMake"
            " name, or let the project fetch the library (FetchContent)."
        )
    return (
        "No Debian package is known to have it. Let the project fetch it (FetchContent), or turn"
        " off the part that needs it with --cmake-option."
    )
