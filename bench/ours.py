"""Run `pipelines build-and-test` as a user does, and measure it from outside."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.machine import read_clock
from bench.runs import BenchFailed, Run
from bench.trace import BEGAN_VARIABLE, OUTPUT_VARIABLE, Span, read_spans
from pipelines.domain.summary import Summary, Verdict
from pipelines.engine.process import CommandFailed, run_command

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Ours"]


@dataclass(frozen=True, kw_only=True)
class Ours:
    """The installed command.

    Attributes:
        environment: Of the commands: the caller's own, not that of a session.
        daemon: The engine's process, when it runs on this machine.
    """

    environment: Mapping[str, str]
    daemon: int | None

    async def build_and_test(self, source: Path, namespace: str) -> Run:
        """Run the main job with reports, in caches of that namespace."""
        return await self._measure([_find_pipelines()], source, namespace, self.environment)

    async def traced(self, source: Path, namespace: str) -> tuple[Run, tuple[Span, ...]]:
        """Run the same, and tell what the client did when."""
        with tempfile.TemporaryDirectory(prefix="pipelines-bench-") as folder:
            output = Path(folder) / "spans.json"
            environment = {
                **self.environment,
                OUTPUT_VARIABLE: str(output),
                BEGAN_VARIABLE: repr(time.time()),
            }
            argv = [sys.executable, "-m", "bench.trace"]
            run = await self._measure(argv, source, namespace, environment)
            return run, read_spans(output)

    async def _measure(
        self, program: list[str], source: Path, namespace: str, environment: Mapping[str, str]
    ) -> Run:
        with tempfile.TemporaryDirectory(prefix="pipelines-bench-") as folder:
            argv = [*program, "build-and-test", "--source", str(source), "--reports", folder]
            argv += ["--cache-namespace", namespace]
            before = read_clock(self.daemon)
            try:
                output = await run_command("run the pipelines", argv, env=environment)
            except CommandFailed as error:
                if error.command_exit_code != 1:  # red is a result
                    raise BenchFailed(str(error)) from error
                output = error.tail
            after = read_clock(self.daemon)
            summary = Summary.from_dict(json.loads((Path(folder) / "summary.json").read_text()))
        return Run(
            seconds=after.seconds_since(before),
            cpu=after.cpu_since(before),
            passed=summary.verdict is Verdict.PASSED,
            tests={each.name: each.tests for each in summary.variants if each.tests is not None},
            steps={
                each.name: {step.name: step.seconds for step in each.steps if not step.cached}
                for each in summary.variants
            },
            output=output,
        )


def _find_pipelines() -> str:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    found = shutil.which("pipelines", path=path)
    if found is None:
        raise BenchFailed("looking for `pipelines`: not installed. Run `pip install -e .`")
    return found
