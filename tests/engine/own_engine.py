"""An embedded engine of the test's own, beside the one that all other tests share."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, cast

from pipelines.engine import DataFolder
from pipelines.engine.container_runtime import RUNTIMES
from tests.engine.cli import Cli, CliRun, RunningCli, find_pipelines
from tests.engine.host import Host, idle_control_groups, processes_of
from tests.engine.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping

START_TIMEOUT_S = 45 * 60
"""A machine whose shared engine is no embedded one has to build all parts here."""


class Status(TypedDict):
    """What `pipelines engine status --json` prints, as far as the tests look at it."""

    running: bool
    pid: int | None
    socket: str
    state_dir: str


@dataclass(frozen=True, kw_only=True)
class OwnEngine:
    """The `pipelines` command with a data folder of its own, out of reach of container runtimes."""

    data: DataFolder
    cli: Cli

    @classmethod
    def make(cls, folder: Path, *, env: Mapping[str, str] | None = None) -> OwnEngine:
        """Set one up in a new folder; nothing is started.

        Args:
            folder: short, for the path of a socket has to fit into 107 bytes.
            env: more variables.
        """
        workspace = folder / "runs"
        workspace.mkdir()
        data = DataFolder(root=folder / "data")
        variables = {
            "PIPELINES_DATA_DIR": str(data.root),
            "_EXPERIMENTAL_DAGGER_RUNNER_HOST": "",
            "PATH": f"{_programs(folder)}{os.pathsep}{os.environ.get('PATH', '')}",
            **(env or {}),
        }
        cli = Cli(program=(find_pipelines(),), workspace=workspace, env=variables)
        return cls(data=data, cli=cli)

    def borrow_parts(self) -> None:
        """Take the built parts of the user's own data folder, as hard links where that works."""
        built = DataFolder.from_environment().cache
        self.data.root.mkdir(parents=True, exist_ok=True)
        if not built.is_dir():
            return
        for way in ("--link", "--reflink=auto"):
            argv = ["cp", "--archive", way, str(built), str(self.data.cache)]
            if subprocess.run(argv, capture_output=True, check=False).returncode == 0:
                return
            subprocess.run(["rm", "-rf", str(self.data.cache)], check=True)
        raise RuntimeError(f"copying {built}: cp failed. Look at its permissions")

    def call(self, *arguments: str, timeout_s: float = START_TIMEOUT_S) -> CliRun:
        """Run `pipelines engine ARGUMENTS`."""
        return self.cli.call("engine", *arguments, timeout_s=timeout_s)

    def begin(self, *arguments: str) -> RunningCli:
        """Start `pipelines engine ARGUMENTS` and do not wait."""
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=self.cli.workspace))
        argv = (*self.cli.program, "engine", *arguments)
        return RunningCli(argv=argv, folder=folder, env=self.cli.env)

    def status(self) -> Status:
        """Ask for the status."""
        return cast("Status", json.loads(self.call("status", "--json").expect(0).stdout))

    def start(self) -> int:
        """Start the engine and return its process id."""
        self.call("start").expect(0)
        pid = self.status()["pid"]
        assert pid is not None
        return pid

    def serves(self) -> None:
        """Check that the engine answers a question, asked with what `engine env` prints."""
        program = " ".join(self.cli.program)
        script = f'eval "$({program} engine env)" && echo "{{ version }}" | dagger query'
        done = subprocess.run(
            ["bash", "-c", script],
            env={**os.environ, **(self.cli.env or {})},
            cwd=self.cli.workspace,  # in a folder without a module, which would be loaded first
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "version" in json.loads(done.stdout)


def wait_for_phase(running: RunningCli, name: str, *, timeout_s: float) -> None:
    """Return once a started command has announced a phase on standard error."""
    stderr = running.reports.parent / "stderr"
    wait_until(
        lambda: f"  {name} …" in stderr.read_text(encoding="utf-8") or running.has_ended(),
        timeout_s=timeout_s,
        what=f"the phase {name} begins",
    )
    assert not running.has_ended(), running.finish(timeout_s=5).describe()


def expect_nothing_left(own: OwnEngine, before: Host, groups: set[str]) -> None:
    """Check that no process, mount, interface, rule, setting or control group stayed behind."""
    wait_until(lambda: not processes_of(own.data.root), timeout_s=5, what="no process is left")
    assert Host.look() == before
    wait_until(
        lambda: idle_control_groups() <= groups, timeout_s=30, what="no control group is left"
    )


def _programs(folder: Path) -> Path:
    """Write clients of container runtimes that have no daemon, and put Python ahead of others."""
    programs = folder / "bin"
    programs.mkdir()
    for runtime in RUNTIMES:
        (programs / runtime).write_text("#!/bin/sh\necho 'no daemon answers' >&2\nexit 1\n")
        (programs / runtime).chmod(0o755)
    (programs / "python").symlink_to(sys.executable)
    return programs
