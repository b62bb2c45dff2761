"""The image of sample_app: what is in it, what rebuilds it, and that it runs locked down."""

from __future__ import annotations

import json
import re
import tarfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from pipelines.cli.session import in_session
from pipelines.progress import SilentProgress
from pipelines.stages.images import load_catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping

    import dagger

pytestmark = pytest.mark.engine

BINARY = "/usr/local/bin/sample_app"
RUN_HARDENED = Path(__file__).parent / "run_hardened.sh"


@dataclass(frozen=True, kw_only=True)
class Built:
    """Two images of the same sources and different commits, and what one of them did.

    Attributes:
        configs: The image configurations, as a container runtime reads them.
        linked: When the binary of each was written, in seconds with nine decimals.
        inventory: What was looked for in the image: one `NAME: FOUND` a line.
        libraries: What ldd says.
        sections: What run_hardened.sh printed, by its `::NAME`.
    """

    shas: tuple[str, str]
    configs: tuple[Mapping[str, Any], Mapping[str, Any]]
    linked: tuple[str, str]
    inventory: str
    libraries: str
    sections: Mapping[str, str]


INVENTORY = """
for tool in cc c++ gcc g++ ld as cmake ninja make curl; do
  echo "$tool: $(command -v "$tool")"
done
echo "lists: $(ls -A /var/lib/apt/lists)"
status='${db:Status-Status} ${Package}\\n'
echo "development: $(dpkg-query -W -f "$status" | grep '^installed .*-dev$')"
echo "sources: $(ls -d /src /install 2> /dev/null)"
"""


@pytest.fixture(scope="module")
def built(
    engine: None,  # noqa: ARG001 - the engine has to be there
    tmp_path_factory: pytest.TempPathFactory,
) -> Built:
    """Build both images and run the second one."""
    folder = tmp_path_factory.mktemp("images")
    return anyio.run(lambda: in_session(lambda: build_and_run(folder), progress=SilentProgress()))


async def build_and_run(folder: Path) -> Built:
    """Do everything that needs the engine."""
    # Never seen before, so that the second build cannot come out of a cache as a whole.
    shas = (f"{uuid.uuid4().hex}00000000", f"{uuid.uuid4().hex}11111111")
    images = [await docker_build(sha) for sha in shas]
    linked = [await image.with_exec(["stat", "-c", "%.9Y", BINARY]).stdout() for image in images]
    configs = [
        await read_config(image, folder / f"{number}.tar") for number, image in enumerate(images)
    ]
    image = images[1]
    hardened = (
        image.with_user("0")
        .with_new_file("/run_hardened.sh", RUN_HARDENED.read_text())
        .with_env_variable("LAME_DUCK_SECONDS", "0.2")
        .with_exec(["bash", "/run_hardened.sh"], insecure_root_capabilities=True)
    )
    return Built(
        shas=shas,
        configs=(configs[0], configs[1]),
        linked=(linked[0], linked[1]),
        inventory=await image.with_exec(["sh", "-c", INVENTORY]).stdout(),
        libraries=await image.with_exec(["ldd", BINARY]).stdout(),
        sections=split_sections(await hardened.stdout()),
    )


async def docker_build(sha: str) -> dagger.Container:
    """Build the Dockerfile on the engine's own base image."""
    import dagger  # noqa: PLC0415 - heavy

    from bench.service_container import SAMPLE_APP  # noqa: PLC0415
    from pipelines.cli.host_source import host_source  # noqa: PLC0415

    arguments = {
        "BASE_IMAGE": load_catalogue()["debian"],
        "VERSION": "1.2.3",
        "GIT_SHA": sha,
        "BUILD_TIME": "2026-01-02T03:04:05Z",
    }
    return (await host_source(SAMPLE_APP)).docker_build(
        build_args=[dagger.BuildArg(name, value) for name, value in arguments.items()]
    )


async def read_config(image: dagger.Container, archive: Path) -> Mapping[str, Any]:
    """Return an image's configuration out of its tar file."""
    import dagger  # noqa: PLC0415 - heavy

    # With OCI media types there is no place for a HEALTHCHECK.
    tarball = image.as_tarball(media_types=dagger.ImageMediaTypes.DockerMediaTypes)
    await tarball.export(str(archive))
    with tarfile.open(archive) as files:
        manifest = json.loads(read_member(files, "manifest.json"))
        config: dict[str, Any] = json.loads(read_member(files, manifest[0]["Config"]))
    return config


def read_member(files: tarfile.TarFile, name: str) -> bytes:
    """Return a file of an archive."""
    member = files.extractfile(name)
    assert member is not None, name
    return member.read()


def split_sections(text: str) -> dict[str, str]:
    """Cut at the lines `::NAME`; log lines of the service, which come at any time, are left out."""
    lines = [line for line in text.splitlines() if not line.startswith('{"timestamp"')]
    sections: dict[str, list[str]] = {}
    name = ""
    for line in lines:
        if line.startswith("::"):
            name = line.removeprefix("::")
        else:
            sections.setdefault(name, []).append(line)
    return {name: "\n".join(content).strip() for name, content in sections.items()}


def test_another_commit_compiles_nothing(built: Built) -> None:
    """Two images that differ in GIT_SHA hold the very same binary, linked at the same instant."""
    assert built.linked[0] == built.linked[1] != ""
    layers = [config["rootfs"]["diff_ids"] for config in built.configs]
    assert layers[0] == layers[1] != []


def test_metadata_is_complete(built: Built) -> None:
    """User, ports, stop signal, health check, variables and labels are what runtimes rely on."""
    config, sha = built.configs[1]["config"], built.shas[1]
    assert config["User"] == "65532:65532"
    assert set(config["ExposedPorts"]) == {"8080/tcp", "9090/tcp"}
    assert config["StopSignal"] == "SIGTERM"
    assert config["Entrypoint"] == [BINARY]
    assert config["Healthcheck"]["Test"] == ["CMD", BINARY, "--health-check"]
    variables = dict(each.split("=", 1) for each in config["Env"])
    assert variables["GIT_SHA"] == sha
    assert variables["BUILD_TIME"] == "2026-01-02T03:04:05Z"
    prefix = "org.opencontainers.image."
    labels = {name.removeprefix(prefix): value for name, value in config["Labels"].items()}
    assert labels["revision"] == sha
    assert labels["created"] == "2026-01-02T03:04:05Z"
    assert labels["version"] == "1.2.3"
    assert labels["base.name"].count("@sha256:") == 1
    assert {"title", "description", "licenses"} <= set(labels)


def test_nothing_of_the_build_is_shipped(built: Built) -> None:
    """No compiler, build tool, header package, source or package list is in the image."""
    found = dict(line.split(":", 1) for line in built.inventory.splitlines())
    assert len(found) == 13, built.inventory
    assert {name: value.strip() for name, value in found.items() if value.strip()} == {}


def test_every_library_is_there(built: Built) -> None:
    """Each library that the binary needs is found, and no compiled Boost library is among them."""
    assert "libstdc++.so.6 => /" in built.libraries
    assert "not found" not in built.libraries
    assert "boost" not in built.libraries


def test_it_runs_without_any_privilege(built: Built) -> None:
    """The process is user 65532, has no capability, cannot get one, and sees a read-only root."""
    status = dict(re.findall(r"^(\w+):[ \t]*(.*)$", built.sections["status"], re.MULTILINE))
    assert status["Name"] == "sample_app"
    assert set(status["Uid"].split()) == set(status["Gid"].split()) == {"65532"}
    assert status["Groups"].strip() == ""
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(status[name], 16) == 0, name
    assert status["NoNewPrivs"] == "1"
    mounts = [line.split() for line in built.sections["mounts"].splitlines()]
    (root,) = [fields for fields in mounts if fields[4] == "/"]
    assert "ro" in root[5].split(",")
    assert built.sections["write"].count("Read-only file system") == 3


def test_it_serves_like_that(built: Built) -> None:
    """Health, readiness, version, a new link and its redirect work; the probe in the image too."""
    answers = {name: text for name, text in built.sections.items() if name.startswith("ask ")}
    statuses = {name: int(text.split()[1]) for name, text in answers.items()}
    assert statuses == {
        "ask GET /health": 200,
        "ask GET /ready": 200,
        "ask GET /version": 200,
        "ask POST /links": 201,
        "ask GET /docs": 302,
    }
    assert built.shas[1] in answers["ask GET /version"]
    assert "Location: https://example.com/" in answers["ask GET /docs"]
    assert built.sections["health-check"] == "0"


def test_sigterm_ends_it_in_good_order(built: Built) -> None:
    """SIGTERM, which is the image's stop signal, ends the service with exit code 0."""
    assert built.sections["end"] == "0"
