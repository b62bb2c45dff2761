"""Run the installed `pipelines` command as a user does, and keep everything it left behind."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.engine.reports import SummaryJson

RUN_TOKEN_VARIABLE = "PIPELINES_TEST_RUN"  # noqa: S105 - marks processes, guards nothing
"""Environment variable that marks every process a started command leaves behind."""

_TAIL_CHARACTERS = 4_000


def find_pipelines() -> str:
    """Return the `pipelines` command of the running Python's environment, else that of PATH.

    Raises:
        FileNotFoundError: the package is not installed.
    """
    beside_python = str(Path(sys.executable).parent)
    path = os.pathsep.join([beside_python, os.environ.get("PATH", "")])
    found = shutil.which("pipelines", path=path)
    if found is None:
        raise FileNotFoundError("looking for `pipelines`: not installed. Run `pip install -e .`")
    return found


@dataclass(frozen=True, kw_only=True)
class CliRun:
    """A finished command; `peak_rss_bytes` is that of its largest process."""

    argv: tuple[str, ...]
    exit_code: int
    stdout: str
    stderr: str
    seconds: float
    peak_rss_bytes: int
    reports: Path

    @property
    def output(self) -> str:
        """Return stdout and stderr together."""
        return f"{self.stdout}\n{self.stderr}"

    @property
    def summary(self) -> SummaryJson:
        """Read `summary.json` of the reports folder."""
        path = self.reports / "summary.json"
        assert path.is_file(), f"summary.json is missing\n{self.describe()}"
        return cast("SummaryJson", json.loads(path.read_text(encoding="utf-8")))

    @property
    def last_sentence(self) -> str:
        """Return the last line of stderr that is prose, not a JSON log event."""
        lines = [line.strip() for line in self.stderr.splitlines() if line.strip()]
        return next((line for line in reversed(lines) if not line.startswith("{")), "")

    def expect(self, *exit_codes: int) -> CliRun:
        """Return the run itself, or fail telling what it printed."""
        assert self.exit_code in exit_codes, f"expected exit code {exit_codes}\n{self.describe()}"
        assert "Traceback (most recent call last)" not in self.output, self.describe()
        return self

    def describe(self) -> str:
        """Return what a reader of a failed test wants to see."""
        return (
            f"{' '.join(self.argv)}\nexit code {self.exit_code} after {self.seconds:.1f} s\n"
            f"--- end of stdout\n{self.stdout[-_TAIL_CHARACTERS:]}\n"
            f"--- end of stderr\n{self.stderr[-_TAIL_CHARACTERS:]}"
        )


class RunningCli:
    """A started command, the leader of its own process group as under a terminal."""

    def __init__(
        self, *, argv: tuple[str, ...], folder: Path, env: Mapping[str, str] | None = None
    ) -> None:
        self.argv = argv
        self.token = uuid.uuid4().hex
        self.reports = folder / "reports"
        self._stdout = folder / "stdout"
        self._stderr = folder / "stderr"
        self._started = time.monotonic()
        # Files, not pipes: a process that outlives the command cannot keep the reader waiting.
        with self._stdout.open("wb") as stdout, self._stderr.open("wb") as stderr:
            self._process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                env={**os.environ, **(env or {}), RUN_TOKEN_VARIABLE: self.token},
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Return the process id of the command itself."""
        return self._process.pid

    def has_ended(self) -> bool:
        """Tell whether the command is over, leaving its exit status to `finish`."""
        if self._process.returncode is not None:
            return True
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self.pid, flags) is not None

    def interrupt(self, *, whole_group: bool) -> None:
        """Send SIGINT as Ctrl-C does, to the whole group, or as `kill -INT` does, to one."""
        if whole_group:
            os.killpg(self.pid, signal.SIGINT)
        else:
            os.kill(self.pid, signal.SIGINT)

    def kill(self) -> None:
        """End the command and its process group at once; nothing happens when it is over."""
        if self._process.returncode is None:
            os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()

    def finish(self, *, timeout_s: float) -> CliRun:
        """Wait for the end of the command.

        Raises:
            TimeoutError: it ran for more than `timeout_s` from now on, and was killed.
        """
        late = threading.Event()

        def kill_group() -> None:
            late.set()
            with contextlib.suppress(ProcessLookupError):  # it ended at the last moment
                os.killpg(self.pid, signal.SIGKILL)

        timer = threading.Timer(timeout_s, kill_group)
        timer.start()
        try:
            # wait4 instead of Popen.wait: it also tells the peak memory.
            _, status, usage = os.wait4(self.pid, 0)
        except KeyboardInterrupt:
            # The command has a session of its own, so the terminal's Ctrl-C did not reach it.
            self.kill()
            raise
        finally:
            timer.cancel()
        self._process.returncode = os.waitstatus_to_exitcode(status)
        run = CliRun(
            argv=self.argv,
            exit_code=self._process.returncode,
            stdout=self._stdout.read_text(encoding="utf-8", errors="backslashreplace"),
            stderr=self._stderr.read_text(encoding="utf-8", errors="backslashreplace"),
            seconds=time.monotonic() - self._started,
            peak_rss_bytes=usage.ru_maxrss * 1024,
            reports=self.reports,
        )
        if late.is_set():
            raise TimeoutError(f"waiting for a command: over {timeout_s} s\n{run.describe()}")
        return run


@dataclass(frozen=True, kw_only=True)
class Cli:
    """Starts `program`; each run gets a folder of its own in `workspace`."""

    program: tuple[str, ...]
    workspace: Path
    env: Mapping[str, str] | None = None

    def start(self, command: str, *options: str, source: Path) -> RunningCli:
        """Start a command on a repository, with `--reports` and `--json`, and do not wait."""
        folder = self._new_folder()
        reports = str(folder / "reports")
        arguments = (command, "--source", str(source), "--reports", reports, "--json", *options)
        return RunningCli(argv=(*self.program, *arguments), folder=folder, env=self.env)

    def run(self, command: str, *options: str, source: Path, timeout_s: float = 900) -> CliRun:
        """Run a command on a repository; its folder `reports` is part of the result."""
        return self.start(command, *options, source=source).finish(timeout_s=timeout_s)

    def call(self, *arguments: str, timeout_s: float = 900) -> CliRun:
        """Run the program with exactly these arguments."""
        running = RunningCli(
            argv=(*self.program, *arguments), folder=self._new_folder(), env=self.env
        )
        return running.finish(timeout_s=timeout_s)

    def _new_folder(self) -> Path:
        return Path(tempfile.mkdtemp(prefix="run-", dir=self.workspace))
