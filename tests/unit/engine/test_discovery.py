"""The order in which an engine is looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import pytest

from pipelines.engine import discovery
from pipelines.engine.discovery import find_engine
from pipelines.engine.endpoint import (
    CLI_BIN_VARIABLE,
    RUNNER_HOST_VARIABLE,
    EngineEndpoint,
    EngineKind,
)
from pipelines.engine.go_tools import ENGINE_TOOLS, go_tools_folder
from pipelines.engine.paths import DataFolder
from tests.unit.fakes import RecordingProgress, write_program

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pipelines.progress import Progress


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Stand in for the embedded engine; the list has the images of each start."""
    starts: list[tuple[str, ...]] = []

    async def start(
        data: DataFolder, progress: Progress, *, images: Sequence[str] = ()
    ) -> EngineEndpoint:
        assert data.root.name == "data"
        assert isinstance(progress, RecordingProgress)
        starts.append(tuple(images))
        return EngineEndpoint(kind=EngineKind.EMBEDDED, description="embedded")

    monkeypatch.setattr(discovery, "ensure_embedded_engine", start)
    return starts


def find(tmp_path: Path, environ: Mapping[str, str]) -> EngineEndpoint:
    """Look for an engine in an environment."""

    async def main() -> EngineEndpoint:
        data = DataFolder(root=tmp_path / "data")
        return await find_engine(data, RecordingProgress(), images=("debian",), environ=environ)

    return anyio.run(main)


def test_a_named_engine_comes_first(tmp_path: Path, started: list[tuple[str, ...]]) -> None:
    """Whoever names a runner host gets it, whatever else there is."""
    write_program(tmp_path / "docker", "exit 0")
    environ = {RUNNER_HOST_VARIABLE: "tcp://engine:1234", "PATH": str(tmp_path)}
    endpoint = find(tmp_path, {**environ, "DAGGER_SESSION_PORT": "1"})
    assert endpoint.kind is EngineKind.RUNNER_HOST
    assert "tcp://engine:1234" in endpoint.description
    assert endpoint.environment == {}
    assert endpoint.pid is None
    assert started == []


def test_a_named_engine_is_used_with_a_cli_that_is_here(tmp_path: Path) -> None:
    """A client that was built, or is on PATH, saves a download; the user's own choice stays."""
    environ = {RUNNER_HOST_VARIABLE: "tcp://engine:1234", "PATH": str(tmp_path / "bin")}
    installed = write_program(tmp_path / "bin" / "dagger", "exit 0")
    assert find(tmp_path, environ).environment == {CLI_BIN_VARIABLE: str(installed)}
    folder = go_tools_folder(ENGINE_TOOLS, DataFolder(root=tmp_path / "data"))
    built = write_program(folder / "dagger", "exit 0")
    assert find(tmp_path, environ).environment[CLI_BIN_VARIABLE] == str(built)
    assert find(tmp_path, {**environ, CLI_BIN_VARIABLE: "/own/dagger"}).environment == {}


def test_an_outer_session_is_used(tmp_path: Path, started: list[tuple[str, ...]]) -> None:
    """Inside `dagger run` the surrounding session is the engine."""
    endpoint = find(tmp_path, {"DAGGER_SESSION_PORT": "4711", "PATH": ""})
    assert endpoint.kind is EngineKind.RUNNER_HOST
    assert started == []


def test_a_container_runtime_comes_before_our_own(
    tmp_path: Path, started: list[tuple[str, ...]]
) -> None:
    """Where Docker works, Dagger provisions its engine itself and nothing is built."""
    write_program(tmp_path / "docker", "exit 0")
    endpoint = find(tmp_path, {"PATH": str(tmp_path)})
    assert endpoint.kind is EngineKind.CONTAINER_RUNTIME
    assert "docker" in endpoint.description
    assert started == []


@pytest.mark.parametrize("runner_host", [{}, {RUNNER_HOST_VARIABLE: ""}])
def test_the_embedded_engine_is_the_last_resort(
    tmp_path: Path, started: list[tuple[str, ...]], runner_host: dict[str, str]
) -> None:
    """Without any other engine ours is started, with the images that the run wants."""
    write_program(tmp_path / "docker", "exit 1")
    endpoint = find(tmp_path, {"PATH": str(tmp_path), **runner_host})
    assert endpoint.kind is EngineKind.EMBEDDED
    assert started == [("debian",)]
