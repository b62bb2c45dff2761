"""OCI layouts: valid by their own digests, and the same bytes for the same input."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import time
from typing import TYPE_CHECKING, Any

import pytest

from pipelines.engine.oci_layout import ImageConfig, tar_of_tree, write_layout

if TYPE_CHECKING:
    from pathlib import Path

LAYER = b"a tar stream, as far as the layout cares" * 100_000


def blob(layout: Path, descriptor: dict[str, Any]) -> bytes:
    """Read what a descriptor names, and check that it is just that."""
    algorithm, _, digest = descriptor["digest"].partition(":")
    content: bytes = (layout / "blobs" / algorithm / digest).read_bytes()
    assert hashlib.sha256(content).hexdigest() == digest
    assert len(content) == descriptor["size"]
    return content


def test_every_descriptor_fits_its_blob(tmp_path: Path) -> None:
    """Index, manifest, configuration and layer lead to one another by digest and size."""
    config = ImageConfig(command=("bash",), labels={"who": "me"})
    digest = write_layout(io.BytesIO(LAYER), tmp_path / "image", tag="v1", config=config)
    layout = tmp_path / "image"
    assert json.loads((layout / "oci-layout").read_text()) == {"imageLayoutVersion": "1.0.0"}
    (named,) = json.loads((layout / "index.json").read_text())["manifests"]
    assert named["digest"] == digest
    assert named["annotations"]["org.opencontainers.image.ref.name"] == "v1"
    manifest = json.loads(blob(layout, named))
    image = json.loads(blob(layout, manifest["config"]))
    assert image["config"]["Cmd"] == ["bash"]
    assert image["config"]["Labels"] == {"who": "me"}
    (layer,) = manifest["layers"]
    assert gzip.decompress(blob(layout, layer)) == LAYER
    assert image["rootfs"]["diff_ids"] == [f"sha256:{hashlib.sha256(LAYER).hexdigest()}"]
    there = {f"sha256:{path.name}" for path in (layout / "blobs" / "sha256").iterdir()}
    assert there == {each["digest"] for each in (named, manifest["config"], layer)}


def test_the_same_input_gives_the_same_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the time nor the place of writing is part of an image."""
    first = write_layout(io.BytesIO(LAYER), tmp_path / "a", tag="v1", config=ImageConfig())
    monkeypatch.setattr(time, "time", lambda: 1e9)
    second = write_layout(io.BytesIO(LAYER), tmp_path / "b", tag="v1", config=ImageConfig())
    assert first == second
    other = write_layout(io.BytesIO(LAYER[1:]), tmp_path / "c", tag="v1", config=ImageConfig())
    assert other != first


def test_an_existing_layout_is_not_overwritten(tmp_path: Path) -> None:
    """A folder that is there already is left as it is."""
    write_layout(io.BytesIO(b"1"), tmp_path / "a", tag="v1", config=ImageConfig())
    with pytest.raises(FileExistsError):
        write_layout(io.BytesIO(b"2"), tmp_path / "a", tag="v1", config=ImageConfig())


def test_a_tree_is_packed_without_its_circumstances(tmp_path: Path) -> None:
    """Owner, times and modes are the same for everybody; files given by content win."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "b.py").write_text("b")
    (tmp_path / "a.txt").write_text("old")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "b.pyc").write_text("noise")
    (tmp_path / "a.txt").chmod(0o600)
    extra = {"a.txt": b"new", "z": b"last"}
    with tarfile.open(fileobj=tar_of_tree(tmp_path, extra)) as archive:
        entries = archive.getmembers()
        contents = {each.name: _read(archive, each) for each in entries}
    assert contents == {"a.txt": b"new", "folder/b.py": b"b", "z": b"last"}
    assert [each.name for each in entries] == sorted(contents)
    circumstances = {(each.mtime, each.uid, each.uname, each.mode) for each in entries}
    assert circumstances == {(0, 0, "", 0o644)}


def _read(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    stream = archive.extractfile(entry)
    assert stream is not None
    return stream.read()
