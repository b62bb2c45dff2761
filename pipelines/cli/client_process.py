"""The Dagger client process of a session, started and ended by us.

`dagger session` connects to the engine and serves its API on a local port. Dagger's Python client
would start it as well, but only after its own import of a second, and would wait for its end
where nothing can interrupt it.
"""

from __future__ import annotations

import json
import os
from contextlib import asynccontextmanager
from importlib.metadata import version
from subprocess import PIPE
from typing import TYPE_CHECKING, TextIO

import anyio
from anyio.streams.buffered import BufferedByteReceiveStream

from pipelines.engine.endpoint import CLI_BIN_VARIABLE
from pipelines.errors import EngineUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from anyio.abc import Process

__all__ = ["client_process"]

# What the Python client looks for. Source: dagger-io 0.21.8, dagger/client/_session.py.
PORT_VARIABLE = "DAGGER_SESSION_PORT"
TOKEN_VARIABLE = "DAGGER_SESSION_TOKEN"  # noqa: S105 - the name of a variable
# How long the client may take to say goodbye to the engine; then it is killed.
GOODBYE_S = 2.0
# The first line names port and token; provisioning an engine with Docker may pull an image first.
CONNECT_TIMEOUT_S = 300.0
MAXIMUM_LINE = 65_536


@asynccontextmanager
async def client_process(log: TextIO) -> AsyncIterator[None]:
    """Connect to the engine that the environment names, and make the session known to Dagger.

    Raises:
        EngineUnavailable: The client could not connect; its words are in the log.
    """
    if PORT_VARIABLE in os.environ:  # inside a session of somebody else's
        yield
        return
    argv = [await _find_cli(), "session", "--label", "dagger.io/sdk.name:python"]
    argv += ["--label", f"dagger.io/sdk.version:{version('dagger-io')}"]
    # A session of its own: Ctrl-C reaches us, and we tell the client.
    process = await anyio.open_process(
        argv, stdin=PIPE, stdout=PIPE, stderr=log, start_new_session=True
    )
    try:
        parameters = await _read_parameters(process)
        os.environ[PORT_VARIABLE] = str(parameters["port"])
        os.environ[TOKEN_VARIABLE] = str(parameters["session_token"])
        yield
    finally:
        os.environ.pop(PORT_VARIABLE, None)
        os.environ.pop(TOKEN_VARIABLE, None)
        with anyio.CancelScope(shield=True):
            await _say_goodbye(process)


async def _find_cli() -> str:
    if known := os.environ.get(CLI_BIN_VARIABLE):
        return known
    # The pinned dagger-io downloads the CLI of its own version, checksum and all.
    from dagger.provisioning._download import Downloader  # noqa: PLC0415 - heavy

    return await Downloader().get()


async def _read_parameters(process: Process) -> dict[str, object]:
    if process.stdout is None:  # pragma: no cover - always a pipe here
        raise AssertionError
    with anyio.move_on_after(CONNECT_TIMEOUT_S):
        try:
            lines = BufferedByteReceiveStream(process.stdout)
            line = await lines.receive_until(b"\n", MAXIMUM_LINE)
            parameters: dict[str, object] = json.loads(line)
        except (anyio.IncompleteRead, anyio.EndOfStream, ValueError):
            pass
        else:
            return parameters
    raise EngineUnavailable(
        "connect to the engine",
        "the Dagger client did not get through to it",
        "Run again with -v to see its log, and check `pipelines engine status`",
    )


async def _say_goodbye(process: Process) -> None:
    """Closing its input asks the client to end; what it has not said by then stays unsaid."""
    if process.stdin is not None:
        await process.stdin.aclose()
    with anyio.move_on_after(GOODBYE_S):
        await process.wait()
        return
    process.kill()
    await process.wait()
