"""The report, and the verdicts that it stands on."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timezone

import pytest

from bench.cases import CaseFigures, Goal
from bench.machine import CpuUse, MachineFacts
from bench.report import Report, overhead, to_dict, to_markdown
from bench.runs import BenchFailed, Run
from bench.trace import Span
from bench.upload import UploadFigures
from pipelines.domain.results import TestTotals

TOTALS = TestTotals(total=2, passed=2, failed=0, skipped=0, seconds=0.1)


def run(seconds: float, *, passed: bool = True) -> Run:
    """Return a run of both variants whose release steps took a second and a half."""
    return Run(
        seconds=seconds,
        cpu=CpuUse(client_s=seconds, engine_s=0.0, containers_s=0.0, others_s=0.0),
        passed=passed,
        tests={"release": TOTALS, "asan-ubsan": TOTALS},
        steps={"release": {"build": 1.0, "test": 0.5}, "asan-ubsan": {}},
    )


def case(name: str, goal: Goal, ours: float, raw: float) -> CaseFigures:
    """Return the figures of a case with three repetitions, each a little slower."""
    return CaseFigures(
        name=name,
        goal=goal,
        ours=tuple(run(ours * factor) for factor in (1.0, 1.1, 1.2)),
        raw=tuple(run(raw * factor) for factor in (1.0, 1.1, 1.2)),
        spans=(Span(name="run and read release", began=0.5, ended=2.5),),
        traced=run(3.0),
        caught=True,
    )


REPORT = Report(
    facts=MachineFacts(cores=2, processor="CPU", memory_bytes=2**30, kernel="6.1", load=3.0),
    toolchain="image",
    engine="embedded",
    date=datetime(2024, 1, 2, 3, 4, tzinfo=timezone.utc),
    units=8,
    tests=2,
    cases=(
        case("cold", Goal(ratio=1.15), 11.0, 10.0),
        case("no change", Goal(seconds=3.0), 4.0, 0.5),
    ),
    upload=UploadFigures(
        files=2000, size_bytes=3_000_000, first=(3.0,), unchanged=(0.5, 0.7), one_changed=(1.0,)
    ),
)


def test_goals_are_judged_by_the_median() -> None:
    """A ratio goal is met by the median ratio, a time goal by the median of our times."""
    values = json.loads(json.dumps(to_dict(REPORT)))
    assert values["cases"]["cold"]["goal_met"] is True
    assert values["cases"]["cold"]["ratio"]["median"] == pytest.approx(1.1)
    assert values["cases"]["no change"]["goal_met"] is False
    assert values["upload"]["goal_met"] is True


def test_what_falls_short_is_said() -> None:
    """The Markdown shows a missed goal with the seconds that are lost, and a busy machine."""
    text = to_markdown(REPORT)
    (row,) = [line for line in text.splitlines() if line.startswith("| no change | ≤ 3.0 s")]
    assert "**no** (+3.9 s)" in row
    assert "**Warning:** the load was 3.0" in text
    assert "| release | outside the steps, traced | 0.50 | – |" in text


def test_overhead_is_the_difference_of_each_pair() -> None:
    """Seconds lost are those of a repetition."""
    assert overhead(REPORT.cases[0]).median == pytest.approx(1.1)


def test_every_table_is_whole() -> None:
    """Each row of a table has as many cells as its head."""
    blocks = to_markdown(REPORT).split("\n\n")
    tables = [block.strip().splitlines() for block in blocks if block.strip().startswith("| ")]
    assert tables
    for table in tables:
        assert {line.count(" | ") for line in table} == {table[0].count(" | ")}, table[0]


def test_the_right_verdict_passes() -> None:
    """A run whose verdict and tests are as expected is returned."""
    good = run(1.0)
    assert good.expect("cold", passed=True, tests=2) is good


@pytest.mark.parametrize(
    ("wrong", "passed", "tests"),
    [
        (run(1.0, passed=False), True, 2),
        (run(1.0), False, 2),
        (run(1.0), True, 3),
        (replace(run(1.0), tests={"release": TOTALS}), True, 2),
        (replace(run(1.0), tests={}), True, 0),
    ],
)
def test_a_wrong_verdict_gives_no_figure(wrong: Run, passed: bool, tests: int) -> None:  # noqa: FBT001 - a table's column
    """Red instead of green, green instead of red, missing tests or variants stop the bench."""
    with pytest.raises(BenchFailed, match="the verdict is"):
        wrong.expect("cold", passed=passed, tests=tests)
