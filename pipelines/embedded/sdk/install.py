"""Install a module's dependencies, and nothing of the module itself.

Runs once per content of pyproject.toml; a changed source file does not come through here.
"""

import subprocess
import sys
from pathlib import Path

import tomllib


def main() -> int:
    """Install what [project.dependencies] lists and compile it to bytecode."""
    project = tomllib.loads(Path(sys.argv[1]).read_text())["project"]
    argv = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    argv += ["--root-user-action=ignore", "--compile", *project.get("dependencies", [])]
    return subprocess.call(argv)


if __name__ == "__main__":
    sys.exit(main())
