"""Build programs from Go modules once, into a cache keyed by what they are built from."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.engine.content_key import key_of, tree_entries
from pipelines.engine.go_toolchain import find_go
from pipelines.engine.process import CommandFailed, run_command
from pipelines.errors import NetworkUnreachable
from pipelines.progress import Phase, Progress, phase

if TYPE_CHECKING:
    from pipelines.engine.paths import DataFolder

__all__ = ["ENGINE_TOOLS", "GoTools", "build_go_tools", "go_tools_folder"]

MODULE_DIR = Path(__file__).parent.parent / "embedded" / "go"


@dataclass(frozen=True, kw_only=True)
class GoTools:
    """Programs of one Go module that are built together.

    Attributes:
        module: The folder with go.mod and go.sum, which pin everything.
        programs: Import path of each command and the name of its binary.
        estimate: How long a cold build takes, for the person who waits.
    """

    name: str
    module: Path
    programs: tuple[tuple[str, str], ...]
    tags: tuple[str, ...] = ()
    ldflags: str = "-s -w"
    estimate: str = ""

    @property
    def key(self) -> str:
        """Change when anything changes that the binaries are made of."""
        flags = (*self.tags, self.ldflags, *(name for pair in self.programs for name in pair))
        return key_of(*flags, *tree_entries(self.module))


_DAGGER = "github.com/dagger/dagger"
_VERSION = "v0.21.8"

ENGINE_TOOLS = GoTools(
    name="dagger",
    module=MODULE_DIR,
    programs=(
        (f"{_DAGGER}/cmd/dagger", "dagger"),
        (f"{_DAGGER}/cmd/engine", "dagger-engine"),
        (f"{_DAGGER}/cmd/init", "dagger-init"),
        (f"{_DAGGER}/cmd/dnsname", "dnsname"),
    ),
    tags=("dfexcludepatterns", "dfparents"),  # as Dagger's own release build sets them
    ldflags=f"-s -w -X {_DAGGER}/engine.Version={_VERSION} -X {_DAGGER}/engine.Tag={_VERSION}",
    estimate="once, about 5 minutes on 2 cores",
)


def go_tools_folder(tools: GoTools, data: DataFolder) -> Path:
    """Return where the built programs are, or will be."""
    return data.cache / tools.name / tools.key


async def build_go_tools(tools: GoTools, data: DataFolder, progress: Progress) -> Path:
    """Return the folder with the programs; build them when they are not there yet.

    An interrupted build leaves Go's caches behind and resumes from them.

    Raises:
        EngineUnavailable: There is no Go compiler.
        NetworkUnreachable: The modules could not be downloaded.
        CommandFailed: The compiler failed.
    """
    folder = go_tools_folder(tools, data)
    if folder.is_dir():
        return folder
    go = await find_go(data, progress)
    environ = _go_environment(go, data)
    with phase(progress, f"{tools.name}: download", "Go modules, about 1 minute") as current:
        await _download(tools, go, environ, current)
    partial = folder.with_suffix(".partial")
    partial.mkdir(parents=True, exist_ok=True)
    with phase(progress, f"{tools.name}: build", tools.estimate) as current:
        await _compile(tools, go, environ, partial, current)
    for path, name in tools.programs:
        built = partial / path.rsplit("/", 1)[-1]
        if built.name != name:
            built.rename(partial / name)
    partial.rename(folder)
    return folder


def _go_environment(go: Path, data: DataFolder) -> dict[str, str]:
    # A developer's own Go settings (a workspace, -mod=mod, a race detector) must not change ours;
    # proxy and checksum settings of a company stay.
    ignored = {"GOFLAGS", "GOWORK", "GOROOT", "GOTOOLCHAIN", "GOEXPERIMENT", "GOOS", "GOARCH"}
    environ = {name: value for name, value in os.environ.items() if name not in ignored}
    environ |= {
        "CGO_ENABLED": "0",
        "GOCACHE": str(data.go / "build"),
        "GOFLAGS": "-mod=readonly",
        "GOMODCACHE": str(data.go / "mod"),
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "PATH": f"{go.parent}{os.pathsep}{environ.get('PATH', '')}",
    }
    return environ


async def _download(tools: GoTools, go: Path, environ: dict[str, str], current: Phase) -> None:
    seen = 0

    def count(line: str) -> None:
        nonlocal seen
        if line.startswith("go: downloading"):
            seen += 1
            current.advance(f"{seen} modules")

    # Listing the dependencies downloads just the modules that the programs need.
    packages = [path for path, _ in tools.programs]
    argv = [str(go), "list", "-deps", "-f", "{{.ImportPath}}", *_tag_flags(tools), *packages]
    try:
        await run_command("download Go modules", argv, env=environ, cwd=tools.module, on_line=count)
    except CommandFailed as error:
        raise NetworkUnreachable(
            error.doing,
            f"the Go module proxy did not serve all of them: {_last_line(error.tail)}",
            "Check the network and GOPROXY, then run the command again: it resumes",
        ) from error
    current.result = f"{seen} modules" if seen else "all there"


async def _compile(
    tools: GoTools, go: Path, environ: dict[str, str], target: Path, current: Phase
) -> None:
    compiled = 0

    def count(line: str) -> None:
        nonlocal compiled
        if line and " " not in line:  # -v prints one import path a line
            compiled += 1
            current.advance(f"{compiled} packages compiled, last {line.rsplit('/', 1)[-1]}")

    argv = [str(go), "build", "-v", "-trimpath", "-buildvcs=false", *_tag_flags(tools)]
    argv += ["-ldflags", tools.ldflags, "-o", f"{target}/", *(path for path, _ in tools.programs)]
    await run_command(f"build {tools.name}", argv, env=environ, cwd=tools.module, on_line=count)
    current.result = ", ".join(name for _, name in tools.programs)


def _tag_flags(tools: GoTools) -> list[str]:
    return ["-tags", ",".join(tools.tags)] if tools.tags else []


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no output"


def drop_go_caches(data: DataFolder) -> None:
    """Delete Go's caches; finished programs stay."""
    for path in data.go.rglob("*"):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)  # the module cache is read-only on purpose
    shutil.rmtree(data.go, ignore_errors=True)
