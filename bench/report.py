"""Tell what was measured: Markdown for people, values for programs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from bench.stats import Spread, ratios
from bench.trace import RUN_PART

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bench.cases import CaseFigures
    from bench.machine import CpuUse, MachineFacts
    from bench.runs import Run
    from bench.upload import UploadFigures

__all__ = ["UPLOAD_GOAL_S", "Report", "overhead", "to_dict", "to_markdown"]

UPLOAD_GOAL_S = 2.0

_HEAD = """\
# Bench

Written by `python -m bench` (`make bench`); do not edit. Each case runs the main job
(`pipelines build-and-test --reports …`, Release and sanitizers side by side) and the same CMake,
Ninja and CTest commands bare: in the same root file system, which is taken out of the engine,
entered with `unshare` and `chroot`, on the same machine, in the same run, in turns. A ratio is
ours divided by raw of the same repetition. The spread is given as median (least – greatest).
"""

_NOTES = """\
## How it is measured

- **cold**: a project that neither side has seen, an empty compiler cache, empty build directories.
  The toolchain container is there already. Writing the raw side's sources is not counted; bringing
  ours into the engine is.
- **no change, comment, function body**: on the project of the last cold repetition. The raw side
  runs `cmake --build` and `ctest` in both build directories; it neither configures again nor
  compares contents, and writes no reports but JUnit.
- Each warm case ends with a planted bug: one function returns a wrong number. Both sides must turn
  red, and green again once it is removed; the bench fails otherwise.
- **CPU** is all processor time of a run: the command with its children, the engine, and its
  containers. It suffers less from a busy machine than wall time does. **Others** is the share of
  the machine that processes with no part in the run took meanwhile.
- **Where the time goes** comes from one more run of each case under a stop-watch
  (`bench/trace.py`). Parts overlap where they run side by side.
- **upload** is the time until the engine has the folder and knows its digest, without connecting,
  each time in a new session.
"""


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything that one call of the bench has found out.

    Attributes:
        date: When, in UTC.
    """

    facts: MachineFacts
    toolchain: str
    engine: str
    date: datetime
    units: int
    tests: int
    cases: tuple[CaseFigures, ...]
    upload: UploadFigures


def to_markdown(report: Report) -> str:
    """Return the report for people."""
    parts = [
        _HEAD,
        _machine(report),
        "## Figures\n",
        _table(
            ("case", "goal", "ours, s", "raw, s", "ratio", "CPU ratio", "others", "goal met"),
            [*(_case_row(case, report.facts.cores) for case in report.cases)],
        ),
        _upload(report.upload),
        "## Where the time goes\n",
        *(_case_details(case) for case in report.cases),
        _NOTES,
    ]
    return "\n".join(parts)


def to_dict(report: Report) -> dict[str, object]:
    """Return the report for programs."""
    return {
        "schema_version": 1,
        "date": report.date.isoformat(timespec="seconds"),
        "machine": asdict(report.facts),
        "warning": report.facts.warning,
        "engine": report.engine,
        "project": {"units": report.units, "tests": report.tests},
        "cases": {case.name: _case_dict(case) for case in report.cases},
        "upload": {
            "files": report.upload.files,
            "size_bytes": report.upload.size_bytes,
            "goal_seconds": UPLOAD_GOAL_S,
            "first": Spread.of(report.upload.first).to_dict(),
            "unchanged": Spread.of(report.upload.unchanged).to_dict(),
            "one_changed": Spread.of(report.upload.one_changed).to_dict(),
            "goal_met": Spread.of(report.upload.unchanged).median <= UPLOAD_GOAL_S,
        },
    }


def overhead(case: CaseFigures) -> Spread:
    """Return the seconds that ours takes longer than raw, repetition by repetition."""
    pairs = zip(case.ours, case.raw, strict=True)
    return Spread.of(own.seconds - bare.seconds for own, bare in pairs)


def _case_dict(case: CaseFigures) -> dict[str, object]:
    return {
        "goal": asdict(case.goal),
        "goal_met": _goal_met(case),
        "ours_seconds": _seconds(case.ours).to_dict(),
        "raw_seconds": _seconds(case.raw).to_dict(),
        "ratio": _ratio(case).to_dict(),
        "overhead_seconds": overhead(case).to_dict(),
        "cpu_ratio": _cpu_ratio(case).to_dict(),
        "ours": [_run_dict(run) for run in case.ours],
        "raw": [_run_dict(run) for run in case.raw],
        "planted_bug_caught": case.caught,
        "traced": _run_dict(case.traced),
        "spans": [asdict(span) for span in case.spans],
    }


def _run_dict(run: Run) -> dict[str, object]:
    return {
        "seconds": round(run.seconds, 4),
        "passed": run.passed,
        "tests": {name: asdict(totals) for name, totals in run.tests.items()},
        "cpu": asdict(run.cpu),
        "steps": {name: dict(steps) for name, steps in run.steps.items()},
    }


def _machine(report: Report) -> str:
    facts = report.facts
    text = (
        f"{report.date:%Y-%m-%d %H:%M} UTC, {facts.cores} cores ({facts.processor}), "
        f"{facts.memory_bytes / 2**30:.0f} GiB, Linux {facts.kernel}, {report.engine} engine, "
        f"load at the start {facts.load:.2f}. "
        f"Project: {report.units} sources in a library, {report.tests} test programs; "
        f"{len(report.cases[0].ours)} repetitions.\n"
    )
    if facts.warning:
        text += f"\n**Warning:** {facts.warning}.\n"
    return text


def _case_row(case: CaseFigures, cores: int) -> tuple[str, ...]:
    return (
        case.name,
        f"≤ {case.goal.ratio:.2f}×" if case.goal.ratio else f"≤ {case.goal.seconds:.1f} s",
        _text(_seconds(case.ours)),
        _text(_seconds(case.raw)),
        _text(_ratio(case), "×"),
        _text(_cpu_ratio(case), "×"),
        f"{_others(case, cores):.0%}",
        "yes" if _goal_met(case) else f"**no** ({overhead(case).median:+.1f} s)",
    )


def _upload(upload: UploadFigures) -> str:
    unchanged = Spread.of(upload.unchanged)
    heading = f"Upload of {upload.files} files ({upload.size_bytes / 1e6:.1f} MB)"
    rows = [
        ("unchanged", f"≤ {UPLOAD_GOAL_S:.1f} s", _text(unchanged), _yes(unchanged.median)),
        ("one file changed", "–", _text(Spread.of(upload.one_changed)), "–"),
        ("first time", "–", _text(Spread.of(upload.first)), "–"),
    ]
    return f"{heading}:\n\n{_table(('folder', 'goal', 'seconds', 'goal met'), rows)}"


def _yes(seconds: float) -> str:
    return "yes" if seconds <= UPLOAD_GOAL_S else "**no**"


def _case_details(case: CaseFigures) -> str:
    parts = [f"### {case.name}\n", _cpu_table(case)]
    steps = _step_rows(case)
    if steps:
        parts.append(_table(("variant", "step", "ours, s", "raw, s"), steps))
    spans = [
        (span.name, f"{span.began:.2f}", f"{span.seconds:.2f}")
        for span in case.spans
        if span.seconds >= 0.005  # noqa: PLR2004 - would be shown as 0.00
    ]
    spans.append(("all", "0.00", f"{case.traced.seconds:.2f}"))
    parts.append(_table(("part of our client, traced", "begins at, s", "takes, s"), spans))
    return "\n".join(parts)


def _cpu_table(case: CaseFigures) -> str:
    def median(runs: Sequence[Run], pick: Callable[[CpuUse], float]) -> str:
        return f"{Spread.of(pick(run.cpu) for run in runs).median:.2f}"

    rows = [
        (
            name,
            median(runs, lambda cpu: cpu.client_s),
            median(runs, lambda cpu: cpu.engine_s),
            median(runs, lambda cpu: cpu.containers_s),
        )
        for name, runs in (("ours", case.ours), ("raw", case.raw))
    ]
    return _table(("CPU, s", "command", "engine", "containers"), rows)


def _step_rows(case: CaseFigures) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for variant, steps in case.ours[-1].steps.items():
        for step in steps:
            if step == "probe":
                continue  # a layer of its own, which the warm-up has made
            own = _step(case.ours, variant, step)
            bare = _step(case.raw, variant, step)
            rows.append((variant, step, own, bare))
        outside = _outside_steps(case, variant)
        if outside is not None:
            rows.append((variant, "outside the steps, traced", f"{outside:.2f}", "–"))
    return rows


def _outside_steps(case: CaseFigures, variant: str) -> float | None:
    """Return the seconds for starting and ending a container and for fetching its reports."""
    # The probes run in a layer of their own, which the warm-up has made.
    steps = case.traced.steps.get(variant, {})
    inside = sum(seconds for name, seconds in steps.items() if name != "probe")
    spans = [span.seconds for span in case.spans if span.name == f"{RUN_PART} {variant}"]
    return spans[0] - inside if spans and inside else None


def _step(runs: Sequence[Run], variant: str, step: str) -> str:
    seconds = [run.steps.get(variant, {}).get(step) for run in runs]
    known = [each for each in seconds if each is not None]
    return _text(Spread.of(known)) if known else "–"


def _seconds(runs: Sequence[Run]) -> Spread:
    return Spread.of(run.seconds for run in runs)


def _ratio(case: CaseFigures) -> Spread:
    return Spread.of(ratios(_each(case.ours), _each(case.raw)))


def _each(runs: Sequence[Run]) -> list[float]:
    return [run.seconds for run in runs]


def _cpu_ratio(case: CaseFigures) -> Spread:
    return Spread.of(
        ratios((run.cpu.own_s for run in case.ours), (run.cpu.own_s for run in case.raw))
    )


def _others(case: CaseFigures, cores: int) -> float:
    runs = (*case.ours, *case.raw)
    return sum(run.cpu.others_s for run in runs) / (cores * sum(_each(runs)))


def _goal_met(case: CaseFigures) -> bool:
    if case.goal.ratio is not None:
        return _ratio(case).median <= case.goal.ratio
    return case.goal.seconds is None or _seconds(case.ours).median <= case.goal.seconds


def _text(spread: Spread, unit: str = "") -> str:
    if spread.count == 1:
        return f"{spread.median:.2f}{unit}"
    return f"{spread.median:.2f}{unit} ({spread.minimum:.2f} – {spread.maximum:.2f})"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
