"""`pipelines` with a stop-watch: what the client spends its time on.

Run as `python -m bench.trace ARGUMENTS…` it does what `pipelines ARGUMENTS…` does, and writes a
span for each part of it. Parts are found by name from outside, so that the product carries no
instrumentation; tests/unit/bench notices when a name is gone.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from contextlib import AbstractAsyncContextManager

__all__ = [
    "BEGAN_VARIABLE",
    "LATE_PARTS",
    "OUTPUT_VARIABLE",
    "PARTS",
    "RUN_PART",
    "Span",
    "read_spans",
]

OUTPUT_VARIABLE = "PIPELINES_BENCH_SPANS"
BEGAN_VARIABLE = "PIPELINES_BENCH_BEGAN"

P = ParamSpec("P")
T = TypeVar("T")

PARTS = (
    ("pipelines.cli.session", "find_engine", "find the engine"),
    ("pipelines.cli.session", "_load_dagger", "import dagger"),
)
"""Coroutine functions that can be wrapped before Dagger's client is imported."""

RUN_PART = "run and read"
"""Of one variant, whose name follows: its container from start to end, and its reports."""

LATE_PARTS = (
    ("pipelines.stages.build_and_test", "describe_toolchain", "describe the toolchain"),
    ("pipelines.stages.build_and_test", "_read", RUN_PART),
)
"""Coroutine functions of modules that import Dagger's client."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """A part of a run, in seconds since the command was started."""

    name: str
    began: float
    ended: float

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.ended - self.began


def read_spans(path: Path) -> tuple[Span, ...]:
    """Read what a traced run wrote, in order of time."""
    spans = [Span(**entry) for entry in json.loads(path.read_text())]
    return tuple(sorted(spans, key=lambda span: (span.began, -span.ended)))


class Recorder:
    """Collects spans."""

    def __init__(self, began: float) -> None:
        self._began = began
        self._spans: list[Span] = []

    def add(self, name: str, began: float) -> None:
        """Add a span that ends now."""
        self._spans.append(
            Span(name=name, began=began - self._began, ended=time.time() - self._began)
        )

    def write(self, path: Path) -> None:
        """Write everything as JSON."""
        path.write_text(json.dumps([asdict(span) for span in self._spans]))

    def wrap(self, module: str, attribute: str, name: str) -> None:
        """Time every call of a coroutine function of a module."""
        loaded = importlib.import_module(module)
        setattr(loaded, attribute, self.timed(getattr(loaded, attribute), name))

    def timed(self, function: Callable[P, Awaitable[T]], name: str) -> Callable[P, Awaitable[T]]:
        """Return the same coroutine function with a stop-watch."""

        @wraps(function)
        async def timed(*args: P.args, **kwargs: P.kwargs) -> T:
            began = time.time()
            try:
                return await function(*args, **kwargs)
            finally:
                self.add(f"{name}{_variant(args)}", began)

        return timed

    def timed_ends(
        self, manager: Callable[P, AbstractAsyncContextManager[T]], first: str, last: str
    ) -> Callable[P, AbstractAsyncContextManager[T]]:
        """Time how a context begins and how it ends, but not what is done in it."""

        @asynccontextmanager
        async def timed(*args: P.args, **kwargs: P.kwargs) -> AsyncIterator[T]:
            began = time.time()
            ending = 0.0
            try:
                async with manager(*args, **kwargs) as value:
                    self.add(first, began)
                    try:
                        yield value
                    finally:
                        ending = time.time()
            finally:
                if ending:
                    self.add(last, ending)

        return timed


def _variant(arguments: tuple[object, ...]) -> str:
    # By name: importing its class would be part of what is measured.
    plans = [each for each in arguments if type(each).__name__ == "VariantPlan"]
    return "".join(f" {vars(plan)['name']}" for plan in plans)


def main() -> None:
    """Run the command line under the stop-watch."""
    began = float(os.environ[BEGAN_VARIABLE])
    output = Path(os.environ[OUTPUT_VARIABLE])
    recorder = Recorder(began)
    _install(recorder)
    recorder.add("start Python, import the command line", began)
    from pipelines.cli import main as run  # noqa: PLC0415 - timed above

    leave = os._exit

    def write_and_leave(code: int) -> None:
        recorder.write(output)
        leave(code)

    # A command line that ends without taking its modules apart leaves no other moment.
    vars(os)["_exit"] = write_and_leave
    try:
        run()
    finally:
        recorder.write(output)


def _install(recorder: Recorder) -> None:
    from pipelines.cli import app, job, session  # noqa: PLC0415 - its import is timed

    assert app.app is not None
    for part in PARTS:
        recorder.wrap(*part)
    # The name is looked up in its module at every call.
    names = vars(session)
    names["client_process"] = recorder.timed_ends(
        names["client_process"], "connect to the engine", "say goodbye to the engine"
    )
    work = job._run  # noqa: SLF001 - see the module's docstring

    @wraps(work)
    async def instrumented(*args: object, **kwargs: object) -> object:
        loading = time.time()
        late = [importlib.import_module(module) for module, _, _ in LATE_PARTS]
        recorder.add("import the stages", loading)
        assert late
        for part in LATE_PARTS:
            recorder.wrap(*part)
        import dagger  # noqa: PLC0415 - heavy, and loaded by now

        # Reports go out with an export; the reading of a variant has one of its own.
        vars_of_export = dagger.Directory.export
        setattr(  # noqa: B010 - mypy refuses an assignment to a method
            dagger.Directory, "export", recorder.timed(vars_of_export, "export")
        )
        return await recorder.timed(work, "the job itself")(*args, **kwargs)  # type: ignore[arg-type]

    vars(job)["_run"] = instrumented


if __name__ == "__main__":
    sys.argv[0] = "pipelines"
    main()
