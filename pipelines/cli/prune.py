"""Free the disk that the engine holds and no longer needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio.to_thread

from pipelines.cli.session import in_session
from pipelines.engine import DataFolder, running_engine, stop_embedded_engine
from pipelines.engine.maintenance import remove_data, remove_old_parts, used_bytes

if TYPE_CHECKING:
    from pipelines.progress import Progress

__all__ = ["prune_engine"]


async def prune_engine(progress: Progress, *, everything: bool) -> int:
    """Prune and return the freed bytes of the data folder.

    A running engine forgets layers and cache volumes that nothing uses; with `everything` the
    engine is stopped and its whole data folder is emptied.
    """
    data = DataFolder.from_environment()
    before = await anyio.to_thread.run_sync(used_bytes, data.root)
    if everything:
        await stop_embedded_engine(data, progress)
        await remove_data(data, progress)
    else:
        if running_engine(data) is not None:
            await in_session(_prune_caches, progress=progress)
        await remove_old_parts(data, progress)
    after = await anyio.to_thread.run_sync(used_bytes, data.root)
    return max(before - after, 0)


async def _prune_caches() -> None:
    from dagger import dag  # noqa: PLC0415 - heavy

    await dag.engine().local_cache().prune()
