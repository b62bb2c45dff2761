"""The `pipelines` command: the same functions as the Dagger module, in one session."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Run the command line and leave with its exit code."""
    from pipelines.cli.app import run_app  # noqa: PLC0415 - keeps `import pipelines.cli` cheap

    run_app()
