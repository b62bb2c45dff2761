"""Required CMake versions, names and languages from CMakeLists.txt and presets."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.domain.cmake_version import (
    Version,
    choose_cmake,
    preset_names,
    project_languages,
    project_name,
    required_by_presets,
    required_cmake_version,
)

CMAKE_TEXT = st.text(
    alphabet=st.sampled_from('cmake_inrqudvspojt()VERSION3.28 \n\t#[]="\\$\u007b\u007d;x')
)
VERSIONS = st.builds(
    Version, major=st.integers(0, 99), minor=st.integers(0, 99), patch=st.integers(0, 99)
)


def version(text: str) -> Version:
    """Parse a version that is known to be one."""
    parsed = Version.parse(text)
    assert parsed is not None
    return parsed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cmake_minimum_required(VERSION 3.28)", "3.28"),
        ("cmake_minimum_required(VERSION 3.28...3.30 FATAL_ERROR)", "3.28"),
        ("CMAKE_MINIMUM_REQUIRED( version 3.16.3 )", "3.16.3"),
        ("cmake_minimum_required\n(\n  VERSION # the oldest we test\n  4.1\n)", "4.1"),
        ('cmake_minimum_required(VERSION "3.20")', "3.20"),
        ("# cmake_minimum_required(VERSION 2.8)\ncmake_minimum_required(VERSION 3.5)", "3.5"),
        (
            "#[[\ncmake_minimum_required(VERSION 2.8)\n]]\ncmake_minimum_required(VERSION 3.5)",
            "3.5",
        ),
        (
            "#[==[ cmake_minimum_required(VERSION 2.8) ]] ]==] cmake_minimum_required(VERSION 3.6)",
            "3.6",
        ),
        (
            'set(x "cmake_minimum_required(VERSION 2.8)")\ncmake_minimum_required(VERSION 3.7)',
            "3.7",
        ),
        (
            "set(x [[cmake_minimum_required(VERSION 2.8)]])cmake_minimum_required(VERSION 3.7)",
            "3.7",
        ),
        ("if(WIN32 AND (A OR B))\nendif()\ncmake_minimum_required(VERSION 3.9)", "3.9"),
        ("cmake_minimum_required(VERSION ${MINIMUM})", None),
        ("cmake_minimum_required(VERSION 3.${MINOR})", None),
        ("cmake_minimum_required()", None),
        ("project(x)", None),
        ("", None),
    ],
)
def test_minimum_is_read_as_cmake_reads_it(text: str, expected: str | None) -> None:
    """The first real command counts, whatever its spelling; comments and strings do not."""
    assert required_cmake_version(text) == (expected and version(expected))


@pytest.mark.parametrize(
    ("text", "name", "languages"),
    [
        ("project(demo)", "demo", {"C", "CXX"}),
        ("project(demo CXX)", "demo", {"CXX"}),
        ("project(demo VERSION 1.2 LANGUAGES C Fortran)", "demo", {"C", "Fortran"}),
        ("project(demo LANGUAGES CXX VERSION 1.2 DESCRIPTION C)", "demo", {"CXX"}),
        ("project(demo VERSION 1.0)", "demo", {"C", "CXX"}),
        ("project(demo NONE)", "demo", set()),
        ("project(demo CXX)\nenable_language(CUDA OPTIONAL)", "demo", {"CXX", "CUDA"}),
        ('project("my demo" LANGUAGES CXX ${EXTRA})', "my demo", {"CXX"}),
        ("project(${NAME} CXX)", None, {"CXX"}),
        ("message(STATUS project)", None, {"C", "CXX"}),
    ],
)
def test_project_command_tells_name_and_languages(
    text: str, name: str | None, languages: set[str]
) -> None:
    """Both forms of project() are understood, and enable_language adds to them."""
    assert project_name(text) == name
    assert project_languages(text) == languages


@pytest.mark.parametrize(
    ("required", "distribution", "expected"),
    [
        (None, "3.25.1", None),
        ("3.25", "3.25.1", None),
        ("3.25.2", "3.25.1", "cmake==3.31.*"),
        ("3.28", "3.25.1", "cmake==3.31.*"),
        ("3.31.4", "3.25.1", "cmake==3.31.*,>=3.31.4"),
        ("3.40", "3.25.1", "cmake==4.0.*"),
        ("4.0", "3.25.1", "cmake==4.0.*"),
        ("4.2", "3.25.1", "cmake==4.2.*"),
        ("4.2", "4.3.0", None),
    ],
)
def test_newer_cmake_is_chosen_only_where_needed(
    required: str | None, distribution: str, expected: str | None
) -> None:
    """The distribution's CMake is used if it will do, else the newest of the required major."""
    wanted = version(required) if required else None
    assert choose_cmake(wanted, version(distribution)) == expected


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"version": 3}, "3.21"),
        ({"version": 6, "cmakeMinimumRequired": {"major": 3, "minor": 23, "patch": 0}}, "3.25"),
        ({"version": 2, "cmakeMinimumRequired": {"major": 3, "minor": 29}}, "3.29"),
        ({"version": 10}, "3.31"),
        ({"version": 99}, None),
        ({"version": 99, "cmakeMinimumRequired": {"major": 4}}, "4.0"),
        ({"version": "3", "cmakeMinimumRequired": {"major": "3"}}, None),
        ({}, None),
        ([], None),
    ],
)
def test_presets_need_the_cmake_that_reads_their_schema(
    document: object, expected: str | None
) -> None:
    """The higher of the schema's and the stated minimum counts."""
    assert required_by_presets(json.dumps(document)) == (expected and version(expected))


def test_presets_are_listed_without_hidden_ones() -> None:
    """Only presets that `cmake --preset` accepts are named."""
    document = {
        "version": 3,
        "configurePresets": [
            {"name": "base", "hidden": True},
            {"name": "release", "inherits": "base"},
            {"hidden": False},
            "nonsense",
            {"name": "debug"},
        ],
    }
    assert preset_names(json.dumps(document)) == ("release", "debug")


@given(st.one_of(st.text(), CMAKE_TEXT))
def test_any_text_is_read_without_an_error(text: str) -> None:
    """No CMakeLists.txt or presets file, however broken, makes a reader raise."""
    required_cmake_version(text)
    project_name(text)
    project_languages(text)
    required_by_presets(text)
    preset_names(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(JSON, JSON, JSON)
def test_any_json_is_read_without_an_error(
    schema: object, minimum: object, presets: object
) -> None:
    """Presets with values of the wrong type give None and nothing instead of an error."""
    text = json.dumps(
        {"version": schema, "cmakeMinimumRequired": minimum, "configurePresets": presets}
    )
    required_by_presets(text)
    assert all(isinstance(name, str) for name in preset_names(text))


@given(VERSIONS)
def test_version_survives_printing(value: Version) -> None:
    """What is printed is read back as the same version."""
    assert Version.parse(f"cmake version {value}") == value


@given(VERSIONS, VERSIONS)
def test_minimum_is_found_in_any_range(low: Version, high: Version) -> None:
    """The lower end of `<min>...<policy_max>` is the requirement."""
    assert required_cmake_version(f"cmake_minimum_required(VERSION {low}...{high})") == low


@given(VERSIONS, VERSIONS)
def test_chosen_cmake_satisfies_the_project(required: Version, distribution: Version) -> None:
    """None is the answer exactly when the distribution satisfies, else the series is new enough."""
    chosen = choose_cmake(required, distribution)
    assert (chosen is None) == (required <= distribution)
    if chosen is not None:
        found = re.fullmatch(r"cmake==(\d+)\.(\d+)\.\*(?:,>=(\S+))?", chosen)
        assert found is not None
        series = Version(major=int(found[1]), minor=int(found[2]), patch=10**6)
        assert series > required
