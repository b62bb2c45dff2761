"""What a failed configure or build lacked, and which Debian packages have it."""

from __future__ import annotations

from pipelines.domain.missing_in_build import missing_in_build
from pipelines.domain.missing_in_cmake import missing_in_cmake
from pipelines.domain.missing_values import MissingDependency, MissingKind, merged
from pipelines.domain.network_failure import NetworkFailure, network_failures
from pipelines.domain.package_advice import (
    PackageSuggestion,
    explain,
    missing_findings,
    suggest,
)
from pipelines.domain.source_paths import SourceTree

__all__ = [
    "MissingDependency",
    "MissingKind",
    "NetworkFailure",
    "PackageSuggestion",
    "explain",
    "find_missing",
    "missing_findings",
    "network_failures",
    "suggest",
]

_SOURCES = SourceTree(source_root="/src", build_root="/build")


def find_missing(output: str, *, sources: SourceTree = _SOURCES) -> tuple[MissingDependency, ...]:
    """Return what the output of configuring or building says is missing, once each.

    Optional packages that CMake did not find are left out, unless it failed without naming
    another cause. Any text is accepted; one without such messages gives nothing.
    """
    return merged([*missing_in_cmake(output, sources), *missing_in_build(output, sources)])
