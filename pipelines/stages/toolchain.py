"""Build the toolchain container of a plan."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import dagger
from dagger import dag

from pipelines.domain.results import ToolchainInfo
from pipelines.domain.toolchain import GCOVR_WHEELS
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

__all__ = [
    "add_packages",
    "build_toolchain",
    "describe_toolchain",
    "explain_toolchain_failure",
    "prepare_gcovr",
    "with_gcovr",
]

SCRIPT_FOLDER = "/opt/pipelines"
WHEELS_FOLDER = "/opt/wheels"
GCOVR_FOLDER = "/opt/gcovr"


def build_toolchain(plan: ToolchainPlan, image: str) -> dagger.Container:
    """Return a container with compiler, CMake and the project's packages.

    Layers go from what changes least to what changes most: base packages, wheels, packages of
    the project.
    """
    install = script("install_toolchain.sh")
    container = _with_apt_caches(dag.container().from_(image), plan).with_new_file(
        f"{SCRIPT_FOLDER}/install_toolchain.sh", install
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
        _without_apt_caches(container)
        .with_env_variable("CC", plan.c_compiler)
        .with_env_variable("CXX", plan.cxx_compiler)
        .with_new_file(f"{SCRIPT_FOLDER}/describe_toolchain.sh", script("describe_toolchain.sh"))
        .with_exec(["sh", f"{SCRIPT_FOLDER}/describe_toolchain.sh"])
    )


def add_packages(
    container: dagger.Container, plan: ToolchainPlan, packages: tuple[str, ...]
) -> dagger.Container:
    """Return a finished toolchain with more Debian packages, in a layer of their own."""
    install = ["sh", f"{SCRIPT_FOLDER}/install_toolchain.sh", *packages]
    return _without_apt_caches(_with_apt_caches(container, plan).with_exec(install))


def _with_wheels(container: dagger.Container, wheels: tuple[str, ...]) -> dagger.Container:
    # Ahead of the distribution's programs on PATH, and without touching its Python.
    return _with_venv(container, WHEELS_FOLDER, wheels).with_env_variable(
        "PATH", f"{WHEELS_FOLDER}/bin:${{PATH}}", expand=True
    )


def with_gcovr(container: dagger.Container, plan: ToolchainPlan) -> dagger.Container:
    """Return the toolchain container with gcovr in /opt/gcovr.

    A layer of its own on top, which only coverage pays for; programs of the project do not see it.
    """
    container = _with_apt_caches(container, plan)
    install = f"{SCRIPT_FOLDER}/install_toolchain.sh"
    return _without_apt_caches(
        _with_venv(container.with_exec(["sh", install, "python3-venv"]), GCOVR_FOLDER, GCOVR_WHEELS)
    )


async def prepare_gcovr(container: dagger.Container, plan: ToolchainPlan) -> None:
    """Build the layer of :func:`with_gcovr`, so that its failure is told as what it is.

    Raises:
        NetworkUnreachable: Python could not be fetched.
        InfrastructureError: pip could not install gcovr.
    """
    try:
        await with_gcovr(container, plan).sync()
    except dagger.ExecError as error:
        raise explain_toolchain_failure(error, plan) from error


def _with_apt_caches(container: dagger.Container, plan: ToolchainPlan) -> dagger.Container:
    lists = dag.cache_volume(f"pipelines-apt-lists-{plan.compiler_key}")
    archives = dag.cache_volume(f"pipelines-apt-archives-{plan.compiler_key}")
    locked = dagger.CacheSharingMode.LOCKED
    return container.with_mounted_cache(
        "/var/lib/apt/lists", lists, sharing=locked
    ).with_mounted_cache("/var/cache/apt/archives", archives, sharing=locked)


def _without_apt_caches(container: dagger.Container) -> dagger.Container:
    return container.without_mount("/var/lib/apt/lists").without_mount("/var/cache/apt/archives")


def _with_venv(
    container: dagger.Container, folder: str, wheels: tuple[str, ...]
) -> dagger.Container:
    return (
        container.with_mounted_cache("/root/.cache/pip", dag.cache_volume("pipelines-pip"))
        .with_exec(["python3", "-m", "venv", folder])
        .with_exec([f"{folder}/bin/pip", "install", "--quiet", *wheels])
        .without_mount("/root/.cache/pip")
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
    if reason := _explain_pip(error.command, plan):
        found, todo = reason
        return InfrastructureError(doing, f"pip could not install {found} ({detail})", todo)
    return InfrastructureError(
        doing, f"`{' '.join(error.command[:3])}` ended with {error.exit_code} ({detail})", ""
    )


def _explain_pip(command: list[str], plan: ToolchainPlan) -> tuple[str, str] | None:
    """Return what pip was to install and what to check; None when it was not pip that failed."""
    if f"{WHEELS_FOLDER}/bin/pip" in command:
        todo = "Check toolchain.cmake and toolchain.ninja in pipeline.yaml, and the network"
        return " ".join(plan.wheels), todo
    if f"{GCOVR_FOLDER}/bin/pip" in command:
        return f"{GCOVR_WHEELS[0]}, which reads coverage", "Check the network of the engine"
    return None


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
