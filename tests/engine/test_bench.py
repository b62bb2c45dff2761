"""The bench itself, on a tiny project: that it runs, not how fast this machine is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(os.geteuid() != 0, reason="the raw commands need chroot"),
]

ROOT = Path(__file__).resolve().parents[2]
CASES = ("cold", "no change", "a comment in one .cpp", "one function body")
NO_CHANGE_S = 5.0
"""The goal is 3 s; machines that run tests are seldom quiet."""
TIMEOUT_S = 1_800


@pytest.fixture(scope="module")
def figures(
    engine: None,  # noqa: ARG001 - the engine has to be there
    tmp_path_factory: pytest.TempPathFactory,
) -> Mapping[str, Any]:
    """Run the bench once."""
    folder = tmp_path_factory.mktemp("bench")
    output, temporary = folder / "bench.json", folder / "temporary"
    temporary.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--quick", "--json", str(output)],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    assert "## Figures" in done.stdout
    assert list(temporary.iterdir()) == [], "the bench left something behind"
    values: dict[str, Any] = json.loads(output.read_text())
    return values


@pytest.mark.parametrize("name", CASES)
def test_all_figures_are_there(figures: Mapping[str, Any], name: str) -> None:
    """Each case has times, ratios and processor time of both sides, and tells where ours went."""
    case = figures["cases"][name]
    for key in ("ours_seconds", "raw_seconds", "ratio", "cpu_ratio"):
        assert case[key]["min"] > 0, key
        assert case[key]["count"] == 1
    assert isinstance(case["goal_met"], bool)
    parts = {span["name"] for span in case["spans"]}
    assert {"find the engine", "connect to the engine", "import dagger", "the job itself"} <= parts
    assert {"run and read release", "run and read asan-ubsan"} <= parts
    assert all(0 <= span["began"] <= span["ended"] for span in case["spans"])


@pytest.mark.parametrize("name", CASES)
def test_both_sides_give_the_same_verdict(figures: Mapping[str, Any], name: str) -> None:
    """All tests pass in both variants on both sides; a planted bug turned the warm cases red."""
    case = figures["cases"][name]
    for run in (*case["ours"], *case["raw"], case["traced"]):
        assert run["passed"] is True
        assert set(run["tests"]) == {"release", "asan-ubsan"}
        assert all(totals["passed"] == totals["total"] == 1 for totals in run["tests"].values())
    assert case["planted_bug_caught"] is (None if name == "cold" else True)


def test_nothing_changed_takes_little_time(figures: Mapping[str, Any]) -> None:
    """A run without changes answers within seconds."""
    assert figures["cases"]["no change"]["ours_seconds"]["min"] <= NO_CHANGE_S


def test_the_upload_is_measured(figures: Mapping[str, Any]) -> None:
    """A folder of 2,000 files was brought in, first, unchanged, and with a change."""
    upload = figures["upload"]
    assert upload["files"] == 2_000
    assert all(upload[key]["min"] > 0 for key in ("first", "unchanged", "one_changed"))


def test_nothing_stays_mounted(figures: Mapping[str, Any]) -> None:
    """The root file system of the raw commands has left no mount on this machine."""
    assert figures
    assert "pipelines-bench-" not in Path("/proc/self/mountinfo").read_text()
