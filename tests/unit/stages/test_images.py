"""The catalogue of images: by name and digest, or a reference as it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from pipelines.errors import ConfigError, UsageError
from pipelines.stages.images import IMAGES_VARIABLE, load_catalogue, resolve_image

if TYPE_CHECKING:
    from pathlib import Path

CATALOGUE = {"debian": "d@sha256:1", "debian-trixie": "t@sha256:2", "ubuntu-24.04": "u@sha256:3"}


def test_our_own_catalogue_pins_everything() -> None:
    """Each image that ships with the pipelines has a tag and a digest."""
    for name, reference in load_catalogue({}).items():
        assert re.fullmatch(r"[a-z]+:[a-z0-9.-]+@sha256:[0-9a-f]{64}", reference), name


@pytest.mark.parametrize(
    "text", ['{"images": {"debian": "own@sha256:9"}}', "images: {debian: own@sha256:9}"]
)
def test_another_catalogue_replaces_single_images(tmp_path: Path, text: str) -> None:
    """PIPELINES_IMAGES, as JSON or YAML, wins for the names it has."""
    file = tmp_path / "images"
    file.write_text(text)
    catalogue = load_catalogue({IMAGES_VARIABLE: str(file)})
    assert catalogue["debian"] == "own@sha256:9"
    assert catalogue["ubuntu-24.04"] == load_catalogue({})["ubuntu-24.04"]


@pytest.mark.parametrize("text", [None, "", "[]", "images: [a]", "images: :", "other: {}", "\x00"])
def test_a_catalogue_that_is_none_is_told(tmp_path: Path, text: str | None) -> None:
    """A missing or malformed file is a mistake of the caller, with the file's name."""
    file = tmp_path / "images.yaml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(UsageError, match=re.escape(str(file))):
        load_catalogue({IMAGES_VARIABLE: str(file)})


def test_a_name_stands_for_its_reference() -> None:
    """Names of the catalogue become references by digest."""
    assert resolve_image("ubuntu-24.04", CATALOGUE) == "u@sha256:3"


@pytest.mark.parametrize(
    "reference",
    ["debian:bookworm-slim", "ghcr.io/acme/build", "localhost:5000/x", "x@sha256:" + "a" * 64],
)
def test_a_reference_stays_what_it_is(reference: str) -> None:
    """Any image with a tag, a digest or a registry can be used."""
    assert resolve_image(reference, CATALOGUE) == reference


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("debain", "Did you mean debian?"),
        ("ubuntu-24", "Did you mean ubuntu-24.04?"),
        ("xyz", "Known names: debian, debian-trixie, ubuntu-24.04"),
    ],
)
def test_an_unknown_name_gets_a_hint(name: str, hint: str) -> None:
    """A name that is nearly right is answered with the right one, any other with all names."""
    with pytest.raises(ConfigError) as caught:
        resolve_image(name, CATALOGUE)
    assert hint in str(caught.value)
    (mistake,) = caught.value.mistakes
    assert mistake.path == "toolchain.image"
    assert name in mistake.found
