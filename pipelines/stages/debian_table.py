"""The table of Debian's packages that travels with the pipelines."""

from __future__ import annotations

import gzip
from functools import lru_cache
from importlib.resources import files

from pipelines.domain.debian_packages import DebianTable

__all__ = ["load_debian_table"]


@lru_cache(maxsize=1)
def load_debian_table() -> DebianTable:
    """Read the table; about a quarter of a second, so only when something is missing."""
    packed = (files("pipelines.data") / "debian-bookworm.json.gz").read_bytes()
    return DebianTable.from_json(gzip.decompress(packed).decode())
