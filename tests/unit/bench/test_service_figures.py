"""Ratios, memory slope and missed goals of a load."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.service_figures import (
    LoadFigures,
    LoadOptions,
    LoadRound,
    MemorySample,
    parse_figures,
)
from bench.service_report import to_dict, to_text


def measured(server: str, number: int, requests: int) -> LoadRound:
    """Return one second of one server."""
    return LoadRound(
        round=number,
        server=server,
        case="json",
        logged=True,
        requests=requests,
        seconds=1.0,
        p50_us=500,
        p99_us=5_000,
        cpu_us=10.0 if server == "nginx" else 15.0,
        status_errors=0,
        socket_errors=0,
    )


ROUNDS = tuple(
    measured(server, number, requests)
    for number, (ours, theirs) in enumerate([(80, 100), (60, 100), (30, 100)])
    for server, requests in (("nginx", theirs), ("service", ours))
)
MEMORY = tuple(
    MemorySample(requests=each * 1_000, rss_bytes=4_000_000 + each * 2_000, failed=0)
    for each in range(5)
)
GOOD = LoadFigures(rounds=ROUNDS, memory=MEMORY, body_bytes={})


def test_ratio_is_the_median_of_the_rounds() -> None:
    """One slow round does not decide, and the spread shows it."""
    ratio = GOOD.ratio(("json", True))
    assert (ratio.median, ratio.minimum, ratio.maximum) == (0.6, 0.3, 0.8)
    assert GOOD.problems() == []


def test_slope_of_memory_is_bytes_per_request() -> None:
    """Two kilobytes in a thousand requests are two bytes for each."""
    assert GOOD.bytes_per_request == pytest.approx(2.0)
    assert GOOD.memory_growth == pytest.approx(0.002)
    assert GOOD.memory_requests == 4_000


def test_every_missed_goal_is_told() -> None:
    """A slow case, a failed request and growing memory are each a sentence."""
    theirs, ours = ROUNDS[0::2], (replace(each, requests=40) for each in ROUNDS[1::2])
    slow = (*theirs, *ours)
    failing = (*slow[:-1], replace(slow[-1], status_errors=1, socket_errors=2))
    grown = (*MEMORY, MemorySample(requests=9_000, rss_bytes=5_000_000, failed=4))
    problems = LoadFigures(rounds=failing, memory=grown, body_bytes={}).problems()
    assert len(problems) == 3
    assert "0.40 of nginx" in problems[0]
    assert "7 requests" in problems[1]
    assert "25.0%" in problems[2]


def test_nothing_measured_is_no_success() -> None:
    """Without rounds, or with one look at memory, there is a problem instead of a green light."""
    assert replace(GOOD, rounds=()).problems()
    assert replace(GOOD, memory=MEMORY[:1]).problems()


def test_failures_of_nginx_are_not_the_service_s() -> None:
    """Only the service's own failures count."""
    theirs = (replace(ROUNDS[0], socket_errors=3), *ROUNDS[1:])
    assert replace(GOOD, rounds=theirs).failures == 0


def test_what_the_container_writes_is_read_and_told() -> None:
    """JSON becomes figures, and these become a text and a file that agree."""
    values = to_dict(GOOD, LoadOptions())
    rounds = [
        {name: value for name, value in each.items() if name != "per_second"}
        for each in values["rounds"]
    ]
    raw = {"rounds": rounds, "memory": values["memory"]["samples"], "answers": {}}
    assert parse_figures(raw) == GOOD
    assert values["ratios"]["json, log on"]["median"] == 0.6
    assert values["ratios"]["json, log on"]["cpu"] == 1.5
    text = to_text(GOOD, LoadOptions())
    assert "0.60  (0.30 – 0.80)" in text
    assert "goals met" in text
    assert "slope: +2.0000 bytes a request" in text
