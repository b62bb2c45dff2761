"""The stop-watch around the command line."""

from __future__ import annotations

import importlib
import inspect
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio
import pytest

from bench.trace import LATE_PARTS, PARTS, Recorder, Span, read_spans

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.mark.parametrize(("module", "attribute", "name"), [*PARTS, *LATE_PARTS])
def test_every_part_is_still_there(module: str, attribute: str, name: str) -> None:
    """What the stop-watch wraps by name exists in the product and is a coroutine function."""
    function = getattr(importlib.import_module(module), attribute, None)
    assert inspect.iscoroutinefunction(function), f"{name}: {module}.{attribute}"


def test_the_session_and_the_job_are_still_there() -> None:
    """The two names that are wrapped in ways of their own exist."""
    session = importlib.import_module("pipelines.cli.session")
    job = importlib.import_module("pipelines.cli.job")
    assert callable(vars(session)["client_process"])
    assert inspect.iscoroutinefunction(vars(job)["_run"])


def test_a_wrapped_function_works_as_before(tmp_path: Path) -> None:
    """Results and errors pass through, and both leave a span."""
    recorder = Recorder(0.0)

    async def double(number: int) -> int:
        if number < 0:
            raise ValueError("negative")
        return 2 * number

    timed = recorder.timed(double, "double")

    async def call(number: int) -> int:
        return await timed(number)

    assert anyio.run(call, 3) == 6
    with pytest.raises(ValueError, match="negative"):
        anyio.run(call, -1)
    recorder.write(tmp_path / "spans.json")
    spans = read_spans(tmp_path / "spans.json")
    assert [span.name for span in spans] == ["double", "double"]
    assert all(span.seconds >= 0 for span in spans)


def test_the_ends_of_a_context_are_timed(tmp_path: Path) -> None:
    """A context gives what it gave before; its begin and its end are spans, its body is not."""
    recorder = Recorder(0.0)

    @asynccontextmanager
    async def connected(port: int) -> AsyncIterator[int]:
        yield port

    async def use() -> None:
        async with recorder.timed_ends(connected, "begin", "end")(7) as port:
            assert port == 7

    anyio.run(use)
    recorder.write(tmp_path / "spans.json")
    assert [span.name for span in read_spans(tmp_path / "spans.json")] == ["begin", "end"]


def test_spans_come_in_order_of_time(tmp_path: Path) -> None:
    """An outer part stands before what begins with it."""
    path = tmp_path / "spans.json"
    entries = [("inner", 1.0, 2.0), ("last", 3.0, 4.0), ("outer", 1.0, 3.0)]
    path.write_text(
        json.dumps([{"name": name, "began": began, "ended": end} for name, began, end in entries])
    )
    spans = read_spans(path)
    assert [span.name for span in spans] == ["outer", "inner", "last"]
    assert spans[0] == Span(name="outer", began=1.0, ended=3.0)
