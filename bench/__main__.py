"""`python -m bench`: measure, print, and write bench/README.md."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

from bench.cases import Cases
from bench.machine import engine_daemon, read_facts
from bench.ours import Ours
from bench.project import project_files, write_files
from bench.raw import export_root, remove_tree
from bench.report import Report, to_dict, to_markdown
from bench.runs import BenchFailed
from bench.upload import measure_upload
from pipelines.cli.session import in_session
from pipelines.cli.terminal_progress import TerminalProgress
from pipelines.engine import DataFolder, find_engine
from pipelines.errors import PipelineError
from pipelines.progress import phase
from pipelines.stages.images import load_catalogue
from pipelines.stages.plan_run import RunPlan, plan_run
from pipelines.stages.project_files import FolderReader, read_project_files
from pipelines.stages.request import RunRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.progress import Progress

README = Path(__file__).parent / "README.md"


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for.

    Attributes:
        output: The Markdown file to write, if any.
        json: The JSON file to write, if any.
    """

    runs: int
    units: int
    output: Path | None
    json: Path | None


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and return 0, whatever the figures are; 1 when a verdict was wrong."""
    options = _read_arguments(arguments)
    progress = TerminalProgress()
    try:
        report = anyio.run(_measure, options, progress)
    except (BenchFailed, PipelineError) as error:
        progress.close()
        print(f"error: {error}", file=sys.stderr)
        return 1
    progress.close()
    text = to_markdown(report)
    print(text)
    if options.json is not None:
        options.json.write_text(json.dumps(to_dict(report), indent=2) + "\n")
    if options.output is not None:
        options.output.write_text(text)
    return 0


def _read_arguments(arguments: Sequence[str] | None) -> Options:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tiny project, one repetition")
    parser.add_argument("--runs", type=_positive, help="repetitions of each case (default: 5)")
    parser.add_argument("--units", type=_positive, help="sources of the project (default: 40)")
    parser.add_argument("--json", type=Path, help="write all figures into this file")
    parser.add_argument(
        "--output",
        type=Path,
        help="write the report into this file (default: bench/README.md, with --quick nowhere)",
    )
    read = parser.parse_args(arguments)
    return Options(
        runs=read.runs or (1 if read.quick else 5),
        units=read.units or (4 if read.quick else 40),
        output=read.output or (None if read.quick else README),
        json=read.json,
    )


async def _measure(options: Options, progress: Progress) -> Report:
    # Taken before anything else: a session changes the environment, and we are a load ourselves.
    environment = dict(os.environ)
    # Installed programs find their modules compiled; some machines keep those of a checkout away.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    facts = read_facts()
    if facts.warning:
        print(f"warning: {facts.warning}", file=sys.stderr)
    folder = Path(tempfile.mkdtemp(prefix="pipelines-bench-"))
    try:
        endpoint = await find_engine(DataFolder.from_environment(), progress)
        ours = Ours(environment=environment, daemon=engine_daemon(endpoint.pid))
        plan = await _warm_up(ours, folder, progress)
        cases = Cases(
            ours=ours,
            plan=plan,
            root=folder / "root",
            folder=folder,
            units=options.units,
            runs=options.runs,
            progress=progress,
        )
        figures = await cases.all()
        with phase(progress, "upload"):
            upload = await measure_upload(folder / "many", runs=options.runs, progress=progress)
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(remove_tree, folder)
    return Report(
        facts=facts,
        toolchain=plan.image,
        engine=str(endpoint.kind),
        date=datetime.now(timezone.utc),
        units=options.units,
        tests=cases.tests,
        cases=figures,
        upload=upload,
    )


async def _warm_up(ours: Ours, folder: Path, progress: Progress) -> RunPlan:
    """Have the toolchain container built, and take its root file system out of the engine."""
    source = folder / "warm-up"
    write_files(source, project_files(1, salt="warm-up"))
    with phase(progress, "warm-up", "the toolchain container may have to be built"):
        run = await ours.build_and_test(source, "bench-warm-up")
        run.expect("warm-up", passed=True, tests=1)
    files = await read_project_files(FolderReader(source))
    plans: list[RunPlan] = []

    async def export() -> None:
        # The embedded engine brings its own catalogue, which the session makes known.
        plan = plan_run(files, RunRequest(), load_catalogue())
        await export_root(plan, folder / "root")
        plans.append(plan)

    with phase(progress, "export the toolchain's root file system"):
        await in_session(export, progress=progress)
    return plans[0]


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return value


if __name__ == "__main__":
    sys.exit(main())
