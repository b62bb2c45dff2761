"""One at a time across processes: an advisory lock on a file."""

from __future__ import annotations

import fcntl
import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio

from pipelines.progress import Progress, phase

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

__all__ = ["exclusive"]

# The kernel offers no cancellable wait for flock(2), so the lock is asked for again at this pace.
RETRY_S = 0.1


@asynccontextmanager
async def exclusive(path: Path, progress: Progress) -> AsyncIterator[None]:
    """Hold the lock at `path`; wait, and say so, while another process has it.

    The kernel drops the lock with its process, so there is no stale lock to clean up.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not _try_lock(descriptor):
            with phase(progress, "wait", "another pipelines process is preparing the engine"):
                while not _try_lock(descriptor):  # noqa: ASYNC110 - see RETRY_S
                    await anyio.sleep(RETRY_S)
        yield
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
