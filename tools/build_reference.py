"""Write docs/reference/functions.md and docs/reference/cli.md from the code.

    python tools/build_reference.py            write both files
    python tools/build_reference.py --check    write nothing; exit with 1 when a file is not current

The tables come from docstrings and annotations, so the code is the place to change them.
"""

from __future__ import annotations

import inspect
import sys
import types
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Union, get_args, get_origin

import dagger
from dagger import DefaultPath, Doc
from typer.models import OptionInfo

from pipelines import Pipelines
from pipelines import errors as pipeline_errors
from pipelines.cli.app import app
from pipelines.errors import PipelineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import typer

__all__ = ["render_cli", "render_functions", "stale_files"]

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"

NOTE = (
    "<!-- Written by tools/build_reference.py from the code. "
    "Change the code and run the tool again. -->"
)

FUNCTIONS_INTRO = """\
# Functions of the Dagger module

The module has one object, `Pipelines`. Its arguments come before the name of a function, the
arguments of the function after it:

```sh
eval "$(pipelines engine env)"
dagger call --source tests/fixtures/plain build-and-test --fresh
```

With Docker and a `dagger` program of your own the first line is not needed. `dagger functions`
lists the same functions, and `dagger call FUNCTION --help` the same arguments.
`dagger check` runs `build-and-test`."""

CLI_INTRO = """\
# Command line

The result goes to standard output: a summary as text, or with `--json` as `summary.json`. Progress
and errors go to standard error. A command starts the engine that it needs by itself."""

ERRORS_INTRO = """\
Every message reads `doing what: what was found. what to do.` With `--json`, an error other than a
red pipeline is printed on standard output as an object with the keys `error`, `exit_code`, `doing`,
`found` and `todo`; `ConfigError` adds `mistakes`."""

VARIABLES = (
    ("`PIPELINES_DATA_DIR`", "Where the embedded engine keeps its parts and its state."),
    ("`XDG_DATA_HOME`", "Its parent folder, when `PIPELINES_DATA_DIR` is not set."),
    (
        "`_EXPERIMENTAL_DAGGER_RUNNER_HOST`",
        "The address of an engine that runs already; no other one is looked for.",
    ),
    ("`_EXPERIMENTAL_DAGGER_CLI_BIN`", "The `dagger` program that the client starts."),
    (
        "`PIPELINES_IMAGES`",
        "A file with a mapping `images` whose entries replace those of the image catalogue.",
    ),
    ("`PIPELINES_TRACEBACK`", "Set: an unexpected error ends with its traceback."),
    ("`NO_COLOR`", "Set: log events on a terminal have no colours."),
)

# Deployments raise these; this version has none.
RESERVED_EXIT_CODES = (4, 5)

TYPE_NAMES: dict[object, str] = {
    bool: "flag",
    dagger.Directory: "Directory",
    dagger.Secret: "Secret",
    float: "number",
    int: "number",
    Path: "path",
    str: "text",
}


def main(arguments: Sequence[str]) -> int:
    """Write the files, or check them, and return the exit code."""
    if list(arguments) not in ([], ["--check"]):
        sys.stderr.write(f"build_reference: {' '.join(arguments)} is not --check. Leave it out.\n")
        return 2
    stale = stale_files()
    if arguments:
        for path in stale:
            sys.stderr.write(
                f"check {path.name}: it is not current. Run `python tools/build_reference.py`.\n"
            )
        return 1 if stale else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in stale:
        path.write_text(_documents()[path], encoding="utf-8")
        sys.stdout.write(f"{path}\n")
    return 0


def stale_files() -> tuple[Path, ...]:
    """Return the files whose text is not what the code says now."""
    return tuple(
        path
        for path, text in _documents().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    )


def _documents() -> dict[Path, str]:
    return {FOLDER / "functions.md": render_functions(), FOLDER / "cli.md": render_cli()}


def render_functions() -> str:
    """Return the reference of the Dagger functions."""
    blocks = [NOTE, FUNCTIONS_INTRO, "## Arguments of the module"]
    blocks.append(_table(("argument", "type", "default", "meaning"), _constructor_rows()))
    for name, function in vars(Pipelines).items():
        if hasattr(function, "__dagger_function__"):
            blocks += _function_blocks(name, function)
    return _join(blocks)


def _constructor_rows() -> Iterator[tuple[str, ...]]:
    for name, parameter in inspect.signature(Pipelines).parameters.items():
        hint, notes = _unpack(parameter.annotation)
        default = _default(parameter.default)
        for note in notes:
            if isinstance(note, DefaultPath):
                default = f"`{note.from_context}`, the module's own repository"
        yield _kebab(name), _type_name(hint), default, _doc(notes)


def _function_blocks(name: str, function: Callable[..., object]) -> Iterator[str]:
    signature = inspect.signature(function)
    returned = _type_name(_unpack(signature.return_annotation)[0])
    yield f"## {name.replace('_', '-')}"
    yield inspect.getdoc(function) or ""
    yield f"Returns: {returned}."
    rows = []
    for argument, parameter in signature.parameters.items():
        if argument != "self":
            hint, notes = _unpack(parameter.annotation)
            default = _default(parameter.default)
            rows.append((_kebab(argument), _type_name(hint), default, _doc(notes)))
    if rows:
        yield _table(("argument", "type", "default", "meaning"), rows)


def render_cli() -> str:
    """Return the reference of the commands, their options, exit codes and variables."""
    blocks = [NOTE, CLI_INTRO, *_app_blocks(app, "pipelines")]
    blocks += ["## Exit codes", _table(("code", "meaning"), _exit_code_rows())]
    blocks += [
        ERRORS_INTRO,
        _table(("error", "code", "meaning"), _error_rows()),
        "## Environment variables",
        _table(("variable", "meaning"), VARIABLES),
    ]
    return _join(blocks)


def _app_blocks(group: typer.Typer, prefix: str) -> Iterator[str]:
    for command in group.registered_commands:
        if command.callback is None:
            continue
        name = command.name or command.callback.__name__.replace("_", "-")
        yield f"## {prefix} {name}"
        yield inspect.getdoc(command.callback) or ""
        rows = list(_option_rows(command.callback))
        if rows:
            yield _table(("option", "value", "default", "meaning"), rows)
    for each in group.registered_groups:
        if each.typer_instance is not None and each.name:
            yield from _app_blocks(each.typer_instance, f"{prefix} {each.name}")


def _option_rows(callback: Callable[..., object]) -> Iterator[tuple[str, ...]]:
    for name, parameter in inspect.signature(callback, eval_str=True).parameters.items():
        hint, notes = _unpack(parameter.annotation)
        (info,) = (note for note in notes if isinstance(note, OptionInfo))
        # Inside Annotated the first spelling stands where a default would.
        written = (info.default, *(info.param_decls or ()))
        declared = [each for each in written if isinstance(each, str) and each.startswith("-")]
        declared = declared or [f"--{name.replace('_', '-')}"]
        kind = _type_name(hint)
        value = "" if info.count or kind == "flag" else kind
        default = _default(parameter.default)
        if isinstance(info.show_default, str):
            default = info.show_default
        elif info.count:
            default = ""
        spelled = ", ".join(f"`{spelling}`" for spelling in declared)
        yield spelled, value, default, info.help or ""


def _exit_code_rows() -> Iterator[tuple[str, str]]:
    yield "0", "All is well: what was asked for is done, and every gate passed."
    for kind in (
        pipeline_errors.GateFailed,
        pipeline_errors.UsageError,
        pipeline_errors.InfrastructureError,
    ):
        yield str(kind.exit_code), _first_line(kind)
    yield "130", "Interrupted, by Ctrl-C or a signal."


def _error_rows() -> Iterator[tuple[str, str, str]]:
    classes = [getattr(pipeline_errors, name) for name in pipeline_errors.__all__]
    errors = [
        each for each in classes if issubclass(each, PipelineError) and each is not PipelineError
    ]
    for error in sorted(errors, key=lambda each: (each.exit_code, each.__name__)):
        if error.exit_code not in RESERVED_EXIT_CODES:
            yield f"`{error.__name__}`", str(error.exit_code), _first_line(error)


def _unpack(hint: object) -> tuple[object, tuple[object, ...]]:
    """Split Annotated into the type and its notes."""
    if get_origin(hint) is Annotated:
        inner, *notes = get_args(hint)
        return inner, tuple(notes)
    return hint, ()


def _type_name(hint: object) -> str:
    if get_origin(hint) in (Union, types.UnionType):
        (hint,) = (each for each in get_args(hint) if each is not type(None))
    if get_origin(hint) is list:
        return f"{_type_name(get_args(hint)[0])}, repeatable"
    return TYPE_NAMES[hint]


def _default(value: object) -> str:
    """Show a default; nothing, an empty list and "not given" show as nothing."""
    if value is inspect.Parameter.empty:
        return "required"
    # A dataclass hides the value of a default factory behind a marker; ours are empty lists.
    if value is None or value is False or value == "" or type(value).__name__.startswith("_"):
        return ""
    return f"`{value}`"


def _doc(notes: tuple[object, ...]) -> str:
    return next((note.documentation for note in notes if isinstance(note, Doc)), "")


def _kebab(name: str) -> str:
    return f"`--{name.replace('_', '-')}`"


def _first_line(kind: type[object]) -> str:
    return (inspect.getdoc(kind) or "").partition("\n")[0]


def _table(head: Sequence[str], rows: Iterator[tuple[str, ...]] | Sequence[tuple[str, ...]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines
    )


def _join(blocks: Sequence[str]) -> str:
    return "\n\n".join(block for block in blocks if block) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
