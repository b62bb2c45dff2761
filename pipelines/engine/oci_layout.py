"""Write OCI image layouts from tar files, byte for byte the same for the same input.

Source: OCI Image Format Specification 1.1 (image-layout.md, manifest.md, config.md).
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["ImageConfig", "tar_of_tree", "write_layout"]

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_CHUNK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class ImageConfig:
    """The part of an image's configuration that differs between our images."""

    command: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)


def write_layout(layer: IO[bytes], layout: Path, *, tag: str, config: ImageConfig) -> str:
    """Write a one-layer image and return its manifest's digest.

    Args:
        layer: An uncompressed tar stream; read once.
        layout: A new folder.
        tag: The reference name under which tools find the image in the layout.
        config: Command and labels.
    """
    blobs = layout / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    layer_descriptor, diff_id = _write_layer(layer, blobs)
    image = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Env": [_PATH], "Cmd": list(config.command), "Labels": dict(config.labels)},
        "rootfs": {"type": "layers", "diff_ids": [diff_id]},
    }
    manifest = _put(
        blobs,
        _MANIFEST,
        {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": _put(blobs, _CONFIG, image),
            "layers": [layer_descriptor],
        },
    )
    named = manifest | {"annotations": {"org.opencontainers.image.ref.name": tag}}
    (layout / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    (layout / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [named]}))
    return str(manifest["digest"])


def tar_of_tree(folder: Path, extra: Mapping[str, bytes] | None = None) -> IO[bytes]:
    """Pack a small folder, and files given by content, with owner and times normalised."""
    files = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    files |= dict(extra or {})
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            entry.mode = 0o644
            archive.addfile(entry, io.BytesIO(content))
    packed.seek(0)
    return packed


def _write_layer(layer: IO[bytes], blobs: Path) -> tuple[dict[str, object], str]:
    partial = blobs / "layer.partial"
    plain = hashlib.sha256()
    with (
        partial.open("wb") as raw,
        gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=1, mtime=0, filename="") as packed,
    ):
        while chunk := layer.read(_CHUNK):
            plain.update(chunk)
            packed.write(chunk)
    digest = _file_digest(partial)
    size = partial.stat().st_size
    partial.rename(blobs / digest)
    descriptor: dict[str, object] = {
        "mediaType": _LAYER,
        "digest": f"sha256:{digest}",
        "size": size,
    }
    return descriptor, f"sha256:{plain.hexdigest()}"


def _put(blobs: Path, media_type: str, value: object) -> dict[str, object]:
    data = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    digest = hashlib.sha256(data).hexdigest()
    (blobs / digest).write_bytes(data)
    return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}


def _file_digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
