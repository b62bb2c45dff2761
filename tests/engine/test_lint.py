"""Linting for real: what each tool finds, what counts against a base, and what is not judged."""

from __future__ import annotations

import json
import shutil
import subprocess
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.test_edges import dagger
from tests.fixtures.builders import repository

if TYPE_CHECKING:
    from pathlib import Path

    from tests.engine.cli import Cli, CliRun

__all__ = ["dagger"]

pytestmark = pytest.mark.engine

# Kept in the headers and sources that they are put into, one for each tool.
COPY = "int copies(std::string text) { return length(text) + 1; }\n"
COPY_CHECK = "performance-unnecessary-value-param"
NULL = "int reads() {\n    int* nothing = nullptr;\n    return *nothing;\n}\n"
UGLY = "int   ugly( ) ;\n"


def git(folder: Path, *arguments: str) -> None:
    """Run git in a folder, whoever and wherever the user is."""
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.invalid"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True)


def commit(folder: Path) -> None:
    """Make everything in a folder a commit of its own repository."""
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "all")


def append(file: Path, text: str) -> int:
    """Add lines to a file; return the number of the first one."""
    before = file.read_bytes()
    file.write_bytes(before + text.encode())
    return before.count(b"\n") + 1


def new_findings(run: CliRun) -> set[tuple[str, str, int]]:
    """Return the kinds and places of what failed the run."""
    return {
        (each["kind"], each["file"] or "", each["line"] or 0)
        for each in run.summary["variants"]["lint"]["findings"]
    }


def lint_of(run: CliRun) -> dict[str, Any]:
    """Return the key `lint` of summary.json."""
    document: dict[str, Any] = json.loads((run.reports / "summary.json").read_text())
    lint: dict[str, Any] = document["lint"]
    return lint


def tool_of(run: CliRun, name: str) -> dict[str, Any]:
    """Return what one tool did."""
    found: dict[str, Any] = next(each for each in lint_of(run)["tools"] if each["name"] == name)
    return found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a copy of the clean project, to be spoilt.

    Outside of any work tree: a clone has a base, and with it nothing here would be looked at.
    """
    return shutil.copytree(repository("lint"), tmp_path / "project")


def test_a_clean_project_is_green(cli: Cli, project: Path) -> None:
    """Nothing is found in a sound project, in spite of what its dependencies have.

    Its build has headers that are generated and precompiled, a flag that only GCC knows, -Werror,
    and a dependency full of findings in _deps.
    """
    run = cli.run("lint", source=project).expect(0)
    assert json.loads(run.stdout) == json.loads((run.reports / "summary.json").read_text())
    lint = lint_of(run)
    assert (lint["new"], lint["old"]) == (0, 0)
    assert tool_of(run, "clang-format")["checked"] == 3
    assert tool_of(run, "clang-tidy")["checked"] == 2
    assert tool_of(run, "cppcheck")["checked"] == 2
    assert all(tool["version"] for tool in lint["tools"])
    assert any(
        "-fconcepts-diagnostics-depth" in note for note in tool_of(run, "clang-tidy")["notes"]
    )


def test_each_tool_finds_its_own(cli: Cli, project: Path) -> None:
    """Without a base every finding is new: in sources, in headers, and in the layout."""
    header = append(project / "include" / "counter.hpp", f"inline {COPY}")
    source = append(project / "src" / "total.cpp", NULL)
    ugly = append(project / "src" / "counter.cpp", UGLY)
    run = cli.run("lint", source=project).expect(1)
    found = new_findings(run)
    assert (COPY_CHECK, "include/counter.hpp", header) in found
    assert ("nullPointer", "src/total.cpp", source + 2) in found
    assert ("clang-format", "src/counter.cpp", ugly) in found
    assert {file for _, file, _ in found} == {
        "include/counter.hpp",
        "src/total.cpp",
        "src/counter.cpp",
    }
    log = json.loads((run.reports / "findings.sarif").read_text())
    names = [each["tool"]["driver"]["name"] for each in log["runs"]]
    assert names == ["cpp-pipelines", "clang-format", "clang-tidy", "cppcheck"]
    states = {result["baselineState"] for each in log["runs"][1:] for result in each["results"]}
    assert states == {"new"}
    # The patch is one that git takes, and what it leaves is well formatted.
    subprocess.run(
        ["git", "apply", str(run.reports / "lint" / "format.patch")], cwd=project, check=True
    )
    again = cli.run("lint", source=project).expect(1)
    assert tool_of(again, "clang-format")["new"] == 0
    assert tool_of(again, "clang-format")["reused"] > 0


def test_only_changed_lines_count_against_a_base(cli: Cli, project: Path) -> None:
    """Old findings are counted, a new one fails, and what the change does not reach is left."""
    append(project / "src" / "total.cpp", NULL)
    old = project / "src" / "counter.cpp"
    append(old, UGLY)
    old.write_bytes(old.read_bytes().replace(b"\n", b"\r\n"))
    commit(project)
    clean = cli.run("lint", "--base", "HEAD", source=project).expect(0)
    assert lint_of(clean)["new"] == 0
    assert lint_of(clean)["old"] >= 2
    assert lint_of(clean)["changed_files"] == 0

    # A renamed file keeps its old lines; blanks, umlauts and \r\n change nothing.
    odd = project / "src" / "zähler größe.cpp"
    git(project, "mv", "src/counter.cpp", "src/zähler größe.cpp")
    lists = project / "CMakeLists.txt"
    lists.write_text(lists.read_text().replace("src/counter.cpp", '"src/zähler größe.cpp"'))
    line = append(odd, COPY.replace("\n", "\r\n"))
    run = cli.run("lint", "--base", "HEAD", source=project).expect(1)
    tidy = {each for each in new_findings(run) if each[0] == COPY_CHECK}
    assert tidy == {(COPY_CHECK, "src/zähler größe.cpp", line)}
    assert {file for _, file, _ in new_findings(run)} == {"src/zähler größe.cpp"}
    assert lint_of(run)["old"] >= 1
    assert tool_of(run, "clang-tidy")["checked"] == 1
    assert any("include no changed file" in note for note in tool_of(run, "clang-tidy")["notes"])


def test_a_new_file_is_new_everywhere(cli: Cli, project: Path) -> None:
    """A file that git does not know yet is judged as a whole."""
    commit(project)
    (project / "src" / "extra.cpp").write_text(f'#include "counter.hpp"\n\n{COPY}')
    lists = project / "CMakeLists.txt"
    lists.write_text(lists.read_text().replace("src/total.cpp", "src/total.cpp src/extra.cpp"))
    run = cli.run("lint", "--base", "HEAD", source=project).expect(1)
    assert (COPY_CHECK, "src/extra.cpp", 3) in new_findings(run)


def test_an_unchanged_translation_unit_is_not_looked_at_again(cli: Cli, project: Path) -> None:
    """After a change in one source, clang-tidy's other results come from the cache."""
    # Never seen before: results outlive the sessions of tests.
    name = f"n{uuid.uuid4().hex}"
    cli.run("lint", "--cache-namespace", "reuse", source=project).expect(0)
    append(project / "src" / "total.cpp", f"\nint {name}() {{ return 1; }}\n")
    run = cli.run("lint", "--cache-namespace", "reuse", source=project).expect(0)
    tidy = tool_of(run, "clang-tidy")
    assert (tidy["checked"], tidy["reused"]) == (2, 1)
    append(project / "include" / "counter.hpp", f"\nint {name}();\n")
    run = cli.run("lint", "--cache-namespace", "reuse", source=project).expect(0)
    assert tool_of(run, "clang-tidy")["reused"] == 0


def test_nothing_to_check_is_red(cli: Cli, project: Path) -> None:
    """A build that compiles nothing of the repository fails, and says what to do."""
    (project / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.20)\nproject(nothing LANGUAGES CXX)\n"
    )
    run = cli.run("lint", source=project).expect(1)
    problems = " ".join(run.summary["variants"]["lint"]["problems"])
    assert "clang-tidy found nothing to check" in problems
    assert "cppcheck found nothing to check" in problems
    assert "clang-format found nothing" not in problems


def test_code_that_clang_cannot_read_is_explained(cli: Cli, project: Path) -> None:
    """A translation unit that only GCC takes is a problem with its place, not silence."""
    line = append(project / "src" / "total.cpp", "#ifdef __clang__\n#error for GCC only\n#endif\n")
    run = cli.run("lint", source=project).expect(1)
    problems = run.summary["variants"]["lint"]["problems"]
    assert len(problems) == 1
    assert (
        f"clang-tidy cannot read src/total.cpp, although it was compiled: src/total.cpp:{line + 1}"
        in (problems[0])
    )
    assert tool_of(run, "clang-format")["checked"] == 3


def test_code_that_does_not_compile_is_explained(cli: Cli, project: Path) -> None:
    """A syntax error is a finding of the build, with its line."""
    line = append(project / "src" / "total.cpp", "int broken( { return 0; }\n")
    run = cli.run("lint", source=project).expect(1)
    assert ("compile-error", "src/total.cpp", line) in new_findings(run)


def test_configuration_that_a_release_does_not_know_is_explained(cli: Cli, project: Path) -> None:
    """A key of a newer release names the file, and the setting that helps."""
    append(project / ".clang-format", "KeyOfTheFuture: true\n")
    run = cli.run("lint", source=project).expect(1)
    (problem,) = run.summary["variants"]["lint"]["problems"]
    assert "KeyOfTheFuture" in problem
    assert "clang_version" in problem


def test_a_release_that_the_image_lacks_is_a_mistake_of_the_configuration(
    cli: Cli, project: Path
) -> None:
    """An unknown release of the tools ends with 2 and names the key."""
    (project / "pipeline.yaml").write_text("lint: {clang_version: 12}\n")
    run = cli.run("lint", source=project).expect(2)
    assert "lint.clang_version" in run.stderr
    assert "clang-tidy-12" in run.stderr


def test_dagger_compares_directories(dagger: Cli, project: Path, tmp_path: Path) -> None:
    """`dagger call lint` needs no base, and takes another directory as one."""
    alone = dagger.call("call", "--source", str(project), "lint").expect(0)
    assert "no base to compare with" in alone.stdout
    base = shutil.copytree(project, tmp_path / "base")
    append(base / "src" / "total.cpp", NULL)
    append(project / "src" / "total.cpp", NULL)
    call = ("call", "--source", str(project), "lint", "--base", str(base))
    assert "findings: 0 new, 1 old" in dagger.call(*call).expect(0).stdout
    append(project / "src" / "total.cpp", NULL.replace("reads", "reads_more"))
    run = dagger.call(*call)
    assert run.exit_code != 0
    assert "[nullPointer]" in run.output
    reports = tmp_path / "reports"
    export = ("call", "--source", str(project), "reports", "--job", "lint", "--base", str(base))
    dagger.call(*export, "-o", str(reports)).expect(0)
    assert (reports / "lint" / "format.patch").is_file()
    assert json.loads((reports / "summary.json").read_text())["lint"]["old"] >= 1
