"""Read the counters of ccache."""

from __future__ import annotations

from pipelines.domain.results import CcacheStats

__all__ = ["parse_ccache_log"]

_HITS = ("direct_cache_hit", "preprocessed_cache_hit")
_MISS = "cache_miss"


def parse_ccache_log(text: str) -> CcacheStats | None:
    """Read a statistics log (CCACHE_STATSLOG): the results of one build, and of no other.

    Each compilation is a line `# FILE` and then one line per counter that it raised. Return None
    when nothing was compiled through ccache.
    Source: ccache 4.7 manual, "stats_log"
    """
    lines = [line.strip() for line in text.splitlines()]
    hits = sum(lines.count(key) for key in _HITS)
    misses = lines.count(_MISS)
    return CcacheStats(hits=hits, misses=misses) if hits + misses else None
