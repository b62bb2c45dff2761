"""The embedded engine: made from Go modules and Debian packages, started when it is needed."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

from pipelines.engine import embedded_process
from pipelines.engine.content_key import key_of, tree_entries
from pipelines.engine.embedded_images import (
    BASE_IMAGE,
    IMAGE_RECIPES,
    REGISTRY,
    SDK_SOURCE,
    EmbeddedImage,
    SdkContent,
    make_image,
    make_sdk_content,
)
from pipelines.engine.embedded_process import EngineProcess, launch, running_engine
from pipelines.engine.endpoint import (
    CLI_BIN_VARIABLE,
    RUNNER_HOST_VARIABLE,
    EngineEndpoint,
    EngineKind,
)
from pipelines.engine.go_tools import ENGINE_TOOLS, build_go_tools, go_tools_folder
from pipelines.engine.locking import exclusive
from pipelines.engine.process import run_command
from pipelines.engine.requirements import check_machine, read_machine_facts
from pipelines.engine.root_file_system import ENGINE_ROOT, make_root
from pipelines.progress import Progress, phase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipelines.engine.paths import DataFolder

__all__ = ["EmbeddedParts", "ensure_embedded_engine", "stop_embedded_engine"]

SCRIPTS = Path(__file__).parent.parent / "embedded"
# The engine's own garbage collection keeps its layers and cache volumes below this.
MAXIMUM_STATE = "30GB"


@dataclass(frozen=True, kw_only=True)
class EmbeddedParts:
    """Everything that an engine is started from."""

    binaries: Path
    rootfs: Path
    images: tuple[EmbeddedImage, ...]
    sdk: SdkContent

    @property
    def key(self) -> str:
        """Change when a running engine would have to be replaced."""
        # One more image alone is no reason to interrupt a running engine.
        scripts = [path.read_bytes() for path in sorted(SCRIPTS.glob("*.sh"))]
        sdk = tree_entries(SDK_SOURCE)
        return key_of(
            str(self.binaries), str(self.rootfs), self.catalogue[BASE_IMAGE], *scripts, *sdk
        )

    @property
    def catalogue(self) -> dict[str, str]:
        """Reference by catalogue name, for PIPELINES_IMAGES."""
        return {image.name: image.reference for image in self.images}


async def ensure_embedded_engine(
    data: DataFolder, progress: Progress, *, images: Sequence[str] = ()
) -> EngineEndpoint:
    """Return a running embedded engine; build, start or replace it as needed.

    Args:
        data: Where its parts and its state live.
        progress: Hears of every phase that takes time.
        images: Catalogue images that are wanted beside the base image.

    Raises:
        EngineUnavailable: This machine lacks something, or the engine did not start.
        NetworkUnreachable: A part could not be downloaded.
    """
    # Before the lock, too: the file of the lock needs a folder that may not be ours to make.
    check_machine(read_machine_facts(data), parts_exist=True)
    async with exclusive(data.lock, progress):
        parts = await _make_parts(data, progress, images)
        process = running_engine(data)
        if process is not None and process.key != parts.key:
            with phase(progress, "engine: stop", "it runs an older version of its parts"):
                await embedded_process.stop(data)
            process = None
        if process is not None and not await embedded_process.answers(data, process):
            # What is left of a start that was killed.
            await embedded_process.stop(data)
            process = None
        if process is None:
            process = await _start(parts, data, progress)
        await _push_images(parts, data, process, progress)
        catalogue = data.instance / "images.json"
        catalogue.write_text(json.dumps({"images": parts.catalogue}))
    return EngineEndpoint(
        kind=EngineKind.EMBEDDED,
        description=f"embedded engine (process {process.pid}, {data.instance})",
        environment={
            RUNNER_HOST_VARIABLE: f"unix://{data.socket}",
            CLI_BIN_VARIABLE: str(parts.binaries / "dagger"),
            "PIPELINES_IMAGES": str(catalogue),
            "DAGGER_PROGRESS": "plain",  # this build of the CLI has no interactive display
            "DO_NOT_TRACK": "1",
            "DAGGER_NO_NAG": "1",
        },
        pid=process.pid,
    )


async def stop_embedded_engine(data: DataFolder, progress: Progress) -> bool:
    """Stop the engine; return whether one was running."""
    async with exclusive(data.lock, progress):
        if running_engine(data) is None:
            return await embedded_process.stop(data)
        with phase(progress, "engine: stop", "closing its databases, about 3 s"):
            return await embedded_process.stop(data)


async def _make_parts(data: DataFolder, progress: Progress, images: Sequence[str]) -> EmbeddedParts:
    known = go_tools_folder(ENGINE_TOOLS, data).is_dir()
    check_machine(read_machine_facts(data), parts_exist=known)
    # Images made for an earlier run stay in the catalogue.
    made = [name for name in IMAGE_RECIPES if (data.cache / "images" / name).is_dir()]
    # Anything else is a reference to pull, or a mistake; both are found out later, and told.
    wanted = [name for name in images if name in IMAGE_RECIPES]
    names = sorted({BASE_IMAGE, *wanted, *made})
    results: dict[str, Path] = {}
    made_images: dict[str, EmbeddedImage] = {}

    async def tools() -> None:
        results["tools"] = await build_go_tools(ENGINE_TOOLS, data, progress)

    async def roots() -> None:
        # One after another: dpkg and the compiler already share the processors.
        results["root"] = await make_root(ENGINE_ROOT, data, progress)
        for name in names:
            made_images[name] = await make_image(name, data, progress)

    async with anyio.create_task_group() as group:
        group.start_soon(tools)
        group.start_soon(roots)
    # The SDK knows all images, so that `dagger call` may use them too.
    everything = {name: image.reference for name, image in made_images.items()}
    return EmbeddedParts(
        binaries=results["tools"],
        rootfs=results["root"],
        images=tuple(made_images.values()),
        sdk=make_sdk_content(everything, data),
    )


async def _start(parts: EmbeddedParts, data: DataFolder, progress: Progress) -> EngineProcess:
    for folder in ("state", "registry", "run", "root"):
        (data.instance / folder).mkdir(parents=True, exist_ok=True)
    _write_configuration(data)
    with phase(progress, "engine: start", "about 2 s") as current:
        process = await launch(
            data,
            rootfs=parts.rootfs,
            binaries=parts.binaries,
            content=parts.sdk.layout,
            sdk_digest=parts.sdk.digest,
            key=parts.key,
        )
        current.result = f"process {process.pid}"
    return process


def _write_configuration(data: DataFolder) -> None:
    engine = {
        "registries": {"docker.io": {"mirrors": [REGISTRY]}, REGISTRY: {"http": True}},
        "gc": {"maxUsedSpace": MAXIMUM_STATE},
    }
    (data.instance / "engine.json").write_text(json.dumps(engine))
    registry = {
        "version": 0.1,
        "log": {"level": "warn"},
        "storage": {
            "filesystem": {"rootdirectory": "/var/lib/registry"},
            "delete": {"enabled": True},
        },
        "http": {"addr": REGISTRY, "secret": os.urandom(16).hex()},
    }
    # JSON is YAML, and the registry reads YAML.
    (data.instance / "registry.yml").write_text(json.dumps(registry))


async def _push_images(
    parts: EmbeddedParts, data: DataFolder, process: EngineProcess, progress: Progress
) -> None:
    record = data.instance / "registry" / "pushed.json"
    try:
        pushed: dict[str, str] = json.loads(record.read_text())
    except (OSError, ValueError):
        pushed = {}
    for image in parts.images:
        if pushed.get(image.name) == image.reference:
            continue
        with phase(progress, f"{image.name} image", "into the engine's registry"):
            await _push(image, data, process)
        pushed[image.name] = image.reference
        record.write_text(json.dumps(pushed))


async def _push(image: EmbeddedImage, data: DataFolder, process: EngineProcess) -> None:
    # Through the shared socket folder: nothing else of the host is visible to the engine.
    handed_over = data.instance / "run" / f"image-{image.name}"
    shutil.rmtree(handed_over, ignore_errors=True)
    await anyio.to_thread.run_sync(
        lambda: shutil.copytree(image.layout, handed_over, copy_function=_link_or_copy)
    )
    try:
        engine = embedded_process.network_process(process)
        argv = ["nsenter", f"--target={engine}", "--mount", "--net", "--pid", "skopeo", "copy"]
        argv += ["--quiet", "--retry-times=5", "--dest-tls-verify=false"]
        argv += [f"oci:/run/dagger/{handed_over.name}:{image.tag}"]
        argv += [f"docker://{REGISTRY}/{image.repository}:{image.tag}"]
        await run_command(f"push {image.name}", argv)
    finally:
        shutil.rmtree(handed_over, ignore_errors=True)


def _link_or_copy(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:
        return str(shutil.copy2(source, target))
    return target
