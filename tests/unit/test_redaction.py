"""Keeping secrets out of texts and values."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from pipelines.domain.redaction import Redactor

SECRET = "s3cr3t/+pässwörd=\"'&"  # noqa: S105 - it opens nothing

KEY = """\
-----BEGIN EXAMPLE-----
bm90IGEga2V5LCBidXQgYXMgbG9uZyBhcyBvbmU=
YW5vdGhlciBsaW5lIG9mIGl0
-----END EXAMPLE-----
"""


@pytest.mark.parametrize(
    "shown",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
        "s3cr3t/+pässwörd=\\\"'&",
        "s3cr3t/+p\\u00e4ssw\\u00f6rd=\\\"'&",
        "s3cr3t/+pässwörd=&quot;&apos;&amp;",
    ],
)
def test_each_form_of_a_secret_is_masked(shown: str) -> None:
    """A secret is masked as it is, and as URLs, base64, JSON and XML show it."""
    assert Redactor([SECRET]).redact(f"before {shown} after") == "before *** after"


@pytest.mark.parametrize("user", ["u", "us", "user", "someone"])
def test_basic_authentication_is_masked(user: str) -> None:
    """A password inside a base64 text is masked, wherever it begins."""
    header = base64.b64encode(f"{user}:{SECRET}!".encode()).decode()
    redacted = Redactor([SECRET]).redact(f"Authorization: Basic {header}")
    assert "***" in redacted
    assert header[8:-4] not in redacted


def test_lower_case_percent_encoding_is_masked() -> None:
    """Programs that write %2f instead of %2F do not leak."""
    assert Redactor(["a/b/c+d"]).redact("x=a%2fb%2fc%2bd&") == "x=***&"


def test_secrets_of_many_lines_are_masked_line_by_line() -> None:
    """A key is masked even when a tool indents its lines, or wraps its base64."""
    redactor = Redactor([KEY])
    indented = "\n".join(f"    {line}" for line in KEY.splitlines())
    assert redactor.redact(indented) == "\n".join(["    ***"] * 4)
    wrapped = base64.encodebytes(KEY.encode()).decode()
    shown = redactor.redact(wrapped)
    assert all(line not in shown for line in wrapped.splitlines())


def test_secrets_within_secrets_and_overlaps_are_masked() -> None:
    """Neither a secret inside another nor two that overlap leave a rest."""
    redactor = Redactor(["pass", "password", "wordsmith"])
    assert redactor.redact("password passing wordsmith passwordsmith") == "*** ***ing *** ***"


def test_masks_cannot_complete_a_secret() -> None:
    """A secret that holds stars is masked even if a mask completes it."""
    redactor = Redactor(["hidden", "ab**"])
    assert "ab**" not in redactor.redact("abhidden")


@pytest.mark.parametrize("secret", ["", "abc", "   ", "a\nb\nc"])
def test_short_secrets_are_left_alone(secret: str) -> None:
    """Values below four characters would shred every text."""
    assert Redactor([secret]).redact("abc abcabc\na") == "abc abcabc\na"


def test_values_are_redacted_throughout() -> None:
    """Mappings, lists, bytes, numbers and objects are searched as well."""
    redactor = Redactor(["hunter22", "12345"])
    value = {
        "hunter22": ["hunter22", {"deep": ("x hunter22",)}],
        "bytes": b"hunter22",
        "error": ValueError("hunter22"),
        "number": 12345,
        "fine": [1, 2.5, True, None],
        7: "x",
    }
    assert redactor.redact_value(value) == {
        "***": ["***", {"deep": ["x ***"]}],
        "bytes": "***",
        "error": "***",
        "number": "***",
        "fine": [1, 2.5, True, None],
        7: "x",
    }
