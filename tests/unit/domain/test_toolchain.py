"""Plans of toolchain containers, and the keys that name their caches."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from pipelines.domain.toolchain import DISTRIBUTION_CMAKE, ToolchainPlan, plan_toolchain
from pipelines.stages.images import load_catalogue


def plan(compiler: str = "gcc", packages: tuple[str, ...] = ()) -> ToolchainPlan:
    """Plan a toolchain on the default image."""
    return plan_toolchain(image="debian", compiler=compiler, packages=packages, wheels=())


@pytest.mark.parametrize(
    ("compiler", "c", "cxx", "package"),
    [("gcc", "gcc", "g++", "g++"), ("clang", "clang", "clang++", "llvm")],
)
def test_a_compiler_brings_its_programs(compiler: str, c: str, cxx: str, package: str) -> None:
    """Compiler and symbolizer are installed, and the programs are called by their names."""
    toolchain = plan(compiler)
    assert (toolchain.c_compiler, toolchain.cxx_compiler) == (c, cxx)
    assert package in toolchain.base_packages
    assert {"cmake", "ninja-build", "ccache", "rsync", "git"} <= set(toolchain.base_packages)
    assert list(toolchain.base_packages) == sorted(toolchain.base_packages)


def test_the_runtimes_of_clang_are_optional() -> None:
    """A package that only some releases have does not stop the others."""
    assert plan("clang").optional_packages == ("libclang-rt-dev",)
    assert plan("gcc").optional_packages == ()


def test_packages_are_sorted_and_named_once() -> None:
    """The order in which packages are named does not make another container."""
    assert plan(packages=("b", "a", "b")) == plan(packages=("a", "b"))


def test_the_key_follows_what_object_files_depend_on() -> None:
    """Image, compiler, packages and wheels each name another build directory."""
    base = plan()
    others = [
        replace(base, image="debian-trixie"),
        replace(base, compiler="clang"),
        replace(base, packages=("libfmt-dev",)),
        replace(base, wheels=("cmake==3.31.*",)),
    ]
    assert len({base.key, *(each.key for each in others)}) == 5
    assert re.fullmatch("[0-9a-f]{16}", base.key)


def test_one_more_package_keeps_the_compiler_cache() -> None:
    """The compiler cache compares headers itself; only image and compiler split it."""
    base = plan()
    assert replace(base, packages=("libfmt-dev",)).compiler_key == base.compiler_key
    assert replace(base, compiler="clang").compiler_key != base.compiler_key
    assert replace(base, image="debian-trixie").compiler_key != base.compiler_key


def test_each_image_of_the_catalogue_has_a_known_cmake() -> None:
    """Whether a wheel is needed can be told for every image by name."""
    assert set(DISTRIBUTION_CMAKE) == set(load_catalogue({}))
