"""The second run of a repository: what is built again, and what is not."""

from __future__ import annotations

import os
import re
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.cli import Cli, CliRun

pytestmark = pytest.mark.engine

LISTS = """\
cmake_minimum_required(VERSION 3.20)
project(incremental LANGUAGES CXX)
enable_testing()
set(EXPECTED 1 CACHE STRING "What value() has to be")
file(GLOB sources *.cpp)
add_executable(incremental_test ${sources})
target_compile_definitions(incremental_test PRIVATE EXPECTED=${EXPECTED})
add_test(NAME incremental.value COMMAND incremental_test)
"""
FILES = {
    "CMakeLists.txt": LISTS,
    "main.cpp": '#include "value.hpp"\nint main() { return value() == EXPECTED ? 0 : 1; }\n',
    "other.cpp": "int other() { return 2; }\n",
    "value.hpp": "inline int value() { return 1; }\n",
}
YEAR_S = 365 * 24 * 3600


@dataclass(kw_only=True)
class Repository:
    """A repository with caches of its own, and the command that tests it."""

    folder: Path
    cli: Cli
    namespace: str

    def write(self, name: str, text: str, *, age_s: float = 0) -> None:
        """Write a file that was last changed so long ago; negative is in the future."""
        path = self.folder / name
        path.write_text(text)
        stamp = time.time() - age_s
        os.utime(path, (stamp, stamp))

    def test(self, *options: str) -> CliRun:
        """Test it, not more than once per state of its files."""
        return self.cli.run(
            "test", "--cache-namespace", self.namespace, *options, source=self.folder
        )


@pytest.fixture
def repo(cli: Cli, tmp_path: Path) -> Repository:
    """Return a repository that was built and tested once, green."""
    folder = tmp_path / "repository"
    folder.mkdir()
    made = Repository(folder=folder, cli=cli, namespace=f"test-{uuid.uuid4().hex}")
    for name, text in FILES.items():
        made.write(name, text, age_s=3600)
    assert compiled(made.test().expect(0)) == {"main.cpp", "other.cpp"}
    return made


def compiled(run: CliRun) -> set[str]:
    """Return the sources that the build tool compiled, with or without its compiler cache."""
    log = (run.reports / "release" / "build.log").read_text(encoding="utf-8")
    return set(re.findall(r"Building CXX object \S+/(\w+\.cpp)\.o", log))


def is_cached(run: CliRun) -> bool:
    """Tell whether the engine remembered the whole run."""
    return all(step["cached"] for step in run.summary["variants"]["release"]["steps"])


def test_nothing_changed_is_not_even_run(repo: Repository) -> None:
    """The same files give the remembered result, with all its reports."""
    run = repo.test().expect(0)
    assert is_cached(run)
    assert (run.reports / "release" / "junit.xml").is_file()


def test_new_times_of_the_same_contents_build_nothing(repo: Repository) -> None:
    """A fresh checkout has new times everywhere; nothing is compiled for that."""
    for name, text in FILES.items():
        repo.write(name, text, age_s=-60)
    run = repo.test().expect(0)
    assert is_cached(run) or compiled(run) == set()


def test_one_changed_source_is_one_compilation(repo: Repository) -> None:
    """Only what depends on the change is built again."""
    repo.write("other.cpp", "int other() { return 3; }\n")
    assert compiled(repo.test().expect(0)) == {"other.cpp"}


@pytest.mark.parametrize("age_s", [0, YEAR_S], ids=["now", "a-year-ago"])
def test_a_changed_header_counts_whatever_its_time(repo: Repository, age_s: int) -> None:
    """Old times, as an unpacked archive has them, do not hide a change."""
    repo.write("value.hpp", "inline int value() { return 5; }\n", age_s=age_s)
    run = repo.test().expect(1)
    assert compiled(run) == {"main.cpp"}
    repo.write("value.hpp", FILES["value.hpp"], age_s=2 * YEAR_S)
    repo.test().expect(0)


def test_a_removed_source_is_gone(repo: Repository) -> None:
    """What is no longer in the repository is in no build, also where CMake globs."""
    repo.write("broken.cpp", "int value_of_a_new_file() { return 1; }\n")
    assert "broken.cpp" in compiled(repo.test().expect(0))
    (repo.folder / "broken.cpp").unlink()
    (repo.folder / "value.hpp").rename(repo.folder / "renamed.hpp")
    run = repo.test().expect(1)
    assert "value.hpp" in (run.reports / "release" / "build.log").read_text(encoding="utf-8")
    repo.write("main.cpp", FILES["main.cpp"].replace("value.hpp", "renamed.hpp"))
    assert "broken.cpp" not in compiled(repo.test().expect(0))


def test_an_option_that_is_gone_is_gone(repo: Repository) -> None:
    """A cache variable of an earlier run has no effect on the next one."""
    repo.test("--cmake-option", "EXPECTED=7").expect(1)
    run = repo.test().expect(0)
    assert is_cached(run) or compiled(run) == {"main.cpp", "other.cpp"}
    # The remembered result may be right by luck; another source makes it a real run.
    repo.write("other.cpp", "int other() { return 4; }\n")
    repo.test().expect(0)


def test_changed_cmake_files_configure_anew(repo: Repository) -> None:
    """What CMakeLists.txt no longer says is forgotten."""
    repo.write("CMakeLists.txt", LISTS.replace("EXPECTED 1 CACHE", "EXPECTED 2 CACHE"))
    repo.test().expect(1)


def test_fresh_builds_everything_again(repo: Repository) -> None:
    """--fresh takes no result, no build folder and no object out of any cache."""
    run = repo.test("--fresh").expect(0)
    assert not is_cached(run)
    assert compiled(run) == {"main.cpp", "other.cpp"}
