"""Run one job for the command line: plan, engine, run, reports, result, exit code."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.cli.git_base import host_base
from pipelines.cli.output import print_result, warn
from pipelines.cli.session import in_session
from pipelines.domain.summary import Summary, Verdict
from pipelines.errors import GateFailed, UsageError
from pipelines.stages.images import load_catalogue
from pipelines.stages.plan_run import RunPlan, plan_run
from pipelines.stages.project_files import FolderReader, ProjectFiles, read_project_files

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from pipelines.cli.lint_choice import LintChoice
    from pipelines.domain.lint import LintBase
    from pipelines.domain.variant import VariantPlan
    from pipelines.progress import Progress
    from pipelines.stages.request import RunRequest

__all__ = ["Job", "run_job"]

OWN_FILES = ("summary.json", "summary.md", "findings.sarif", "findings.junit.xml")


@dataclass(frozen=True, kw_only=True)
class Job:
    """What the user typed.

    Attributes:
        choose: Picks the variants to run out of a plan.
        reports: Where to write reports, when anywhere.
        install_to: Where to write the install tree, when anywhere.
        gate: Fail when the verdict is red.
        lint: Run linting; `choose` then has nothing to say.
    """

    name: str
    source: Path
    request: RunRequest
    choose: Callable[[RunPlan], Sequence[VariantPlan]]
    reports: Path | None = None
    install_to: Path | None = None
    netrc: str | None = None
    as_json: bool = False
    verbose: bool = False
    gate: bool = True
    lint: LintChoice | None = None


async def run_job(job: Job, progress: Progress) -> None:
    """Run a job to its end.

    Raises:
        GateFailed: The verdict is red; result and reports are out already.
        UsageError: The source folder or its pipeline.yaml is not right.
        InfrastructureError: Something around the pipeline failed.
    """
    if not job.source.is_dir():
        raise UsageError(
            "read the source folder", f"there is no folder {job.source}", "Name it with --source"
        )
    if job.reports is not None:
        _remove_own(job.reports)
    # Before any engine is started: a mistake in the configuration needs none.
    files = await read_project_files(FolderReader(job.source))
    request = job.request.checked()

    base = None
    if job.lint is not None:
        base = await host_base(job.source, asked=job.lint.base, configured=files.config.lint.base)

    async def work() -> Summary:
        return await _run(job, files, request, base)

    images = (files.config.toolchain.image,)
    summary = await in_session(work, progress=progress, verbose=job.verbose, images=images)
    print_result(summary.to_json() if job.as_json else summary.to_text())
    if job.gate and summary.verdict is not Verdict.PASSED:
        where = f"The reports are in {job.reports}" if job.reports else "--reports DIR keeps logs"
        raise GateFailed(job.name, "the pipeline is red", where)


async def _run(
    job: Job, files: ProjectFiles, request: RunRequest, base: LintBase | None
) -> Summary:
    # Heavy: loaded once the client is connecting, and never for a mistyped option.
    import dagger  # noqa: PLC0415

    from pipelines.cli.host_source import host_source  # noqa: PLC0415
    from pipelines.stages.build_and_test import run_variants  # noqa: PLC0415
    from pipelines.stages.lint import run_lint  # noqa: PLC0415

    # The catalogue is read once the engine is there: the embedded one brings its own.
    plan = plan_run(files, request, load_catalogue())
    netrc = dagger.dag.secret(job.netrc) if job.netrc else None
    variants = job.choose(plan)
    source = await host_source(job.source)
    if job.lint is not None:
        outcome = await run_lint(plan, source, base=base, netrc=netrc)
    else:
        outcome = await run_variants(plan, source, variants, netrc=netrc)
    if job.reports is not None:
        await outcome.reports.export(str(job.reports.absolute()))
    if job.install_to is not None and outcome.summary.verdict is Verdict.PASSED:
        tree = outcome.containers[variants[0].name].directory("/out")
        await tree.export(str(job.install_to.absolute()))
        warn(f"installed to {job.install_to}")
    if outcome.unjudged is not None:
        raise outcome.unjudged
    return outcome.summary


def _remove_own(folder: Path) -> None:
    """Delete what an earlier run wrote, and nothing else, so that no old report is believed."""
    try:
        variants = list(json.loads((folder / "summary.json").read_text())["variants"])
    except (OSError, ValueError, KeyError, TypeError):
        variants = []
    for name in variants:
        if "/" not in name and name not in ("", ".", ".."):
            shutil.rmtree(folder / name, ignore_errors=True)
    for name in OWN_FILES:
        (folder / name).unlink(missing_ok=True)
