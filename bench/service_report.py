"""Tell what a load gave: text for people, values for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bench.service_figures import MAXIMUM_MEMORY_GROWTH, MINIMUM_RATIO, name_of
from bench.stats import Spread

if TYPE_CHECKING:
    from bench.service_figures import LoadFigures, LoadOptions, LoadRound

__all__ = ["to_dict", "to_text"]


def to_text(figures: LoadFigures, options: LoadOptions) -> str:
    """Return the report; throughput of a machine that makes the load itself flatters both."""
    head = ("requests/s", "p50 ms", "p99 ms", "CPU µs", "failed")
    lines = [
        f"sample_app and nginx, two threads each, {options.connections} connections kept open,",
        f"{options.rounds} rounds of {options.seconds} s in turns",
        "",
        f"{'':<20}{'round':>6}{head[0]:>14}{head[1]:>9}{head[2]:>9}{head[3]:>9}{head[4]:>8}",
    ]
    for case in figures.cases:
        for server in ("service", "nginx"):
            lines += [_line(f"{name_of(case)}", server, each) for each in figures.of(server, case)]
    lines += ["", "requests/s of the service, divided by those of nginx (median, least – greatest)"]
    for case in figures.cases:
        ratio = figures.ratio(case)
        lines.append(
            f"  {name_of(case):<18} {ratio.median:.2f}  ({ratio.minimum:.2f} – {ratio.maximum:.2f})"
            f"  CPU per request {_cpu(figures, case):.2f} of nginx's"
        )
    first, last = figures.memory[0], figures.memory[-1]
    lines += [
        "",
        f"memory: {first.rss_bytes / 2**20:.1f} MiB → {last.rss_bytes / 2**20:.1f} MiB",
        f"  growth over {figures.memory_requests:,} requests: {figures.memory_growth:+.1%}",
        f"  slope: {figures.bytes_per_request:+.4f} bytes a request",
        f"failed requests to the service: {figures.failures}",
        "",
    ]
    goals = f"ratio ≥ {MINIMUM_RATIO}, no failure, memory growth ≤ {MAXIMUM_MEMORY_GROWTH:.0%}"
    problems = figures.problems()
    lines += [f"missed: {each}" for each in problems] or [f"goals met: {goals}"]
    return "\n".join([*lines, ""])


def to_dict(figures: LoadFigures, options: LoadOptions) -> dict[str, Any]:
    """Return everything, for a file."""
    first_last = (figures.memory[0], figures.memory[-1])
    return {
        "options": options.to_dict(),
        "body_bytes": figures.body_bytes,
        "rounds": [asdict(each) | {"per_second": each.per_second} for each in figures.rounds],
        "ratios": {
            name_of(case): figures.ratio(case).to_dict() | {"cpu": round(_cpu(figures, case), 4)}
            for case in figures.cases
        },
        "failures": figures.failures,
        "memory": {
            "requests": figures.memory_requests,
            "first_bytes": first_last[0].rss_bytes,
            "last_bytes": first_last[1].rss_bytes,
            "growth": round(figures.memory_growth, 5),
            "bytes_per_request": round(figures.bytes_per_request, 5),
            "samples": [asdict(each) for each in figures.memory],
        },
        "problems": figures.problems(),
    }


def _line(case: str, server: str, each: LoadRound) -> str:
    return (
        f"{case:<20}{each.round + 1:>6}{each.per_second:>14,.0f}{each.p50_us / 1000:>9.2f}"
        f"{each.p99_us / 1000:>9.2f}{each.cpu_us:>9.1f}"
        f"{each.status_errors + each.socket_errors:>8}  {server}"
    )


def _cpu(figures: LoadFigures, case: tuple[str, bool]) -> float:
    ours, theirs = (
        Spread.of(each.cpu_us for each in figures.of(server, case)).median
        for server in ("service", "nginx")
    )
    return ours / theirs
