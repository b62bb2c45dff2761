"""Results go to standard output, and nothing else does."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.errors import PipelineError

__all__ = ["print_error", "print_result", "warn"]


def print_result(text: str) -> None:
    """Print a result; a reader that has left early is no error."""
    try:
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # The interpreter would flush once more when it ends, and fail again.
        sys.stdout = open("/dev/null", "w")  # noqa: SIM115, PTH123 - stays open to the end


def print_error(error: PipelineError, *, as_json: bool) -> None:
    """Tell an error: a sentence for people, and values for programs that asked for JSON."""
    if as_json:
        print_result(json.dumps(error.to_dict(), indent=2))
    warn(f"error: {error}")


def warn(text: str) -> None:
    """Print a line for people on standard error."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
