"""Fixtures of the tests that run the real thing: one engine for the session, one CLI per test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.cli import Cli, find_pipelines

if TYPE_CHECKING:
    from pathlib import Path

ENGINE_START_TIMEOUT_S = 45 * 60
"""Building the embedded engine from nothing takes minutes; later starts take seconds."""


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Start the engine once, so that no single test pays for building it."""
    cli = Cli(program=(find_pipelines(),), workspace=tmp_path_factory.mktemp("engine-start"))
    cli.call("engine", "start", timeout_s=ENGINE_START_TIMEOUT_S).expect(0)


@pytest.fixture
def cli(engine: None, tmp_path: Path) -> Cli:  # noqa: ARG001 - the engine has to be there
    """Return the installed command, working in the test's own folder."""
    workspace = tmp_path / "runs"
    workspace.mkdir()
    return Cli(program=(find_pipelines(),), workspace=workspace)
