"""One at a time across processes, with news for the one that waits."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import anyio
import pytest

from pipelines.engine.locking import exclusive
from tests.unit.fakes import RecordingProgress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOLD = """
import fcntl, sys
lock = open(sys.argv[1], "a")
fcntl.flock(lock, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Start another process that has the lock until it ends."""
    argv = [sys.executable, "-c", HOLD, str(tmp_path / "lock")]
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_free_lock_is_taken_silently(tmp_path: Path) -> None:
    """Nobody hears of a lock that was free; its folder is made."""
    progress = RecordingProgress()

    async def main() -> None:
        async with exclusive(tmp_path / "new" / "lock", progress):
            assert (tmp_path / "new" / "lock").is_file()

    anyio.run(main)
    assert progress.events == []


def test_a_taken_lock_is_waited_for_and_the_wait_is_told(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    """The work starts only after the other process let go, even when it was killed."""
    progress = RecordingProgress()
    order: list[str] = []

    async def let_go() -> None:
        await anyio.sleep(0.3)
        order.append("killed")
        holder.kill()

    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(let_go)
            async with exclusive(tmp_path / "lock", progress):
                order.append("worked")

    anyio.run(main)
    assert order == ["killed", "worked"]
    assert progress.names == [("started", "wait"), ("finished", "wait")]


def test_waiting_can_be_cancelled(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    """Somebody who waits can be interrupted, and the other one keeps the lock."""

    async def main() -> bool:
        with anyio.move_on_after(0.3) as scope:
            async with exclusive(tmp_path / "lock", RecordingProgress()):
                pytest.fail("two have the lock")
        return scope.cancelled_caught

    assert anyio.run(main)
    assert holder.poll() is None


def test_a_failure_gives_the_lock_back(tmp_path: Path) -> None:
    """Whatever happens inside, the next one gets in."""

    async def main() -> None:
        for _ in range(2):
            with pytest.raises(ValueError, match="inside"):
                async with exclusive(tmp_path / "lock", RecordingProgress()):
                    raise ValueError("inside")

    anyio.run(main)


def test_two_tasks_of_one_process_exclude_each_other(tmp_path: Path) -> None:
    """The lock also holds between tasks of the same process."""
    inside = 0

    async def work() -> None:
        nonlocal inside
        async with exclusive(tmp_path / "lock", RecordingProgress()):
            inside += 1
            assert inside == 1
            await anyio.sleep(0.01)
            inside -= 1

    async def main() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(work)

    anyio.run(main)
