"""The catalogue of images, by name and digest."""

from __future__ import annotations

import difflib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from pipelines.errors import ConfigError, ConfigMistake, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["IMAGES_VARIABLE", "load_catalogue", "resolve_image"]

IMAGES_VARIABLE = "PIPELINES_IMAGES"
CATALOGUE = Path(__file__).parent.parent / "images.yaml"
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")


def load_catalogue(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return references by name: ours, with those of PIPELINES_IMAGES in their place.

    Raises:
        UsageError: PIPELINES_IMAGES names a file that cannot be read.
    """
    environ = os.environ if environ is None else environ
    catalogue = _read(CATALOGUE)
    if override := environ.get(IMAGES_VARIABLE):
        catalogue |= _read(Path(override))
    return catalogue


def resolve_image(name: str, catalogue: Mapping[str, str]) -> str:
    """Return the reference of a catalogue name; a reference stays what it is.

    Raises:
        ConfigError: It is neither a name of the catalogue nor a reference with a tag or digest.
    """
    if name in catalogue:
        return catalogue[name]
    if not _NAME.fullmatch(name):
        return name
    near = difflib.get_close_matches(name, catalogue, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]}?" if near else f"Known names: {', '.join(sorted(catalogue))}"
    mistake = ConfigMistake(
        path="toolchain.image",
        found=f"`{name}` is no image of the catalogue, and has no tag or digest",
        todo=f"{hint.removesuffix('.')} A full reference such as debian:bookworm-slim works too",
    )
    raise ConfigError((mistake,))


def _read(path: Path) -> dict[str, str]:
    try:
        content = yaml.safe_load(path.read_text())
        images = content["images"]
        return {str(name): str(reference) for name, reference in images.items()}
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"read the image catalogue {path}",
            f"it is not a file with a mapping `images` ({type(error).__name__})",
            f"Correct the file, or unset {IMAGES_VARIABLE}",
        ) from error
