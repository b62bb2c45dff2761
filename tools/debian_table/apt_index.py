"""Debian's package, source and Contents indexes, fetched by apt into a private folder.

The machine's own package sources say where Debian is; nothing on the machine is changed
and no root is needed. The suite must be among those sources.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_CONTENTS_TARGET = """\
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::IndexTargets::deb::Contents-deb {
  MetaKey "$(COMPONENT)/Contents-$(ARCHITECTURE)";
  ShortDescription "Contents-$(ARCHITECTURE)";
  Description "$(RELEASE)/$(COMPONENT) $(ARCHITECTURE) Contents (deb)";
  PDiffs "true"; KeepCompressed "true";
};
"""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One file of the archive with the packages that ship it, as (section, name)."""

    path: str
    owners: tuple[tuple[str, str], ...]


class AptIndex:
    """One suite's indexes for amd64 and for architecture-independent packages."""

    def __init__(self, suite: str, folder: Path) -> None:
        self._suite = suite
        self._folder = folder
        (folder / "lists" / "partial").mkdir(parents=True, exist_ok=True)
        (folder / "sources").mkdir(exist_ok=True)
        self._write_sources()
        configuration = folder / "apt.conf"
        configuration.write_text(
            f'Dir::State::lists "{folder / "lists"}";\n'
            'Dir::Etc::sourcelist "/dev/null";\n'
            f'Dir::Etc::sourceparts "{folder / "sources"}";\n' + _CONTENTS_TARGET
        )
        self._environment = {**os.environ, "APT_CONFIG": str(configuration)}

    def update(self) -> None:
        """Fetch the indexes. Raises CalledProcessError when apt cannot."""
        self._run("apt-get", "update", "--error-on=any")

    def date(self) -> str:
        """Return the day of the suite's Release file, as YYYY-MM-DD."""
        release = next((self._folder / "lists").glob("*_InRelease")).read_text()
        found = re.search(r"^Date: (.+)$", release, re.MULTILINE)
        if found is None:
            raise ValueError("reading the Release file: it has no Date")
        return parsedate_to_datetime(found[1]).date().isoformat()

    def files(self) -> Iterator[Entry]:
        """Yield every file outside documentation; the archive's order."""
        for line in self._lines("Contents-deb"):
            path, _, owners = line.rpartition(" ")
            if not path.startswith(("usr/share/doc/", "usr/share/man/")):
                pairs = (owner.rpartition("/")[::2] for owner in owners.split(","))
                yield Entry(
                    path=path.rstrip(),
                    owners=tuple((section.rpartition("/")[2], name) for section, name in pairs),
                )

    def binary_stanzas(self) -> Iterator[Mapping[str, str]]:
        """Yield the fields of each binary package."""
        return self._stanzas("Packages")

    def source_stanzas(self) -> Iterator[Mapping[str, str]]:
        """Yield the fields of each source package."""
        return self._stanzas("Sources")

    def unpack(self, package: str) -> Path:
        """Download a package and return the folder with its files."""
        target = self._folder / "unpacked" / package
        target.mkdir(parents=True, exist_ok=True)
        self._run("apt-get", "download", package, cwd=target)
        self._run("dpkg-deb", "-x", str(next(target.glob("*.deb"))), str(target))
        return target

    def _write_sources(self) -> None:
        """Copy the machine's sources of this suite alone, with source indexes added."""
        parts = Path("/etc/apt/sources.list.d")
        for file in sorted(parts.glob("*.sources")):
            for number, stanza in enumerate(re.split(r"\n\s*\n", file.read_text())):
                if re.search(rf"^Suites:.*(?<!\S){self._suite}(?!\S)", stanza, re.MULTILINE):
                    text = re.sub(r"(?m)^Suites:.*", f"Suites: {self._suite}", stanza)
                    text = re.sub(r"(?m)^Types:.*", "Types: deb deb-src", text)
                    copy = self._folder / "sources" / f"{file.stem}-{number}.sources"
                    copy.write_text(text.strip() + "\n")
        lines = [
            line.split(maxsplit=1)[1]
            for file in [Path("/etc/apt/sources.list"), *sorted(parts.glob("*.list"))]
            if file.exists()
            for line in file.read_text().splitlines()
            if re.match(rf"deb\s.*\s{self._suite}\s", line)
        ]
        text = "".join(f"deb {line}\ndeb-src {line}\n" for line in lines)
        (self._folder / "sources" / "one-line.list").write_text(text)

    def _lines(self, kind: str) -> Iterator[str]:
        listed = self._run(
            "apt-get",
            "indextargets",
            "--format",
            "$(FILENAME)",
            f"Created-By: {kind}",
            "Origin: Debian",
            f"Codename: {self._suite}",
        )
        for name in sorted(listed.split()):
            argv = ["/usr/lib/apt/apt-helper", "cat-file", name]
            with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
                assert process.stdout is not None  # noqa: S101 -- PIPE was asked for
                for line in process.stdout:
                    yield line.rstrip("\n")
            if process.returncode != 0:
                raise subprocess.CalledProcessError(process.returncode, argv)

    def _stanzas(self, kind: str) -> Iterator[Mapping[str, str]]:
        fields: dict[str, str] = {}
        last = ""
        for line in self._lines(kind):
            if not line:
                if fields:
                    yield fields
                fields = {}
            elif line[0] in " \t":
                fields[last] += line
            else:
                last, _, value = line.partition(":")
                fields[last] = value.strip()
        if fields:
            yield fields

    def _run(self, *argv: str, cwd: Path | None = None) -> str:
        command: Sequence[str] = argv
        done = subprocess.run(
            command, env=self._environment, cwd=cwd, stdout=subprocess.PIPE, text=True, check=True
        )
        return done.stdout
