"""Coverage measured for real: exact numbers, floors, and runs that measured nothing."""

from __future__ import annotations

import json
import shutil
import uuid
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest

from tests.engine.reports import COMMON_FILES, VARIANT_FILES, CountedJson, VariantJson, counts_of
from tests.fixtures.builders import repository

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.cli import Cli, CliRun

pytestmark = pytest.mark.engine

KNOWN = "coverage_known"
GRADE_TEST = "tests/grade_test.cpp"


def derived(name: str, folder: Path, files: dict[str, str]) -> Path:
    """Return a copy of a fixture repository in which some files are others."""
    copy = folder / name
    shutil.copytree(repository(name), copy)
    for path, text in files.items():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        (copy / path).write_text(text, encoding="utf-8")
    return copy


def variant_of(run: CliRun) -> VariantJson:
    """Return the only variant of a run."""
    assert list(run.summary["variants"]) == ["coverage"], run.describe()
    return run.summary["variants"]["coverage"]


def numbers(run: CliRun) -> dict[str, tuple[int, int]]:
    """Return what ran out of how many: lines, branches, functions, and lines by file."""
    coverage = variant_of(run)["coverage"]
    assert coverage is not None, run.describe()

    def pair(counted: CountedJson) -> tuple[int, int]:
        return counted["covered"], counted["total"]

    return {
        "lines": pair(coverage["lines"]),
        "branches": pair(coverage["branches"]),
        "functions": pair(coverage["functions"]),
        **{each["file"]: pair(each["lines"]) for each in coverage["files"]},
    }


def problem_of(run: CliRun) -> str:
    """Return the only problem of a run that measured nothing."""
    variant = variant_of(run)
    assert variant["coverage"] is None, run.describe()
    (problem,) = variant["problems"]
    return problem


def test_known_code_gives_known_numbers_and_every_report(cli: Cli) -> None:
    """Eight of ten lines are eight of ten, in the summary, in Cobertura, in JSON and in HTML."""
    run = cli.run("coverage", source=repository(KNOWN)).expect(0)
    assert numbers(run) == {
        "lines": (8, 10),
        "branches": (5, 6),
        "functions": (1, 2),
        "src/grade.cpp": (8, 10),
    }
    assert counts_of(variant_of(run)) == (1, 0, 0)
    folder = run.reports / "coverage"
    assert [name for name in COMMON_FILES if not (run.reports / name).is_file()] == []
    assert [name for name in VARIANT_FILES if not (folder / name).is_file()] == []
    cobertura = ET.parse(folder / "cobertura.xml").getroot()  # noqa: S314 - our own run wrote it
    assert (cobertura.get("lines-covered"), cobertura.get("lines-valid")) == ("8", "10")
    assert [each.get("filename") for each in cobertura.iter("class")] == ["src/grade.cpp"]
    assert [each.text for each in cobertura.iter("source")] == ["."]
    gcovr = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert (gcovr["line_covered"], gcovr["line_total"]) == (8, 10)
    assert "grade.cpp" in (folder / "html" / "index.html").read_text(encoding="utf-8")
    (page,) = folder.glob("html/*grade.cpp*.html")
    assert "the lines of both functions that count" in page.read_text(encoding="utf-8")
    assert "### Coverage" in (run.reports / "summary.md").read_text(encoding="utf-8")


def test_a_floor_holds_to_its_boundary_and_costs_no_second_run(cli: Cli) -> None:
    """At 80 % the floor 80 passes and 80.1 fails, both on what was measured once."""
    source = repository(KNOWN)
    cli.run("coverage", "--minimum-percent", "80", source=source).expect(0)
    red = cli.run("coverage", "--minimum-percent", "80.1", source=source).expect(1)
    variant = variant_of(red)
    assert all(step["cached"] for step in variant["steps"])
    assert variant["verdict"] == "failed"
    assert variant["problems"] == []
    assert numbers(red)["lines"] == (8, 10)
    assert (red.reports / "coverage" / "html" / "index.html").is_file()
    text = cli.call("coverage", "--source", str(source), "--minimum-percent", "80.1").expect(1)
    for words in (
        "Line coverage is 80.0 % (8 of 10), below the floor of 80.1 %",
        "src/grade.cpp (2 uncovered)",
        "lines 80.0 % (8 of 10), floor 80.1 %",
        "2 of 10 in src/grade.cpp",
    ):
        assert words in text.stdout


def test_the_floors_of_the_file_hold(cli: Cli, tmp_path: Path) -> None:
    """pipeline.yaml asks for lines and branches; each floor is judged by itself."""
    config = "coverage: {minimum_percent: 75, minimum_branch_percent: 90}\n"
    source = derived(KNOWN, tmp_path, {"pipeline.yaml": config})
    run = cli.run("coverage", source=source).expect(1)
    summary = (run.reports / "summary.md").read_text(encoding="utf-8")
    assert "Branch coverage is 83.3 % (5 of 6), below the floor of 90 %" in summary
    assert "Line coverage is" not in summary


def test_a_header_counts_each_line_once(cli: Cli) -> None:
    """Templates with several instances in several programs are the lines that a person sees."""
    run = cli.run("coverage", source=repository("coverage_inline")).expect(0)
    found = numbers(run)
    assert found["lines"] == found["include/limits/clamp.hpp"] == (7, 8)


def test_paths_begin_at_the_repository(cli: Cli) -> None:
    """With CMake in a folder below, files beside it count, and paths start at the root."""
    run = cli.run("coverage", source=repository("coverage_subdirectory")).expect(0)
    assert numbers(run)["lines"] == (5, 6)
    cobertura = ET.parse(run.reports / "coverage" / "cobertura.xml")  # noqa: S314 - our own
    names = sorted(str(each.get("filename")) for each in cobertura.getroot().iter("class"))
    assert names == ["native/engine/speed.cpp", "native/shared/limit.cpp"]


def test_a_test_that_aborts_is_red_and_the_others_count(cli: Cli) -> None:
    """A killed program leaves no counters; what the other test reached is in the report."""
    run = cli.run("coverage", source=repository("coverage_abort")).expect(1)
    assert counts_of(variant_of(run)) == (1, 1, 0)
    assert numbers(run)["lines"] == (3, 4)
    assert (run.reports / "coverage" / "cobertura.xml").is_file()


def test_what_an_earlier_run_reached_is_forgotten(cli: Cli, tmp_path: Path) -> None:
    """When a test checks less, the next run has exactly the lower number."""
    source = derived(KNOWN, tmp_path, {})
    namespace = f"test-{uuid.uuid4().hex}"

    def measure(*options: str) -> dict[str, tuple[int, int]]:
        options = ("--cache-namespace", namespace, *options)
        return numbers(cli.run("coverage", *options, source=source).expect(0))

    assert measure()["lines"] == (8, 10)
    complete = (source / GRADE_TEST).read_text()
    less = '#include "grade.hpp"\n\nint main() { return grade(95) == 1 ? 0 : 1; }\n'
    (source / GRADE_TEST).write_text(less)
    assert measure()["lines"] == (3, 10)
    assert measure("--fresh")["lines"] == (3, 10)
    (source / GRADE_TEST).write_text(complete)
    assert measure()["lines"] == (8, 10)


@pytest.mark.parametrize(
    ("toolchain", "compiler", "lines"),
    [
        ("{compiler: clang}", "clang version 14", (9, 11)),
        ("{image: debian-trixie}", "14.", (8, 10)),
        ("{image: debian-trixie, compiler: clang}", "clang version 19", (9, 11)),
    ],
)
def test_other_toolchains_measure_the_same_code(
    cli: Cli, tmp_path: Path, toolchain: str, compiler: str, lines: tuple[int, int]
) -> None:
    """Each compiler's counters are read by its own tool; Clang counts one closing brace more."""
    source = derived(KNOWN, tmp_path, {"pipeline.yaml": f"toolchain: {toolchain}\n"})
    run = cli.run("coverage", source=source).expect(0)
    assert compiler in run.summary["toolchain"]["compiler"]
    found = numbers(run)
    assert (found["lines"], found["functions"]) == (lines, (1, 2))


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_no_thread_loses_a_count(cli: Cli, tmp_path: Path, compiler: str) -> None:
    """Counters are atomic: four threads that run a line 50 000 times each give 200 000."""
    threads = (
        '#include <thread>\n\n#include "grade.hpp"\n\nstatic void work() {\n'
        "    for (int i = 0; i < 50000; ++i) {\n        grade(95);\n    }\n}\n\n"
        "int main() {\n    std::thread a(work), b(work), c(work), d(work);\n"
        "    a.join();\n    b.join();\n    c.join();\n    d.join();\n}\n"
    )
    files = {GRADE_TEST: threads, "pipeline.yaml": f"toolchain: {{compiler: {compiler}}}\n"}
    run = cli.run("coverage", source=derived(KNOWN, tmp_path, files)).expect(0)
    cobertura = ET.parse(run.reports / "coverage" / "cobertura.xml")  # noqa: S314 - our own
    hits = {each.get("hits") for each in cobertura.getroot().iter("line")}
    assert hits == {"0", "200000"}


def test_a_compiler_of_its_own_is_read_by_its_own_gcov(cli: Cli, tmp_path: Path) -> None:
    """A project that chooses an older GCC beside the image's is measured all the same."""
    config = "toolchain: {packages: [g++-11]}\ncmake: {options: {CMAKE_CXX_COMPILER: g++-11}}\n"
    source = derived(KNOWN, tmp_path, {"pipeline.yaml": config})
    assert numbers(cli.run("coverage", source=source).expect(0))["lines"] == (8, 10)


def test_counters_of_two_compilers_are_refused(cli: Cli, tmp_path: Path) -> None:
    """Where no gcov can read all counters, the run is red and names both compilers."""
    config = "toolchain: {packages: [g++-11]}\ncmake: {options: {CMAKE_CXX_COMPILER: g++-11}}\n"
    lists = (repository(KNOWN) / "CMakeLists.txt").read_text()
    files = {
        "pipeline.yaml": config,
        "src/other.c": "int other(void) { return 2; }\n",
        "CMakeLists.txt": lists.replace("LANGUAGES CXX", "LANGUAGES C CXX").replace(
            "src/grade.cpp", "src/grade.cpp src/other.c"
        ),
    }
    problem = problem_of(cli.run("coverage", source=derived(KNOWN, tmp_path, files)).expect(1))
    assert "GCC 11: 2, GCC 12: 1" in problem
    assert "Build C and C++ with one compiler" in problem


def test_dropped_flags_are_an_explained_failure(cli: Cli) -> None:
    """A project that throws the flags away is red with cause and fix, also without any floor."""
    run = cli.run("coverage", source=repository("coverage_dropped_flags")).expect(1)
    assert counts_of(variant_of(run)) == (1, 0, 0)
    problem = problem_of(run)
    assert "no object file has counters" in problem
    assert "COMPILE_OPTIONS" in problem


def test_tests_that_run_something_else_are_an_explained_failure(cli: Cli, tmp_path: Path) -> None:
    """Counters that stay untouched are no 0 %: nothing was measured."""
    lists = (repository(KNOWN) / "CMakeLists.txt").read_text()
    other = lists.replace("COMMAND grade_test", "COMMAND ${CMAKE_COMMAND} -E true")
    source = derived(KNOWN, tmp_path, {"CMakeLists.txt": other})
    problem = problem_of(cli.run("coverage", source=source).expect(1))
    assert "2 object files have counters, and no test ran one of them" in problem


def test_tests_that_miss_the_code_are_an_explained_failure(cli: Cli, tmp_path: Path) -> None:
    """A test program that calls nothing of the project proves nothing."""
    source = derived(KNOWN, tmp_path, {GRADE_TEST: "int main() { return 0; }\n"})
    assert "None of the 10 lines ran" in problem_of(cli.run("coverage", source=source).expect(1))


def test_rules_that_leave_nothing_are_an_explained_failure(cli: Cli, tmp_path: Path) -> None:
    """When every file is left out, the rules and an example are named."""
    config = "coverage: {include: [lib/], exclude: [tests/]}\n"
    source = derived(KNOWN, tmp_path, {"pipeline.yaml": config})
    problem = problem_of(cli.run("coverage", source=source).expect(1))
    assert "coverage.exclude tests/; coverage.include lib/" in problem
    assert "for example src/grade.cpp" in problem


def test_rules_choose_the_files(cli: Cli, tmp_path: Path) -> None:
    """Tests count where they are not excluded, and a gcovr.cfg of the project changes nothing."""
    files = {
        "pipeline.yaml": "coverage: {exclude: []}\n",
        "gcovr.cfg": "fail-under-line = 100\nexclude = src/\n",
    }
    found = numbers(cli.run("coverage", source=derived(KNOWN, tmp_path, files)).expect(0))
    # Of the test's four lines one is its failure, which does not happen.
    assert found == {**found, "lines": (11, 14), GRADE_TEST: (3, 4), "src/grade.cpp": (8, 10)}


@pytest.mark.parametrize(("flags", "exit_code"), [("--coverage", 0), ("-Wall", 1)])
def test_a_preset_of_its_own_is_in_charge(
    cli: Cli, tmp_path: Path, flags: str, exit_code: int
) -> None:
    """`coverage.preset` brings the counters itself; one that does not is told so."""
    variables = {"CMAKE_BUILD_TYPE": "Debug", "CMAKE_CXX_FLAGS": flags}
    preset = {"name": "counters", "cacheVariables": variables}
    files = {
        "CMakePresets.json": json.dumps({"version": 3, "configurePresets": [preset]}),
        "pipeline.yaml": "coverage: {preset: counters}\n",
    }
    run = cli.run("coverage", source=derived(KNOWN, tmp_path, files)).expect(exit_code)
    if exit_code == 0:
        assert numbers(run)["lines"] == (8, 10)
    else:
        assert "a coverage.preset must bring --coverage itself" in problem_of(run)


def test_without_tests_nothing_is_measured(cli: Cli) -> None:
    """No test is a failure here as everywhere, and no percentage is shown."""
    run = cli.run("coverage", source=repository("no_tests")).expect(1)
    assert any("ctest found no tests" in each for each in variant_of(run)["problems"])
    assert variant_of(run)["coverage"] is None
