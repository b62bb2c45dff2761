"""What a load on sample_app and nginx gave: values, ratios, verdicts. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from bench.stats import Spread, ratios

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "MAXIMUM_MEMORY_GROWTH",
    "MINIMUM_RATIO",
    "LoadFigures",
    "LoadOptions",
    "LoadRound",
    "MemorySample",
    "parse_figures",
]

MINIMUM_RATIO = 0.5
"""Requests per second of the service, divided by those of nginx: the goal of every case."""
MAXIMUM_MEMORY_GROWTH = 0.05
"""Growth of resident memory over all requests after the warm-up."""


@dataclass(frozen=True, kw_only=True)
class LoadOptions:
    """How much load; the container gets these as JSON.

    Attributes:
        rounds: Repetitions of every case, the two servers in turn.
        seconds: Length of one measurement.
        connections: Kept open all the time.
        warm_up_requests: Served before memory is looked at.
        memory_requests: Served while memory is looked at.
    """

    rounds: int = 3
    seconds: int = 5
    connections: int = 64
    warm_up_requests: int = 200_000
    memory_requests: int = 1_000_000

    def to_dict(self) -> dict[str, int]:
        """Return what JSON can hold."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class LoadRound:
    """One run of wrk against one server.

    Attributes:
        server: "service" or "nginx".
        case: "redirect" (302) or "json" (200).
        logged: Whether each request is written to the server's log.
        cpu_us: Processor time of the server alone, per request.
        status_errors: Answers above 399.
        socket_errors: Connections refused or broken, and requests without an answer in time.
    """

    round: int
    server: str
    case: str
    logged: bool
    requests: int
    seconds: float
    p50_us: int
    p99_us: int
    cpu_us: float
    status_errors: int
    socket_errors: int

    @property
    def per_second(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


@dataclass(frozen=True, kw_only=True)
class MemorySample:
    """Resident memory after a number of requests, and how many of them have failed."""

    requests: int
    rss_bytes: int
    failed: int


@dataclass(frozen=True, kw_only=True)
class LoadFigures:
    """Everything that one run has found out.

    Attributes:
        body_bytes: Sizes of the bodies that were served, by case and server.
    """

    rounds: tuple[LoadRound, ...]
    memory: tuple[MemorySample, ...]
    body_bytes: Mapping[str, Mapping[str, int]]

    @property
    def cases(self) -> tuple[tuple[str, bool], ...]:
        """The measured cases as (case, logged), in order."""
        return tuple(dict.fromkeys((each.case, each.logged) for each in self.rounds))

    def of(self, server: str, case: tuple[str, bool]) -> tuple[LoadRound, ...]:
        """Return the rounds of one server in one case, in order."""
        return tuple(
            each
            for each in self.rounds
            if each.server == server and (each.case, each.logged) == case
        )

    def ratio(self, case: tuple[str, bool]) -> Spread:
        """Divide throughputs round by round: more than 1 is quicker than nginx."""
        ours = (each.per_second for each in self.of("service", case))
        return Spread.of(ratios(ours, (each.per_second for each in self.of("nginx", case))))

    @property
    def failures(self) -> int:
        """Requests of any kind to the service that did not get a good answer."""
        ours = (each for each in self.rounds if each.server == "service")
        return sum(each.status_errors + each.socket_errors for each in ours) + (
            self.memory[-1].failed if self.memory else 0
        )

    @property
    def memory_requests(self) -> int:
        """Requests between the first and the last look at memory."""
        return self.memory[-1].requests - self.memory[0].requests

    @property
    def memory_growth(self) -> float:
        """Growth from the first look to the last, as a part of the first."""
        return self.memory[-1].rss_bytes / self.memory[0].rss_bytes - 1

    @property
    def bytes_per_request(self) -> float:
        """Slope of memory over requests, by least squares: a leak shows here first."""
        xs = [each.requests for each in self.memory]
        ys = [each.rss_bytes for each in self.memory]
        x_mean, y_mean = sum(xs) / len(xs), sum(ys) / len(ys)
        square = sum((x - x_mean) ** 2 for x in xs)
        products = sum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys, strict=True))
        return products / square if square else 0.0

    def problems(self) -> list[str]:
        """Return the goals that were missed, as sentences; nothing measured is a problem too."""
        if not self.rounds or len(self.memory) < 2:  # noqa: PLR2004 - a slope needs two points
            return ["measuring: there are too few figures. Take more rounds or requests."]
        found = [
            f"{name_of(case)}: {ratio:.2f} of nginx, the goal is {MINIMUM_RATIO}."
            for case in self.cases
            if (ratio := self.ratio(case).median) < MINIMUM_RATIO
        ]
        if self.failures:
            found.append(f"{self.failures} requests to the service failed.")
        if self.memory_growth > MAXIMUM_MEMORY_GROWTH:
            found.append(
                f"memory grew by {self.memory_growth:.1%} over {self.memory_requests} requests, "
                f"the limit is {MAXIMUM_MEMORY_GROWTH:.0%}."
            )
        return found


def name_of(case: tuple[str, bool]) -> str:
    """Name a case for people."""
    kind, logged = case
    return f"{kind}, log {'on' if logged else 'off'}"


def parse_figures(values: Mapping[str, Any]) -> LoadFigures:
    """Read what the container wrote.

    Raises:
        KeyError, TypeError: It is of another shape.
    """
    return LoadFigures(
        rounds=tuple(LoadRound(**each) for each in values["rounds"]),
        memory=tuple(MemorySample(**each) for each in values["memory"]),
        body_bytes=values["answers"],
    )
