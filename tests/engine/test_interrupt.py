"""Runs that end before their time: by Ctrl-C, and by the loss of the engine."""

from __future__ import annotations

import json
import os
import signal
import time
import uuid
from typing import TYPE_CHECKING

import pytest

from tests.engine.processes import (
    processes_with_arguments,
    running_processes,
    wait_until,
)
from tests.fixtures.builders import repository

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.cli import Cli, RunningCli

pytestmark = pytest.mark.engine


class EndlessBuild:
    """A started `build-and-test` whose build goes on for ten minutes."""

    def __init__(self, cli: Cli) -> None:
        self.mark = uuid.uuid4().hex
        self.cli: RunningCli = cli.start(
            "build-and-test",
            "--cmake-option",
            f"ENDLESS_TOKEN={self.mark}",
            source=repository("endless_build"),
        )

    def is_building(self) -> bool:
        """Tell whether the endless command runs; containers are seen from this machine."""
        return bool(processes_with_arguments("endless.sh", self.mark))

    def clients_left(self) -> list[str]:
        """List the processes that the command left behind."""
        return [
            " ".join(process.argv)
            for process in running_processes()
            if process.token == self.cli.token
        ]

    def wait_for_the_build(self) -> None:
        """Return once the build is under way; fail when the command ends before that."""
        wait_until(
            lambda: self.is_building() or self.cli.has_ended(), timeout_s=600, what="the build runs"
        )
        if self.cli.has_ended():
            pytest.fail(f"ended before its build\n{self.cli.finish(timeout_s=5).describe()}")


@pytest.fixture
def endless_build(cli: Cli) -> Iterator[EndlessBuild]:
    """Start a build that does not end by itself, and return once it is under way."""
    # A test run in the background may ignore SIGINT, and its children would inherit that.
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    build = EndlessBuild(cli)
    try:
        build.wait_for_the_build()
        yield build
    finally:
        signal.signal(signal.SIGINT, previous)
        build.cli.kill()


@pytest.mark.parametrize(
    "whole_group", [pytest.param(True, id="ctrl-c"), pytest.param(False, id="kill-int")]
)
def test_interrupt_ends_at_once_and_leaves_nothing(
    cli: Cli, endless_build: EndlessBuild, *, whole_group: bool
) -> None:
    """SIGINT ends a build within 5 s with exit code 130, no orphan, and a usable engine."""
    interrupted = time.monotonic()
    endless_build.cli.interrupt(whole_group=whole_group)
    run = endless_build.cli.finish(timeout_s=60).expect(130)
    assert time.monotonic() - interrupted < 5, run.describe()
    # The kernel may need a moment to take killed processes down.
    wait_until(lambda: not endless_build.clients_left(), timeout_s=2, what="no client is left")
    wait_until(lambda: not endless_build.is_building(), timeout_s=30, what="the build is over")
    cli.run("test", source=repository("plain"), timeout_s=120).expect(0)


def test_lost_engine_is_told_in_a_sentence(cli: Cli, endless_build: EndlessBuild) -> None:
    """An engine killed in the middle of a build gives exit code 3, and the next run works."""
    status = json.loads(cli.call("engine", "status", "--json").expect(0).stdout)
    if not isinstance(status.get("pid"), int):
        pytest.skip("the engine is not run by this machine's `pipelines engine`")
    os.kill(status["pid"], signal.SIGKILL)
    run = endless_build.cli.finish(timeout_s=60).expect(3)
    assert "engine" in run.last_sentence.lower(), run.describe()
    assert ": " in run.last_sentence, run.describe()
    assert run.last_sentence.endswith("."), run.describe()
    wait_until(lambda: not endless_build.clients_left(), timeout_s=2, what="no client is left")
    cli.run("test", source=repository("plain"), timeout_s=300).expect(0)
    wait_until(lambda: not endless_build.is_building(), timeout_s=10, what="the build is over")
