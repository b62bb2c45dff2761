"""The program that runs in the toolchain container, run here with fakes of the three tools."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipelines.stages import lint_tools
from pipelines.stages.lint_tools.clang import parse_make_rule
from pipelines.stages.lint_tools.compile_commands import QUIET, read_units
from pipelines.stages.lint_tools.result_cache import KEPT_S, ResultCache
from pipelines.stages.lint_tools.scope import Scope, make_scope
from tests.unit.fakes import write_program

STAGES = Path(lint_tools.__file__).parent.parent

# Takes every flag but those with "odd" in them; finds the word BAD; knows one key of .clang-tidy.
CLANG_TIDY = """
echo "clang-tidy $*" >> "$CALLS"
[ "$1" = --version ] && echo "Debian LLVM version 14.0.6" && exit 0
[ "$1" = --dump-config ] && echo "HeaderFilterRegex: ''" && exit 0
case "$*" in
  *stub*--*odd*) echo "error: unknown argument: '-fodd' [clang-diagnostic-error]"; exit 1 ;;
  *stub*) exit 0 ;;
esac
for file; do :; done
grep -qs Foo "$SOURCE/.clang-tidy" && echo "$SOURCE/.clang-tidy:1:1: error: unknown key 'Foo'
Error parsing $SOURCE/.clang-tidy: Invalid argument" >&2
grep -qs OFF "$SOURCE/.clang-tidy" && echo "Error: no checks enabled." >&2 && exit 1
grep -q CRASH "$file" && exit 139
grep -n BAD "$file" | sed "s|^\\([0-9]*\\):.*|$file:\\1:1: warning: bad [bugprone-x]|"
exit 0
"""
# The rule for make that names what a file includes.
CLANG = """
for file; do :; done
echo "clang $*" >> "$CALLS"
grep -q NOSUCH "$file" && exit 1
printf 'x.o: %s' "$file"
sed -n "s|^#include \\"\\(.*\\)\\"|$SOURCE/\\1|p" "$file" | tr '\\n' ' ' | sed 's/^/ /'
echo
"""
CLANG_FORMAT = """
[ "$1" = --version ] && echo "Debian clang-format version 14.0.6" && exit 0
for file; do :; done
echo "clang-format $file" >> "$CALLS"
grep -qs Foo "$SOURCE/.clang-format" && echo "$SOURCE/.clang-format:1:1: error: unknown key 'Foo'
Error reading $SOURCE/.clang-format: Invalid argument" >&2 && exit 1
sed 's/  */ /g' "$file"
"""
CPPCHECK = """
[ "$1" = --version ] && echo "Cppcheck 2.10" && exit 0
echo "cppcheck $*" >> "$CALLS"
[ -n "${CPPCHECK_FAILS:-}" ] && echo "no room left" && exit 1
for word; do
  case $word in
    --output-file=*) echo '<results version="2"><errors/></results>' > "${word#*=}" ;;
  esac
done
"""


@dataclass(kw_only=True)
class LintMachine:
    """Folders in the place of those of the container."""

    root: Path

    def __post_init__(self) -> None:
        for name in ("src", "build", "reports", "work"):
            (self.root / name).mkdir()
        for name, script in (
            ("clang-tidy", CLANG_TIDY),
            ("clang-14", CLANG),
            ("clang-format", CLANG_FORMAT),
            ("cppcheck", CPPCHECK),
        ):
            write_program(self.root / "bin" / name, script)

    @property
    def source(self) -> Path:
        """The sources."""
        return self.root / "src"

    def write(self, **files: str) -> None:
        """Write sources, named without their .cpp, and a compile database of all of them."""
        for name, text in files.items():
            (self.source / f"{name}.cpp").write_text(text)
        self.compile(*(f"{path.name}" for path in sorted(self.source.glob("*.cpp"))))

    def compile(self, *names: str, flags: str = "") -> None:
        """Write the compile database."""
        entries = [
            {
                "directory": str(self.root / "build"),
                "file": str(self.source / name),
                "command": f"ccache g++ {flags} -o x.o -c '{self.source / name}'",
            }
            for name in names
        ]
        (self.root / "build" / "compile_commands.json").write_text(json.dumps(entries))

    def run(self, *options: str, **environment: str) -> dict[str, Any]:
        """Run the program; return what each tool did."""
        self.calls_file.write_text("")
        done = subprocess.run(
            [sys.executable, "-m", "lint_tools", "--default-checks=-*,bugprone-*"]
            + [f"--{name}={self.root / folder}" for name, folder in FOLDERS.items()]
            + list(options),
            env={
                "PATH": f"{self.root / 'bin'}:{os.environ['PATH']}",
                "PYTHONPATH": str(STAGES),
                "PYTHONDONTWRITEBYTECODE": "1",
                "SOURCE": str(self.source),
                "CALLS": str(self.calls_file),
                **environment,
            },
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        assert b"[1/" in done.stdout or b"[" not in done.stdout
        record = json.loads(self.report("lint.json"))
        return {tool["name"]: tool for tool in record["tools"]}

    @property
    def calls_file(self) -> Path:
        """Where the fakes write how they were called."""
        return self.root / "calls"

    def calls(self, start: str) -> list[str]:
        """Return the calls that begin with some words."""
        lines = self.calls_file.read_text().splitlines()
        return [line for line in lines if line.startswith(start)]

    def report(self, name: str) -> str:
        """Read a report."""
        return (self.root / "reports" / name).read_text()


FOLDERS = {"source": "src", "build": "build", "work": "work", "reports": "reports"}


@pytest.fixture
def machine(tmp_path: Path) -> LintMachine:
    """Return the place to run in."""
    return LintMachine(root=tmp_path)


def test_three_tools_leave_their_reports(machine: LintMachine) -> None:
    """Each tool looks at every file, and its raw report is there."""
    machine.write(a="int  x;\n", b="BAD\n")
    tools = machine.run("--clang-format=on")
    assert {name: (tool["files"], tool["checked"]) for name, tool in tools.items()} == {
        "clang-format": (2, 2),
        "clang-tidy": (2, 2),
        "cppcheck": (2, 2),
    }
    assert tools["clang-tidy"]["version"] == "14.0.6"
    assert "--- a/a.cpp\n+++ b/a.cpp\n@@ -1 +1 @@\n-int  x;\n+int x;\n" in machine.report(
        "format.patch"
    )
    assert "::file b.cpp\n" in machine.report("clang-tidy.txt")
    assert "b.cpp:1:1: warning: bad [bugprone-x]" in machine.report("clang-tidy.txt")
    assert "<errors/>" in machine.report("cppcheck.xml")


def test_results_are_reused_while_their_inputs_are_the_same(machine: LintMachine) -> None:
    """A unit is looked at again after a change in it, in what it includes, or of the checks."""
    (machine.source / "h.hpp").write_text("int h;\n")
    machine.write(a='#include "h.hpp"\n', b="int b;\n")
    assert machine.run()["clang-tidy"]["reused"] == 0
    assert machine.run()["clang-tidy"]["reused"] == 2
    machine.write(b="int c;\n")
    assert machine.run()["clang-tidy"]["reused"] == 1
    (machine.source / "h.hpp").write_text("int i;\n")
    assert machine.run()["clang-tidy"]["reused"] == 1
    assert machine.run()["clang-tidy"]["reused"] == 2
    (machine.source / ".clang-tidy").write_text("Checks: '*'\n")
    assert machine.run()["clang-tidy"]["reused"] == 0
    machine.compile("a.cpp", "b.cpp", flags="-DNEW")
    assert machine.run()["clang-tidy"]["reused"] == 0
    assert machine.run("--default-checks=-*,x")["clang-tidy"]["reused"] == 0


def test_a_reused_result_says_the_same(machine: LintMachine) -> None:
    """What comes out of the cache is what the tool printed."""
    machine.write(a="BAD\n")
    machine.run()
    first = machine.report("clang-tidy.txt")
    machine.run()
    assert machine.calls("clang-tidy --quiet -p") == []
    assert machine.report("clang-tidy.txt") == first


def test_a_unit_whose_includes_are_unknown_is_always_looked_at(machine: LintMachine) -> None:
    """Where clang cannot read a file there is nothing to compare; a base does not hide it."""
    machine.write(a="NOSUCH\n")
    changed = machine.root / "changed.json"
    changed.write_text("[]")
    for _ in range(2):
        tidy = machine.run(f"--changed={changed}")["clang-tidy"]
        assert (tidy["checked"], tidy["reused"], tidy["unreached"]) == (1, 0, 0)


def test_a_change_is_followed_through_headers(machine: LintMachine) -> None:
    """With a base only units that read a changed file are looked at."""
    (machine.source / "h.hpp").write_text("int h;\n")
    machine.write(a='#include "h.hpp"\n', b="int b;\n")
    changed = machine.root / "changed.json"
    changed.write_text('["h.hpp", "gone.cpp"]')
    tidy = machine.run(f"--changed={changed}")["clang-tidy"]
    assert (tidy["checked"], tidy["unreached"]) == (1, 1)
    assert len(machine.calls("clang-tidy --quiet -p")) == 1


def test_layout_is_looked_at_where_there_is_a_style(machine: LintMachine) -> None:
    """Without a style file nothing is formatted unless that is asked for; results are kept."""
    machine.write(a="int  x;\n")
    assert machine.run()["clang-format"]["skipped"] == "there is no .clang-format"
    (machine.source / ".clang-format").write_text("BasedOnStyle: LLVM\n")
    assert machine.run()["clang-format"]["reused"] == 0
    assert machine.run()["clang-format"]["reused"] == 1
    (machine.source / ".clang-format").write_text("BasedOnStyle: Google\n")
    assert machine.run()["clang-format"]["reused"] == 0
    assert machine.run("--clang-format=off")["clang-format"]["skipped"] == "switched off"


def test_files_are_named_so_that_git_takes_the_patch(machine: LintMachine) -> None:
    """Blanks, umlauts and quotes in names come through."""
    names = ["na me.cpp", "größe.cpp", 'qu"ote.cpp', "back\\slash.cpp"]
    for name in names:
        (machine.source / name).write_bytes(b"int  x;\r\n")
    machine.compile(*names)
    machine.run("--clang-format=on")
    patch = machine.root / "reports" / "format.patch"
    subprocess.run(["git", "apply", str(patch)], cwd=machine.source, check=True)
    assert {(machine.source / name).read_bytes() for name in names} == {b"int x;\r\n"}


def test_what_belongs_to_others_is_left_alone(machine: LintMachine) -> None:
    """Submodules, excluded paths, links and files outside are neither read nor counted."""
    (machine.source / ".gitmodules").write_text('[submodule "x"]\n\tpath = extern/x\n')
    for folder in ("extern/x", "third_party", "own"):
        (machine.source / folder).mkdir(parents=True)
        (machine.source / folder / "a.cpp").write_text("BAD\n")
    (machine.source / "link.cpp").symlink_to("own/a.cpp")
    outside = machine.root / "build" / "generated.cpp"
    outside.write_text("BAD\n")
    machine.compile("extern/x/a.cpp", "third_party/a.cpp", "own/a.cpp", str(outside))
    tools = machine.run("--clang-format=on", "--exclude=^third_party/")
    assert {tool["files"] for tool in tools.values()} == {1}
    assert machine.report("clang-tidy.txt").count("warning") == 1
    assert json.loads(machine.report("lint.json"))["submodules"] == ["extern/x"]


def test_flags_of_another_compiler_are_left_out(machine: LintMachine) -> None:
    """A flag that clang refuses does not reach it, and is told; each is tried once."""
    machine.write(a="int a;\n")
    machine.compile("a.cpp", flags="-fodd=2 -O2 -Wall -Werror --param inline=5")
    assert machine.run()["clang-tidy"]["refused"] == ["-fodd=2"]
    database = json.loads((machine.root / "work" / "compile_commands.json").read_text())
    words = database[0]["command"].split()
    assert words[:3] == ["g++", "-O2", "-Wall"]
    assert not {"-fodd=2", "-Werror", "--param", "inline=5", "ccache", "-o"} & set(words)
    machine.run()
    assert [call for call in machine.calls("clang-tidy") if "stub" in call] == []


def test_failures_are_told(machine: LintMachine) -> None:
    """A crash, a refused configuration and a broken run of cppcheck reach the record."""
    machine.write(a="CRASH\n", b="int b;\n")
    for name in (".clang-tidy", ".clang-format"):
        (machine.source / name).write_text("Foo: 1\n")
    for _ in range(2):  # what is wrong stays wrong when results are reused
        tools = machine.run(CPPCHECK_FAILS="1")
        (failure,) = tools["clang-tidy"]["failures"]
        assert failure[0] == "a.cpp"
        assert "139" in failure[1]
        assert tools["clang-tidy"]["misread"] == [".clang-tidy:1:1: error: unknown key 'Foo'"]
        assert tools["clang-format"]["misread"] == [".clang-format:1:1: error: unknown key 'Foo'"]
        assert tools["cppcheck"]["failures"] == [["", "exit code 1, no room left"]]
        assert tools["cppcheck"]["checked"] == 0


def test_units_without_checks_are_counted(machine: LintMachine) -> None:
    """A .clang-tidy that switches everything off is respected, and told."""
    machine.write(a="BAD\n")
    (machine.source / ".clang-tidy").write_text("Checks: OFF\n")
    for _ in range(2):
        tidy = machine.run()["clang-tidy"]
        assert (tidy["silent"], tidy["checked"]) == (1, 0)
    assert "warning" not in machine.report("clang-tidy.txt")


def test_nothing_to_look_at_is_no_crash(machine: LintMachine) -> None:
    """Without sources and database there is a record of nothing."""
    tools = machine.run()
    assert {tool["files"] for tool in tools.values()} == {0}


def test_a_tool_that_is_absent_has_no_version(machine: LintMachine) -> None:
    """The caller can tell absence from silence."""
    machine.write(a="int a;\n")
    tools = machine.run("--clang-version=99", "--cppcheck=off")
    assert (tools["clang-tidy"]["version"], tools["clang-tidy"]["checked"]) == ("", 0)
    assert tools["cppcheck"]["skipped"] == "switched off"


def test_newer_standards_get_the_name_that_clang_knows(tmp_path: Path) -> None:
    """What stands for a flag is put in its place; one file in two ways is two units."""
    scope = Scope(root=tmp_path, exclude=(), submodules=())
    database = tmp_path / "compile_commands.json"
    entry = {"directory": str(tmp_path), "file": "a.cpp"}
    commands = (
        "g++ -std=gnu++23 -c a.cpp",
        "g++ -std=gnu++23 -DX -c a.cpp",
        "g++ -c a.cpp -o b",
        "g++ -std=gnu++23 -o other.o -c a.cpp",
    )
    database.write_text(json.dumps([{**entry, "command": command} for command in commands]))
    units = read_units(database, scope, tmp_path / "work", lambda flag, _: flag.replace("23", "2b"))
    assert {unit.arguments for unit in units} == {
        ("g++", "-std=gnu++2b", *QUIET),
        ("g++", "-std=gnu++2b", "-DX", *QUIET),
        ("g++", *QUIET),
    }
    assert len(units) == 3


def test_a_precompiled_header_is_read_as_a_header(tmp_path: Path) -> None:
    """Clang cannot read what GCC made of it, so it gets a copy that has nothing beside it."""
    (tmp_path / "pch.hxx").write_text("#include <string>\n")
    (tmp_path / "pch.hxx.gch").write_text("made by GCC")
    (tmp_path / "plain.h").touch()
    database = tmp_path / "compile_commands.json"
    command = "g++ -Winvalid-pch -include pch.hxx -include plain.h -c a.cpp"
    entry = {"directory": str(tmp_path), "file": "a.cpp", "command": command}
    database.write_text(json.dumps([entry]))
    scope = Scope(root=tmp_path, exclude=(), submodules=())
    (unit,) = read_units(database, scope, tmp_path / "work", lambda flag, _: flag)
    first, second = (
        unit.arguments[index + 1] for index, word in enumerate(unit.arguments) if word == "-include"
    )
    assert Path(first).read_text() == "#include <string>\n"
    assert [path.name for path in Path(first).parent.iterdir()] == ["pch.hxx"]
    assert second == "plain.h"


def test_a_unity_build_is_judged_file_by_file(tmp_path: Path) -> None:
    """The sources that CMake puts together are units of their own."""
    unity = tmp_path / "build" / "CMakeFiles" / "x.dir" / "Unity" / "unity_0_cxx.cxx"
    unity.parent.mkdir(parents=True)
    source = tmp_path / "src"
    unity.write_text(
        f'/* made by CMake */\n#include "{source}/a.cpp"\n\n#include "{source}/b.cpp"\n'
    )
    database = tmp_path / "compile_commands.json"
    entry = {"directory": str(tmp_path), "file": str(unity), "command": f"g++ -DX -c {unity}"}
    database.write_text(json.dumps([entry]))
    scope = Scope(root=source, exclude=(), submodules=())
    units = read_units(database, scope, tmp_path / "work", lambda flag, _: flag)
    assert [(unit.file, unit.arguments) for unit in units] == [
        ("a.cpp", ("g++", "-DX", *QUIET)),
        ("b.cpp", ("g++", "-DX", *QUIET)),
    ]


def test_rules_for_make_are_read(tmp_path: Path) -> None:
    """Blanks, line ends and dollars in names are what make means by them."""
    rule = "x.o: /a/b.cpp \\\n  ../c\\ d.hpp /e$$f.hpp \\\n /g/../h.hpp\n"
    assert parse_make_rule(rule, "/work/build") == (
        "/a/b.cpp",
        "/work/c d.hpp",
        "/e$f.hpp",
        "/h.hpp",
    )
    assert make_scope(tmp_path, ()).relative(f"{tmp_path}/x/../y.cpp") == "y.cpp"


def test_old_results_are_deleted(tmp_path: Path) -> None:
    """What nobody asked for in a long time goes; what was asked for stays; rubbish is no result."""
    cache = ResultCache(tmp_path / "results")
    for name in ("old", "used"):
        cache.put(name, {"value": name})
        path = tmp_path / "results" / name
        past = path.stat().st_mtime - KEPT_S - 60
        os.utime(path, (past, past))
    assert cache.get("used") == {"value": "used"}
    cache.clean()
    assert cache.get("old") is None
    assert cache.get("used") == {"value": "used"}
    (tmp_path / "results" / "used").write_text("[1")
    assert cache.get("used") is None
