"""`pipelines engine …`: look after the engine."""

from __future__ import annotations

import json
import os
import shlex
import sys
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from pipelines.cli.edge import run_edge
from pipelines.cli.output import print_result, warn
from pipelines.progress import Progress

if TYPE_CHECKING:
    from pipelines.engine import EngineEndpoint

__all__ = ["engine_app"]

engine_app = typer.Typer(
    help="Start, stop and inspect the engine.", no_args_is_help=True, rich_markup_mode=None
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@engine_app.command()
def start(
    image: Annotated[
        Optional[list[str]],  # noqa: UP045 - read at run time, also by Python 3.10
        typer.Option("--image", help="Also make this image of the catalogue; repeatable."),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Find an engine, or build and start the embedded one."""

    async def work(progress: Progress) -> None:
        from pipelines.engine import DataFolder, find_engine  # noqa: PLC0415

        data = DataFolder.from_environment()
        endpoint = await find_engine(data, progress, images=tuple(image or ()))
        print_result(json.dumps(_describe(endpoint), indent=2) if as_json else endpoint.description)

    raise typer.Exit(run_edge(work, as_json=as_json))


@engine_app.command()
def stop(*, as_json: AsJson = False) -> None:
    """Stop the embedded engine; caches stay."""

    async def work(progress: Progress) -> None:
        from pipelines.engine import DataFolder, stop_embedded_engine  # noqa: PLC0415

        stopped = await stop_embedded_engine(DataFolder.from_environment(), progress)
        text = "stopped" if stopped else "the embedded engine was not running"
        print_result(json.dumps({"stopped": stopped}) if as_json else text)

    raise typer.Exit(run_edge(work, as_json=as_json))


@engine_app.command()
def status(*, as_json: AsJson = False) -> None:
    """Tell whether the embedded engine runs, and how much disk it uses."""

    async def work(_: Progress) -> None:
        from pipelines.engine.maintenance import engine_status  # noqa: PLC0415

        facts = await engine_status()
        if as_json:
            print_result(json.dumps(facts, indent=2))
        else:
            print_result("\n".join(f"{name:<15} {value}" for name, value in facts.items()))

    raise typer.Exit(run_edge(work, as_json=as_json))


@engine_app.command()
def env(*, as_json: AsJson = False) -> None:
    """Print the variables with which the plain `dagger` command uses this engine.

    In a shell: eval "$(pipelines engine env)"
    """

    async def work(progress: Progress) -> None:
        from pipelines.engine import DataFolder, find_engine  # noqa: PLC0415

        endpoint = await find_engine(DataFolder.from_environment(), progress)
        variables = _variables(endpoint)
        if as_json:
            print_result(json.dumps(variables, indent=2))
        else:
            lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
            print_result("\n".join(lines))

    raise typer.Exit(run_edge(work, as_json=as_json))


@engine_app.command()
def logs(
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for more lines.")] = False,
) -> None:
    """Print the embedded engine's log."""
    from pipelines.engine import DataFolder  # noqa: PLC0415

    log = DataFolder.from_environment().log
    if not log.is_file():
        warn(f"there is no log yet at {log}")
        raise typer.Exit(0)
    sys.stdout.flush()
    argv = ["tail", "-n", "+1", *(["-F"] if follow else []), str(log)]
    os.execvp("tail", argv)  # noqa: S606 - becomes tail, so that Ctrl-C does what it does there


@engine_app.command()
def prune(
    *,
    everything: Annotated[
        bool,
        typer.Option("--all", help="Also the engine's state and all parts; stops the engine."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Free disk: the engine's caches, parts of older versions, and Go's build caches."""

    async def work(progress: Progress) -> None:
        from pipelines.cli.prune import prune_engine  # noqa: PLC0415

        freed = await prune_engine(progress, everything=everything)
        text = f"freed {freed / 1e6:.0f} MB"
        print_result(json.dumps({"freed_bytes": freed}) if as_json else text)

    raise typer.Exit(run_edge(work, as_json=as_json))


def _describe(endpoint: EngineEndpoint) -> dict[str, object]:
    return {
        "kind": str(endpoint.kind),
        "description": endpoint.description,
        "environment": dict(endpoint.environment),
        "pid": endpoint.pid,
    }


def _variables(endpoint: EngineEndpoint) -> dict[str, str]:
    from pipelines.engine.endpoint import CLI_BIN_VARIABLE, RUNNER_HOST_VARIABLE  # noqa: PLC0415

    variables = dict(endpoint.environment)
    for name in (RUNNER_HOST_VARIABLE, CLI_BIN_VARIABLE):
        if name not in variables and name in os.environ:
            variables[name] = os.environ[name]
    if program := variables.get(CLI_BIN_VARIABLE):
        path = os.environ.get("PATH", "")
        variables["PATH"] = os.pathsep.join([os.path.dirname(program), path])  # noqa: PTH120
    return variables
