"""Read the counters of ccache."""

from __future__ import annotations

from pipelines.domain.results import CcacheStats

__all__ = ["parse_ccache_log", "parse_ccache_stats"]

_HITS = ("direct_cache_hit", "preprocessed_cache_hit")
_MISSES = ("cache_miss",)


def parse_ccache_stats(text: str) -> CcacheStats | None:
    """Read what ``ccache --print-stats`` prints: a key, a tab and a number on each line.

    Return None when the text holds none of the counters, as when ccache did not run.
    Source: ccache 4.7 manual, "--print-stats"
    """
    counters: dict[str, int] = {}
    for line in text.splitlines():
        key, separator, value = line.strip().partition("\t")
        if separator and value.isascii() and value.isdigit():
            counters[key] = int(value)
    if not counters.keys() & {*_HITS, *_MISSES}:
        return None
    return CcacheStats(
        hits=sum(counters.get(key, 0) for key in _HITS),
        misses=sum(counters.get(key, 0) for key in _MISSES),
    )


def parse_ccache_log(text: str) -> CcacheStats | None:
    """Read a statistics log (CCACHE_STATSLOG): the results of one build, and of no other.

    Each compilation is a line `# FILE` and then one line per counter that it raised. Return None
    when nothing was compiled through ccache.
    Source: ccache 4.7 manual, "stats_log"
    """
    lines = [line.strip() for line in text.splitlines()]
    hits = sum(lines.count(key) for key in _HITS)
    misses = sum(lines.count(key) for key in _MISSES)
    return CcacheStats(hits=hits, misses=misses) if hits + misses else None
