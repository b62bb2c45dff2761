"""cppcheck over the compile database, with a folder in which it keeps its own results."""

from __future__ import annotations

import json
import subprocess
import time
from typing import TYPE_CHECKING

from .outcome import Outcome, tail
from .result_cache import digest

if TYPE_CHECKING:
    from pathlib import Path

    from .compile_commands import Unit

# "style" and "information" are left out: the first is taste, the second about cppcheck itself.
ENABLED = "warning,performance,portability"
# Macros of a test library would end the reading of a file. Source: cppcheck's cfg folder.
LIBRARIES = ("posix", "gnu", "googletest")


def run_cppcheck(
    units: list[Unit], *, root: Path, work: Path, report: Path, jobs: int, outcome: Outcome
) -> None:
    """Write an XML report; without units there is nothing to write."""
    if not units:
        return
    began = time.monotonic()
    options = [
        f"--enable={ENABLED}",
        "--inline-suppr",
        *(f"--library={name}" for name in LIBRARIES),
    ]
    # What it keeps does not tell versions and options apart in every release.
    kept = work / f"cppcheck-{digest(outcome.version, options)[:16]}"
    kept.mkdir(parents=True, exist_ok=True)
    database = work / "compile_commands.json"
    entries = [unit.entry for unit in units]
    database.write_text(json.dumps(entries, indent=1), errors="surrogateescape")
    said = subprocess.run(
        [
            "cppcheck",
            "--quiet",
            f"--project={database}",
            f"--cppcheck-build-dir={kept}",
            "--xml",
            f"--output-file={report}",
            f"-j{jobs}",
            *options,
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        cwd=root,
    )
    if said.returncode != 0:
        outcome.failed("", f"exit code {said.returncode}, {tail(said.stdout)}")
    else:
        outcome.add(checked=len(units))
    outcome.seconds = time.monotonic() - began
