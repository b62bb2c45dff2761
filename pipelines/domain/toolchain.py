"""What a toolchain container is made of: a pure plan."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

__all__ = [
    "DISTRIBUTION_CMAKE",
    "GCOVR_WHEELS",
    "ToolchainPlan",
    "lint_packages",
    "plan_toolchain",
]

# What builds nearly every CMake project; rsync and ccache are ours.
_COMMON = (
    "ca-certificates",
    "ccache",
    "cmake",
    "git",
    "make",
    "netbase",  # /etc/services and /etc/protocols, which tests of network code look into
    "ninja-build",
    "pkg-config",
    "rsync",
)
_COMPILERS = {
    "gcc": ("gcc", "g++"),
    # llvm brings the symbolizer, without which sanitizer reports have no line numbers.
    "clang": ("clang", "llvm"),
}
# In some releases the sanitizer runtimes of clang are a package of their own.
_WHERE_THERE = {"gcc": (), "clang": ("libclang-rt-dev",)}

DISTRIBUTION_CMAKE = {
    "debian": "3.25.1",
    "debian-trixie": "3.31.6",
    "ubuntu-22.04": "3.22.1",
    "ubuntu-24.04": "3.28.3",
}
"""The CMake of each image of the catalogue. Source: the package lists of the releases."""

GCOVR_WHEELS = (
    "gcovr==8.8",
    "colorlog==6.12.0",
    "jinja2==3.1.6",
    "lxml==6.1.3",
    "markupsafe==3.0.4",
    "pygments==2.21.0",
    "tomli==2.5.0; python_version < '3.11'",
    "typing-extensions==4.16.0; python_version < '3.11'",
)
"""gcovr with all it needs, the same on every image.

Each release has another gcovr; the 5.2 of Debian 12 cannot merge the instances of a template.
"""


@dataclass(frozen=True, kw_only=True)
class ToolchainPlan:
    """A container to build in.

    Attributes:
        image: A name of the image catalogue, or an image reference.
        compiler: "gcc" or "clang".
        base_packages: Debian packages that every project gets; a layer of its own.
        optional_packages: Debian packages that are installed where the release has them.
        packages: The project's own Debian packages.
        wheels: PyPI requirements for tools that the release has only in an older version.
    """

    image: str
    compiler: str
    base_packages: tuple[str, ...]
    optional_packages: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    wheels: tuple[str, ...] = ()

    @property
    def c_compiler(self) -> str:
        """The C compiler's program."""
        return self.compiler

    @property
    def cxx_compiler(self) -> str:
        """The C++ compiler's program."""
        return {"gcc": "g++", "clang": "clang++"}[self.compiler]

    @property
    def key(self) -> str:
        """Change when object files of the one would not fit the other: names cache volumes."""
        parts = [self.image, self.compiler, self.packages, self.wheels]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]

    @property
    def compiler_key(self) -> str:
        """Change with image and compiler: names the compiler cache.

        One more package must not empty it; ccache itself compares compiler and headers by content.
        """
        return hashlib.sha256(json.dumps([self.image, self.compiler]).encode()).hexdigest()[:16]


def plan_toolchain(
    *, image: str, compiler: str, packages: tuple[str, ...], wheels: tuple[str, ...]
) -> ToolchainPlan:
    """Plan the toolchain of a project; packages are sorted and named once."""
    return ToolchainPlan(
        image=image,
        compiler=compiler,
        base_packages=tuple(sorted({*_COMMON, *_COMPILERS[compiler]})),
        optional_packages=_WHERE_THERE[compiler],
        packages=tuple(sorted(set(packages))),
        wheels=wheels,
    )


def lint_packages(
    *, clang_format: bool, clang_tidy: bool, cppcheck: bool, clang_version: int | None
) -> tuple[str, ...]:
    """Return the Debian packages of the tools that read sources; no version is the release's."""
    suffix = f"-{clang_version}" if clang_version else ""
    wanted = {
        f"clang-format{suffix}": clang_format,
        # Brings the clang of its release, which knows what each file includes.
        f"clang-tidy{suffix}": clang_tidy,
        "cppcheck": cppcheck,
    }
    return (*(name for name, is_wanted in wanted.items() if is_wanted), "python3")
