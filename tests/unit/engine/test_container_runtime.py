"""A container runtime counts only when its daemon answers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import anyio

from pipelines.engine import container_runtime
from pipelines.engine.container_runtime import RUNTIMES, find_container_runtime
from tests.unit.fakes import write_program

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

ANSWERS = '[ "$*" = "ps --quiet" ]'
REFUSES = "echo 'Cannot connect to the Docker daemon' >&2; exit 1"


def find(folder: Path) -> str | None:
    """Look for a runtime on a PATH that has only that folder (and no shell)."""
    return anyio.run(find_container_runtime, {"PATH": str(folder)})


def test_nothing_on_path_is_no_runtime(tmp_path: Path) -> None:
    """Without any client there is nothing to ask."""
    assert find(tmp_path) is None


def test_a_client_without_daemon_does_not_count(tmp_path: Path) -> None:
    """A client that cannot reach its daemon is passed over."""
    write_program(tmp_path / "docker", REFUSES)
    assert find(tmp_path) is None


def test_each_runtime_is_found_when_it_answers(tmp_path: Path) -> None:
    """Every runtime that we know is recognised by its listing of containers."""
    for runtime in RUNTIMES:
        write_program(tmp_path / runtime / runtime, ANSWERS)
        assert find(tmp_path / runtime) == runtime


def test_the_first_that_answers_wins(tmp_path: Path) -> None:
    """The order is Dagger's own, and a dead client does not hide a living one."""
    write_program(tmp_path / "docker", REFUSES)
    write_program(tmp_path / "podman", ANSWERS)
    write_program(tmp_path / "nerdctl", ANSWERS)
    assert find(tmp_path) == "podman"


def test_a_daemon_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for an answer has an end."""
    monkeypatch.setattr(container_runtime, "ANSWER_TIMEOUT_S", 0.2)
    write_program(tmp_path / "docker", "exec /bin/sleep 60")
    began = time.monotonic()
    assert find(tmp_path) is None
    assert time.monotonic() - began < 3


def test_a_file_that_cannot_be_run_is_no_runtime(tmp_path: Path) -> None:
    """A broken client is like none."""
    (tmp_path / "docker").write_text("#!/no/such/interpreter\n")
    (tmp_path / "docker").chmod(0o755)
    assert find(tmp_path) is None
