"""Keep secrets out of everything that is printed or written."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from itertools import product
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape as escape_xml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["MASK", "Redactor"]

MASK = "***"
"""What stands where a secret was."""

MIN_LENGTH = 4
"""Shorter values are left alone: masking them would shred every text."""

WRAPS = (64, 76)
"""Where PEM files and the base64 program break their lines."""

_PERCENT = re.compile(r"%[0-9A-F]{2}")
_URL_SAFE = str.maketrans("+/", "-_")


class Redactor:
    """Replace secrets by ``***``: as they are, and in the forms they travel in.

    The forms are base64 (as a whole, and inside a longer text, in both alphabets),
    percent-encoding, JSON and XML escapes, and the single lines of a secret of many lines. Values
    and lines below four characters are not masked.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets for form in _forms(secret)}
        # Long ones first: a secret inside another must not leave the rest of it behind.
        self._forms = sorted(forms, key=lambda form: (-len(form), form))
        alternatives = "|".join(re.escape(form) for form in self._forms)
        # A look-ahead finds matches that overlap; a plain search would miss the second.
        self._pattern = re.compile(f"(?=({alternatives}))") if alternatives else None

    def redact(self, text: str) -> str:
        """Return the text without secrets. No secret is left, however they overlap."""
        # A mask can complete a secret that holds stars itself, hence the repetition. It
        # ends, because every secret is longer than the mask that replaces it.
        while self._pattern is not None and self._hides(text):
            text = _cover(text, self._pattern)
        return text

    def redact_value(self, value: object) -> object:
        """Return the value with every text in it redacted, in mappings and sequences too."""
        if isinstance(value, str):
            return self.redact(value)
        if isinstance(value, bytes):
            return self.redact(value.decode("utf-8", "replace"))
        if isinstance(value, Mapping):
            return self._redact_mapping(value)
        if isinstance(value, list | tuple | set | frozenset):
            return [self.redact_value(item) for item in value]
        if value is None or isinstance(value, bool | int | float):
            return self.redact_value(str(value)) if self._hides(str(value)) else value
        return self.redact(str(value))

    def _redact_mapping(self, mapping: Mapping[object, object]) -> dict[object, object]:
        return {
            self.redact_value(key) if isinstance(key, str) else key: self.redact_value(value)
            for key, value in mapping.items()
        }

    def _hides(self, text: str) -> bool:
        return any(form in text for form in self._forms)


def _forms(secret: str) -> Iterator[str]:
    for plain in {secret, secret.strip(), *(line.strip() for line in secret.splitlines())}:
        if len(plain) >= MIN_LENGTH:
            yield plain
            yield from _escaped_forms(plain)
            yield from _base64_forms(plain.encode("utf-8", "surrogatepass"))


def _escaped_forms(plain: str) -> Iterator[str]:
    for encoded in (
        quote(plain, safe="", errors="replace"),
        quote(plain, errors="replace"),
        quote_plus(plain, errors="replace"),
    ):
        yield encoded
        yield _PERCENT.sub(lambda escape: escape[0].lower(), encoded)
    yield json.dumps(plain)[1:-1]
    yield json.dumps(plain, ensure_ascii=False)[1:-1]
    yield escape_xml(plain)
    yield escape_xml(plain, {'"': "&quot;", "'": "&apos;"})


def _base64_forms(data: bytes) -> Iterator[str]:
    """Yield what base64 shows of the data, at each of the three offsets it may have.

    ``user:password`` in an Authorization header holds the password at some offset. The
    characters at both ends depend on the neighbours, so only the ones between count.
    """
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + data).decode("ascii")
        core = encoded[(offset * 8 + 5) // 6 : (offset + len(data)) * 8 // 6]
        shown = [core]
        if offset == 0:
            shown.append(encoded)
            for text, width in product((core, encoded), WRAPS):
                shown += [text[at : at + width] for at in range(0, len(text), width)]
        for form in shown:
            if len(form) >= MIN_LENGTH:
                yield form
                yield form.translate(_URL_SAFE)


def _cover(text: str, pattern: re.Pattern[str]) -> str:
    parts: list[str] = []
    position = 0
    for start, end in _merge(match.span(1) for match in pattern.finditer(text)):
        parts += [text[position:start], MASK]
        position = end
    return "".join([*parts, text[position:]])


def _merge(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Join spans that overlap; the spans come in the order of their starts."""
    current: tuple[int, int] | None = None
    for start, end in spans:
        if current is None:
            current = (start, end)
        elif start < current[1]:
            current = (current[0], max(current[1], end))
        else:
            yield current
            current = (start, end)
    if current is not None:
        yield current
