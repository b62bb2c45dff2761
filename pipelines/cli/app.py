"""The commands and their options. Whatever is heavy is imported by the command that needs it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from pipelines.cli.edge import run_edge
from pipelines.cli.engine_commands import engine_app
from pipelines.cli.lint_choice import LintChoice
from pipelines.errors import PipelineError
from pipelines.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipelines.domain.variant import VariantPlan
    from pipelines.stages.plan_run import RunPlan

__all__ = ["app", "run_app"]

app = typer.Typer(
    name="pipelines",
    help="Take a C++/CMake repository from commit to production.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(engine_app, name="engine")

# Typer reads these annotations at run time, and Python 3.10 has no `X | None` there for it.
Source = Annotated[
    Path, typer.Option("--source", "-s", help="The repository.", show_default="this folder")
]
Reports = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--reports", help="Write summary, SARIF, JUnit and logs into this folder."),
]
Options = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option(
        "--cmake-option", metavar="KEY=VALUE", help="A CMake cache variable, KEY=VALUE; repeatable."
    ),
]
Packages = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option(
        "--package", metavar="DEB", help="A Debian package that the build needs; repeatable."
    ),
]
Preset = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--preset", help="A configure preset of the repository."),
]
BuildType = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--build-type", help="CMake build type of the release variant."),
]
Base = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--base",
        metavar="REF",
        help="For lint: compare with the commit where this branch left a git ref.",
        show_default="lint.base, or origin's default branch",
    ),
]
Netrc = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--netrc",
        help="Credentials for downloads: a netrc file as env://NAME, file://PATH or cmd://…",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print summary.json on standard output.")]
Fresh = Annotated[
    bool, typer.Option("--fresh", help="Take nothing from caches; build everything again.")
]
Verbose = Annotated[
    int, typer.Option("--verbose", "-v", count=True, help="Show the engine's own log.")
]
Namespace = Annotated[
    str,
    typer.Option("--cache-namespace", help="Keep this run's caches apart, for example by branch."),
]


@app.command()
def build(
    *,
    source: Source = Path(),
    output: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--output", "-o", help="Write the install tree into this folder."),
    ] = None,
    reports: Reports = None,
    cmake_option: Options = None,
    package: Packages = None,
    preset: Preset = None,
    build_type: BuildType = None,
    netrc: Netrc = None,
    cache_namespace: Namespace = "",
    as_json: AsJson = False,
    fresh: Fresh = False,
    verbose: Verbose = 0,
) -> None:
    """Build the Release variant; --output writes its install tree."""
    _job("build", lambda plan: [plan.build], **locals())


@app.command("test")
def run_tests(
    *,
    source: Source = Path(),
    reports: Reports = None,
    cmake_option: Options = None,
    package: Packages = None,
    preset: Preset = None,
    build_type: BuildType = None,
    netrc: Netrc = None,
    cache_namespace: Namespace = "",
    as_json: AsJson = False,
    fresh: Fresh = False,
    verbose: Verbose = 0,
) -> None:
    """Build the Release variant and run its tests."""
    _job("test", lambda plan: [plan.release], **locals())


@app.command()
def sanitize(
    *,
    source: Source = Path(),
    reports: Reports = None,
    sanitizers: Annotated[
        str, typer.Option(help="Comma-separated, for example address,undefined or thread.")
    ] = "",
    cmake_option: Options = None,
    package: Packages = None,
    preset: Preset = None,
    netrc: Netrc = None,
    cache_namespace: Namespace = "",
    as_json: AsJson = False,
    fresh: Fresh = False,
    verbose: Verbose = 0,
) -> None:
    """Build with sanitizers and run the tests; any finding fails."""
    _job("sanitize", lambda plan: [plan.sanitized], **locals())


@app.command()
def coverage(
    *,
    source: Source = Path(),
    reports: Reports = None,
    minimum_percent: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option("--minimum-percent", metavar="N", help="Floor of line coverage, 0 to 100."),
    ] = None,
    cmake_option: Options = None,
    package: Packages = None,
    preset: Preset = None,
    netrc: Netrc = None,
    cache_namespace: Namespace = "",
    as_json: AsJson = False,
    fresh: Fresh = False,
    verbose: Verbose = 0,
) -> None:
    """Run the tests and tell how much of the code they reach; below the floor fails."""
    _job("coverage", lambda plan: plan.job("coverage"), **locals())


@app.command("build-and-test")
def build_and_test(
    *,
    source: Source = Path(),
    reports: Reports = None,
    cmake_option: Options = None,
    package: Packages = None,
    preset: Preset = None,
    build_type: BuildType = None,
    netrc: Netrc = None,
    cache_namespace: Namespace = "",
    as_json: AsJson = False,
    fresh: Fresh = False,
    verbose: Verbose = 0,
) -> None:
    """Run the main job: Release and sanitized build with their tests, side by side."""
    _job("build-and-test", lambda plan: [plan.release, plan.sanitized], **locals())


@app.command()
def lint(
    *,
    source: Source = Path(),
    base: Base = None,
    reports: Reports = None,
    cmake_option: Options = None,
    package: Packages = None,
    preset: Preset = None,
    build_type: BuildType = None,
    netrc: Netrc = None,
    cache_namespace: Namespace = "",
    as_json: AsJson = False,
    fresh: Fresh = False,
    verbose: Verbose = 0,
) -> None:
    """Run clang-format, clang-tidy and cppcheck; findings in changed lines fail."""
    options = locals()
    options["lint"] = LintChoice(base=options.pop("base"))
    _job("lint", lambda plan: [plan.lint], **options)


@app.command("reports")
def reports_command(
    *,
    source: Source = Path(),
    reports: Annotated[Path, typer.Option("--reports", help="The folder to write.")] = Path(
        "reports"
    ),
    job: Annotated[
        str,
        typer.Option("--job", help="Whose: build-and-test, test, sanitize, coverage or lint."),
    ] = "build-and-test",
    base: Base = None,
    cmake_option: Options = None,
    package: Packages = None,
    preset: Preset = None,
    build_type: BuildType = None,
    netrc: Netrc = None,
    cache_namespace: Namespace = "",
    as_json: AsJson = False,
    fresh: Fresh = False,
    verbose: Verbose = 0,
) -> None:
    """Write the reports of a job, also when it is red; after the job itself it is free."""
    options = locals()
    name, base = options.pop("job"), options.pop("base")
    options["lint"] = LintChoice(base=base) if name == "lint" else None
    _job("reports", lambda plan: plan.job(name), gate=False, **options)


def _job(
    name: str,
    choose: Callable[[RunPlan], Sequence[VariantPlan]],
    *,
    source: Path,
    reports: Path | None,
    cmake_option: list[str] | None,
    package: list[str] | None,
    preset: str | None,
    netrc: str | None,
    cache_namespace: str,
    as_json: bool,
    fresh: bool,
    verbose: int,
    build_type: str | None = None,
    sanitizers: str = "",
    minimum_percent: float | None = None,
    output: Path | None = None,
    gate: bool = True,
    lint: LintChoice | None = None,
) -> None:
    """Run a job from the options of its command, which are named the same."""

    async def work(progress: Progress) -> None:
        from pipelines.cli.job import Job, run_job  # noqa: PLC0415 - heavy
        from pipelines.stages.request import RunRequest, parse_options  # noqa: PLC0415

        request = RunRequest(
            options=parse_options(cmake_option or ()),
            packages=tuple(package or ()),
            preset=preset,
            build_type=build_type,
            sanitizers=tuple(part.strip() for part in sanitizers.split(",") if part.strip()),
            minimum_percent=minimum_percent,
            fresh=fresh,
            cache_namespace=cache_namespace,
        )
        job = Job(
            name=name,
            source=source,
            request=request,
            choose=choose,
            reports=reports,
            install_to=output,
            netrc=netrc,
            as_json=as_json,
            verbose=verbose > 0,
            gate=gate,
            lint=lint,
        )
        await run_job(job, progress)

    raise typer.Exit(run_edge(work, as_json=as_json, verbosity=verbose))


def run_app() -> None:
    """Run the command line; errors outside of a command end as a sentence, too."""
    try:
        app()
    except PipelineError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(error.exit_code)
