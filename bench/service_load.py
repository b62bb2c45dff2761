"""`python -m bench.service_load`: sample_app beside nginx, and its memory over many requests."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

from bench.machine import read_facts
from bench.service_figures import LoadFigures, LoadOptions, parse_figures
from bench.service_report import to_dict, to_text
from pipelines.cli.session import in_session
from pipelines.cli.terminal_progress import TerminalProgress
from pipelines.errors import PipelineError
from pipelines.progress import phase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.progress import Progress

__all__ = ["PACKAGES", "SANITIZED", "measure_load"]

PACKAGES = ("nginx-light", "python3", "wrk")
INSIDE = Path(__file__).parent / "inside"
SCRIPT = INSIDE / "service_run.py"
SANITIZED = INSIDE / "service_sanitized.sh"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return 1 when a goal was missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.service_load", description=__doc__)
    usual = LoadOptions()
    parser.add_argument("--rounds", type=int, default=usual.rounds, help="(default: %(default)s)")
    parser.add_argument("--seconds", type=int, default=usual.seconds, help="of each measurement")
    parser.add_argument("--connections", type=int, default=usual.connections)
    parser.add_argument("--memory-requests", type=int, default=usual.memory_requests)
    parser.add_argument("--json", type=Path, help="write all figures into this file")
    read = parser.parse_args(arguments)
    if min(read.rounds, read.seconds, read.connections, read.memory_requests) < 1:
        parser.error("every number has to be at least 1")
    options = LoadOptions(
        rounds=read.rounds,
        seconds=read.seconds,
        connections=read.connections,
        memory_requests=read.memory_requests,
    )
    if warning := read_facts().warning:
        print(f"warning: {warning}", file=sys.stderr)
    progress = TerminalProgress()
    try:
        figures = anyio.run(measure_load, options, progress)
    except PipelineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 3
    finally:
        progress.close()
    print(to_text(figures, options), end="")
    if read.json is not None:
        read.json.write_text(json.dumps(to_dict(figures, options), indent=2) + "\n")
    return 1 if figures.problems() else 0


async def measure_load(options: LoadOptions, progress: Progress) -> LoadFigures:
    """Build the service, load it and nginx in one container, and return what was measured.

    Raises:
        PipelineError: It could not be measured.
    """
    return await in_session(lambda: _measure(options, progress), progress=progress)


async def _measure(options: LoadOptions, progress: Progress) -> LoadFigures:
    # Needs a session: Dagger is imported once the client is connecting.
    from bench.service_container import (  # noqa: PLC0415
        built,
        once,
        sample_app_toolchain,
    )

    container = await sample_app_toolchain(packages=PACKAGES)
    container = built(container, "release", options=("-DSAMPLE_APP_BUILD_TESTS=OFF",))
    with phase(progress, "build sample_app"):
        await container.sync()
    container = container.with_new_file("/opt/service_run.py", SCRIPT.read_text())
    argv = ["python3", "/opt/service_run.py", json.dumps(options.to_dict())]
    with phase(progress, "load sample_app and nginx"):
        text = await once(container).with_exec(argv).stdout()
    return parse_figures(json.loads(text))


if __name__ == "__main__":
    sys.exit(main())
