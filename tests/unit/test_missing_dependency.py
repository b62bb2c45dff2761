"""What real output of CMake, compilers and linkers says is missing, and what to do about it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.domain.findings import Location, Severity
from pipelines.domain.missing_dependency import (
    MissingDependency,
    MissingKind,
    NetworkFailure,
    explain,
    find_missing,
    missing_findings,
    network_failures,
    suggest,
)
from pipelines.stages.debian_table import load_debian_table

RECORDED = Path(__file__).parent / "data" / "cmake"
LISTS = "CMakeLists.txt"
ERROR = "CMake Error at a.cmake:1 (message):\n"
NO_FOO = "-- Checking for module 'foo'\n--   No package 'foo' found\n"
GIT = "fatal: unable to access 'https://h/x.git/': The requested URL returned error: "


def recorded(name: str) -> str:
    """Return recorded output."""
    return (RECORDED / f"{name}.txt").read_text(encoding="utf-8")


def advice(output: str) -> tuple[str, ...]:
    """Explain what some output misses with the shipped table."""
    return explain(suggest(find_missing(output), load_debian_table()))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("config_package_required", ["cmake-package fmt CMakeLists.txt:3"]),
        ("config_package_version", ["cmake-package spdlog CMakeLists.txt:3"]),
        ("config_mode_names", ["cmake-package Foo CMakeLists.txt:3"]),
        ("config_package_optional", []),
        ("module_zlib", ["cmake-package ZLIB CMakeLists.txt:3"]),
        ("module_curl", ["cmake-package CURL CMakeLists.txt:3"]),
        ("module_postgresql", ["cmake-package PostgreSQL CMakeLists.txt:3"]),
        ("module_protobuf", ["cmake-package Protobuf CMakeLists.txt:3"]),
        ("module_python3", ["cmake-package Python3 CMakeLists.txt:3"]),
        ("module_opengl", ["cmake-package OpenGL CMakeLists.txt:3"]),
        ("module_optional_then_error", ["cmake-package OpenSSL CMakeLists.txt:4"]),
        ("optional_then_fatal", ["cmake-package ZLIB None"]),
        ("boost_absent", ["cmake-package Boost CMakeLists.txt:3"]),
        ("boost_component", ["cmake-package boost_program_options CMakeLists.txt:4"]),
        ("boost_config", ["cmake-package boost_filesystem CMakeLists.txt:3"]),
        ("qt5_component", ["cmake-package Qt5Svg CMakeLists.txt:3"]),
        ("qt5_component_missing", ["cmake-package Qt5Svg CMakeLists.txt:4"]),
        ("qt6_components", ["cmake-package Qt6 CMakeLists.txt:3"]),
        ("qt6_component", ["cmake-package Qt6Svg CMakeLists.txt:4"]),
        ("dependency_of_dependency", ["cmake-package absl chain/ChainConfig.cmake:2"]),
        ("find_module_in_project", ["cmake-package Glog cmake/deps.cmake:1"]),
        ("several_errors", ["cmake-package fmt CMakeLists.txt:3"]),
        ("pkgconfig_imported", ["pkg-config libsystemd CMakeLists.txt:4"]),
        ("pkgconfig_imported_3.31", ["pkg-config libsystemd CMakeLists.txt:4"]),
        (
            "pkgconfig_required",
            ["pkg-config libnope CMakeLists.txt:4", "pkg-config glib-nope-2.0 CMakeLists.txt:4"],
        ),
        (
            "pkgconfig_required_3.31",
            ["pkg-config libnope CMakeLists.txt:4", "pkg-config glib-nope-2.0 CMakeLists.txt:4"],
        ),
        ("pkgconfig_search", ["pkg-config sdl2 CMakeLists.txt:4"]),
        ("pkgconfig_transitive", ["pkg-config foo-nope CMakeLists.txt:5"]),
        ("pkgconfig_transitive_3.31", ["pkg-config foo-nope CMakeLists.txt:5"]),
        ("pkgconfig_itself", ["cmake-package PkgConfig CMakeLists.txt:3"]),
        ("pkgconfig_version", ["pkg-config old CMakeLists.txt:5"]),
        ("version_unsuitable", ["cmake-package fmt CMakeLists.txt:4"]),
        ("module_version_unsuitable", ["cmake-package ZLIB CMakeLists.txt:5"]),
        ("find_program", ["program protoc CMakeLists.txt:3"]),
        ("find_library", ["library uv CMakeLists.txt:3"]),
        ("find_path", ["header uv.h CMakeLists.txt:3"]),
        ("find_file", ["header uv.h CMakeLists.txt:3"]),
        ("no_cxx", ["program g++ CMakeLists.txt:2"]),
        ("fortran", ["program gfortran CMakeLists.txt:2"]),
        ("asm_nasm", ["program nasm CMakeLists.txt:2"]),
        ("named_compiler", ["program clang++-99 CMakeLists.txt:3"]),
        ("no_ninja", ["program ninja None"]),
        ("build_program", ["program flatc None"]),
        (
            "compile_gcc",
            [
                "header missing/in_header.h detail.hpp:1:10",
                "header yaml-cpp/yaml.h main.cpp:1:10",
                "library uv None",
                "library yaml-cpp None",
            ],
        ),
        ("fetch_git_unresolved", []),
        ("file_download_refused", []),
    ],
)
def test_recorded_output_names_what_is_missing(name: str, expected: list[str]) -> None:
    """Kind, name and the project's own line are read from real output."""
    found = [f"{each.kind} {each.name} {each.where}" for each in find_missing(recorded(name))]
    assert found == expected


def test_every_recording_is_checked() -> None:
    """A recording that no test reads would promise what is not kept."""
    used = Path(__file__).read_text(encoding="utf-8")
    assert [path.stem for path in RECORDED.glob("*.txt") if f'"{path.stem}"' not in used] == []


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("main.cpp:1:10: fatal error: 'fmt/core.h' file not found", "header", "fmt/core.h"),
        (
            "\x1b[1m/src/a.c:2:3: \x1b[31mfatal error: \x1b[mx.h: No such file or directory",
            "header",
            "x.h",
        ),
        ("ld.lld: error: unable to find library -luv", "library", "uv"),
        ("/usr/bin/ld: cannot find -luv", "library", "uv"),
        ("/usr/bin/ld.gold: error: cannot find -luv", "library", "uv"),
        ("/usr/bin/ld: cannot find -l:libuv.a: No such file or directory", "library", "libuv.a"),
        ("mold: fatal: library not found: uv", "library", "uv"),
        ("bash: line 1: protoc: command not found", "program", "protoc"),
        ("/bin/sh: protoc: not found", "program", "protoc"),
    ],
)  # fmt: skip
def test_other_tools_are_understood(text: str, kind: str, name: str) -> None:
    """clang, gold, lld, mold, bash and busybox say the same in other words."""
    assert [(str(each.kind), each.name) for each in find_missing(text)] == [(kind, name)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            f"{ERROR}  The following required packages were not found:\n\n   - foo>=2\n   - bar\n",
            ["foo", "bar"],
        ),
        (f"{NO_FOO}{ERROR}  A required package was not found\n", ["foo"]),
        (f"{NO_FOO}-- Configuring done\n", []),
        (
            f"{ERROR}  grpc could not be found because dependency absl could not be found.\n",
            ["absl"],
        ),
    ],
)
def test_other_versions_are_understood(text: str, names: list[str]) -> None:
    """Older pkg-config and chained packages say the same in other words."""
    assert [each.name for each in find_missing(text)] == names


def test_missing_parts_are_kept() -> None:
    """Variables and components stay with the package, for they decide what to install."""
    (boost,) = find_missing(recorded("boost_absent"))
    assert boost == MissingDependency(
        kind=MissingKind.CMAKE_PACKAGE,
        name="Boost",
        tool="cmake",
        where=Location(file=LISTS, line=3),
        details=("Boost_INCLUDE_DIR", "filesystem", "program_options"),
    )


def test_optional_package_is_named_when_nothing_else_is() -> None:
    """A project that stops with its own words has said before what it did not find."""
    (zlib,) = find_missing(recorded("optional_then_fatal"))
    assert not zlib.required
    (finding,) = missing_findings(suggest([zlib], load_debian_table()))
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "config_package_required",
            (
                "configure: CMake found no package fmt (CMakeLists.txt:3). Install it:"
                " --package libfmt-dev, or toolchain.packages in pipeline.yaml."
            ),
        ),
        (
            "boost_absent",
            (
                "configure: CMake found no package Boost, missing Boost_INCLUDE_DIR, filesystem,"
                " program_options (CMakeLists.txt:3). Install it: --package libboost-dev --package"
                " libboost-filesystem-dev --package libboost-program-options-dev, or"
                " toolchain.packages in pipeline.yaml."
            ),
        ),
        (
            "pkgconfig_search",
            (
                "configure: CMake found no pkg-config module sdl2 or sdl (CMakeLists.txt:4)."
                " Install it: --package libsdl2-dev, or toolchain.packages in pipeline.yaml."
            ),
        ),
        (
            "fortran",
            (
                "configure: CMake found no program gfortran (CMakeLists.txt:2). Install it:"
                " --package gfortran, or toolchain.packages in pipeline.yaml."
            ),
        ),
        (
            "build_program",
            (
                "build: the shell found no program flatc. Install it: --package"
                " flatbuffers-compiler, or toolchain.packages in pipeline.yaml."
            ),
        ),
        (
            "version_unsuitable",
            (
                "configure: package fmt 9.1.0 is there, but 10 is wanted (CMakeLists.txt:4)."
                " Let the project accept the version that is there, or fetch the wanted one itself"
                " (FetchContent)."
            ),
        ),
        (
            "config_mode_names",
            (
                "configure: CMake found no package Foo (CMakeLists.txt:3). No Debian package is"
                " known to have it. Let the project fetch it (FetchContent), or turn off the part"
                " that needs it with --cmake-option."
            ),
        ),
    ],
)
def test_explanation_says_what_to_do(name: str, sentence: str) -> None:
    """One sentence says what lacked and where, the next one what to type."""
    assert advice(recorded(name)) == (sentence,)


def test_compile_and_link_errors_are_explained_apart() -> None:
    """The sentence begins with the step that failed."""
    sentences = advice(recorded("compile_gcc"))
    assert [each.split(":")[0] for each in sentences] == ["compile", "compile", "link", "link"]
    assert "target_include_directories" in sentences[0]
    assert "--package libyaml-cpp-dev" in sentences[1]


def test_resemblance_is_not_sold_as_knowledge() -> None:
    """A header that only looks like a package's file gets a conditional advice."""
    (sentence,) = advice("/src/a.c:1:1: fatal error: glib.h: No such file or directory")
    assert "If it is this one, install --package libglib2.0-dev" in sentence


def test_findings_point_at_the_project() -> None:
    """Each missing thing becomes one finding, also when several packages are to be installed."""
    findings = missing_findings(
        suggest(find_missing(recorded("boost_absent")), load_debian_table())
    )
    assert [(each.kind, each.tool, each.severity, each.location) for each in findings] == [
        ("missing-dependency", "cmake", Severity.ERROR, Location(file=LISTS, line=3))
    ]


@pytest.mark.parametrize(
    ("name", "target", "detail"),
    [
        ("fetch_git_unresolved", "https://no-such-host.invalid/fmt.git/", "Could not resolve host"),
        ("fetch_git_refused", "https://127.0.0.1:1/fmt.git/", "Failed to connect to 127.0.0.1"),
        ("fetch_url_unresolved", "https://no-such-host.invalid/fmt.zip", "Couldn't resolve host"),
        ("file_download", "https://no-such-host.invalid/x.cmake", "Couldn't resolve host name"),
        ("file_download_3.31", "https://no-such-host.invalid/x.cmake", "Could not resolve host"),
        ("file_download_refused", "file(DOWNLOAD) in CMakeLists.txt:3", "Couldn't connect"),
        ("file_download_refused_3.31", "file(DOWNLOAD) in CMakeLists.txt:3", "Could not connect"),
    ],
)
def test_network_failures_are_told_from_missing_packages(
    name: str, target: str, detail: str
) -> None:
    """Each failed download is reported once, by address and without its password."""
    (failure,) = network_failures(recorded(name))
    assert failure.target == target
    assert failure.detail.startswith(detail)
    assert "s3cret" not in repr(failure)


@pytest.mark.parametrize(
    ("text", "target", "detail"),
    [
        (f"{GIT}503", "https://h/x.git/", "The requested URL returned error: 503"),
        (f"{GIT}404", None, ""),
        (
            "ssh: connect to host github.com port 22: Connection timed out",
            "github.com",
            "connect to host github.com port 22: Connection timed out",
        ),
        (
            "curl: (6) Could not resolve host: example.org",
            "example.org",
            "Could not resolve host: example.org",
        ),
        (
            (
                "error: downloading 'https://t:k@h/x.zip?sig=abc' failed\n"
                '  status_code: 28\n  status_string: "Timeout was reached"\n'
            ),
            "https://h/x.zip",
            "Timeout was reached",
        ),
        (
            (
                "error: downloading 'https://h/x.zip' failed\n"
                '  status_code: 22\n  status_string: "HTTP response code said error"\n'
            ),
            None,
            "",
        ),
    ],
)
def test_answers_of_a_server_are_no_network_failure(
    text: str, target: str | None, detail: str
) -> None:
    """A wrong address (404) is the project's matter; a server that is down or far is not."""
    expected = [NetworkFailure(target=target, detail=detail)] if target else []
    assert list(network_failures(text)) == expected


FRAGMENTS = st.sampled_from(
    [
        "CMake Error at CMakeLists.txt:3 (find_package):\n",
        "CMake Error:\n",
        "  Could NOT find Boost (missing: ",
        "  Could not find a package configuration file provided by ",
        '"fmt"',
        "Call Stack (most recent call first):\n",
        "  a.cmake:1 (find_package)\n",
        "-- Checking for module 'x'\n",
        "--   Package 'x', required by 'y', not found\n",
        "  A required package was not found\n",
        "  None of the required ';' found\n",
        "  Could not find X using the following names: \n",
        "a.c:1:2: fatal error: ",
        ": No such file or directory\n",
        "unable to access 'https://u:p@[::1/': no\n",
        'status: [6;"',
        "\n",
        "  ",
        ")",
        "'",
    ]
)


@settings(deadline=None)  # the first example reads the table
@given(st.lists(FRAGMENTS | st.text()).map("".join))
def test_any_output_is_read_without_an_error(output: str) -> None:
    """Output is cut off, mixed and broken at will; reading it never fails."""
    for sentence in explain(suggest(find_missing(output), load_debian_table())):
        assert ". " in sentence
    network_failures(output)


@given(st.text(alphabet=st.characters(codec="ascii", categories=["L", "N"]), min_size=8))
def test_passwords_never_leave_a_url(password: str) -> None:
    """Neither user names nor passwords of an address are repeated."""
    text = f"fatal: unable to access 'https://me:{password}@h/x.git': no route to https://{password}@h/"
    for failure in network_failures(text):
        assert password not in failure.target + failure.detail
