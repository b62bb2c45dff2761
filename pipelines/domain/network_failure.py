"""Read from the output of configuring which downloads the network refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipelines.domain.terminal import strip_ansi

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["NetworkFailure", "network_failures"]

# Source: libcurl-errors(3). An HTTP status (22) is an answer, so the network works.
_NETWORK_CODES = frozenset({5, 6, 7, 16, 18, 28, 35, 52, 55, 56, 60, 92, 95})
# Bounded lengths keep the search linear on any text.
_URL = r"\b[a-zA-Z][a-zA-Z0-9+.-]{0,15}://[^\s'\"<>\]]+"
_CREDENTIALS = re.compile(r"(://)[^/\s'\"]*@")
_QUERY = re.compile(rf"({_URL})", re.ASCII)

_EVENT = re.compile(
    # git over HTTP
    rf"unable to access '(?P<git>{_URL})': (?P<git_detail>[^\n]+)"
    # git over SSH
    r"|ssh: (?P<ssh_detail>(?:Could not resolve hostname |connect to host )(?P<ssh>[^\s:]+)[^\n]*)"
    # ExternalProject and FetchContent with a URL
    rf"|error: downloading '(?P<url>{_URL})' failed\s+status_code: (?P<code>\d+)"
    r"\s+status_string: \"(?P<url_detail>[^\"]*)\""
    # file(DOWNLOAD): its status as a list, with or without the address before it
    rf"|(?:(?P<file>{_URL})"
    r"[^\[\]]{0,200}?)?status:\s+\[(?P<status>\d+);\"(?P<file_detail>[^\"]*)\"\]"
    # curl, in any other words
    r"|(?P<detail>Could not resolve (?:host|proxy): (?P<host>[^\s;]+)"
    r"|Failed to connect to (?P<peer>\S+) port \d+[^\n]*)"
)


@dataclass(frozen=True, kw_only=True)
class NetworkFailure:
    """A download that the network refused.

    ``target`` is the address, or the host where the tool names no more, or the command that
    downloads. Neither it nor ``detail`` carries credentials or a query.
    """

    target: str
    detail: str


def network_failures(output: str) -> tuple[NetworkFailure, ...]:
    """Return the failed downloads, each host once; any text is accepted."""
    kept: dict[str, NetworkFailure] = {}
    for failure in _events(strip_ansi(output)):
        host = _host(failure.target)
        if host not in kept:
            kept[host] = failure
    return tuple(kept.values())


def _events(output: str) -> Iterator[NetworkFailure]:
    for event in _EVENT.finditer(output):
        code = event["code"] or event["status"]
        if code is not None and int(code) not in _NETWORK_CODES:
            continue
        detail = event["git_detail"] or event["ssh_detail"] or event["url_detail"]
        detail = detail or event["file_detail"] or event["detail"] or ""
        if event["git"] and re.search(r"returned error: 4(?!08|29)\d\d", detail):
            continue
        named = (event[key] for key in ("git", "url", "file", "ssh", "host", "peer"))
        target = next((each for each in named if each), None) or _asking(output, event.start())
        yield NetworkFailure(
            target=_public(target).rstrip(":.,;)"), detail=_public(" ".join(detail.split()))
        )


def _asking(output: str, end: int) -> str:
    """Return the place of the command that downloads, for file(DOWNLOAD) names no address."""
    start = output.rfind("CMake Error at ", 0, end)
    place = re.compile(r"CMake Error at ([^\n]+) \(file\):").match(output, max(start, 0))
    return f"file(DOWNLOAD) in {place[1]}" if place else ""


def _public(text: str) -> str:
    """Take user names, passwords and queries (signed links have tokens there) out of URLs."""
    without = _CREDENTIALS.sub(r"\1", text)
    return _QUERY.sub(lambda found: re.split(r"[?#]", found[1])[0], without)


def _host(target: str) -> str:
    if "://" not in target:
        return target
    try:
        return urlsplit(target).hostname or target
    except ValueError:  # brackets that are no IPv6 address
        return target
