"""The helper that reads counters inside the container, run here with fakes of gcov and gcovr."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from pipelines.stages import read_counters
from pipelines.stages.read_counters import find_counters, main, reader_of, writer_of
from tests.unit.fakes import write_program

if TYPE_CHECKING:
    from pathlib import Path

GCC_12 = b"oncg*22B"
GCC_14 = b"oncg*24B"
CLANG = b"oncg*804"

GCOVR = """
printf '%s\\n' "$PWD" "$@" > "$LOG"
while [ $# -gt 1 ]; do
  case $1 in --cobertura) printf '<source>%s</source>' "$PWD" > "$2" ;; esac
  shift
done
exit "${CODE:-0}"
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return folders for sources, build and reports, with gcov-12 and gcovr as only programs."""
    for name in ("sources", "build", "reports"):
        (tmp_path / name).mkdir()
    write_program(tmp_path / "bin" / "gcov-12", "")
    write_program(tmp_path / "venv" / "gcovr", GCOVR)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("LOG", str(tmp_path / "gcovr-was-called"))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "venv" / "python"))
    return tmp_path


def add_object(build: Path, name: str, head: bytes = GCC_12, *, ran: bool = True) -> None:
    """Put an instrumented object file's notes, and its counters when it ran, into the build."""
    notes = build / name
    notes.parent.mkdir(parents=True, exist_ok=True)
    notes.write_bytes(head + b"the rest")
    if ran:
        notes.with_suffix(".gcda").touch()


def run(place: Path, *arguments: str) -> tuple[int, dict[str, object]]:
    """Run the helper; return its exit code and what it found."""
    folders = [str(place / name) for name in ("sources", "build", "reports")]
    code = main([*folders, *arguments])
    found: dict[str, object] = json.loads((place / "reports" / "counters.json").read_text())
    return code, found


@pytest.mark.parametrize(
    ("head", "writer"),
    [
        (GCC_12, "GCC 12"),
        (GCC_14, "GCC 14"),
        (b"oncg*39A", "GCC 9"),
        (b"oncg*11B", "GCC 11"),
        (CLANG, "Clang"),
        (b"oncg*704", "an unknown compiler"),
        (b"gcno*22B", "an unknown compiler"),
        (b"oncg", "an unknown compiler"),
        (b"", "an unknown compiler"),
    ],
)
def test_the_stamp_of_the_notes_names_the_compiler(head: bytes, writer: str) -> None:
    """GCC writes its version, Clang always the same one; anything else is not guessed."""
    assert writer_of(head) == writer


def test_a_reader_has_the_version_of_the_writer(place: Path) -> None:
    """Only the gcov of the same GCC will do, under its own name or as plain gcov."""
    assert reader_of("GCC 12") == "gcov-12"
    assert reader_of("GCC 14") is None
    write_program(place / "bin" / "gcov", "echo 'gcov (GCC) 14.2.0'; echo 'Copyright 12'")
    assert reader_of("GCC 14") == "gcov"
    assert reader_of("GCC 13") is None
    assert reader_of("Clang") is None
    write_program(place / "bin" / "llvm-cov", "")
    assert reader_of("Clang") == "llvm-cov gcov"
    assert reader_of("an unknown compiler") is None


def test_objects_are_counted_by_compiler(place: Path) -> None:
    """Checks that CMake makes of the compiler do not count."""
    build = place / "build"
    add_object(build, "CMakeFiles/app.dir/src/b.cpp.gcno")
    add_object(build, "CMakeFiles/app.dir/src/a.c.gcno", GCC_14)
    add_object(build, "CMakeFiles/3.25.1/CompilerIdCXX/CMakeCXXCompilerId.gcno", CLANG)
    writers, example = find_counters(build)
    assert writers == {"GCC 12": 1, "GCC 14": 1}
    assert example == "src/a.c"


def test_gcovr_is_told_where_everything_is(place: Path) -> None:
    """It runs in the sources, takes no configuration of the project, and gets our arguments."""
    add_object(place / "build", "CMakeFiles/app.dir/src/a.cpp.gcno")
    code, found = run(place, "--exclude=tests/", "--filter=a b")
    assert code == 0
    assert (found["instrumented"], found["counted"], found["reader"]) == (1, 1, "gcov-12")
    called = (place / "gcovr-was-called").read_text().splitlines()
    assert called[0] == str(place / "sources")
    assert called[-3:] == ["--exclude=tests/", "--filter=a b", str(place / "build")]
    for option, value in (
        ("--config", os.devnull),
        ("--gcov-executable", "gcov-12"),
        ("--json-summary", str(place / "reports" / "summary.json")),
        ("--html-details", str(place / "reports" / "html" / "index.html")),
    ):
        assert called[called.index(option) + 1] == value


def test_cobertura_names_no_folder_of_the_container(place: Path) -> None:
    """Paths are relative to the repository, wherever that is for the reader."""
    add_object(place / "build", "a.gcno")
    run(place)
    assert (place / "reports" / "cobertura.xml").read_text() == "<source>.</source>"


@pytest.mark.parametrize(
    "objects",
    [
        {},
        {"a.cpp.gcno": GCC_14},
        {"a.cpp.gcno": GCC_12, "b.c.gcno": CLANG},
    ],
)
def test_what_nobody_can_read_is_left_to_the_verdict(
    place: Path, objects: dict[str, bytes]
) -> None:
    """Without one gcov that fits gcovr is not called, and the facts are there all the same."""
    for name, head in objects.items():
        add_object(place / "build", name, head)
    code, found = run(place)
    assert (code, found["reader"], found["instrumented"]) == (0, None, len(objects))
    assert not (place / "gcovr-was-called").exists()


def test_without_counters_gcovr_is_not_called(place: Path) -> None:
    """Objects of which none ran would give 0 %, which is no measurement."""
    add_object(place / "build", "a.cpp.gcno", ran=False)
    code, found = run(place)
    assert (code, found["instrumented"], found["counted"]) == (0, 1, 0)
    assert not (place / "gcovr-was-called").exists()


def test_a_failure_of_gcovr_is_the_exit_code(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The step fails with the code that gcovr ended with."""
    monkeypatch.setenv("CODE", "64")
    add_object(place / "build", "a.cpp.gcno")
    assert run(place)[0] == 64


def test_the_helper_needs_nothing_of_this_package() -> None:
    """It is copied into a container that has only Python."""
    with open(read_counters.__file__, encoding="utf-8") as file:  # noqa: PTH123 - shorter here
        assert "from pipelines" not in file.read()
