"""The generated part of the reference."""

from __future__ import annotations

from tools.build_reference import render_cli, render_functions, stale_files


def test_the_reference_says_what_the_code_says() -> None:
    """A changed option or docstring is in the reference before it is merged."""
    assert stale_files() == (), "Run `python tools/build_reference.py`"


def test_every_command_and_function_is_listed() -> None:
    """The main job is in both references, under the name that people type."""
    assert "\n## pipelines build-and-test\n" in render_cli()
    assert "\n## pipelines engine start\n" in render_cli()
    assert "\n## build-and-test\n" in render_functions()


def test_private_methods_are_not_listed() -> None:
    """Only what `dagger functions` shows is part of the reference."""
    assert "plan" not in [line.removeprefix("## ") for line in render_functions().splitlines()]
