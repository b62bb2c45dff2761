"""Run one variant in the toolchain container; its reports come back whatever happens."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import dagger
from dagger import dag

from pipelines.stages.toolchain import SCRIPT_FOLDER, script, with_gcovr

if TYPE_CHECKING:
    from pipelines.domain.variant import VariantPlan
    from pipelines.stages.plan_run import RunPlan

__all__ = ["VariantInputs", "run_variant"]


@dataclass(frozen=True, kw_only=True)
class VariantInputs:
    """What every variant of a run shares.

    Attributes:
        run_id: Tells this run's results from those of an earlier run out of the engine's cache.
        netrc: Credentials for dependencies that CMake downloads.
    """

    plan: RunPlan
    toolchain: dagger.Container
    source: dagger.Directory
    run_id: str
    netrc: dagger.Secret | None = None


def run_variant(
    variant: VariantPlan, inputs: VariantInputs, *, again: bool = False
) -> dagger.Container:
    """Return the container after the run: reports in /reports, an install tree in /out.

    The container is lazy: nothing runs before something of it is asked for. It never fails
    because of the project; what the project did is in the reports.

    Args:
        variant: What to run.
        inputs: What all variants share.
        again: Ignore what the engine remembers of an earlier run.
    """
    plan = inputs.plan
    container = inputs.toolchain
    if variant.coverage is not None:
        reader = f"{SCRIPT_FOLDER}/read_counters.py"
        container = with_gcovr(container, plan.toolchain)
        container = container.with_new_file(reader, script("read_counters.py"))
    if variant.probes:
        container = _with_probes(container, variant, plan.toolchain.cxx_compiler)
    container = (
        container.with_env_variable("PIPELINES_VARIANT", variant.name)
        .with_env_variable("PIPELINES_SOURCE_SUBDIR", plan.source_subdir)
        .with_env_variable("CMAKE_C_COMPILER_LAUNCHER", "ccache")
        .with_env_variable("CMAKE_CXX_COMPILER_LAUNCHER", "ccache")
        # Each build counts its own hits; the counters in the shared cache belong to all.
        .with_env_variable("CCACHE_STATSLOG", "/reports/ccache.log")
        .with_env_variable("CCACHE_DIR", "/ccache")
        .with_env_variable("CCACHE_MAXSIZE", "5G")
        # The cache outlives the toolchain image, so the compiler counts by content, not by date.
        .with_env_variable("CCACHE_COMPILERCHECK", "content")
        .with_env_variable("CPM_SOURCE_CACHE", "/project/cpm")
        # A prompt for credentials would wait for ever.
        .with_env_variable("GIT_TERMINAL_PROMPT", "0")
    )
    for name, value in variant.environment:
        container = container.with_env_variable(name, value)
    for name in ("limit.pl", "redact.pl", "run_variant.sh", "instrument.cmake"):
        container = container.with_new_file(f"{SCRIPT_FOLDER}/{name}", script(name))
    if inputs.netrc is not None:
        container = container.with_mounted_secret("/root/.netrc", inputs.netrc)
    if again:
        container = container.with_env_variable("PIPELINES_ATTEMPT", inputs.run_id)
    if plan.fresh:
        container = container.with_env_variable(
            "PIPELINES_FRESH", uuid.uuid4().hex
        ).with_env_variable("CCACHE_RECACHE", "1")
    return (
        container.with_mounted_directory("/source", inputs.source)
        # Two runs of the same project and variant wait for one another.
        .with_mounted_cache(
            "/project",
            dag.cache_volume(plan.volume(variant.name)),
            sharing=dagger.CacheSharingMode.LOCKED,
        )
        .with_mounted_cache("/ccache", dag.cache_volume(plan.ccache_volume))
        .with_volatile_variable("PIPELINES_RUN_ID", inputs.run_id)
        .with_exec(["bash", f"{SCRIPT_FOLDER}/run_variant.sh", *_arguments(variant, inputs)])
    )


def _arguments(variant: VariantPlan, inputs: VariantInputs) -> tuple[str, ...]:
    if inputs.netrc is None:
        return variant.arguments
    # git reads the file by itself; CMake's own downloads have to be told.
    configure = (*variant.configure, "-DCMAKE_NETRC=OPTIONAL")
    return replace(variant, configure=configure).arguments


def _with_probes(
    container: dagger.Container, variant: VariantPlan, compiler: str
) -> dagger.Container:
    for probe in variant.probes:
        name = f"{probe.partition(':')[0]}.cpp"
        text = script(f"probes/{name}")
        container = container.with_new_file(f"{SCRIPT_FOLDER}/probes/{name}", text)
    for name, value in variant.environment:
        container = container.with_env_variable(name, value)
    return container.with_new_file(f"{SCRIPT_FOLDER}/probe.sh", script("probe.sh")).with_exec(
        ["bash", f"{SCRIPT_FOLDER}/probe.sh", *variant.probes, "--", compiler, *variant.probe_flags]
    )
