"""Containers with sample_app in them, built as the pipeline would build it. Need a session."""

from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import dagger
from dagger import dag

from pipelines.cli.host_source import host_source
from pipelines.config import Compiler
from pipelines.stages.images import load_catalogue
from pipelines.stages.plan_run import RunPlan, plan_run
from pipelines.stages.project_files import FolderReader, read_project_files
from pipelines.stages.request import RunRequest
from pipelines.stages.toolchain import SCRIPT_FOLDER, build_toolchain

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["SAMPLE_APP", "built", "once", "plan_sample_app", "sample_app_toolchain"]

SAMPLE_APP = Path(__file__).resolve().parent.parent / "sample_app"


async def plan_sample_app(compiler: Compiler = Compiler.GCC) -> RunPlan:
    """Plan a build of sample_app; the session has made the engine's own images known."""
    files = await read_project_files(FolderReader(SAMPLE_APP))
    toolchain = replace(files.config.toolchain, compiler=compiler)
    files = replace(files, config=replace(files.config, toolchain=toolchain))
    return plan_run(files, RunRequest(), load_catalogue())


async def sample_app_toolchain(
    compiler: Compiler = Compiler.GCC, *, packages: Sequence[str] = ()
) -> dagger.Container:
    """Return the toolchain container of sample_app, with its sources and a compiler cache.

    Args:
        compiler: The family to build with.
        packages: More Debian packages; installed below the sources, so that these can change.
    """
    plan = await plan_sample_app(compiler)
    container = build_toolchain(plan.toolchain, plan.image)
    if packages:
        install = f"{SCRIPT_FOLDER}/install_toolchain.sh"
        container = container.with_exec(["sh", install, *packages])
    return (
        container.with_env_variable("CMAKE_CXX_COMPILER_LAUNCHER", "ccache")
        .with_env_variable("CCACHE_DIR", "/ccache")
        .with_env_variable("CCACHE_COMPILERCHECK", "content")
        .with_env_variable("CMAKE_GENERATOR", "Ninja")
        .with_mounted_cache("/ccache", dag.cache_volume(plan.ccache_volume))
        .with_mounted_directory("/src", await host_source(SAMPLE_APP))
        .with_workdir("/src")
    )


def built(
    container: dagger.Container,
    preset: str,
    *,
    options: Sequence[str] = (),
    targets: Sequence[str] = ("sample_app",),
    folder: str | None = None,
) -> dagger.Container:
    """Build targets of a preset into /build/PRESET (or another folder)."""
    build = folder or f"/build/{preset}"
    return container.with_exec(["cmake", "--preset", preset, "-B", build, *options]).with_exec(
        ["cmake", "--build", build, "--parallel", "2", "--target", *targets]
    )


def once(container: dagger.Container) -> dagger.Container:
    """Have what follows run, whatever the engine remembers."""
    return container.with_env_variable("PIPELINES_ONCE", uuid.uuid4().hex)
