"""The fuzz targets of sample_app: they run, they learn, they find what is there to be found."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio
import pytest

from pipelines.cli.session import in_session
from pipelines.config import Compiler
from pipelines.progress import SilentProgress

if TYPE_CHECKING:
    from collections.abc import Callable

    import dagger

pytestmark = pytest.mark.engine

TARGETS = ("config", "link", "request")
SECONDS = int(os.environ.get("PIPELINES_FUZZ_SECONDS", "30"))
"""How long each target looks for bugs; more for a night's run."""
PLANTED_SECONDS = 120
"""It takes seconds."""
FEWEST_RUNS = {"config": 50_000, "link": 10_000, "request": 2_000}
"""In 30 s; a tenth of what two quiet cores manage, for machines that run tests are seldom quiet."""
TIMED_OUT = 70
"""Source: libFuzzer's default of -timeout_exitcode."""
FOUND = "/found-input"


@dataclass(frozen=True, kw_only=True)
class FuzzRun:
    """How a run of libFuzzer ended, and what it said."""

    exit_code: int
    output: str

    @property
    def runs(self) -> int:
        """Return how often the target was called."""
        return int(self._find(r"stat::number_of_executed_units:\s+(\d+)"))

    @property
    def per_second(self) -> int:
        """Return executions per second."""
        return int(self._find(r"stat::average_exec_per_sec:\s+(\d+)"))

    @property
    def coverage(self) -> tuple[int, int]:
        """Return the edges covered when the first inputs were read, and at the end."""
        return (
            int(self._find(r"INITED\s+cov: (\d+)")),
            int(self._find(r"(?:DONE|pulse|NEW|REDUCE)\s+cov: (\d+)", last=True)),
        )

    def _find(self, pattern: str, *, last: bool = False) -> str:
        found: list[str] = re.findall(pattern, self.output)
        assert found, f"{pattern} is not in:\n{self.output[-3000:]}"
        return found[-1 if last else 0]


async def fuzzers(*, planted_bug: bool) -> dagger.Container:
    """Build all targets in the toolchain container."""
    from bench.service_container import built, once, sample_app_toolchain  # noqa: PLC0415

    return once(
        built(
            await sample_app_toolchain(Compiler.CLANG),
            "fuzz",
            options=(f"-DSAMPLE_APP_FUZZ_PLANTED_BUG={'ON' if planted_bug else 'OFF'}",),
            targets=tuple(f"sample_app_{target}_fuzzer" for target in TARGETS),
        )
    )


def hunt(container: dagger.Container, target: str, *arguments: str) -> dagger.Container:
    """Run a target; how it ended is in files, because the engine takes no abort for an answer."""
    script = '"$@" > /output 2>&1; echo $? > /exit-code'
    program = f"/build/fuzz/fuzz/sample_app_{target}_fuzzer"
    return container.with_exec(
        ["sh", "-c", script, "run", program, "-print_final_stats=1", *arguments]
    )


async def outcome(container: dagger.Container) -> FuzzRun:
    """Read what a run has left."""
    return FuzzRun(
        exit_code=int(await container.file("/exit-code").contents()),
        output=await container.file("/output").contents(),
    )


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("target", TARGETS)
def test_nothing_breaks_within_the_time(
    target: str, record_property: Callable[[str, object], None]
) -> None:
    """A target fed for a while breaks no promise and reaches code that a blank input does not."""

    async def work() -> tuple[FuzzRun, FuzzRun, FuzzRun]:
        container = await fuzzers(planted_bug=False)
        corpus, words = f"/src/fuzz/corpus/{target}", f"-dict=/src/fuzz/{target}.dict"
        limits = (f"-max_total_time={SECONDS}", "-timeout=10")
        blank = container.with_exec(["mkdir", "/blank", "/new"])
        return (
            await outcome(hunt(blank, target, "-runs=0", "/blank")),
            await outcome(hunt(blank, target, words, *limits, "/new", corpus)),
            await outcome(hunt(blank, target, "-runs=0", corpus)),
        )

    blank, run, replay = anyio.run(lambda: in_session(work, progress=SilentProgress()))
    record_property("runs per second", run.per_second)
    record_property("edges", run.coverage)
    assert run.exit_code == 0, run.output[-6000:]
    assert run.runs >= FEWEST_RUNS[target] * SECONDS / 30
    assert run.coverage[1] > blank.coverage[0]
    assert replay.exit_code == 0, replay.output[-6000:]
    files_in_corpus = int(re.findall(r"(\d+) files found", replay.output)[0])
    assert replay.runs >= files_in_corpus > 0


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("target", TARGETS)
def test_planted_bug_is_found(target: str) -> None:
    """A bug planted on one text of a thousand is found, and the input that shows it is kept."""

    async def work() -> tuple[FuzzRun, FuzzRun, FuzzRun]:
        planted = (await fuzzers(planted_bug=True)).with_exec(["mkdir", "/new"])
        limits = (f"-max_total_time={PLANTED_SECONDS}", f"-exact_artifact_path={FOUND}")
        corpus, words = f"/src/fuzz/corpus/{target}", f"-dict=/src/fuzz/{target}.dict"
        hunted = hunt(planted, target, words, *limits, "/new", corpus)
        found = await outcome(hunted)
        assert found.exit_code != 0, f"not found within {PLANTED_SECONDS} s: {found.runs} runs"
        clean = (await fuzzers(planted_bug=False)).with_file(FOUND, hunted.file(FOUND))
        return (
            found,
            await outcome(hunt(hunted, target, FOUND)),
            await outcome(hunt(clean, target, FOUND)),
        )

    found, again, clean = anyio.run(lambda: in_session(work, progress=SilentProgress()))
    for run in (found, again):
        assert run.exit_code not in (0, TIMED_OUT), run.output[-3000:]
        assert "heap-buffer-overflow" in run.output
        assert "in maybe_planted_bug" in run.output
    assert clean.exit_code == 0, clean.output[-3000:]
