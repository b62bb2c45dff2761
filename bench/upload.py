"""Measure how long it takes to bring a folder of many files into the engine."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.project import write_files
from bench.runs import BenchFailed
from pipelines.cli.session import in_session

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.progress import Progress

__all__ = ["FILES", "UploadFigures", "measure_upload"]

FILES = 2_000
_FILES_PER_FOLDER = 50
_LINES = 40


@dataclass(frozen=True, kw_only=True)
class UploadFigures:
    """Seconds, without connecting, until the engine has the folder and knows its digest.

    Attributes:
        first: Nothing of it was there.
        unchanged: Everything was there, asked in a new session each time.
        one_changed: One file differs, asked in a new session each time.
    """

    files: int
    size_bytes: int
    first: tuple[float, ...]
    unchanged: tuple[float, ...]
    one_changed: tuple[float, ...]


async def measure_upload(folder: Path, *, runs: int, progress: Progress) -> UploadFigures:
    """Write a folder and bring it into the engine, again and again.

    Raises:
        BenchFailed: A changed file was not noticed, or an unchanged folder differs.
    """
    texts = {
        f"src/group_{index // _FILES_PER_FOLDER:03}/file_{index:04}.cpp": _text(index)
        for index in range(FILES)
    }
    write_files(folder, texts)
    first, digest = await _bring(folder, progress)
    unchanged, changed = [], []
    for number in range(runs):
        seconds, again = await _bring(folder, progress)
        if again != digest:
            raise BenchFailed("uploading an unchanged folder: its digest is another one")
        unchanged.append(seconds)
        (folder / next(iter(texts))).write_text(_text(FILES + number))
        seconds, again = await _bring(folder, progress)
        if again == digest:
            raise BenchFailed("uploading a changed file: the digest is still the same")
        digest = again
        changed.append(seconds)
    return UploadFigures(
        files=FILES,
        size_bytes=sum(len(text) for text in texts.values()),
        first=(first,),
        unchanged=tuple(unchanged),
        one_changed=tuple(changed),
    )


async def _bring(folder: Path, progress: Progress) -> tuple[float, str]:
    async def work() -> tuple[float, str]:
        from pipelines.cli.host_source import host_source  # noqa: PLC0415 - the client is connected

        began = time.monotonic()
        digest = await (await (await host_source(folder)).sync()).digest()
        return time.monotonic() - began, digest

    return await in_session(work, progress=progress)


def _text(index: int) -> str:
    lines = [f"int function_{index}_{line}() {{ return {line}; }}" for line in range(_LINES)]
    return "\n".join([*lines, ""])
