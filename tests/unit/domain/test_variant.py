"""Plans of variants: what follows from the settings, beside the golden argument lists."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.domain.coverage_plan import CoveragePlan
from pipelines.domain.variant import (
    VariantSettings,
    plan_build,
    plan_coverage,
    plan_release,
    plan_sanitized,
    variant_name,
)

SETTINGS = VariantSettings()
BOTH = ("address", "undefined")


def section(arguments: tuple[str, ...], name: str) -> list[str]:
    """Return the arguments behind a marker, up to the next marker."""
    found: list[str] = []
    inside = False
    for argument in arguments:
        if argument.startswith("::"):
            inside = argument == f"::{name}"
        elif inside:
            found.append(argument)
    return found


def test_release_is_optimised_unless_a_preset_knows_better() -> None:
    """The build type is Release, the one asked for, or what the preset says."""
    named = "-DCMAKE_BUILD_TYPE=Release"
    assert named in section(plan_release(SETTINGS).arguments, "configure")
    preset = plan_release(replace(SETTINGS, preset="ci"))
    assert section(preset.arguments, "configure") == ["--preset=ci"]
    asked = plan_release(replace(SETTINGS, preset="ci", build_type="MinSizeRel"))
    configure = section(asked.arguments, "configure")
    assert configure == ["--preset=ci", "-DCMAKE_BUILD_TYPE=MinSizeRel"]


def test_a_users_option_comes_after_ours() -> None:
    """CMake takes the last definition, so the user can override every one of ours."""
    settings = replace(SETTINGS, options=(("CMAKE_BUILD_TYPE", "Debug"), ("A", "1"), ("A", "2")))
    configure = section(plan_release(settings).arguments, "configure")
    assert configure[-3:] == ["-DCMAKE_BUILD_TYPE=Debug", "-DA=1", "-DA=2"]
    sanitized = plan_sanitized(settings, sanitizers=BOTH)
    assert section(sanitized.arguments, "configure")[-3:] == configure[-3:]


def test_build_installs_and_does_not_test() -> None:
    """The variant `build` is the release without its tests and with an install tree."""
    arguments = plan_build(SETTINGS).arguments
    assert "::install" in arguments
    assert "::test" not in arguments
    release = plan_release(SETTINGS).arguments
    assert section(arguments, "configure") == section(release, "configure")
    assert "::install" not in release


def test_a_run_without_tests_is_an_error() -> None:
    """Every variant with tests refuses to pass without any."""
    for plan in (
        plan_release(SETTINGS),
        plan_sanitized(SETTINGS, sanitizers=BOTH),
        plan_coverage(SETTINGS, CoveragePlan()),
    ):
        assert "--no-tests=error" in section(plan.arguments, "test")


@pytest.mark.parametrize(
    ("cmake", "truncates"), [((3, 23), False), ((3, 24), True), ((4, 0), True)]
)
def test_only_a_ctest_that_can_is_asked_to_keep_both_ends(
    cmake: tuple[int, int], *, truncates: bool
) -> None:
    """Older versions of ctest would refuse the option."""
    arguments = section(plan_release(replace(SETTINGS, cmake=cmake)).arguments, "test")
    assert ("--test-output-truncation" in arguments) is truncates


def test_excluded_names_stay_apart() -> None:
    """Several expressions become one that matches any of them, with its own alternatives."""
    arguments = section(
        plan_release(replace(SETTINGS, exclude_tests=("a|b", "^c"))).arguments, "test"
    )
    assert arguments[-2:] == ["--exclude-regex", "(a|b)|(^c)"]


def test_a_preset_for_sanitizers_brings_its_own_flags() -> None:
    """Ours come from outside only where the project has none."""
    own = plan_sanitized(replace(SETTINGS, preset="ci"), sanitizers=BOTH, preset="asan")
    assert section(own.arguments, "configure") == ["--preset=asan"]
    ours = plan_sanitized(replace(SETTINGS, preset="ci"), sanitizers=BOTH)
    assert any("PIPELINES_FLAGS" in each for each in ours.arguments)


@pytest.mark.parametrize(
    ("sanitizers", "name", "probes"),
    [
        (("address",), "asan", {"heap_overflow", "leak"}),
        (BOTH, "asan-ubsan", {"heap_overflow", "leak", "signed_overflow"}),
        (("undefined", "address"), "asan-ubsan", {"heap_overflow", "leak", "signed_overflow"}),
        (("address", "leak"), "asan-lsan", {"heap_overflow", "leak"}),
        (("thread",), "tsan", {"data_race"}),
        (("memory",), "msan", {"uninitialized"}),
    ],
)
def test_each_sanitizer_has_a_name_and_a_probe(
    sanitizers: tuple[str, ...], name: str, probes: set[str]
) -> None:
    """The name says which sanitizers ran, and each of them must catch its known-bad program."""
    plan = plan_sanitized(SETTINGS, sanitizers=sanitizers)
    assert plan.name == variant_name(sanitizers) == name
    assert {probe.partition(":")[0] for probe in plan.probes} == probes
    assert len(plan.probes) == len(probes)
    assert plan.probe_flags[0] == f"-fsanitize={','.join(sanitizers)}"
    assert dict(plan.environment)["PIPELINES_SANITIZED"] == "1"


def test_reports_of_every_sanitizer_go_to_files() -> None:
    """What a test does with its output cannot hide a finding."""
    environment = dict(plan_sanitized(SETTINGS, sanitizers=BOTH).environment)
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "MSAN_OPTIONS"):
        assert "log_path=/reports/sanitizer/" in environment[name], name


def test_a_preset_for_coverage_brings_its_own_flags() -> None:
    """Counters come from outside only where the project has no preset for them."""
    own = plan_coverage(replace(SETTINGS, preset="ci"), CoveragePlan(), preset="counters")
    assert section(own.arguments, "configure") == ["--preset=counters"]
    ours = plan_coverage(replace(SETTINGS, preset="ci"), CoveragePlan())
    configure = section(ours.arguments, "configure")
    assert configure[0] == "--preset=ci"
    assert "-DPIPELINES_FLAGS=--coverage;-pthread" in configure


def test_a_preset_may_bring_any_generator() -> None:
    """Arguments that only Ninja takes are not passed where a preset chooses the build tool."""
    assert section(plan_release(SETTINGS).arguments, "build") == ["--", "-k", "10"]
    for plan in (
        plan_release(replace(SETTINGS, preset="ci")),
        plan_sanitized(SETTINGS, sanitizers=BOTH, preset="asan"),
        plan_coverage(SETTINGS, CoveragePlan(), preset="counters"),
    ):
        assert section(plan.arguments, "build") == []


def test_only_the_projects_own_files_count() -> None:
    """What lies outside the repository is left out, whatever the rules of the project say."""
    plan = plan_coverage(SETTINGS, CoveragePlan(include=("src/", "lib/"), exclude=("src/gen/",)))
    arguments = section(plan.arguments, "coverage")
    filters = [each for each in arguments if each.startswith(("--filter", "--exclude="))]
    assert filters == ["--filter=src/", "--filter=lib/", r"--exclude=\.\./", "--exclude=src/gen/"]


TEXT = st.text(max_size=8)


@given(options=st.lists(st.tuples(TEXT, TEXT), max_size=3), exclude=st.lists(TEXT, max_size=3))
def test_no_value_can_pass_for_a_marker(options: list[tuple[str, str]], exclude: list[str]) -> None:
    """Whatever a user writes, the sections of the argument list stay the same."""
    settings = replace(SETTINGS, options=tuple(options), exclude_tests=tuple(exclude))
    coverage = CoveragePlan(include=tuple(exclude), exclude=tuple(exclude))
    arguments = plan_coverage(settings, coverage).arguments
    markers = [each for each in arguments if each.startswith("::")]
    assert markers == ["::configure", "::build", "::test", "::coverage"]
