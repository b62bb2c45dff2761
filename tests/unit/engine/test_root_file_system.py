"""Root file systems: what mmdebstrap is asked for, and what happens when it fails."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import anyio
import pytest

from pipelines.engine.paths import DataFolder
from pipelines.engine.process import CommandFailed
from pipelines.engine.root_file_system import ENGINE_ROOT, RootRecipe, make_root
from pipelines.errors import NetworkUnreachable
from tests.unit.fakes import RecordingProgress, write_program

if TYPE_CHECKING:
    from pathlib import Path

RECIPE = RootRecipe(name="small", suite="bookworm", packages=("git", "pigz"))
# Runs what follows its own options, as the real ones do after their preparations.
SKIP_OPTIONS = 'while [ "${1#-}" != "$1" ]; do shift; done; exec "$@"'


class Machine:
    """A PATH on which the programs that need root are scripts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = DataFolder(root=folder / "data")
        self.log = folder / "argv"
        for name in ("setpriv", "unshare", "perl"):
            write_program(folder / "bin" / name, SKIP_OPTIONS)

    def set_mmdebstrap(self, script: str) -> None:
        """Have mmdebstrap note its arguments and run a script; $made is its last argument."""
        note = f'printf "%s\\n" "$@" > {self.log}; for made; do :; done'
        write_program(self.folder / "bin" / "mmdebstrap", f"{note}\n{script}")

    def make(self, recipe: RootRecipe = RECIPE) -> Path:
        """Make a root file system."""
        return anyio.run(make_root, recipe, self.data, RecordingProgress())


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Return the machine; its programs come first on PATH."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    return Machine(tmp_path)


def test_a_folder_is_made_once(machine: Machine) -> None:
    """The finished folder appears at once and whole; the second time nothing runs."""
    machine.set_mmdebstrap('mkdir "$made" && touch "$made/file"')
    made = machine.make()
    assert made == machine.data.cache / "small" / RECIPE.key
    assert [path.name for path in made.iterdir()] == ["file"]
    assert [path.name for path in made.parent.iterdir()] == [made.name]
    machine.set_mmdebstrap("exit 1")
    assert machine.make() == made


def test_the_recipe_decides_the_arguments(machine: Machine) -> None:
    """Suite, packages and format are asked for, and manuals and languages are left out."""
    machine.set_mmdebstrap('mkdir "$made"')
    machine.make()
    arguments = machine.log.read_text().splitlines()
    assert {"--variant=minbase", "--format=directory", "--include=git,pigz"} <= set(arguments)
    assert "--dpkgopt=path-exclude=/usr/share/man/*" in arguments
    assert arguments[-2] == "bookworm"
    machine.set_mmdebstrap('touch "$made"')
    tar = machine.make(replace(RECIPE, archive=True, packages=()))
    arguments = machine.log.read_text().splitlines()
    assert tar.suffix == ".tar"
    assert "--format=tar" in arguments
    assert not any(each.startswith("--include") for each in arguments)


def test_what_a_killed_run_left_is_thrown_away(machine: Machine) -> None:
    """A half made folder is never taken for a whole one."""
    partial = machine.data.cache / "small" / f"{RECIPE.key}.partial"
    (partial / "root").mkdir(parents=True)
    (partial / "root" / "half").touch()
    machine.set_mmdebstrap('mkdir "$made"')
    assert list(machine.make().iterdir()) == []
    assert not partial.exists()


@pytest.mark.parametrize(
    "line",
    [
        "E: Failed to fetch http://deb.debian.org/x  Could not connect to deb.debian.org:80",
        "W: Could not resolve 'deb.debian.org'",
        "E: Unable to fetch some archives, maybe run apt-get update",
    ],
)
def test_a_mirror_that_does_not_answer_is_told(machine: Machine, line: str) -> None:
    """A failed download is an error about the network, with the line that says so."""
    machine.set_mmdebstrap(f'echo "I: running apt-get update"; echo "{line}"; exit 25')
    with pytest.raises(NetworkUnreachable) as caught:
        machine.make()
    assert line in str(caught.value)
    assert not (machine.data.cache / "small" / RECIPE.key).exists()


def test_another_failure_keeps_its_own_words(machine: Machine) -> None:
    """What is not the network's fault is not blamed on it."""
    machine.set_mmdebstrap("echo 'E: chroot failed'; exit 1")
    with pytest.raises(CommandFailed, match="chroot failed"):
        machine.make()


def test_mmdebstrap_is_fetched_where_it_is_not_installed(machine: Machine) -> None:
    """Without the program its package is unpacked into the data folder, once."""
    write_program(
        machine.folder / "bin" / "apt-get",
        f'echo "$*" >> {machine.log}.apt\ntouch mmdebstrap_1_all.deb',
    )
    write_program(
        machine.folder / "bin" / "dpkg-deb",
        'mkdir -p "$3/usr/bin" && printf \'#!/bin/sh\\nfor made; do :; done; mkdir "$made"\\n\' '
        '> "$3/usr/bin/mmdebstrap" && chmod +x "$3/usr/bin/mmdebstrap"',
    )
    machine.make()
    machine.make(replace(RECIPE, suite="trixie"))
    asked = (machine.folder / "argv.apt").read_text().splitlines()
    assert len(asked) == 1
    assert asked[0].endswith("download mmdebstrap")
    assert (machine.data.cache / "mmdebstrap" / "usr" / "bin" / "mmdebstrap").is_file()


def test_a_machine_without_package_lists_gets_some_of_its_own(machine: Machine) -> None:
    """In a fresh container apt knows no package: lists are read into the data folder, not /var."""
    write_program(
        machine.folder / "bin" / "apt-get",
        f'echo "$*" >> {machine.log}.apt\n'
        'case "$*" in\n  *Dir::State::lists*download*) touch mmdebstrap_1_all.deb ;;\n'
        "  *Dir::State::lists*update) exit 0 ;;\n  *) exit 100 ;;\nesac",
    )
    write_program(
        machine.folder / "bin" / "dpkg-deb",
        'mkdir -p "$3/usr/bin" && printf \'#!/bin/sh\\nfor made; do :; done; mkdir "$made"\\n\' '
        '> "$3/usr/bin/mmdebstrap" && chmod +x "$3/usr/bin/mmdebstrap"',
    )
    machine.make()
    lists = (machine.folder / "argv.apt").read_text().splitlines()[1:]
    assert len(lists) == 2
    assert all(f"Dir::State::lists={machine.data.cache}" in line for line in lists)


def test_a_key_changes_with_what_is_in_the_root() -> None:
    """Suite, packages and format each make another root; the name does not."""
    changed = [
        replace(RECIPE, suite="trixie"),
        replace(RECIPE, packages=("git",)),
        replace(RECIPE, archive=True),
    ]
    assert len({RECIPE.key, *(each.key for each in changed)}) == 4
    assert replace(RECIPE, name="other").key == RECIPE.key


def test_the_engine_has_what_it_starts() -> None:
    """The programs that our start scripts call come from the packages of the engine's root."""
    wanted = {"runc", "docker-registry", "slirp4netns", "skopeo", "iproute2", "iptables", "git"}
    assert wanted <= set(ENGINE_ROOT.packages)
    assert list(ENGINE_ROOT.packages) == sorted(ENGINE_ROOT.packages)
