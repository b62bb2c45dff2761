"""From a project's files and a request to a plan of the whole run: pure, no engine needed."""

from __future__ import annotations

import difflib
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.config import Config, FailOn, Lint, Sanitizer
from pipelines.domain.cmake_version import (
    Version,
    choose_cmake,
    preset_names,
    project_name,
    required_by_presets,
    required_cmake_version,
)
from pipelines.domain.coverage import Floors
from pipelines.domain.coverage_plan import CoveragePlan
from pipelines.domain.lint_checks import DEFAULT_CHECKS
from pipelines.domain.toolchain import (
    DISTRIBUTION_CMAKE,
    ToolchainPlan,
    lint_packages,
    plan_toolchain,
)
from pipelines.domain.variant import (
    VariantPlan,
    VariantSettings,
    plan_build,
    plan_coverage,
    plan_lint,
    plan_release,
    plan_sanitized,
)
from pipelines.errors import UsageError
from pipelines.stages.images import resolve_image

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipelines.stages.project_files import ProjectFiles
    from pipelines.stages.request import RunRequest

__all__ = ["RunPlan", "plan_run"]

# An image that is not in the catalogue may have any CMake; this one is the oldest that can write
# JUnit reports (3.21) in a release that is still supported.
UNKNOWN_IMAGE_CMAKE = "3.22.1"


@dataclass(frozen=True, kw_only=True)
class RunPlan:
    """Everything that a run does, decided before an engine is asked.

    Attributes:
        name: The project's name in reports.
        source_subdir: Where CMakeLists.txt is, from the repository's root.
        image: The reference that the toolchain container starts from.
        lint_settings: What the project says about linting.
        lint_packages: What linting needs in the container, on top of the toolchain.
    """

    name: str
    source_subdir: str
    image: str
    toolchain: ToolchainPlan
    release: VariantPlan
    build: VariantPlan
    sanitized: VariantPlan
    coverage: VariantPlan
    lint: VariantPlan
    lint_settings: Lint
    lint_packages: tuple[str, ...]
    fresh: bool
    cache_namespace: str

    def job(self, name: str) -> tuple[VariantPlan, ...]:
        """Return the variants of a job that is known by its function's name.

        Raises:
            UsageError: There is no such job.
        """
        jobs = {
            "build-and-test": (self.release, self.sanitized),
            "test": (self.release,),
            "sanitize": (self.sanitized,),
            "coverage": (self.coverage,),
            "lint": (self.lint,),
        }
        _check_known(name, list(jobs), doing="choose the job", kind="job")
        return jobs[name]

    def volume(self, variant: str) -> str:
        """Name the cache volume that keeps a variant's build directory."""
        parts = ("pipelines-build", self.cache_namespace, _slug(self.name), self.toolchain.key)
        return "-".join(part for part in (*parts, variant) if part)

    @property
    def ccache_volume(self) -> str:
        """Name the cache volume of the compiler cache."""
        parts = ("pipelines-ccache", self.cache_namespace, self.toolchain.compiler_key)
        return "-".join(part for part in parts if part)


def plan_run(files: ProjectFiles, request: RunRequest, catalogue: Mapping[str, str]) -> RunPlan:
    """Plan a run.

    Raises:
        UsageError: Files and request contradict each other, for example an unknown preset.
    """
    config = request.checked().apply(files.config)
    wheels, cmake = _cmake(config, files)
    toolchain = plan_toolchain(
        image=config.toolchain.image,
        compiler=str(config.toolchain.compiler),
        packages=config.toolchain.packages,
        wheels=wheels,
    )
    _check_presets(config, files)
    sanitizers = request.sanitizers or tuple(str(name) for name in config.sanitize.sanitizers)
    _check_sanitizers(sanitizers, toolchain)
    settings = VariantSettings(
        generator=str(config.cmake.generator),
        preset=config.cmake.preset,
        build_type=config.cmake.build_type,
        options=config.cmake.options,
        cmake=(cmake.major, cmake.minor),
        timeout_s=config.test.timeout_s,
        exclude_tests=config.test.exclude,
        parallel_tests=config.test.parallel,
    )
    return RunPlan(
        name=config.name or project_name(files.cmake_lists) or "project",
        source_subdir=config.cmake.source,
        image=resolve_image(config.toolchain.image, catalogue),
        toolchain=toolchain,
        release=plan_release(settings),
        build=plan_build(settings),
        sanitized=plan_sanitized(
            settings,
            sanitizers=sanitizers,
            preset=config.sanitize.preset,
            fail_on_findings=config.sanitize.fail_on is FailOn.ANY,
        ),
        coverage=plan_coverage(
            settings,
            CoveragePlan(
                include=config.coverage.include,
                exclude=config.coverage.exclude,
                floors=Floors(
                    lines=config.coverage.minimum_percent,
                    branches=config.coverage.minimum_branch_percent,
                ),
            ),
            preset=config.coverage.preset,
        ),
        lint=plan_lint(settings, _lint_arguments(config.lint)),
        lint_settings=config.lint,
        lint_packages=lint_packages(
            clang_format=config.lint.clang_format is not False,
            clang_tidy=config.lint.clang_tidy,
            cppcheck=config.lint.cppcheck,
            clang_version=config.lint.clang_version,
        ),
        fresh=request.fresh,
        cache_namespace=_slug(request.cache_namespace),
    )


def _lint_arguments(lint: Lint) -> tuple[str, ...]:
    # One word each: a regular expression may begin with a hyphen.
    formatting = {None: "auto", True: "on", False: "off"}[lint.clang_format]
    return (
        f"--clang-format={formatting}",
        f"--clang-tidy={'on' if lint.clang_tidy else 'off'}",
        f"--cppcheck={'on' if lint.cppcheck else 'off'}",
        *((f"--clang-version={lint.clang_version}",) if lint.clang_version else ()),
        f"--default-checks={','.join(DEFAULT_CHECKS)}",
        *(f"--exclude={pattern}" for pattern in lint.exclude),
    )


def _cmake(config: Config, files: ProjectFiles) -> tuple[tuple[str, ...], Version]:
    """Return the wheels to install, and the version of CMake that will run."""
    wheels: list[str] = []
    available = _version(DISTRIBUTION_CMAKE.get(config.toolchain.image, UNKNOWN_IMAGE_CMAKE))
    if config.toolchain.cmake:
        cmake = _version(config.toolchain.cmake)
        wheels.append(_requirement("cmake", config.toolchain.cmake))
    else:
        asked = [required_cmake_version(files.cmake_lists)]
        if config.cmake.preset or config.sanitize.preset or config.coverage.preset:
            asked += [required_by_presets(text) for text in files.presets]
        required = max((version for version in asked if version), default=available)
        wheel = choose_cmake(required, available)
        # A wheel is at least as new as what was asked for.
        cmake = max(required, available)
        wheels += [wheel] if wheel else []
    if config.toolchain.ninja:
        wheels.append(_requirement("ninja", config.toolchain.ninja))
    return tuple(wheels), cmake


def _version(text: str) -> Version:
    parsed = Version.parse(text)
    if parsed is None:
        raise UsageError(
            "read toolchain.cmake", f"`{text}` is no version", 'Write for example "3.31"'
        )
    return parsed


def _requirement(tool: str, version: str) -> str:
    parts = version.split(".")
    # "3.31" means any 3.31; "3.31.6" means just that one.
    return f"{tool}=={version}" if len(parts) > 2 else f"{tool}=={version}.*"  # noqa: PLR2004


def _check_presets(config: Config, files: ProjectFiles) -> None:
    known = [name for text in files.presets for name in preset_names(text)]
    for path, name in (
        ("cmake.preset", config.cmake.preset),
        ("sanitize.preset", config.sanitize.preset),
        ("coverage.preset", config.coverage.preset),
    ):
        if name is None or name in known:
            continue
        near = difflib.get_close_matches(name, known, n=1)
        listed = ", ".join(known) or "none"
        raise UsageError(
            f"use {path}",
            f"CMakePresets.json has no configure preset `{name}` (it has: {listed})",
            f"Did you mean {near[0]}?" if near else "Name one of its presets",
        )


def _check_known(name: str, known: Sequence[str], *, doing: str, kind: str) -> None:
    if name in known:
        return
    near = difflib.get_close_matches(name, known, n=1)
    raise UsageError(
        doing,
        f"there is no {kind} `{name}`",
        f"Did you mean {near[0]}?" if near else f"Known are {', '.join(known)}",
    )


def _check_sanitizers(sanitizers: tuple[str, ...], toolchain: ToolchainPlan) -> None:
    known = [str(name) for name in Sanitizer]
    for name in sanitizers:
        _check_known(name, known, doing="plan the sanitizers", kind="sanitizer")
    alone = {"thread", "memory"} & set(sanitizers)
    if (alone and set(sanitizers) - alone - {"undefined"}) or len(alone) > 1:
        raise UsageError(
            "plan the sanitizers",
            f"{', '.join(sanitizers)} cannot be combined in one program",
            "Run them one after another: --sanitizers thread, then --sanitizers address,undefined",
        )
    if "memory" in sanitizers and toolchain.compiler != "clang":
        raise UsageError(
            "plan the sanitizers",
            "GCC has no MemorySanitizer",
            "Set `toolchain: {compiler: clang}` in pipeline.yaml",
        )


def _slug(text: str) -> str:
    """Return a text that may be part of a volume's name; different texts stay different."""
    slug = re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-")[:60]
    if slug == text:
        return slug
    return f"{slug}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
