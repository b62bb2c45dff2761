#!/opt/venv/bin/python
"""Serve one call of a Python module.

The module is not installed: its source folder goes on the path, and the entry points of its
pyproject.toml are made known through a metadata folder, so that a changed source file costs no
pip run.
"""

import os
import re
import sys
import tempfile
from pathlib import Path

import tomllib


def register_project(source: Path) -> None:
    """Make the project importable, with the entry points that it declares."""
    project = tomllib.loads((source / "pyproject.toml").read_text())["project"]
    metadata = Path(tempfile.mkdtemp())
    info = metadata / f"{re.sub(r'[^A-Za-z0-9.]+', '_', project['name'])}-0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 0\n")
    lines = []
    for group, entries in project.get("entry-points", {}).items():
        lines.append(f"[{group}]")
        lines += [f"{name} = {value}" for name, value in entries.items()]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
    # `src` is the other common place for a project's packages.
    sys.path[:0] = [str(source), str(source / "src"), str(metadata)]


def main() -> int | None:
    """Run the call that the engine asks for."""
    register_project(Path(os.environ["DAGGER_MODULE_SOURCE"]))
    words = re.split(r"[-_ ]+", os.environ["DAGGER_MODULE"])
    main_object = "".join(word[:1].upper() + word[1:] for word in words)
    os.environ.setdefault("DAGGER_MAIN_OBJECT", main_object)

    from dagger.mod.cli import app

    return app(register="--register" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
