"""Make Debian root file systems with mmdebstrap, without changing the host."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.engine.content_key import key_of
from pipelines.engine.process import CommandFailed, run_command
from pipelines.errors import InfrastructureError, NetworkUnreachable
from pipelines.progress import Progress, phase

if TYPE_CHECKING:
    from pipelines.engine.paths import DataFolder

__all__ = ["ENGINE_ROOT", "RootRecipe", "make_root"]


@dataclass(frozen=True, kw_only=True)
class RootRecipe:
    """A Debian root file system: a suite and the packages on top of its minimal base."""

    name: str
    suite: str
    packages: tuple[str, ...] = ()
    archive: bool = False  # a tar file instead of a folder

    @property
    def key(self) -> str:
        """Change when the recipe changes; a new package version alone does not change it."""
        return key_of(self.suite, str(self.archive), *self.packages, *_OPTIONS)


# As Debian's own slim container images: no manuals, no package lists of other languages. Copyright
# files stay, for licence reports.
_OPTIONS = (
    '--aptopt=Acquire::Languages { "none"; }',
    '--aptopt=APT::Install-Recommends "false"',
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-include=/usr/share/doc/*/copyright",
)

ENGINE_ROOT = RootRecipe(
    name="engine-root",
    suite="bookworm",
    packages=(
        "ca-certificates",
        "containernetworking-plugins",
        "dnsmasq-base",
        "docker-registry",
        "git",
        "iproute2",
        "iptables",
        "pigz",
        "procps",
        "ripgrep",
        "runc",
        "skopeo",
        "slirp4netns",
        "sqlite3",
        "tini",
    ),
)


async def make_root(recipe: RootRecipe, data: DataFolder, progress: Progress) -> Path:
    """Return the folder or tar file of a root file system; make it when it is not there yet.

    Raises:
        NetworkUnreachable: Debian's packages could not be fetched.
        CommandFailed: mmdebstrap failed for another reason.
    """
    suffix = ".tar" if recipe.archive else ""
    target = data.cache / recipe.name / f"{recipe.key}{suffix}"
    if target.exists():
        return target
    mmdebstrap = await _find_mmdebstrap(data, progress)
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.with_name(f"{recipe.key}.partial")
    shutil.rmtree(scratch, ignore_errors=True)  # what a killed run left
    scratch.mkdir()
    with phase(progress, recipe.name, f"Debian {recipe.suite}, about half a minute") as current:
        made = scratch / f"root{suffix}"
        await _bootstrap(recipe, mmdebstrap, made, scratch)
        made.rename(target)
        current.result = str(recipe.suite)
    shutil.rmtree(scratch, ignore_errors=True)
    return target


async def _bootstrap(recipe: RootRecipe, mmdebstrap: Path, made: Path, scratch: Path) -> None:
    # In namespaces of its own, so that an interrupted run leaves neither mounts nor processes; not
    # even when this program is killed, for the next one starts with the same scratch folder.
    argv = ["setpriv", "--pdeathsig=KILL", "unshare", "--mount", "--pid", "--fork"]
    argv += ["--kill-child=SIGKILL", "--mount-proc"]
    argv += ["perl", str(mmdebstrap), "--variant=minbase", "--mode=root", *_OPTIONS]
    argv += [f"--format={'tar' if recipe.archive else 'directory'}"]
    if recipe.packages:
        argv += [f"--include={','.join(recipe.packages)}"]
    # It starts its companion programs by name; root's PATH may lack the administrator's folders.
    path = f"{mmdebstrap.parent}:{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin:/sbin:/bin"
    environ = dict(os.environ) | {"TMPDIR": str(scratch), "LC_ALL": "C.UTF-8", "PATH": path}
    try:
        await run_command(f"make {recipe.name}", [*argv, recipe.suite, str(made)], env=environ)
    except CommandFailed as error:
        raise _explain(error) from error


async def _find_mmdebstrap(data: DataFolder, progress: Progress) -> Path:
    """Use the installed one, else unpack Debian's package into the data folder."""
    if installed := shutil.which("mmdebstrap"):
        return Path(installed)
    folder = data.cache / "mmdebstrap"
    program = folder / "usr" / "bin" / "mmdebstrap"
    if program.exists():
        return program
    with phase(progress, "mmdebstrap", "fetching the package"):
        partial = folder.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        try:
            await _download_package("mmdebstrap", partial)
        except CommandFailed as error:
            raise _explain(error) from error
        (package,) = partial.glob("mmdebstrap_*.deb")
        await run_command(
            "unpack mmdebstrap", ["dpkg-deb", "--extract", str(package), str(partial)]
        )
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    return program


async def _download_package(name: str, folder: Path) -> None:
    argv = ["apt-get", "-o", "APT::Sandbox::User=root", "download", name]
    try:
        await run_command(f"fetch {name}", argv, cwd=folder)
    except CommandFailed:
        # A fresh container or cloud image has no package lists; ours go beside the download, the
        # machine's own stay as they are.
        lists = folder / "lists"
        (lists / "partial").mkdir(parents=True)
        own_lists = [f"-oDir::State::lists={lists}", "-oAPT::Sandbox::User=root"]
        own_lists += [f"-oDir::Cache::{kind}=" for kind in ("pkgcache", "srcpkgcache")]
        await run_command("read Debian's package lists", ["apt-get", *own_lists, "update"])
        await run_command(f"fetch {name}", ["apt-get", *own_lists, "download", name], cwd=folder)


def _explain(error: CommandFailed) -> InfrastructureError:
    # apt tells a failed transfer only in words; anything else keeps its own error.
    signs = ("Failed to fetch", "Could not resolve", "Could not connect", "Unable to fetch")
    line = next(
        (line for line in error.tail.splitlines() if any(sign in line for sign in signs)), None
    )
    if line is None:
        return error
    return NetworkUnreachable(
        error.doing,
        f"Debian's packages could not be fetched ({line.strip()})",
        "Check the network and the sources of apt, then run the command again",
    )
