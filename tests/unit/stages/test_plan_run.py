"""From files and a request to the plan of a whole run."""

from __future__ import annotations

import json
import re

import pytest

from pipelines.config import load_config
from pipelines.domain.coverage import Floors
from pipelines.errors import ConfigError, UsageError
from pipelines.stages.plan_run import RunPlan, plan_run
from pipelines.stages.project_files import ProjectFiles
from pipelines.stages.request import RunRequest

CATALOGUE = {"debian": "d@sha256:1", "debian-trixie": "t@sha256:2", "ubuntu-22.04": "u@sha256:3"}
PRESETS = json.dumps(
    {
        "version": 3,
        "configurePresets": [{"name": "ci"}, {"name": "asan"}, {"name": "base", "hidden": True}],
    }
)


def plan(
    config: str = "",
    *,
    lists: str = "cmake_minimum_required(VERSION 3.20)\nproject(app)",
    presets: tuple[str, ...] = (),
    request: RunRequest | None = None,
) -> RunPlan:
    """Plan a run of a project."""
    files = ProjectFiles(config=load_config(config), cmake_lists=lists, presets=presets)
    return plan_run(files, request or RunRequest(), CATALOGUE)


@pytest.mark.parametrize(
    ("config", "lists", "name"),
    [
        ("name: service", "project(app)", "service"),
        ("", "project(app)", "app"),
        ("", "project(${NAME})", "project"),
        ("", "", "project"),
    ],
)
def test_a_project_has_a_name(config: str, lists: str, name: str) -> None:
    """The configured name comes first, then CMake's, and there is always one."""
    assert plan(config, lists=lists).name == name


@pytest.mark.parametrize(
    ("config", "lists", "wheels", "cmake"),
    [
        ("", "cmake_minimum_required(VERSION 3.20)", (), (3, 25)),
        ("", "cmake_minimum_required(VERSION 3.28)", ("cmake==3.31.*",), (3, 31)),
        ("", "cmake_minimum_required(VERSION 4.1)", ("cmake==4.1.*",), (4, 1)),
        ("toolchain: {image: debian-trixie}", "cmake_minimum_required(VERSION 3.28)", (), (3, 31)),
        ("toolchain: {cmake: '3.29'}", "", ("cmake==3.29.*",), (3, 29)),
        (
            "toolchain: {cmake: '3.29.2', ninja: '1.12.1'}",
            "",
            ("cmake==3.29.2", "ninja==1.12.1"),
            (3, 29),
        ),
        (
            "toolchain: {image: 'x.y/own:1'}",
            "cmake_minimum_required(VERSION 3.24)",
            ("cmake==3.31.*",),
            (3, 31),
        ),
    ],
)
def test_cmake_is_as_new_as_it_has_to_be(
    config: str, lists: str, wheels: tuple[str, ...], cmake: tuple[int, int]
) -> None:
    """A wheel comes only where the release's CMake is too old, and ctest is used accordingly."""
    made = plan(config, lists=lists)
    assert made.toolchain.wheels == wheels
    truncates = "--test-output-truncation" in made.release.arguments
    assert truncates is (cmake >= (3, 24))


def test_presets_count_when_they_are_used() -> None:
    """A presets file may need a newer CMake than the lists say, but only for those who use it."""
    new = json.dumps({"version": 9, "configurePresets": [{"name": "ci"}]})
    assert plan(presets=(new,)).toolchain.wheels == ()
    assert plan("cmake: {preset: ci}", presets=(new,)).toolchain.wheels == ("cmake==3.31.*",)
    assert plan("sanitize: {preset: ci}", presets=(new,)).toolchain.wheels == ("cmake==3.31.*",)
    assert plan("coverage: {preset: ci}", presets=(new,)).toolchain.wheels == ("cmake==3.31.*",)


@pytest.mark.parametrize(
    ("config", "request_", "words"),
    [
        ("cmake: {preset: cii}", RunRequest(), ("cmake.preset", "cii", "Did you mean ci?")),
        ("sanitize: {preset: msan}", RunRequest(), ("sanitize.preset", "Did you mean asan?")),
        ("coverage: {preset: cu}", RunRequest(), ("coverage.preset", "cu", "ci")),
        ("", RunRequest(preset="xyz"), ("it has: ", "ci", "Name one of its presets")),
    ],
)
def test_an_unknown_preset_is_refused(
    config: str, request_: RunRequest, words: tuple[str, ...]
) -> None:
    """A preset that is not there is told with those that are, before any engine starts."""
    with pytest.raises(UsageError) as caught:
        plan(config, presets=(PRESETS,), request=request_)
    assert [word for word in words if word not in str(caught.value)] == []
    assert caught.value.exit_code == 2


def test_a_preset_without_any_file_is_refused() -> None:
    """Where there are no presets at all, the error says so."""
    with pytest.raises(UsageError, match="it has: none"):
        plan(request=RunRequest(preset="ci"))


def test_the_preset_of_a_request_is_used_in_both_variants() -> None:
    """The command line decides about the preset of release and sanitized variant alike."""
    made = plan(presets=(PRESETS,), request=RunRequest(preset="ci"))
    assert "--preset=ci" in made.release.arguments
    assert "--preset=ci" in made.sanitized.arguments


@pytest.mark.parametrize(
    ("sanitizers", "config", "message"),
    [
        (("thread", "address"), "", "cannot be combined"),
        (("thread", "leak"), "", "cannot be combined"),
        (("memory",), "", "GCC has no MemorySanitizer"),
        (("memory", "thread"), "toolchain: {compiler: clang}", "cannot be combined"),
        (("adress",), "", "Did you mean address?"),
        (("address", "nonsense"), "", "nonsense"),
    ],
)
def test_sanitizers_that_do_not_work_are_refused(
    sanitizers: tuple[str, ...], config: str, message: str
) -> None:
    """What the compiler would refuse, or does not know, is told before anything runs."""
    with pytest.raises(UsageError, match=re.escape(message)) as caught:
        plan(config, request=RunRequest(sanitizers=sanitizers))
    assert caught.value.exit_code == 2


def test_sanitizers_come_from_the_request_or_the_file() -> None:
    """The request replaces what the file says; the file replaces the default."""
    assert plan().sanitized.name == "asan-ubsan"
    assert plan("sanitize: {sanitizers: [thread]}").sanitized.name == "tsan"
    request = RunRequest(sanitizers=("undefined",))
    assert plan("sanitize: {sanitizers: [thread]}", request=request).sanitized.name == "ubsan"
    assert plan("sanitize: {fail_on: failed-tests}").sanitized.fail_on_findings is False


def test_coverage_is_measured_as_configured() -> None:
    """Rules, floors and preset come from the file; the request replaces the floor of lines."""
    config = (
        "coverage: {minimum_percent: 70, minimum_branch_percent: 40, preset: ci, "
        "include: [src/], exclude: [src/old/]}"
    )
    measured = plan(config, presets=(PRESETS,)).coverage
    assert "--preset=ci" in measured.configure
    assert measured.coverage is not None
    assert (measured.coverage.include, measured.coverage.exclude) == (("src/",), ("src/old/",))
    assert measured.coverage.floors == Floors(lines=70, branches=40)
    asked = plan(config, presets=(PRESETS,), request=RunRequest(minimum_percent=12.5)).coverage
    assert asked.coverage is not None
    assert asked.coverage.floors == Floors(lines=12.5, branches=40)
    # Another floor is judged on the same run: nothing has to be built or tested again.
    assert asked.arguments == measured.arguments


def test_tests_do_not_count_unless_asked_for() -> None:
    """Folders and files of tests are left out by default; an empty list counts all."""
    left_out = plan().coverage.coverage
    assert left_out is not None
    for path in ("test/a.cpp", "lib/tests/a.hpp", "src/a_test.cpp", "src/a_tests.cc"):
        assert any(re.match(pattern, path) for pattern in left_out.exclude), path
    for path in ("src/a.cpp", "src/latest/a.cpp", "contest/a.cpp", "src/attest.cpp", "testing/a.h"):
        assert not any(re.match(pattern, path) for pattern in left_out.exclude), path
    everything = plan("coverage: {exclude: []}").coverage.coverage
    assert everything is not None
    assert everything.exclude == ()


@pytest.mark.parametrize(
    ("job", "variants"),
    [
        ("build-and-test", ["release", "asan-ubsan"]),
        ("test", ["release"]),
        ("sanitize", ["asan-ubsan"]),
        ("coverage", ["coverage"]),
    ],
)
def test_a_job_is_known_by_its_function(job: str, variants: list[str]) -> None:
    """The reports of every function can be asked for by its name."""
    assert [variant.name for variant in plan().job(job)] == variants


@pytest.mark.parametrize(("job", "words"), [("covrage", "Did you mean coverage?"), ("x", "Known")])
def test_an_unknown_job_is_refused(job: str, words: str) -> None:
    """A job that is not there is told with the one that was meant, or with all."""
    with pytest.raises(UsageError) as caught:
        plan().job(job)
    assert words in str(caught.value)


def test_the_image_is_resolved() -> None:
    """A name becomes its reference; an unknown one is a mistake in the configuration."""
    assert plan("toolchain: {image: ubuntu-22.04}").image == "u@sha256:3"
    with pytest.raises(ConfigError, match="Did you mean debian"):
        plan("toolchain: {image: debain}")


def test_a_request_is_checked_here_too() -> None:
    """Names that no tool would take are refused also without the command line."""
    with pytest.raises(UsageError, match="no name of a Debian package"):
        plan(request=RunRequest(packages=("; rm -rf /",)))


def test_volumes_are_apart_where_their_contents_are() -> None:
    """Project, variant, toolchain and namespace each have their own build directory."""
    base = plan()
    volumes = {
        base.volume("release"),
        base.volume("asan-ubsan"),
        plan("name: other").volume("release"),
        plan("toolchain: {compiler: clang}").volume("release"),
        plan(request=RunRequest(cache_namespace="branch")).volume("release"),
    }
    assert len(volumes) == 5
    assert plan("cmake: {options: {FOO: 'ON'}}").volume("release") == base.volume("release")


def test_the_compiler_cache_is_shared_between_projects() -> None:
    """Different projects with the same compiler share their objects, but not across namespaces."""
    base = plan()
    assert plan("name: other").ccache_volume == base.ccache_volume
    assert plan(request=RunRequest(cache_namespace="x")).ccache_volume != base.ccache_volume
    assert plan("toolchain: {packages: [zlib1g-dev]}").ccache_volume == base.ccache_volume


@pytest.mark.parametrize("namespace", ["feature/größe #1", "../..", "x" * 200, "a b"])
def test_names_of_volumes_are_plain(namespace: str) -> None:
    """Whatever a branch or a project is called, its volumes have plain names."""
    lists = 'project("Größe & Maß")'
    made = plan(lists=lists, request=RunRequest(cache_namespace=namespace))
    for volume in (made.volume("release"), made.ccache_volume):
        assert re.fullmatch(r"[a-z0-9][a-z0-9.-]{0,200}", volume), volume


@pytest.mark.parametrize(
    ("one", "other"), [("feature/a", "feature-a"), ("größe", "gr-e"), ("Main", "main")]
)
def test_namespaces_that_differ_stay_apart(one: str, other: str) -> None:
    """Two branches never share a build directory, however alike their names are."""
    volumes = {
        plan(request=RunRequest(cache_namespace=name)).volume("release") for name in (one, other)
    }
    assert len(volumes) == 2


@pytest.mark.parametrize(
    ("config", "packages", "arguments"),
    [
        (
            "",
            ("clang-format", "clang-tidy", "cppcheck", "python3"),
            ("--clang-format=auto", "--clang-tidy=on", "--cppcheck=on"),
        ),
        (
            "lint: {clang_format: true, clang_version: 19, cppcheck: false, exclude: [^x/, --y]}",
            ("clang-format-19", "clang-tidy-19", "python3"),
            (
                "--clang-format=on",
                "--clang-tidy=on",
                "--cppcheck=off",
                "--clang-version=19",
                "--exclude=^x/",
                "--exclude=--y",
            ),
        ),
        (
            "lint: {clang_format: false, clang_tidy: false}",
            ("cppcheck", "python3"),
            ("--clang-format=off", "--clang-tidy=off", "--cppcheck=on"),
        ),
    ],
)
def test_linting_installs_and_runs_what_is_switched_on(
    config: str, packages: tuple[str, ...], arguments: tuple[str, ...]
) -> None:
    """Only tools that run are installed, in the release that was asked for."""
    run = plan(config)
    assert run.lint_packages == packages
    assert run.lint.lint is not None
    checks = [each for each in run.lint.lint if each.startswith("--default-checks=-*,bugprone-*")]
    assert len(checks) == 1
    assert tuple(each for each in run.lint.lint if each not in checks) == arguments
    assert (run.lint.test, run.release.lint) == (None, None)


def test_linting_has_a_build_of_its_own() -> None:
    """Its build directory is not that of the release, its compiler cache is."""
    run = plan()
    assert run.volume(run.lint.name) != run.volume(run.release.name)
    assert set(run.release.configure) < set(run.lint.configure)
