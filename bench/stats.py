"""Figures of several repetitions: middle and spread."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Spread", "ratios"]


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Median, least and greatest of a number of figures."""

    median: float
    minimum: float
    maximum: float
    count: int

    @classmethod
    def of(cls, figures: Iterable[float]) -> Spread:
        """Sum figures up.

        Raises:
            ValueError: There is none.
        """
        values = sorted(figures)
        if not values:
            raise ValueError("summing up figures: there is none. Measure at least once")
        return cls(
            median=statistics.median(values),
            minimum=values[0],
            maximum=values[-1],
            count=len(values),
        )

    def to_dict(self) -> dict[str, float | int]:
        """Return what JSON can hold, to a tenth of a millisecond."""
        return {
            "median": round(self.median, 4),
            "min": round(self.minimum, 4),
            "max": round(self.maximum, 4),
            "count": self.count,
        }


def ratios(ours: Iterable[float], raw: Iterable[float]) -> tuple[float, ...]:
    """Divide repetition by repetition: what disturbs the machine disturbs both of a pair.

    Raises:
        ValueError: One has more repetitions than the other, or a raw figure is zero.
    """
    pairs = list(zip(ours, raw, strict=True))
    if any(bare <= 0 for _, bare in pairs):
        raise ValueError("dividing by the raw figures: one is zero. Take a larger project")
    return tuple(own / bare for own, bare in pairs)
