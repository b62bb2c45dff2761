"""sample_app under load: quick enough, no failure, no leak, no race, and a clean drain."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from bench.service_figures import (
    MAXIMUM_MEMORY_GROWTH,
    MINIMUM_RATIO,
    LoadFigures,
    LoadOptions,
    name_of,
)
from bench.service_load import SANITIZED, measure_load
from bench.service_report import to_text
from pipelines.cli.session import in_session
from pipelines.progress import SilentProgress

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.engine

# More rounds, each shorter, than the bench: a median of five stands a busy machine.
OPTIONS = LoadOptions(rounds=5, seconds=1)
SANITIZED_SECONDS = 10


@pytest.fixture(scope="module")
def figures(engine: None) -> LoadFigures:  # noqa: ARG001 - the engine has to be there
    """Load the service and nginx once."""
    return anyio.run(measure_load, OPTIONS, SilentProgress())


def test_at_least_half_as_quick_as_nginx(figures: LoadFigures) -> None:
    """With and without logs, redirects and JSON reach half of nginx's requests per second."""
    assert len(figures.cases) == 4
    for case in figures.cases:
        assert figures.ratio(case).count == OPTIONS.rounds
        ratio = figures.ratio(case).median
        assert ratio >= MINIMUM_RATIO, f"{name_of(case)}\n{to_text(figures, OPTIONS)}"


def test_no_request_fails(figures: LoadFigures) -> None:
    """Not one request gets an error, no answer, or a broken connection."""
    assert sum(each.requests for each in figures.rounds if each.server == "service") > 10_000
    assert figures.failures == 0


def test_memory_stays_flat(figures: LoadFigures) -> None:
    """Over a million requests after the warm-up resident memory does not grow."""
    assert figures.memory_requests >= 1_000_000
    assert len(figures.memory) >= 3
    assert figures.memory_growth <= MAXIMUM_MEMORY_GROWTH, to_text(figures, OPTIONS)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("preset", ["asan-ubsan", "tsan"])
def test_sanitizers_stay_silent_under_load(preset: str) -> None:
    """Load on every route and a SIGTERM in the middle of it: exit code 0 and not one report."""
    found: Mapping[str, Any] = anyio.run(
        lambda: in_session(lambda: run_sanitized(preset), progress=SilentProgress())
    )
    assert found["instrumented"] > 0
    assert found["reports"] == ""
    assert found["exit_code"] == 0, found
    assert found["before"]["requests"] > 1_000
    assert found["before"]["status_errors"] == found["before"]["socket_errors"] == 0, found
    # Once the port is closed wrk cannot connect; what it got an answer to was no error.
    assert found["during"]["requests"] > 100
    assert found["during"]["status_errors"] == 0, found
    assert {"server.drain_started", "server.listener_closed"} <= set(found["events"])
    (finished,) = found["drain"]
    assert json.loads(finished)["connections_cut"] == 0


async def run_sanitized(preset: str) -> Mapping[str, Any]:
    """Build an instrumented service and run it under load."""
    from bench.service_container import built, once, sample_app_toolchain  # noqa: PLC0415
    from bench.service_load import PACKAGES  # noqa: PLC0415

    container = built(
        await sample_app_toolchain(packages=PACKAGES),
        preset,
        options=("-DSAMPLE_APP_BUILD_TESTS=OFF",),
    ).with_new_file("/opt/service_sanitized.sh", SANITIZED.read_text())
    argv = ["bash", "/opt/service_sanitized.sh", f"/build/{preset}/sample_app"]
    # Containers without privileges may not turn address randomisation off.
    run = once(container).with_exec(
        [*argv, str(SANITIZED_SECONDS)], insecure_root_capabilities=True
    )
    found: Mapping[str, Any] = json.loads(await run.stdout())
    return found
