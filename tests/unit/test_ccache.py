"""Reading the statistics log of ccache, recorded from 4.7.5."""

from __future__ import annotations

import pytest

from pipelines.domain.ccache import parse_ccache_log
from pipelines.domain.results import CcacheStats
from tests.unit.samples import read_sample


def test_recorded_build_is_counted() -> None:
    """Of three compilations of two equal files the first was a miss."""
    assert parse_ccache_log(read_sample("ccache/stats_log.txt")) == CcacheStats(hits=1, misses=2)


def test_hits_of_both_modes_are_added() -> None:
    """Direct and preprocessed hits count alike."""
    text = "# /project/src/a.cpp\ndirect_cache_hit\n# b\npreprocessed_cache_hit\n# c\ncache_miss\n"
    assert parse_ccache_log(text) == CcacheStats(hits=2, misses=1)


@pytest.mark.parametrize("text", ["", "# a.cpp\nno_input_file\n", "cache_miss 3", "misses"])
def test_a_build_without_compilations_has_no_statistics(text: str) -> None:
    """Where nothing was compiled through ccache, nothing is claimed."""
    assert parse_ccache_log(text) is None
