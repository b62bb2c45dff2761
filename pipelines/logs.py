"""Logging: constant events with facts as keys, on standard error, without secrets."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TextIO, cast

import structlog

from pipelines.domain.redaction import Redactor

if TYPE_CHECKING:
    from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

__all__ = ["configure", "get_logger"]

_WARNING, _INFO, _DEBUG = 30, 20, 10
_LEVELS = (_WARNING, _INFO, _DEBUG)


def configure(
    *,
    verbosity: int = 0,
    json: bool | None = None,
    redactor: Redactor | None = None,
    stream: TextIO | None = None,
) -> None:
    """Set logging up for this process; a second call replaces the first.

    Args:
        verbosity: 0 shows warnings and errors, 1 adds what happens, 2 adds details.
        json: Whether each event is a line of JSON; None means unless a person watches,
            that is, unless the stream is a terminal.
        redactor: Applied to every key and value, and to the texts of exceptions.
        stream: Standard error when None.
    """
    target = sys.stderr if stream is None else stream
    as_json = not target.isatty() if json is None else json
    level = _LEVELS[max(0, min(verbosity, len(_LEVELS) - 1))]
    processors: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        # Exceptions become text before the redaction, which would not see them otherwise.
        structlog.processors.format_exc_info,
        _Redaction(redactor or Redactor()),
        _renderer(as_json=as_json, colors=target.isatty() and "NO_COLOR" not in os.environ),
    ]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(target),
        cache_logger_on_first_use=False,
    )


def get_logger(**facts: object) -> FilteringBoundLogger:
    """Return a logger that adds the facts to each of its events."""
    return cast("FilteringBoundLogger", structlog.get_logger(**facts))


class _Redaction:
    """The processor that hides secrets in a whole event."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        redacted = {
            self._redactor.redact(str(key)): self._redactor.redact_value(value)
            for key, value in event.items()
        }
        # The renderers need their own keys, even if one of them looks like a secret.
        for key in ("event", "level", "timestamp"):
            if key in event:
                redacted[key] = self._redactor.redact_value(event[key])
        return redacted


def _renderer(*, as_json: bool, colors: bool) -> Processor:
    if as_json:
        return structlog.processors.JSONRenderer(sort_keys=False)
    return structlog.dev.ConsoleRenderer(
        colors=colors, exception_formatter=structlog.dev.plain_traceback
    )
