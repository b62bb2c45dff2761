"""Linting: build for a compile database, run the tools, tell new findings from old ones."""

from __future__ import annotations

import json
import tempfile
import uuid
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import dagger

from pipelines.domain.changed_lines import changed_lines
from pipelines.domain.findings import deduplicate
from pipelines.domain.junit_export import findings_to_junit
from pipelines.domain.lint import LintBase, LintFailOn
from pipelines.domain.lint_sarif import lint_runs
from pipelines.domain.lint_text import list_findings
from pipelines.domain.sarif import SARIF_LOG, sarif_runs
from pipelines.domain.summary import Summary
from pipelines.errors import ConfigError, ConfigMistake, PipelineError
from pipelines.stages.build_and_test import RunOutcome, own_version, why_unjudged
from pipelines.stages.debian_table import load_debian_table
from pipelines.stages.read_lint import LintReading, read_lint
from pipelines.stages.read_reports import VariantReading, read_variant
from pipelines.stages.run_variant import VariantInputs, run_variant
from pipelines.stages.source import IGNORED
from pipelines.stages.toolchain import (
    SCRIPT_FOLDER,
    add_packages,
    build_toolchain,
    describe_toolchain,
    explain_toolchain_failure,
)

if TYPE_CHECKING:
    from pipelines.domain.variant import VariantPlan
    from pipelines.stages.plan_run import RunPlan

__all__ = ["compare_directories", "run_lint"]

CHANGED_FILES = f"{SCRIPT_FOLDER}/changed-files.json"
# What only the reader of the reports needed.
_LEFT_BEHIND = ["*.step", "run-id", "free-bytes", "ccache.log", "sanitizer"]
# Exit code 1 says that there are differences.
_COMPARE = """
git -c core.quotePath=false diff --no-index --unified=0 --find-renames --no-color --no-ext-diff \
  --no-textconv --src-prefix=a/ --dst-prefix=b/ base head > /compare.diff
[ $? -le 1 ]
"""


async def compare_directories(
    plan: RunPlan, base: dagger.Directory, source: dagger.Directory
) -> LintBase:
    """Find the lines in which the source differs from a base, in the toolchain container.

    Raises:
        PipelineError: The toolchain cannot be built.
    """
    container = (
        build_toolchain(plan.toolchain, plan.image)
        # Both without the same, or what one lacks would look like a change.
        .with_mounted_directory("/compare/base", base.filter(exclude=list(IGNORED)))
        .with_mounted_directory("/compare/head", source.filter(exclude=list(IGNORED)))
        .with_workdir("/compare")
        .with_exec(["sh", "-c", _COMPARE])
    )
    with tempfile.TemporaryDirectory(prefix="pipelines-") as folder:
        file = Path(folder) / "base.diff"
        try:
            await container.file("/compare.diff").export(str(file))
        except dagger.ExecError as error:
            raise explain_toolchain_failure(error, plan.toolchain) from error
        raw = await anyio.Path(file).read_bytes()
    diff = raw.decode("utf-8", "surrogateescape")
    return LintBase(name="the base directory", changed=changed_lines(diff, below="head/"))


async def run_lint(
    plan: RunPlan,
    source: dagger.Directory,
    *,
    base: LintBase | None = None,
    netrc: dagger.Secret | None = None,
) -> RunOutcome:
    """Run the tools and gather what they found; a red verdict is no error here.

    Raises:
        ConfigError: A package of the toolchain or of a tool does not exist.
        NetworkUnreachable: Packages could not be downloaded.
    """
    toolchain = build_toolchain(plan.toolchain, plan.image)
    info = await describe_toolchain(toolchain, plan.toolchain, plan.image)
    tools = await _with_tools(toolchain, plan)
    variant = plan.lint
    if base is not None and plan.lint_settings.fail_on is LintFailOn.CHANGED:
        # Only what includes a changed file can have a finding in a changed line.
        tools = tools.with_new_file(CHANGED_FILES, json.dumps(base.changed.files))
        variant = replace(variant, lint=(*(variant.lint or ()), f"--changed={CHANGED_FILES}"))
    inputs = VariantInputs(
        plan=plan, toolchain=tools, source=source, run_id=uuid.uuid4().hex, netrc=netrc
    )
    container = run_variant(variant, inputs)
    reading, lint = await _read(container, variant, inputs, base)
    if reading.is_stale_failure:
        container = run_variant(variant, inputs, again=True)
        reading, lint = await _read(container, variant, inputs, base)
    result = replace(
        reading.result,
        findings=(*reading.result.findings, *deduplicate(lint.findings.new)),
        problems=(*reading.result.problems, *lint.problems),
    )
    summary = Summary(name=plan.name, variants=(result,), toolchain=info, lint=lint.summary)
    return RunOutcome(
        summary=summary,
        reports=_gather(summary, reading, lint, container),
        containers={variant.name: container},
        unjudged=why_unjudged([reading]),
    )


async def _with_tools(toolchain: dagger.Container, plan: RunPlan) -> dagger.Container:
    container = add_packages(toolchain, plan.toolchain, plan.lint_packages)
    try:
        container = await container.sync()
    except dagger.ExecError as error:
        raise explain_tools_failure(error, plan) from error
    for file in files("pipelines.stages").joinpath("lint_tools").iterdir():
        if file.name.endswith(".py"):
            path = f"{SCRIPT_FOLDER}/lint_tools/{file.name}"
            container = container.with_new_file(path, file.read_text(encoding="utf-8"))
    return container


def explain_tools_failure(error: dagger.ExecError, plan: RunPlan) -> PipelineError:
    """Tell a release of the tools that the image does not have from other failures."""
    _, _, listed = error.stderr.rpartition("unknown packages:")
    unknown = [name for name in plan.lint_packages if name in listed.split()]
    if not unknown:
        return explain_toolchain_failure(error, plan.toolchain)
    mistakes = tuple(
        ConfigMistake(
            path="lint.clang_version" if plan.lint_settings.clang_version else "toolchain.image",
            found=f"`{name}` is no package of the image {plan.toolchain.image}",
            todo="Name a release that it has, leave lint.clang_version out, or use a newer image "
            "such as debian-trixie",
        )
        for name in unknown
    )
    return ConfigError(mistakes)


async def _read(
    container: dagger.Container,
    variant: VariantPlan,
    inputs: VariantInputs,
    base: LintBase | None,
) -> tuple[VariantReading, LintReading]:
    settings = inputs.plan.lint_settings
    with tempfile.TemporaryDirectory(prefix="pipelines-") as folder:
        await container.directory("/reports").export(folder)
        return await anyio.to_thread.run_sync(
            lambda: (
                read_variant(Path(folder), variant, run_id=inputs.run_id, table=load_debian_table),
                read_lint(
                    Path(folder), exclude=settings.exclude, base=base, fail_on=settings.fail_on
                ),
            )
        )


def _gather(
    summary: Summary, reading: VariantReading, lint: LintReading, container: dagger.Container
) -> dagger.Directory:
    new, old = lint.findings.new, lint.findings.old
    runs = [
        *sarif_runs(reading.result.findings, tool_version=own_version()),
        *lint_runs(lint.summary.tools, new, old),
    ]
    sarif = {**SARIF_LOG, "runs": runs}
    (result,) = summary.variants
    return (
        dagger.dag.directory()
        .with_directory(result.name, container.directory("/reports").filter(exclude=_LEFT_BEHIND))
        .with_new_file(f"{result.name}/findings.txt", list_findings(new, old))
        .with_new_file("summary.json", summary.to_json())
        .with_new_file("summary.md", summary.to_markdown())
        .with_new_file("findings.sarif", json.dumps(sarif, indent=2) + "\n")
        .with_new_file("findings.junit.xml", findings_to_junit(summary.variants))
    )
