"""Looking up Debian packages, in a small table and in the one that is shipped."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.domain.debian_packages import Candidates, DebianTable
from pipelines.stages.debian_table import load_debian_table

TABLE = DebianTable.from_document(
    {
        "suite": "bookworm",
        "date": "2026-07-11",
        "cmake": {"libfmt-dev": ["fmt"], "qt6-svg-dev": ["Qt6Svg"]},
        "modules": {
            "ZLIB": {"": "zlib1g-dev", "ZLIB_INCLUDE_DIR": "zlib1g-dev"},
            "Tool": {"": "tool", "TOOL_EXECUTABLE": "tool", "TOOL_LIBRARY_RELEASE": "libtool-dev"},
        },
        "pkg_config": {"libevent-dev": ["libevent"]},
        "libraries": {"libboost-regex-dev": ["boost_regex"], "libuv1-dev": ["uv"]},
        "programs": {"protobuf-compiler": ["protoc"], "python3": ["python3"]},
        "headers": {
            "libboost-dev": ["boost/"],
            "libboost-mpi-dev": ["boost/mpi/", "boost/mpi.hpp"],
            "default-libmysqlclient-dev": ["mysql"],
        },
        "nested_headers": {"libglib2.0-dev libglib-dev": ["glib.h"]},
    }
)


def first(found: Candidates | None) -> str | None:
    """Return the package to install."""
    return found.packages[0] if found else None


@pytest.mark.parametrize(
    ("path", "package"),
    [
        ("boost/asio.hpp", "libboost-dev"),
        ("boost/mpi.hpp", "libboost-mpi-dev"),
        ("boost/mpi/environment.hpp", "libboost-mpi-dev"),
        ("./boost//version.hpp", "libboost-dev"),
        ("mysql/mysql.h", "default-libmysqlclient-dev"),
        ("boost", None),
        ("boosted/x.hpp", None),
        ("", None),
        ("/", None),
    ],
)
def test_header_belongs_to_its_nearest_folder(path: str, package: str | None) -> None:
    """The longest known folder above a header decides, and a path beats every folder."""
    assert first(TABLE.header(path)) == package


def test_header_behind_an_include_folder_is_uncertain() -> None:
    """`glib.h` could be anybody's file, so the answer says that it is a resemblance."""
    assert TABLE.header("glib.h") == Candidates(
        packages=("libglib2.0-dev", "libglib-dev"), certain=False
    )


@pytest.mark.parametrize(
    ("name", "missing", "packages"),
    [
        ("fmt", (), ["libfmt-dev"]),
        ("FMT", (), ["libfmt-dev"]),
        ("ZLIB", (), ["zlib1g-dev"]),
        ("ZLIB", ("ZLIB_LIBRARY", "ZLIB_INCLUDE_DIR"), ["zlib1g-dev"]),
        ("Tool", ("TOOL_EXECUTABLE", "TOOL_LIBRARY"), ["tool", "libtool-dev"]),
        ("Tool", ("TOOL_LIBRARIES",), ["libtool-dev"]),
        ("Boost", ("regex",), ["libboost-regex-dev"]),
        ("Qt6", ("Svg",), ["qt6-svg-dev"]),
        ("Python3", ("Python3_EXECUTABLE", "Interpreter"), ["python3"]),
        ("Nothing", ("NOTHING_LIBRARY",), []),
    ],
)
def test_cmake_package_is_found_by_what_is_missing_of_it(
    name: str, missing: tuple[str, ...], packages: list[str]
) -> None:
    """Variables and components lead to their own packages, else the name decides."""
    assert [first(found) for found in TABLE.cmake_package(name, missing)] == packages


def test_package_without_a_config_file_is_guessed() -> None:
    """A project's own FindLibEvent.cmake is answered by pkg-config's name, as a guess."""
    assert TABLE.cmake_package("LibEvent") == (
        Candidates(packages=("libevent-dev",), certain=False),
    )


def test_library_is_found_by_every_spelling_of_the_linker() -> None:
    """`-luv`, `-l:libuv.a` and a file name mean the same library."""
    assert {first(TABLE.library(name)) for name in ("uv", "libuv.a", "libuv.so", "libuv")} == {
        "libuv1-dev"
    }


@pytest.mark.parametrize("document", [None, [], {}, {"suite": "x", "date": "y", "cmake": 3}])
def test_other_documents_are_refused(document: object) -> None:
    """A document that is no table is an error, never an empty table."""
    with pytest.raises(ValueError, match=r"\$"):
        DebianTable.from_document(document)


@given(st.text())
def test_any_name_is_looked_up_without_an_error(name: str) -> None:
    """Names come from other programs' output, so every text is accepted."""
    TABLE.header(name)
    TABLE.library(name)
    TABLE.program(name)
    TABLE.pkg_config_module(name)
    TABLE.cmake_package(name, (name,))


@pytest.mark.parametrize(
    ("name", "package"),
    [
        ("fmt", "libfmt-dev"),
        ("spdlog", "libspdlog-dev"),
        ("nlohmann_json", "nlohmann-json3-dev"),
        ("GTest", "libgtest-dev"),
        ("yaml-cpp", "libyaml-cpp-dev"),
        ("Boost", "libboost-dev"),
        ("boost_filesystem", "libboost-filesystem-dev"),
        ("ZLIB", "zlib1g-dev"),
        ("CURL", "libcurl4-openssl-dev"),
        ("OpenSSL", "libssl-dev"),
        ("PostgreSQL", "libpq-dev"),
        ("SQLite3", "libsqlite3-dev"),
        ("Protobuf", "libprotobuf-dev"),
        ("JPEG", "libjpeg-dev"),
        ("LLVM", "llvm-dev"),
        ("JNI", "default-jdk-headless"),
        ("Qt5Svg", "libqt5svg5-dev"),
        ("Qt6Svg", "qt6-svg-dev"),
        ("Python3", "libpython3-dev"),
        ("Threads", None),
    ],
)
def test_shipped_table_names_what_a_debian_developer_would(name: str, package: str | None) -> None:
    """Well-known packages come first, unversioned and as developers know them."""
    found = load_debian_table().cmake_package(name)
    assert (found[0].packages[0] if found else None) == package


def test_shipped_table_knows_headers_programs_modules_and_libraries() -> None:
    """Each kind of name has entries in the shipped table."""
    table = load_debian_table()
    assert first(table.header("boost/asio.hpp")) == "libboost-dev"
    assert first(table.header("Eigen/Dense")) == "libeigen3-dev"
    assert first(table.header("zlib.h")) == "zlib1g-dev"
    assert first(table.program("protoc")) == "protobuf-compiler"
    assert first(table.program("python3")) == "python3"
    assert first(table.pkg_config_module("libsystemd")) == "libsystemd-dev"
    assert first(table.library("mysqlclient")) == "default-libmysqlclient-dev"
    assert table.header("config.h") is None


def test_shipped_table_offers_installable_names_only() -> None:
    """At most three candidates, all proper package names and none for another machine."""
    table = load_debian_table()
    kinds = (table.cmake, table.pkg_config, table.libraries, table.programs, table.headers)
    candidates = {packages for kind in kinds for packages in kind.values()}
    assert max(map(len, candidates)) <= 3
    names = {name for packages in candidates for name in packages}
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9.+-]+", name) for name in names)
    assert not [name for name in names if name.endswith(("-dbg", "-cross")) or "mingw" in name]
    assert (table.suite, re.fullmatch(r"\d{4}-\d\d-\d\d", table.date) is not None) == (
        "bookworm",
        True,
    )
