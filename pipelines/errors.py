"""What can go wrong, one class per thing that a user can act on.

Every message reads ``<doing what>: <what was found>. <what to do>.``, and every class
belongs to one exit code, so that scripts can decide without reading prose.
"""
# ruff: noqa: N818 - the names say what happened ("RolledBack"), and read well where they are caught

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

__all__ = [
    "ConfigError",
    "ConfigMistake",
    "DiskFull",
    "EngineLost",
    "EngineUnavailable",
    "GateFailed",
    "InfrastructureError",
    "NetworkUnreachable",
    "PipelineError",
    "RollbackFailed",
    "RolledBack",
    "UsageError",
]


class PipelineError(Exception):
    """The base of every error that is shown to the user without a traceback."""

    exit_code: ClassVar[int] = 3

    def __init__(self, doing: str, found: str, todo: str) -> None:
        super().__init__(doing, found, todo)
        self.doing = doing
        self.found = found
        self.todo = todo

    def __str__(self) -> str:
        return f"{self.doing}: {_sentence(self.found)} {_sentence(self.todo)}".rstrip()

    def to_dict(self) -> dict[str, object]:
        """Return the error as JSON-ready values, for ``--json``."""
        return {
            "error": type(self).__name__,
            "exit_code": self.exit_code,
            "doing": self.doing,
            "found": self.found,
            "todo": self.todo,
        }


class GateFailed(PipelineError):
    """The pipeline ran to its end, and the code did not pass."""

    exit_code = 1


class UsageError(PipelineError):
    """The command line asks for something that cannot be done."""

    exit_code = 2


@dataclass(frozen=True, kw_only=True)
class ConfigMistake:
    """One mistake in pipeline.yaml, with the place where it is."""

    path: str
    found: str
    todo: str

    def __str__(self) -> str:
        return f"{self.path}: {_sentence(self.found)} {_sentence(self.todo)}".rstrip()

    def to_dict(self) -> dict[str, str]:
        """Return the mistake as JSON-ready values."""
        return {"path": self.path, "found": self.found, "todo": self.todo}


class ConfigError(UsageError):
    """pipeline.yaml has mistakes; all of them are listed at once."""

    def __init__(
        self, mistakes: tuple[ConfigMistake, ...], *, source: str = "pipeline.yaml"
    ) -> None:
        amount = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        super().__init__(f"read {source}", amount, "Correct the file and run again")
        # Exceptions are rebuilt from their args when they are copied or pickled.
        self.args = (mistakes,)
        self.mistakes = mistakes

    def __str__(self) -> str:
        listed = "".join(f"\n  {mistake}" for mistake in self.mistakes)
        return f"{self.doing}: {self.found}.{listed}"

    def to_dict(self) -> dict[str, object]:
        """Return the error with all its mistakes as JSON-ready values."""
        return {
            **super().to_dict(),
            "mistakes": [mistake.to_dict() for mistake in self.mistakes],
        }


class InfrastructureError(PipelineError):
    """Something around the pipeline failed; the code itself was not judged."""

    exit_code = 3


class EngineUnavailable(InfrastructureError):
    """No Dagger engine could be found or started."""


class EngineLost(InfrastructureError):
    """The engine went away in the middle of a run."""


class DiskFull(InfrastructureError):
    """The engine or this machine has no space left."""


class NetworkUnreachable(InfrastructureError):
    """A registry, mirror or host did not answer."""


class RolledBack(PipelineError):
    """The new release failed its verification; the previous one serves again."""

    exit_code = 4


class RollbackFailed(PipelineError):
    """The new release failed, and so did the way back: a person must look now."""

    exit_code = 5


def _sentence(text: str) -> str:
    """Return the text with exactly one mark at its end; nothing stays nothing."""
    stripped = text.strip()
    if not stripped or stripped[-1] in ".!?":
        return stripped
    return f"{stripped}."
