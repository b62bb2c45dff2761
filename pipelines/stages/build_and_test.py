"""The main job: variants side by side, reports first, verdict after."""

from __future__ import annotations

import json
import tempfile
import uuid
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import dagger
from dagger import dag

from pipelines.domain.junit_export import findings_to_junit
from pipelines.domain.sarif import to_sarif
from pipelines.domain.summary import Summary
from pipelines.errors import DiskFull, NetworkUnreachable, PipelineError
from pipelines.stages.debian_table import load_debian_table
from pipelines.stages.read_reports import VariantReading, read_variant
from pipelines.stages.run_variant import VariantInputs, run_variant
from pipelines.stages.toolchain import build_toolchain, describe_toolchain, prepare_gcovr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.domain.variant import VariantPlan
    from pipelines.stages.plan_run import RunPlan

__all__ = ["RunOutcome", "own_version", "run_variants", "why_unjudged"]


@dataclass(frozen=True, kw_only=True)
class RunOutcome:
    """A finished run: its summary, its reports, and the containers that it ran in.

    Attributes:
        reports: The folder for export: summaries, SARIF, JUnit, and a folder per variant.
        unjudged: Why the code could not be judged (network, disk), where that is so; edges raise
            it once the reports are out.
        containers: After the run, by variant; /out has the install tree where one was planned.
    """

    summary: Summary
    reports: dagger.Directory
    containers: dict[str, dagger.Container]
    unjudged: PipelineError | None = None


async def run_variants(
    plan: RunPlan,
    source: dagger.Directory,
    variants: Sequence[VariantPlan],
    *,
    netrc: dagger.Secret | None = None,
) -> RunOutcome:
    """Run variants concurrently in one toolchain and gather what they found.

    Neither a red verdict nor code that could not be judged is an error here: the edge raises
    after the reports are out.

    Raises:
        ConfigError: The toolchain asks for packages that do not exist.
        NetworkUnreachable: The toolchain's packages could not be downloaded.
    """
    toolchain = build_toolchain(plan.toolchain, plan.image)
    info = await describe_toolchain(toolchain, plan.toolchain, plan.image)
    if any(variant.coverage is not None for variant in variants):
        await prepare_gcovr(toolchain, plan.toolchain)
    inputs = VariantInputs(
        plan=plan, toolchain=toolchain, source=source, run_id=uuid.uuid4().hex, netrc=netrc
    )
    runs: dict[str, tuple[dagger.Container, VariantReading]] = {}

    async def run(variant: VariantPlan) -> None:
        runs[variant.name] = await _run_one(variant, inputs)

    async with anyio.create_task_group() as group:
        for variant in variants:
            group.start_soon(run, variant)
    ordered = {variant.name: runs[variant.name] for variant in variants}
    summary = Summary(
        name=plan.name,
        variants=tuple(reading.result for _, reading in ordered.values()),
        toolchain=info,
    )
    containers = {name: container for name, (container, _) in ordered.items()}
    return RunOutcome(
        summary=summary,
        reports=_gather(summary, containers),
        containers=containers,
        unjudged=why_unjudged([reading for _, reading in ordered.values()]),
    )


async def _run_one(
    variant: VariantPlan, inputs: VariantInputs
) -> tuple[dagger.Container, VariantReading]:
    container = run_variant(variant, inputs)
    reading = await _read(container, variant, inputs)
    if reading.is_stale_failure:
        container = run_variant(variant, inputs, again=True)
        reading = await _read(container, variant, inputs)
    return container, reading


async def _read(
    container: dagger.Container, variant: VariantPlan, inputs: VariantInputs
) -> VariantReading:
    with tempfile.TemporaryDirectory(prefix="pipelines-") as folder:
        # The pages of the coverage report are many, and nobody reads them here.
        await container.directory("/reports").filter(exclude=["html"]).export(folder)
        return await anyio.to_thread.run_sync(
            lambda: read_variant(
                Path(folder), variant, run_id=inputs.run_id, table=load_debian_table
            )
        )


def why_unjudged(readings: Sequence[VariantReading]) -> PipelineError | None:
    """Return the error of a run that says nothing about the code, if it is one."""
    if any(reading.disk_full for reading in readings):
        return DiskFull(
            "run the build",
            "the engine's disk is full",
            "Free some space, or run `pipelines engine prune`, then run again",
        )
    failures = [failure for reading in readings for failure in reading.unreachable]
    if failures:
        return NetworkUnreachable(
            "configure the project",
            f"it downloads from {failures[0].target}, which cannot be reached "
            f"({failures[0].detail})",
            "Check the network of the engine and the address; private addresses need --netrc",
        )
    return None


def _gather(summary: Summary, containers: dict[str, dagger.Container]) -> dagger.Directory:
    findings = [finding for variant in summary.variants for finding in variant.findings]
    sarif = to_sarif(findings, tool_version=own_version())
    folder = dag.directory()
    for name, container in containers.items():
        # What only the reader of the reports needed stays behind.
        reports = container.directory("/reports").filter(
            exclude=[
                "*.step",
                "run-id",
                "free-bytes",
                "ccache.log",
                "instrumented.txt",
                "test-switches.txt",
                "counters.json",
            ]
        )
        folder = folder.with_directory(name, reports)
    return (
        folder.with_new_file("summary.json", summary.to_json())
        .with_new_file("summary.md", summary.to_markdown())
        .with_new_file("findings.sarif", json.dumps(sarif, indent=2) + "\n")
        .with_new_file("findings.junit.xml", findings_to_junit(summary.variants))
    )


def own_version() -> str:
    """Return the version of this product, "0" where it is not installed."""
    try:
        return version("cpp-pipelines")
    except PackageNotFoundError:  # inside the module runtime the package is not installed
        return "0"
