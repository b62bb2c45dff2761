"""Logging."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from pipelines.domain.redaction import Redactor
from pipelines.logs import configure, get_logger

if TYPE_CHECKING:
    from collections.abc import Iterator


class Terminal(io.StringIO):
    """A stream that a person watches."""

    def isatty(self) -> bool:
        """Say that it is a terminal."""
        return True


@pytest.fixture(autouse=True)
def _plain_structlog() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def events(stream: io.StringIO) -> list[dict[str, Any]]:
    """Return the JSON events of a stream."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_file_gets_lines_of_json() -> None:
    """Where nobody watches, each event is one JSON object with its facts."""
    stream = io.StringIO()
    configure(verbosity=1, stream=stream)
    get_logger(run_id="r1").info("build.finished", elapsed_s=4.2, text="two\nlines")
    (event,) = events(stream)
    assert event.pop("timestamp").endswith("Z")
    assert event == {
        "event": "build.finished",
        "level": "info",
        "run_id": "r1",
        "elapsed_s": 4.2,
        "text": "two\nlines",
    }


def test_a_terminal_gets_text() -> None:
    """Where a person watches, events are readable lines."""
    stream = Terminal()
    configure(verbosity=1, stream=stream)
    get_logger().info("build.finished", elapsed_s=4.2)
    assert "build.finished" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


def test_colour_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR is obeyed on a terminal."""
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    configure(stream=stream)
    get_logger().warning("careful")
    assert "\x1b" not in stream.getvalue()


@pytest.mark.parametrize("as_json", [True, False])
def test_the_form_can_be_forced(*, as_json: bool) -> None:
    """The form does not depend on the stream when it is asked for."""
    stream = io.StringIO() if not as_json else Terminal()
    configure(json=as_json, stream=stream)
    get_logger().error("boom")
    assert stream.getvalue().startswith("{") is as_json


@pytest.mark.parametrize(
    ("verbosity", "shown"),
    [
        (-1, ["warning", "error"]),
        (0, ["warning", "error"]),
        (1, ["info", "warning", "error"]),
        (2, ["debug", "info", "warning", "error"]),
        (9, ["debug", "info", "warning", "error"]),
    ],
)
def test_verbosity_decides_what_is_shown(verbosity: int, shown: list[str]) -> None:
    """Quiet by default; each step shows more."""
    stream = io.StringIO()
    configure(verbosity=verbosity, stream=stream)
    log = get_logger()
    for level in ("debug", "info", "warning", "error"):
        getattr(log, level)("event")
    assert [event["level"] for event in events(stream)] == shown


@pytest.mark.parametrize("as_json", [True, False])
def test_secrets_never_reach_the_stream(*, as_json: bool) -> None:
    """Keys, values, context and the texts of exceptions are redacted."""
    stream = io.StringIO()
    configure(json=as_json, redactor=Redactor(["hunter22"]), stream=stream)
    with structlog.contextvars.bound_contextvars(user="hunter22"):
        try:
            raise ValueError("refused: hunter22")
        except ValueError:
            facts: dict[str, object] = {"hunter22": "x", "deep": {"a": ["hunter22"]}, "n": 3}
            get_logger().exception("login hunter22", **facts)
    assert "hunter22" not in stream.getvalue()
    assert "ValueError: refused: ***" in stream.getvalue()


def test_a_secret_that_looks_like_a_key_does_not_break_the_form() -> None:
    """An unlucky secret leaves the events readable."""
    stream = io.StringIO()
    configure(redactor=Redactor(["event", "level"]), stream=stream)
    get_logger().warning("careful")
    (event,) = events(stream)
    assert (event["event"], event["level"]) == ("careful", "warning")


def test_standard_error_is_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    """Results own standard output; logs go to standard error."""
    configure()
    get_logger().warning("careful")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "careful" in captured.err
