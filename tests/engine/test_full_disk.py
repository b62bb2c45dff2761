"""An engine whose disk is full says so, whoever needed the space, and works again after that."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engine.own_engine import OwnEngine
from tests.fixtures.builders import repository

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.engine.cli import CliRun

pytestmark = pytest.mark.engine


class SmallDisk:
    """A file system in memory, under the state of an engine."""

    def __init__(self, mount_point: Path) -> None:
        self._mount_point = mount_point

    def mount(self, size: str) -> None:
        """Put it in place."""
        self._mount_point.mkdir(parents=True)
        argv = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(self._mount_point)]
        subprocess.run(argv, check=True)

    def resize(self, size: str) -> None:
        """Change its size; what is on it stays."""
        argv = ["mount", "-o", f"remount,size={size}", str(self._mount_point)]
        subprocess.run(argv, check=True)

    def unmount(self) -> None:
        """Take it away."""
        subprocess.run(["umount", str(self._mount_point)], check=True)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a new folder with a short path."""
    made = Path(tempfile.mkdtemp(prefix="own-engine-"))
    yield made
    shutil.rmtree(made)


@pytest.fixture
def own(engine: None, folder: Path) -> Iterator[OwnEngine]:  # noqa: ARG001 - builds the parts
    """Return a stopped engine whose parts are there."""
    made = OwnEngine.make(folder)
    made.borrow_parts()
    yield made
    made.call("stop").expect(0)


@pytest.fixture
def disk(own: OwnEngine) -> Iterator[SmallDisk]:
    """Return a disk for the engine's state; it is gone after the test."""
    made = SmallDisk(own.data.state)
    yield made
    own.call("stop").expect(0)
    made.unmount()


def expect_full(run: CliRun) -> None:
    """Check for exit code 3 and one sentence that says that the disk is full."""
    run.expect(3)
    assert run.stderr.count("error: ") == 1, run.describe()
    assert "disk is full" in run.last_sentence, run.describe()
    assert "pipelines engine prune" in run.last_sentence, run.describe()


def test_a_full_disk_is_told_in_a_sentence(own: OwnEngine, disk: SmallDisk) -> None:
    """Neither the toolchain nor a build fits: exit code 3 each time; with space all is well."""
    disk.mount("300m")  # the compiler alone needs more
    expect_full(own.cli.run("build-and-test", source=repository("plain")))
    disk.resize("1500m")
    own.cli.run("test", source=repository("plain")).expect(0)
    expect_full(own.cli.run("build-and-test", source=repository("fills_the_disk")))
    disk.resize("3g")
    own.cli.run("test", source=repository("plain")).expect(0)
