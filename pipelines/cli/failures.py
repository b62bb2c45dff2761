"""Turn whatever went wrong into one error that a user can act on."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

from pipelines.engine import DataFolder, EngineEndpoint, EngineKind, running_engine
from pipelines.errors import (
    DiskFull,
    EngineLost,
    EngineUnavailable,
    InfrastructureError,
    PipelineError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

if sys.version_info < (3, 11):
    from exceptiongroup import BaseExceptionGroup

__all__ = ["Interrupted", "explain_failure", "flatten"]


class Interrupted(PipelineError):  # noqa: N818 - says what happened
    """The user, or the system, asked the command to end."""

    # Source: the shell's convention, 128 plus the number of the signal.
    exit_code = 130

    def __init__(self, number: int) -> None:
        super().__init__(
            "run the command",
            f"interrupted by {signal.Signals(number).name}",
            "The engine goes on running; `pipelines engine stop` ends it",
        )
        self.args = (number,)


def explain_failure(
    error: Exception, endpoint: EngineEndpoint, data: DataFolder, *, log_tail: str
) -> PipelineError:
    """Return the error itself when it is ours, else one that says what is known.

    A group is searched for the member that explains the others.
    """
    members = list(flatten(error))
    own = [member for member in members if isinstance(member, PipelineError)]
    if lost := _first(own, EngineLost):
        return lost
    # What the user can mend is told as it is, whatever else the log says.
    mistakes = [member for member in own if not isinstance(member, InfrastructureError)]
    if mistakes:
        return mistakes[0]
    gone = endpoint.kind is EngineKind.EMBEDDED and running_engine(data) is None
    if gone:
        return EngineLost(
            "run the pipeline",
            "the engine ended in the middle of the run",
            "Run the command again, which starts a new one",
        )
    words = " ".join(str(member) for member in members) + log_tail
    # The kernel's words for ENOSPC; the engine passes them on without a code.
    if "no space left on device" in words.lower():
        return DiskFull(
            "run the pipeline",
            "the engine's disk is full",
            "Free some space, or run `pipelines engine prune`, then run again",
        )
    if own:
        return own[0]
    if known := _explain_client_error(members[0], endpoint):
        return known
    raise error


def _explain_client_error(error: BaseException, endpoint: EngineEndpoint) -> PipelineError | None:
    import dagger  # noqa: PLC0415 - costs a second, and most errors are found without it

    if isinstance(error, dagger.ExecError):
        tail = (error.stderr or error.stdout).strip().splitlines()[-1:]
        return InfrastructureError(
            "run a step in the engine",
            f"`{' '.join(error.command)[:200]}` ended with exit code {error.exit_code} "
            f"({tail[0] if tail else 'no output'})",
            "Run again with -v to see all of its output",
        )
    if isinstance(error, (dagger.ProvisionError, dagger.ClientConnectionError)):
        return EngineUnavailable(
            f"connect to the {endpoint.description}",
            _one_line(error),
            "Check `pipelines engine status`",
        )
    if isinstance(error, dagger.DaggerError):
        return InfrastructureError(
            "run the pipeline",
            f"the engine answered: {_one_line(error)}",
            "Run again with -v to see its log",
        )
    return None


def flatten(error: BaseException) -> Iterator[BaseException]:
    """Yield the members of an exception group, at any depth."""
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            yield from flatten(member)
    else:
        yield error


def _first(errors: list[PipelineError], kind: type[EngineLost]) -> EngineLost | None:
    return next((error for error in errors if isinstance(error, kind)), None)


def _one_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0]
