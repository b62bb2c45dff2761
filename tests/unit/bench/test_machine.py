"""Clocks and facts of the machine."""

from __future__ import annotations

import os
import subprocess
import sys

from bench.machine import Clock, MachineFacts, busy_ticks, engine_daemon, read_clock, read_facts

QUIET = MachineFacts(cores=2, processor="p", memory_bytes=1, kernel="6", load=0.2)


def test_idle_and_waiting_ticks_are_not_busy() -> None:
    """Of /proc/stat's first line only what processors worked counts, guests not twice."""
    stat = "cpu  10 1 20 1000 500 3 4 99 7 7\ncpu0 1 1 1 1 1 1 1 1 1 1\n"
    assert busy_ticks(stat) == 10 + 1 + 20 + 3 + 4


def test_a_finished_child_is_on_the_clock() -> None:
    """The time of a child counts as the command's own, and that of others is not negative."""
    before = read_clock(None)
    subprocess.run([sys.executable, "-c", "sum(range(3_000_000))"], check=True)
    after = read_clock(None)
    use = after.cpu_since(before)
    assert use.client_s > 0
    assert use.own_s == use.client_s
    assert use.others_s >= 0
    assert after.seconds_since(before) > 0


def test_every_part_of_a_run_is_told_apart() -> None:
    """Command, engine and containers add up to the run; the rest belongs to others."""
    start = Clock(wall_s=0, children_s=1, engine_s=10, containers_s=20, busy_s=100)
    end = Clock(wall_s=5, children_s=2, engine_s=12, containers_s=25, busy_s=109)
    use = end.cpu_since(start)
    assert (use.client_s, use.engine_s, use.containers_s) == (1, 2, 5)
    assert use.own_s == 8
    assert use.others_s == 1


def test_an_engine_elsewhere_has_no_process_here() -> None:
    """Without an engine of this machine, and below a process without one, none is found."""
    assert engine_daemon(None) is None
    assert engine_daemon(os.getpid()) is None


def test_a_busy_machine_is_told() -> None:
    """A warning names the load, and a quiet machine gives none."""
    assert QUIET.warning is None
    busy = MachineFacts(cores=2, processor="p", memory_bytes=1, kernel="6", load=3.25)
    assert "3.2" in (busy.warning or "")


def test_facts_are_those_of_a_machine() -> None:
    """Cores, memory and kernel are there."""
    facts = read_facts()
    assert facts.cores >= 1
    assert facts.memory_bytes > 2**20
    assert facts.kernel
