"""The images that the embedded engine makes for itself, because no image registry is needed."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import anyio.to_thread

from pipelines.engine.content_key import key_of, tree_entries
from pipelines.engine.oci_layout import ImageConfig, tar_of_tree, write_layout
from pipelines.engine.root_file_system import RootRecipe, make_root
from pipelines.progress import Progress, phase

if TYPE_CHECKING:
    from pipelines.engine.paths import DataFolder

__all__ = [
    "BASE_IMAGE",
    "IMAGE_RECIPES",
    "REGISTRY",
    "SDK_SOURCE",
    "EmbeddedImage",
    "SdkContent",
    "make_image",
    "make_sdk_content",
]

# Source: the listening address in registry_config(); it is the engine's own loopback.
REGISTRY = "127.0.0.1:5000"
SDK_SOURCE = Path(__file__).parent.parent / "embedded" / "sdk"
BASE_IMAGE = "debian"


@dataclass(frozen=True, kw_only=True)
class ImageRecipe:
    """What an image of the catalogue is made of here, and the upstream name it answers to."""

    repository: str
    tag: str
    root: RootRecipe


IMAGE_RECIPES = {
    "debian": ImageRecipe(
        repository="library/debian",
        tag="bookworm-slim",
        root=RootRecipe(name="debian-bookworm", suite="bookworm", archive=True),
    ),
    "debian-trixie": ImageRecipe(
        repository="library/debian",
        tag="trixie-slim",
        root=RootRecipe(name="debian-trixie", suite="trixie", archive=True),
    ),
}


@dataclass(frozen=True, kw_only=True)
class EmbeddedImage:
    """An image in the data folder, ready to be pushed into the engine's registry."""

    name: str
    layout: Path
    repository: str
    tag: str
    digest: str

    @property
    def reference(self) -> str:
        """The reference under which containers of the engine start from it."""
        return f"{REGISTRY}/{self.repository}:{self.tag}@{self.digest}"


async def make_image(name: str, data: DataFolder, progress: Progress) -> EmbeddedImage:
    """Return an image of the catalogue as an OCI layout; make it when it is not there yet."""
    recipe = IMAGE_RECIPES[name]
    layout = data.cache / "images" / name / recipe.root.key
    if not layout.is_dir():
        tar = await make_root(recipe.root, data, progress)
        with phase(progress, f"{name} image", "packing"):
            await anyio.to_thread.run_sync(_pack, tar, layout, recipe.tag)
        tar.unlink()
    index = json.loads((layout / "index.json").read_text())
    return EmbeddedImage(
        name=name,
        layout=layout,
        repository=recipe.repository,
        tag=recipe.tag,
        digest=index["manifests"][0]["digest"],
    )


@dataclass(frozen=True, kw_only=True)
class SdkContent:
    """The OCI layout that the engine reads its builtin Python SDK from."""

    layout: Path
    digest: str


def make_sdk_content(images: dict[str, str], data: DataFolder) -> SdkContent:
    """Pack the Python SDK together with the catalogue of the embedded images.

    Args:
        images: Reference by catalogue name; must have the base image.
        data: Where the layout goes.
    """
    catalogue = json.dumps({"images": images}, sort_keys=True)
    key = key_of(catalogue, *tree_entries(SDK_SOURCE))
    layout = data.cache / "sdk" / key
    if not layout.is_dir():
        recipe = (SDK_SOURCE / "runtime" / "main.dang").read_text()
        filled = recipe.replace("@PYTHON_IMAGE@", images[BASE_IMAGE])
        extra = {"runtime/main.dang": filled.encode(), "images.json": catalogue.encode()}
        partial = layout.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        tree = tar_of_tree(SDK_SOURCE, extra)
        write_layout(tree, partial, tag="python-sdk", config=ImageConfig())
        partial.rename(layout)
    index = json.loads((layout / "index.json").read_text())
    return SdkContent(layout=layout, digest=index["manifests"][0]["digest"])


def _pack(tar: Path, layout: Path, tag: str) -> None:
    partial = layout.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    with tar.open("rb") as layer:
        write_layout(layer, partial, tag=tag, config=ImageConfig(command=("bash",)))
    partial.rename(layout)
