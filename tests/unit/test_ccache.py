"""Reading the counters of ccache, recorded from 4.7.5."""

from __future__ import annotations

import pytest

from pipelines.domain.ccache import parse_ccache_stats
from pipelines.domain.results import CcacheStats
from tests.unit.samples import read_sample


def test_hits_of_both_modes_are_added() -> None:
    """Direct and preprocessed hits count alike."""
    assert parse_ccache_stats(read_sample("ccache/print_stats.txt")) == CcacheStats(
        hits=1, misses=2
    )
    text = "direct_cache_hit\t3\npreprocessed_cache_hit\t4\ncache_miss\t5\n"
    assert parse_ccache_stats(text) == CcacheStats(hits=7, misses=5)


def test_missing_counters_are_zero() -> None:
    """One known counter is enough."""
    assert parse_ccache_stats("cache_miss\t2") == CcacheStats(hits=0, misses=2)


@pytest.mark.parametrize(
    "text",
    ["", "ccache: command not found", "cache_miss\t-1", "cache_miss 3", "cache_miss\t²", "x\t1"],
)
def test_other_text_is_no_statistics(text: str) -> None:
    """Without any of the counters nothing is claimed."""
    assert parse_ccache_stats(text) is None
