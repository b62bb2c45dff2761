"""What the embedded engine asks of a machine, and how it says that something is missing."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pipelines.engine.paths import DataFolder
from pipelines.engine.requirements import (
    COLD_BYTES,
    HOST_TOOLS,
    MAXIMUM_SOCKET_PATH_BYTES,
    WARM_BYTES,
    MachineFacts,
    check_machine,
    missing_requirements,
    read_machine_facts,
)
from pipelines.errors import EngineUnavailable

if TYPE_CHECKING:
    from pathlib import Path

GOOD = MachineFacts(
    system="Linux",
    machine="x86_64",
    is_root=True,
    distribution_ids=("debian",),
    tools=tuple(HOST_TOOLS),
    has_tun=True,
    has_debian_keyring=True,
    free_bytes=COLD_BYTES,
    socket_path_bytes=60,
)


def test_a_good_machine_lacks_nothing() -> None:
    """A Debian machine with everything on it is accepted."""
    assert missing_requirements(GOOD, parts_exist=False) == ()
    check_machine(GOOD, parts_exist=False)


@pytest.mark.parametrize("ids", [("ubuntu", "debian"), ("linuxmint", "ubuntu", "debian")])
def test_derivatives_of_debian_will_do(ids: tuple[str, ...]) -> None:
    """What calls itself like Debian or Ubuntu is taken for one."""
    assert missing_requirements(replace(GOOD, distribution_ids=ids), parts_exist=True) == ()


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (replace(GOOD, system="Darwin"), ("Linux", "Darwin", "Docker")),
        (replace(GOOD, machine="aarch64"), ("x86-64", "aarch64", "Docker")),
        (replace(GOOD, is_root=False), ("root", "sudo")),
        (replace(GOOD, distribution_ids=("fedora",)), ("Debian, Ubuntu", "fedora", "Docker")),
        (replace(GOOD, distribution_ids=()), ("an unknown distribution",)),
        (replace(GOOD, has_tun=False), ("/dev/net/tun", "modprobe tun")),
        (replace(GOOD, has_debian_keyring=False), ("apt-get install debian-archive-keyring",)),
        (replace(GOOD, free_bytes=COLD_BYTES - 1), ("8 GB", "found 8.0 GB", "prune")),
        (replace(GOOD, socket_path_bytes=MAXIMUM_SOCKET_PATH_BYTES + 3), ("3 bytes shorter",)),
    ],
    ids=lambda value: "" if isinstance(value, MachineFacts) else value[0].replace(" ", "-"),
)
def test_each_lack_is_one_sentence_with_its_remedy(
    facts: MachineFacts, words: tuple[str, ...]
) -> None:
    """What is missing, what was found, and what to do about it stand in one sentence."""
    (sentence,) = missing_requirements(facts, parts_exist=False)
    assert [word for word in words if word not in sentence] == []


def test_missing_tools_become_one_command() -> None:
    """Tools of the same package are named by their package, once and in order."""
    facts = replace(GOOD, tools=("mount", "apt-get", "dpkg-deb", "gpgv"), has_debian_keyring=False)
    (sentence,) = missing_requirements(facts, parts_exist=True)
    assert sentence.endswith("`apt-get install debian-archive-keyring perl util-linux`")


def test_a_foreign_distribution_is_not_told_to_use_apt() -> None:
    """Packages of Debian are not named where there are none."""
    facts = replace(GOOD, distribution_ids=("arch",), tools=())
    assert not any("apt-get" in each for each in missing_requirements(facts, parts_exist=True))


def test_a_machine_with_parts_needs_less_disk() -> None:
    """Once everything is built, only the working space has to be free."""
    facts = replace(GOOD, free_bytes=WARM_BYTES)
    assert missing_requirements(facts, parts_exist=True) == ()
    assert len(missing_requirements(facts, parts_exist=False)) == 1


def test_everything_that_is_missing_is_told_at_once() -> None:
    """The error lists all of it, and the ways around the embedded engine."""
    facts = replace(GOOD, is_root=False, has_tun=False, free_bytes=0)
    with pytest.raises(EngineUnavailable) as caught:
        check_machine(facts, parts_exist=True)
    text = str(caught.value)
    assert text.count("\n  - ") == 3
    assert "Docker" in text
    assert caught.value.exit_code == 3


def test_reading_the_facts_changes_nothing(tmp_path: Path) -> None:
    """A data folder that does not exist yet is looked at through what does."""
    data = DataFolder(root=tmp_path / "not" / "there")
    facts = read_machine_facts(data)
    assert list(tmp_path.iterdir()) == []
    assert facts.free_bytes > 0
    assert facts.is_root is (os.geteuid() == 0)
    assert facts.socket_path_bytes == len(str(data.socket).encode())
