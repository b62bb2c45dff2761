"""Build the toolchain container of a plan."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import dagger
from dagger import dag

from pipelines.domain.results import ToolchainInfo
from pipelines.errors import (
    ConfigError,
    ConfigMistake,
    DiskFull,
    InfrastructureError,
    NetworkUnreachable,
    PipelineError,
)

if TYPE_CHECKING:
    from pipelines.domain.toolchain import ToolchainPlan

__all__ = ["add_packages", "build_toolchain", "describe_toolchain", "explain_toolchain_failure"]

SCRIPT_FOLDER = "/opt/pipelines"


def build_toolchain(plan: ToolchainPlan, image: str) -> dagger.Container:
    """Return a container with compiler, CMake and the project's packages.

    Layers go from what changes least to what changes most: base packages, wheels, packages of
    the project.
    """
    install = script("install_toolchain.sh")
    lists = dag.cache_volume(f"pipelines-apt-lists-{plan.compiler_key}")
    archives = dag.cache_volume(f"pipelines-apt-archives-{plan.compiler_key}")
    locked = dagger.CacheSharingMode.LOCKED
    container = (
        dag.container()
        .from_(image)
        .with_mounted_cache("/var/lib/apt/lists", lists, sharing=locked)
        .with_mounted_cache("/var/cache/apt/archives", archives, sharing=locked)
        .with_new_file(f"{SCRIPT_FOLDER}/install_toolchain.sh", install)
    )
    command = ["sh", f"{SCRIPT_FOLDER}/install_toolchain.sh"]
    # venv only where a wheel is wanted, and then in the same layer as the compiler.
    base = [*plan.base_packages, *(("python3-venv",) if plan.wheels else ())]
    container = container.with_exec([*command, *base, "--", *plan.optional_packages])
    if plan.wheels:
        container = _with_wheels(container, plan.wheels)
    if plan.packages:
        container = container.with_exec([*command, *plan.packages])
    return (
        container.without_mount("/var/lib/apt/lists")
        .without_mount("/var/cache/apt/archives")
        .with_env_variable("CC", plan.c_compiler)
        .with_env_variable("CXX", plan.cxx_compiler)
        .with_new_file(f"{SCRIPT_FOLDER}/describe_toolchain.sh", script("describe_toolchain.sh"))
        .with_exec(["sh", f"{SCRIPT_FOLDER}/describe_toolchain.sh"])
    )


def add_packages(
    container: dagger.Container, plan: ToolchainPlan, packages: tuple[str, ...]
) -> dagger.Container:
    """Return a finished toolchain with more Debian packages, in a layer of their own."""
    lists = dag.cache_volume(f"pipelines-apt-lists-{plan.compiler_key}")
    archives = dag.cache_volume(f"pipelines-apt-archives-{plan.compiler_key}")
    locked = dagger.CacheSharingMode.LOCKED
    return (
        container.with_mounted_cache("/var/lib/apt/lists", lists, sharing=locked)
        .with_mounted_cache("/var/cache/apt/archives", archives, sharing=locked)
        .with_exec(["sh", f"{SCRIPT_FOLDER}/install_toolchain.sh", *packages])
        .without_mount("/var/lib/apt/lists")
        .without_mount("/var/cache/apt/archives")
    )


def _with_wheels(container: dagger.Container, wheels: tuple[str, ...]) -> dagger.Container:
    # Ahead of the distribution's programs on PATH, and without touching its Python.
    return (
        container.with_mounted_cache("/root/.cache/pip", dag.cache_volume("pipelines-pip"))
        .with_exec(["python3", "-m", "venv", "/opt/wheels"])
        .with_exec(["/opt/wheels/bin/pip", "install", "--quiet", *wheels])
        .without_mount("/root/.cache/pip")
        .with_env_variable("PATH", "/opt/wheels/bin:${PATH}", expand=True)
    )


async def describe_toolchain(
    container: dagger.Container, plan: ToolchainPlan, image: str
) -> ToolchainInfo:
    """Build the container and tell what is in it.

    Raises:
        ConfigError: A package does not exist, or the image is not one we can install into.
        NetworkUnreachable: Packages could not be fetched.
    """
    try:
        text = await container.file(f"{SCRIPT_FOLDER}/toolchain.txt").contents()
    except dagger.ExecError as error:
        raise explain_toolchain_failure(error, plan) from error
    facts = dict(line.split(" ", 1) for line in text.splitlines() if " " in line)
    return ToolchainInfo(
        image=image,
        digest=facts.get("digest", ""),
        compiler=facts.get("compiler", ""),
        cmake=facts.get("cmake", ""),
        ninja=facts.get("ninja", ""),
        ccache=facts.get("ccache", ""),
        packages=plan.packages,
    )


def explain_toolchain_failure(error: dagger.ExecError, plan: ToolchainPlan) -> PipelineError:
    """Turn an exit code of install_toolchain.sh into a sentence."""
    detail = _tail(error.stderr) or _tail(error.stdout)
    doing = "build the toolchain container"
    said = f"{error.stdout}\n{error.stderr}".lower()
    # apt and dpkg have no exit code for it.
    if "no space left on device" in said or "enough free space" in said:
        return DiskFull(
            doing,
            "the engine's disk is full",
            "Free some space, or run `pipelines engine prune`, then run again",
        )
    if error.exit_code == 90:  # noqa: PLR2004 - the codes are listed in install_toolchain.sh
        mistake = ConfigMistake(
            path="toolchain.image",
            found=f"`{plan.image}` has no apt-get",
            todo="Use a Debian or Ubuntu image",
        )
        return ConfigError((mistake,), source="the toolchain's settings")
    if error.exit_code == 92:  # noqa: PLR2004
        return ConfigError(_unknown_packages(error.stderr, plan), source="the toolchain's settings")
    if error.exit_code in (91, 93):
        return NetworkUnreachable(
            doing,
            f"Debian packages could not be fetched or installed ({detail})",
            "Check the network of the engine, then run again",
        )
    if "/opt/wheels/bin/pip" in error.command:
        return InfrastructureError(
            doing,
            f"pip could not install {' '.join(plan.wheels)} ({detail})",
            "Check toolchain.cmake and toolchain.ninja in pipeline.yaml, and the network",
        )
    return InfrastructureError(
        doing, f"`{' '.join(error.command[:3])}` ended with {error.exit_code} ({detail})", ""
    )


def _unknown_packages(stderr: str, plan: ToolchainPlan) -> tuple[ConfigMistake, ...]:
    _, _, listed = stderr.rpartition("unknown packages:")
    unknown = listed.split() or list(plan.packages)
    return tuple(
        ConfigMistake(
            path="toolchain.packages (or --package)",
            found=f"`{name}` is no package of the image {plan.image}",
            todo="Look the name up with `apt-cache search` on such a system",
        )
        for name in unknown
    )


def script(name: str) -> str:
    """Return the text of a script that runs inside containers."""
    return files("pipelines.stages").joinpath(name).read_text()


def _tail(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].strip() if lines else ""
