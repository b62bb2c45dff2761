"""Figures and their spread."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.stats import Spread, ratios

FIGURES = st.lists(st.floats(min_value=0.001, max_value=1e6), min_size=1, max_size=20)


@given(FIGURES)
def test_median_lies_between_least_and_greatest(figures: list[float]) -> None:
    """The median is never outside of what was measured, and nothing is left out."""
    spread = Spread.of(figures)
    assert spread.minimum == min(figures)
    assert spread.maximum == max(figures)
    assert spread.minimum <= spread.median <= spread.maximum
    assert spread.count == len(figures)


@given(FIGURES)
def test_a_side_against_itself_is_one(figures: list[float]) -> None:
    """Equal figures give a ratio of one, repetition by repetition."""
    assert ratios(figures, figures) == pytest.approx([1.0] * len(figures))


def test_ratios_are_taken_pair_by_pair() -> None:
    """The ratio is that of a repetition, not that of sums."""
    assert ratios([2.0, 30.0], [1.0, 10.0]) == (2.0, 3.0)


def test_nothing_measured_is_refused() -> None:
    """No figure is invented where none was taken."""
    with pytest.raises(ValueError, match="there is none"):
        Spread.of([])


def test_a_missing_repetition_is_refused() -> None:
    """A repetition that one side lacks is not dropped in silence."""
    with pytest.raises(ValueError, match=r"zip|argument"):
        ratios([1.0, 2.0], [1.0])


def test_a_raw_figure_of_zero_is_refused() -> None:
    """A raw side that took no time gives no ratio."""
    with pytest.raises(ValueError, match="one is zero"):
        ratios([1.0], [0.0])
