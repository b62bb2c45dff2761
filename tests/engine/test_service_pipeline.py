"""Every judgement on sample_app but the main job, which test_edges.py runs: all are green."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.engine.cli import Cli

pytestmark = pytest.mark.engine

SAMPLE_APP = Path(__file__).resolve().parents[2] / "sample_app"
TIMEOUT_S = 30 * 60
FLOOR_PERCENT = 90


def test_its_tests_reach_nearly_all_of_it(cli: Cli) -> None:
    """The library is covered above the floor of its pipeline.yaml, and only the library counts."""
    run = cli.run("coverage", source=SAMPLE_APP, timeout_s=TIMEOUT_S).expect(0)
    coverage = run.summary["variants"]["coverage"]["coverage"]
    assert coverage is not None
    assert coverage["minimum_percent"] == FLOOR_PERCENT
    assert coverage["lines"]["percent"] is not None
    assert coverage["lines"]["percent"] >= FLOOR_PERCENT
    assert coverage["lines"]["total"] > 1000
    assert {each["file"].split("/")[0] for each in coverage["files"]} == {"src"}
    assert (run.reports / "coverage" / "html" / "index.html").is_file()
    assert (run.reports / "coverage" / "cobertura.xml").is_file()


def test_no_tool_finds_anything_in_it(cli: Cli, tmp_path: Path) -> None:
    """clang-format, clang-tidy and cppcheck read every file and have nothing to say."""
    # Outside of any work tree there is no base, and so nothing that is left out for being old.
    copy = shutil.copytree(SAMPLE_APP, tmp_path / "sample_app")
    run = cli.run("lint", source=copy, timeout_s=TIMEOUT_S)
    assert run.exit_code == 0, run.describe()
    lint = json.loads((run.reports / "summary.json").read_text())["lint"]
    tools = {each["name"]: each for each in lint["tools"]}
    assert set(tools) == {"clang-format", "clang-tidy", "cppcheck"}
    assert all(each["checked"] > 40 and not each["skipped"] for each in tools.values())
    assert lint["base"] is None
    assert lint["new"] == 0
    assert lint["old"] == 0


def test_thread_sanitizer_is_silent(cli: Cli) -> None:
    """All tests of the service pass under ThreadSanitizer, without a finding."""
    run = cli.run(
        "sanitize", "--sanitizers", "thread", source=SAMPLE_APP, timeout_s=TIMEOUT_S
    ).expect(0)
    (variant,) = run.summary["variants"].values()
    assert variant["findings"] == []
    assert variant["tests"] is not None
    assert variant["tests"]["passed"] > 100
