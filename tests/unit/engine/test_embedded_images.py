"""Images and SDK of the embedded engine: made once, named by digest, filled with the catalogue."""

from __future__ import annotations

import gzip
import io
import json
import re
import tarfile
from typing import TYPE_CHECKING

import anyio
import pytest

from pipelines.engine.embedded_images import (
    BASE_IMAGE,
    IMAGE_RECIPES,
    REGISTRY,
    make_image,
    make_sdk_content,
)
from pipelines.engine.paths import DataFolder
from pipelines.stages.images import load_catalogue
from tests.unit.fakes import RecordingProgress

if TYPE_CHECKING:
    from pathlib import Path

IMAGES = {BASE_IMAGE: f"{REGISTRY}/library/debian:bookworm-slim@sha256:{'a' * 64}"}


def sdk_files(layout: Path) -> dict[str, bytes]:
    """Unpack the one layer of a layout."""
    manifest = json.loads((layout / "index.json").read_text())["manifests"][0]
    blobs = layout / "blobs" / "sha256"
    (layer,) = json.loads((blobs / manifest["digest"][7:]).read_text())["layers"]
    packed = io.BytesIO(gzip.decompress((blobs / layer["digest"][7:]).read_bytes()))
    with tarfile.open(fileobj=packed) as archive:
        streams = {each.name: archive.extractfile(each) for each in archive}
        return {name: stream.read() for name, stream in streams.items() if stream}


def put_root(data: DataFolder, name: str, content: bytes) -> Path:
    """Lay down the root file system of an image, as if it had been made already."""
    root = IMAGE_RECIPES[name].root
    tar = data.cache / root.name / f"{root.key}.tar"
    tar.parent.mkdir(parents=True)
    tar.write_bytes(content)
    return tar


def test_an_image_is_packed_once(tmp_path: Path) -> None:
    """The tar file becomes a layout and is deleted; the second time nothing is done."""
    data = DataFolder(root=tmp_path)
    tar = put_root(data, "debian", b"root")
    progress = RecordingProgress()
    image = anyio.run(make_image, "debian", data, progress)
    assert not tar.exists()
    assert re.fullmatch(
        r"127\.0\.0\.1:5000/library/debian:bookworm-slim@sha256:[0-9a-f]{64}", image.reference
    )
    assert progress.names == [("started", "debian image"), ("finished", "debian image")]
    assert anyio.run(make_image, "debian", data, progress) == image
    assert len(progress.events) == 2


def test_a_half_packed_image_is_packed_again(tmp_path: Path) -> None:
    """What an interrupted run left beside the layout is thrown away."""
    data = DataFolder(root=tmp_path)
    put_root(data, "debian", b"root")
    folder = data.cache / "images" / "debian" / f"{IMAGE_RECIPES['debian'].root.key}.partial"
    folder.mkdir(parents=True)
    (folder / "blobs").write_text("half")
    image = anyio.run(make_image, "debian", data, RecordingProgress())
    assert (image.layout / "index.json").is_file()
    assert not folder.exists()


@pytest.mark.parametrize("name", sorted(IMAGE_RECIPES))
def test_each_recipe_stands_in_for_an_image_of_the_catalogue(name: str) -> None:
    """The embedded engine answers to the upstream names that pipelines use elsewhere."""
    recipe = IMAGE_RECIPES[name]
    upstream = load_catalogue({})[name]
    assert upstream.startswith(f"{recipe.repository.removeprefix('library/')}:{recipe.tag}@sha256:")


def test_the_sdk_knows_the_images(tmp_path: Path) -> None:
    """The runtime starts from the base image by digest, and carries the whole catalogue."""
    sdk = make_sdk_content(IMAGES, DataFolder(root=tmp_path))
    files = sdk_files(sdk.layout)
    recipe = files["runtime/main.dang"].decode()
    assert IMAGES[BASE_IMAGE] in recipe
    assert "@PYTHON_IMAGE@" not in recipe
    assert json.loads(files["images.json"]) == {"images": IMAGES}
    assert {"runtime.py", "install.py", "runtime/dagger.json"} <= set(files)


def test_the_sdk_is_made_anew_exactly_when_the_images_change(tmp_path: Path) -> None:
    """The same catalogue gives the same digest; one more image gives another."""
    data = DataFolder(root=tmp_path)
    first = make_sdk_content(IMAGES, data)
    assert make_sdk_content(dict(IMAGES), data) == first
    more = make_sdk_content({**IMAGES, "other": "x@sha256:b"}, data)
    assert more.digest != first.digest
    assert first.layout.is_dir()
