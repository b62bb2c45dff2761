"""What a user asks for on the command line or in a function call, beside pipeline.yaml."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipelines.config import Config, is_option_name, is_package_name
from pipelines.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["RunRequest", "parse_options"]


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """Overrides for one run; what is left out comes from pipeline.yaml.

    Attributes:
        options: CMake cache variables as NAME, VALUE.
        packages: More Debian packages for the toolchain.
        fresh: Do not take any result from a cache, and build from an empty build directory.
        minimum_percent: Floor of line coverage, 0 to 100; None keeps that of pipeline.yaml.
        cache_namespace: Keeps this run's caches apart from those of other namespaces.
    """

    options: tuple[tuple[str, str], ...] = ()
    packages: tuple[str, ...] = ()
    preset: str | None = None
    build_type: str | None = None
    sanitizers: tuple[str, ...] = ()
    minimum_percent: float | None = None
    fresh: bool = False
    cache_namespace: str = ""

    def checked(self) -> RunRequest:
        """Return the request itself, or refuse it with all its mistakes.

        Raises:
            UsageError: An option or package name cannot be one.
        """
        mistakes = [
            f"`{name}` is no name of a CMake variable"
            for name, _ in self.options
            if not is_option_name(name)
        ]
        mistakes += [
            f"`{name}` is no name of a Debian package"
            for name in self.packages
            if not is_package_name(name)
        ]
        if self.minimum_percent is not None and not 0 <= self.minimum_percent <= 100:  # noqa: PLR2004
            raise UsageError(
                "read --minimum-percent",
                f"{self.minimum_percent:g} is not within 0–100",
                "Use a percentage",
            )
        if mistakes:
            raise UsageError(
                "read the arguments",
                "; ".join(mistakes),
                "Write --cmake-option NAME=VALUE and --package NAME",
            )
        return self

    def apply(self, config: Config) -> Config:
        """Return the configuration with this request's overrides."""
        cmake = replace(
            config.cmake,
            options=(*config.cmake.options, *self.options),
            preset=self.preset or config.cmake.preset,
            build_type=self.build_type or config.cmake.build_type,
        )
        coverage = config.coverage
        if self.minimum_percent is not None:
            coverage = replace(coverage, minimum_percent=self.minimum_percent)
        packages = (*config.toolchain.packages, *self.packages)
        toolchain = replace(config.toolchain, packages=packages)
        return replace(config, cmake=cmake, coverage=coverage, toolchain=toolchain)


def parse_options(texts: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Split each KEY=VALUE at its first `=`.

    Raises:
        UsageError: One has no `=`.
    """
    options = []
    for text in texts:
        name, separator, value = text.partition("=")
        if not separator:
            raise UsageError(
                "read --cmake-option", f"`{text}` has no `=`", "Write --cmake-option NAME=VALUE"
            )
        options.append((name.removeprefix("-D"), value))
    return tuple(options)
