"""Other toolchains than the default one: another release, another compiler, own versions."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.engine.reports import errors_of
from tests.fixtures.builders import marked_line, repository

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.cli import Cli

pytestmark = pytest.mark.engine


def configured(name: str, folder: Path, config: str) -> Path:
    """Return a copy of a fixture repository with a pipeline.yaml of its own."""
    copy = folder / name
    shutil.copytree(repository(name), copy)
    (copy / "pipeline.yaml").write_text(config, encoding="utf-8")
    return copy


def test_newer_release_builds_with_its_own_compiler(cli: Cli, tmp_path: Path) -> None:
    """`toolchain.image: debian-trixie` gives the compiler and CMake of Debian 13."""
    source = configured("plain", tmp_path, "toolchain: {image: debian-trixie}\n")
    run = cli.run("build-and-test", source=source).expect(0)
    toolchain = run.summary["toolchain"]
    assert "14." in toolchain["compiler"], toolchain
    assert toolchain["cmake"].startswith("3.31"), toolchain


def test_clang_finds_what_gcc_finds(cli: Cli, tmp_path: Path) -> None:
    """`toolchain.compiler: clang` builds with clang, and its sanitizer names the same line."""
    source = configured("heap_overflow", tmp_path, "toolchain: {compiler: clang}\n")
    run = cli.run("build-and-test", source=source).expect(1)
    assert "clang" in run.summary["toolchain"]["compiler"]
    assert run.summary["variants"]["release"]["verdict"] == "passed"
    expected = marked_line(source)
    (finding,) = errors_of(run.summary["variants"]["asan-ubsan"])
    found = (finding["kind"], finding["file"], finding["line"])
    assert found == (expected.kind, expected.file, expected.line)


def test_wanted_cmake_and_ninja_come_from_their_wheels(cli: Cli, tmp_path: Path) -> None:
    """`toolchain.cmake` and `toolchain.ninja` choose versions that the release does not have."""
    source = configured("plain", tmp_path, 'toolchain: {cmake: "3.31", ninja: "1.13"}\n')
    run = cli.run("test", source=source).expect(0)
    toolchain = run.summary["toolchain"]
    assert toolchain["cmake"].startswith("3.31."), toolchain
    assert toolchain["ninja"].startswith("1.13"), toolchain


def test_unknown_package_is_a_mistake_of_the_configuration(cli: Cli, tmp_path: Path) -> None:
    """A package that does not exist ends with exit code 2, the place in the file and the name."""
    source = configured("plain", tmp_path, "toolchain: {packages: [libnowhere-dev]}\n")
    run = cli.run("test", source=source).expect(2)
    assert "toolchain.packages" in run.output
    assert "libnowhere-dev" in run.output


def test_unknown_image_suggests_a_near_one(cli: Cli, tmp_path: Path) -> None:
    """A mistyped name of the catalogue ends with exit code 2 and the near match."""
    source = configured("plain", tmp_path, "toolchain: {image: debian-trixi}\n")
    run = cli.run("test", source=source).expect(2)
    assert "toolchain.image" in run.output
    assert "debian-trixie" in run.output
