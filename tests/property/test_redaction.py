"""No secret gets through, whatever it is and wherever it stands."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from hypothesis import given
from hypothesis import strategies as st

from pipelines.domain.redaction import MIN_LENGTH, Redactor

if TYPE_CHECKING:
    from collections.abc import Iterator

# Few letters make secrets that overlap and contain one another.
dense = st.text(alphabet="ab*", min_size=MIN_LENGTH, max_size=8)
wide = st.text(st.characters(codec="utf-8"), min_size=MIN_LENGTH, max_size=20).filter(
    lambda text: len(text.strip()) >= MIN_LENGTH
)
secrets = st.lists(dense | wide, min_size=1, max_size=4)


def leaves(value: object) -> Iterator[str]:
    """Yield every text in a value, keys included."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(key)
            yield from leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)
    else:
        yield str(value)


@given(secrets, st.data())
def test_no_secret_is_left(values: list[str], data: st.DataObject) -> None:
    """Secrets in any order, overlapping and inside one another are all masked."""
    pieces = st.sampled_from([*values, *(value[:-1] for value in values), " ", "a", "b", "*"])
    text = "".join(data.draw(st.lists(pieces, max_size=12)))
    redacted = Redactor(values).redact(text)
    for value in values:
        assert value not in redacted
        for line in value.splitlines():
            assert len(line.strip()) < MIN_LENGTH or line.strip() not in redacted


@given(secrets, st.text(max_size=8), st.text(max_size=8))
def test_no_encoded_secret_is_left(values: list[str], before: str, after: str) -> None:
    """The forms that secrets travel in are masked too."""
    redactor = Redactor(values)
    for value in values:
        raw = value.encode()
        for form in (
            base64.b64encode(raw).decode(),
            base64.urlsafe_b64encode(raw).decode(),
            quote(value, safe=""),
            quote_plus(value),
            json.dumps(value)[1:-1],
        ):
            assert form not in redactor.redact(before + form + after)


@given(secrets, st.text(max_size=60))
def test_redaction_is_stable(values: list[str], text: str) -> None:
    """Redacting twice changes nothing more."""
    redactor = Redactor(values)
    once = redactor.redact(text)
    assert redactor.redact(once) == once


@given(st.text(max_size=200))
def test_without_secrets_nothing_changes(text: str) -> None:
    """A redactor without secrets leaves every text alone."""
    assert Redactor().redact(text) == text


@given(
    secrets,
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.binary(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
        ),
        max_leaves=8,
    ),
)
def test_values_never_raise(values: list[str], value: object) -> None:
    """Any value can be redacted, and shows no secret afterwards."""
    redacted = Redactor(values).redact_value([value, *values])
    for secret in values:
        assert all(secret not in leaf for leaf in leaves(redacted))
