"""The cases: what is changed, what runs, and which verdict has to come out."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.project import Unit, project_files, write_files, write_unit
from bench.raw import Raw
from pipelines.progress import phase

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from bench.ours import Ours
    from bench.runs import Run
    from bench.trace import Span
    from pipelines.progress import Progress
    from pipelines.stages.plan_run import RunPlan

__all__ = ["CaseFigures", "Cases", "Goal"]


@dataclass(frozen=True, kw_only=True)
class Goal:
    """What is aimed at: a ratio to the raw commands, or seconds."""

    ratio: float | None = None
    seconds: float | None = None


@dataclass(frozen=True, kw_only=True)
class CaseFigures:
    """What was measured in one case, repetition by repetition.

    Attributes:
        spans: What the client did when, from one more run under the stop-watch.
        traced: That run.
        caught: Whether a planted bug turned both verdicts red; None where none was planted.
    """

    name: str
    goal: Goal
    ours: tuple[Run, ...]
    raw: tuple[Run, ...]
    spans: tuple[Span, ...]
    traced: Run
    caught: bool | None


@dataclass(kw_only=True)
class Cases:
    """Runs the cases one after another, each repetition ours and raw in turns.

    Attributes:
        folder: For sources and for what the raw commands write.
        root: The toolchain's root file system.
        plan: Of the project; the same for all cases.
        units: Sources of the project.
    """

    ours: Ours
    plan: RunPlan
    root: Path
    folder: Path
    units: int
    runs: int
    progress: Progress
    _shift: int = field(default=0, init=False)

    @property
    def tests(self) -> int:
        """How many tests the project has."""
        return sum(name.startswith("tests/") for name in project_files(self.units, salt=""))

    async def all(self) -> tuple[CaseFigures, ...]:
        """Measure everything.

        Raises:
            BenchFailed: A verdict was not what it has to be.
        """
        cold, project, raw, namespace = await self._cold()
        warm = _Warm(cases=self, source=project, raw=raw, namespace=namespace, edited=Unit(index=0))
        return (
            cold,
            await warm.measure("no change", Goal(seconds=3.0), lambda _: None),
            await warm.measure("a comment in one .cpp", Goal(ratio=1.5), warm.edit_comment),
            await warm.measure("one function body", Goal(ratio=1.5), warm.edit_body),
        )

    async def _cold(self) -> tuple[CaseFigures, Path, Raw, str]:
        ours: list[Run] = []
        bare: list[Run] = []
        for number in range(self.runs):
            # Everything is new each time: the path, the contents, the names of the caches.
            source, namespace = self._new_project(f"cold-{number}")
            raw = Raw(root=self.root, work=self.folder / "raw", plan=self.plan)
            for own in _order(number):
                with phase(self.progress, f"cold {number + 1}/{self.runs} {_side(own)}"):
                    if own:
                        run = await self.ours.build_and_test(source, namespace)
                    else:
                        run = await raw.cold(source)
                (ours if own else bare).append(
                    run.expect(f"cold, {_side(own)}", passed=True, tests=self.tests)
                )
        traced_source, traced_namespace = self._new_project("cold-traced")
        with phase(self.progress, "cold, traced"):
            traced, spans = await self.ours.traced(traced_source, traced_namespace)
        figures = CaseFigures(
            name="cold",
            goal=Goal(ratio=1.15),
            ours=tuple(ours),
            raw=tuple(bare),
            spans=spans,
            traced=traced.expect("cold, traced", passed=True, tests=self.tests),
            caught=None,
        )
        return figures, source, raw, namespace

    def _new_project(self, name: str) -> tuple[Path, str]:
        salt = uuid.uuid4().hex[:12]
        source = self.folder / name
        write_files(source, project_files(self.units, salt=salt))
        return source, f"bench-{salt}"


@dataclass(kw_only=True)
class _Warm:
    """A project that both sides have built already."""

    cases: Cases
    source: Path
    raw: Raw
    namespace: str
    edited: Unit

    def edit_comment(self, number: int) -> None:
        """Change a comment of one source, each time to what it never was before."""
        self._write(comment=f"Adds numbers up, remark {number} {uuid.uuid4().hex}.")

    def edit_body(self, number: int) -> None:
        """Change one function; its results stay."""
        self._write(shift=number + 1)

    async def measure(self, name: str, goal: Goal, edit: Callable[[int], None]) -> CaseFigures:
        """Edit and run both sides, repetition by repetition; then trace, then plant a bug."""
        ours: list[Run] = []
        bare: list[Run] = []
        runs = self.cases.runs
        for number in range(runs):
            edit(number)
            for own in _order(number):
                with phase(self.cases.progress, f"{name} {number + 1}/{runs} {_side(own)}"):
                    run = await self._run(own=own)
                (ours if own else bare).append(self._expect(run, f"{name}, {_side(own)}"))
        edit(runs)
        with phase(self.cases.progress, f"{name}, traced"):
            traced, spans = await self.cases.ours.traced(self.source, self.namespace)
        self._expect(traced, f"{name}, traced")
        await self._plant_bug(name)
        return CaseFigures(
            name=name,
            goal=goal,
            ours=tuple(ours),
            raw=tuple(bare),
            spans=spans,
            traced=traced,
            caught=True,
        )

    async def _plant_bug(self, name: str) -> None:
        """Prove that speed has not been bought with blindness, and leave all green behind."""
        for broken in (True, False):
            self._write(broken=broken)
            what = "planted bug" if broken else "bug removed"
            for own in (True, False):
                with phase(self.cases.progress, f"{name}, {what}, {_side(own)}"):
                    run = await self._run(own=own)
                self._expect(run, f"{name}, {what}, {_side(own)}", passed=not broken)

    async def _run(self, *, own: bool) -> Run:
        if own:
            return await self.cases.ours.build_and_test(self.source, self.namespace)
        return await self.raw.again(self.source)

    def _expect(self, run: Run, what: str, *, passed: bool = True) -> Run:
        return run.expect(what, passed=passed, tests=self.cases.tests)

    def _write(
        self, *, comment: str | None = None, shift: int | None = None, broken: bool = False
    ) -> None:
        self.edited = Unit(
            index=self.edited.index,
            comment=self.edited.comment if comment is None else comment,
            shift=self.edited.shift if shift is None else shift,
            broken=broken,
        )
        write_unit(self.source, self.edited)


def _order(number: int) -> Sequence[bool]:
    """Let each side begin every other time: who comes second finds the files in memory."""
    return (True, False) if number % 2 == 0 else (False, True)


def _side(own: bool) -> str:  # noqa: FBT001 - its only argument
    return "ours" if own else "raw"
