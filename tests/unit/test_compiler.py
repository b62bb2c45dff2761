"""Reading the logs of CMake, GCC, Clang and the linkers, recorded from real builds."""

from __future__ import annotations

import pytest

from pipelines.domain.compiler import MAX_FINDINGS, parse_diagnostics
from pipelines.domain.findings import Finding, Severity
from tests.unit.samples import read_sample


def parse(text: str, *, include_warnings: bool = False) -> tuple[Finding, ...]:
    """Parse with the paths that the samples were recorded with."""
    return parse_diagnostics(
        text,
        source_root="/src",
        build_root="/src/build",
        include_warnings=include_warnings,
    )


def sample(name: str) -> tuple[Finding, ...]:
    """Parse a recorded log."""
    return parse(read_sample(f"compiler/{name}.txt"))


def places(findings: tuple[Finding, ...], kind: str) -> set[str]:
    """Return the places of one kind."""
    return {str(each.location) for each in findings if each.kind == kind}


COMPILE_ERRORS = {
    "gcc": {
        "src/missing_header.cpp:1:10",
        "src/helper.hpp:1:41",
        "src/type_error.cpp:2:22",
        "src/type_error.cpp:2:30",
        "src/type_error.cpp:2:52",
        "src/template_error.cpp:3:41",
        "src/my dir/b c.cpp:1:21",
        "src/warns.cpp:1:60",
        "src/warns.cpp:1:39",
        "src/warns.cpp:1:27",
    },
    "clang": {
        "src/missing_header.cpp:1:10",
        "src/helper.hpp:1:41",
        "src/type_error.cpp:2:18",
        "src/type_error.cpp:2:30",
        "src/type_error.cpp:2:52",
        "src/template_error.cpp:3:37",
        "src/my dir/b c.cpp:1:21",
        "src/warns.cpp:1:60",
        "src/warns.cpp:1:39",
        "src/warns.cpp:1:27",
    },
}


@pytest.mark.parametrize(
    ("name", "tool"), [("ninja-gcc", "gcc"), ("make-gcc", "gcc"), ("ninja-clang", "clang")]
)
def test_compile_errors_are_located_in_the_project(name: str, tool: str) -> None:
    """Every error has its place, a template's error where the project used it."""
    findings = sample(name)
    assert places(findings, "compile-error") == COMPILE_ERRORS[tool]
    assert {each.tool for each in findings if each.kind == "compile-error"} == {tool}
    assert all(each.severity is Severity.ERROR for each in findings)


@pytest.mark.parametrize("name", ["ninja-gcc", "ninja-clang"])
def test_link_errors_have_lines_from_debug_information(name: str) -> None:
    """With debug information a link error has its file, line and function."""
    errors = [each for each in sample(name) if each.kind == "link-error"]
    found = {each.message: each.location for each in errors}
    undefined = found["undefined reference to 'never_defined(int)'"]
    assert undefined is not None
    assert str(undefined) == "src/undefined_reference.cpp:2"
    assert undefined.function == "caller()"
    assert found["cannot find -lnothere: No such file or directory"] is None
    assert any(message.startswith("multiple definition of 'same()'") for message in found)


def test_link_errors_without_debug_information_have_a_file() -> None:
    """Without lines the object file tells the source."""
    errors = [each for each in sample("make-gcc") if each.kind == "link-error"]
    found = {each.message.partition(";")[0]: each.location for each in errors}
    assert str(found["undefined reference to 'S::m()'"]) == "src/undefined_reference.cpp"
    assert str(found["multiple definition of 'shared_value'"]) == "src/two.cpp"


def test_quoted_code_stays_with_the_error() -> None:
    """The report has the code with its mark, from both compilers."""
    for name in ("ninja-gcc", "ninja-clang"):
        error = next(each for each in sample(name) if "missing_name" in each.message)
        assert "return missing_name;" in error.report
        assert error.report.splitlines()[-1].strip(" |~") == "^"


@pytest.mark.parametrize(
    ("name", "place", "function", "message"),
    [
        (
            "configure-find-package",
            "CMakeLists.txt:4",
            "find_package",
            'Could not find a package configuration file provided by "NotThere"',
        ),
        ("configure-find-module", "CMakeLists.txt:3", "find_package", "Could NOT find Boost"),
        (
            "configure-version",
            "CMakeLists.txt:1",
            "cmake_minimum_required",
            "CMake 3.99 or higher is required. You are running version 3.25.1",
        ),
        (
            "configure-syntax",
            "CMakeLists.txt:2",
            None,
            'Parse error. Function missing ending ")". End of file reached.',
        ),
    ],
)
def test_configure_errors(name: str, place: str, function: str | None, message: str) -> None:
    """An error of CMake is located in the project, even if a module raised it."""
    (error,) = sample(name)
    assert (error.kind, error.tool) == ("configure-error", "cmake")
    assert error.location is not None
    assert str(error.location) == place
    assert error.location.function == function
    assert error.message.startswith(message)


def test_configure_errors_of_many_lines_are_joined() -> None:
    """Messages of several paragraphs become one line; each error stays apart."""
    assert [each.message for each in sample("configure-messages")] == [
        "the project says no, on two lines",
        'Unknown CMake command "unknown_command".',
    ]
    assert [each.message for each in sample("configure-generate")] == [
        "Cannot find source file: nope.cpp",
        "No SOURCES given to target: a",
    ]


def test_configure_errors_without_a_place() -> None:
    """An error that names no file is a finding without a location."""
    (error,) = sample("configure-preset")
    assert error.location is None
    assert error.message == "Could not read presets from /src: File not found"


def test_warnings_only_on_request() -> None:
    """Warnings of the compiler and of CMake are left out unless asked for."""
    log = read_sample("compiler/ninja-gcc.txt") + read_sample("compiler/configure-messages.txt")
    assert all(each.severity is Severity.ERROR for each in parse(log))
    kinds = {each.kind for each in parse(log, include_warnings=True)}
    assert {"compile-warning", "configure-warning"} <= kinds


@pytest.mark.parametrize(
    ("log", "kind", "message"),
    [
        (
            "c++: fatal error: Killed signal terminated program cc1plus",
            "compile-error",
            "Killed signal terminated program cc1plus",
        ),
        (
            "clang++-14: error: unknown argument: '-fnope'",
            "compile-error",
            "unknown argument: '-fnope'",
        ),
        (
            "ninja: error: 'gen.cpp', needed by 'app', missing and no known rule to make it",
            "build-error",
            "'gen.cpp', needed by 'app', missing and no known rule to make it",
        ),
        (
            "make[2]: *** No rule to make target 'gen.cpp', needed by 'app'.  Stop.",
            "build-error",
            "No rule to make target 'gen.cpp', needed by 'app'.  Stop.",
        ),
        ("collect2: error: ld returned 1 exit status", "link-error", "ld returned 1 exit status"),
        (
            "collect2: fatal error: ld terminated with signal 9 [Killed]",
            "link-error",
            "ld terminated with signal 9 [Killed]",
        ),
        (
            "clang: error: linker command failed with exit code 1 (use -v to see invocation)",
            "link-error",
            "linker command failed with exit code 1 (use -v to see invocation)",
        ),
    ],
)
def test_errors_of_the_drivers(log: str, kind: str, message: str) -> None:
    """What no source file is to blame for is reported as well."""
    (error,) = parse(log)
    assert (error.kind, error.message, error.location) == (kind, message, None)


def test_lld_and_mold_are_understood() -> None:
    """Errors of other linkers are located by the lines below them."""
    log = (
        "ld.lld: error: undefined symbol: never_defined(int)\n"
        ">>> referenced by main.cpp:3 (/src/app/main.cpp:3)\n"
        ">>>               CMakeFiles/app.dir/app/main.cpp.o:(caller())\n"
        "clang: error: linker command failed with exit code 1 (use -v to see invocation)\n"
        "mold: fatal: library not found: nothere\n"
    )
    first, second = parse(log)
    assert (first.message, str(first.location)) == (
        "undefined symbol: never_defined(int)",
        "app/main.cpp:3",
    )
    assert second.message == "library not found: nothere"


def test_equal_errors_of_many_files_are_merged_and_bounded() -> None:
    """A header's error counts once, and no log makes more than the bound of findings."""
    line = "/src/a.hpp:1:1: error: boom\n"
    (error,) = parse(line * 9)
    assert error.count == 9
    many = "".join(f"/src/a.cpp:{number}:1: error: boom\n" for number in range(1, 999))
    assert len(parse(many)) == MAX_FINDINGS


def test_ordinary_logs_have_no_findings() -> None:
    """Words like error in file names and commands are no errors."""
    log = (
        "[1/2] Building CXX object CMakeFiles/error.dir/error.cpp.o\n"
        "-- Performing Test HAS_ERROR: error - Failed\n"
        "/src/a.cpp:3:4: runtime error: not ours\n"
        "0 errors generated\n"
    )
    assert parse(log) == ()
