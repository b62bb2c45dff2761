"""A place outside of any container in which run_variant.sh runs, with fakes of its big tools."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.stages import toolchain
from tests.unit.fakes import write_program

STAGES = Path(toolchain.__file__).parent

# Copies everything, and says what a test wants it to have said.
RSYNC = """
for last; do previous=$target; target=$last; done
cp -a "$previous." "$target"
cat "$ROOT/changes"
exit "$(cat "$ROOT/rsync-code" 2> /dev/null || echo 0)"
"""
# Configuring and building leave a file each; the words of each step come from a file, too.
CMAKE = """
echo "cmake $*" >> "$ROOT/calls"
case $1 in
  --build) name=build folder=$2 ;;
  --install) name=install folder=$2 ;;
  *) name=configure folder=$4; mkdir -p "$folder"; cp "$ROOT/CMakeCache.txt" "$folder/" ;;
esac
touch "$folder/$name-was-here"
[ -x "$ROOT/$name" ] && . "$ROOT/$name"
exit 0
"""
CTEST = """
echo "ctest $*" >> "$ROOT/calls"
[ -x "$ROOT/test" ] && . "$ROOT/test"
exit 0
"""

GCOVR = """
echo "gcovr $*" >> "$ROOT/calls"
[ -x "$ROOT/coverage" ] && . "$ROOT/coverage"
exit 0
"""


@dataclass(kw_only=True)
class VariantMachine:
    """Folders in the place of /source, /project, /reports and /out."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("source", "project", "home", "opt"):
            (self.root / name).mkdir()
        for name in ("limit.pl", "redact.pl"):
            (self.root / "opt" / name).symlink_to(STAGES / name)
        self.set_toolchain("sha256:1")
        self.set_changes("")
        (self.root / "CMakeCache.txt").touch()
        write_program(self.root / "gcovr" / "bin" / "python", GCOVR)
        for name, script in (("rsync", RSYNC), ("cmake", CMAKE), ("ctest", CTEST)):
            write_program(self.root / "bin" / name, script)
        script = (STAGES / "run_variant.sh").read_text()
        for place, mine in (
            ("source=/source", f"source={self.root}/source"),
            ("project=/project", f"project={self.root}/project"),
            ("reports=/reports", f"reports={self.root}/reports"),
            ("out=/out", f"out={self.root}/out"),
            ("/opt/pipelines/", f"{self.root}/opt/"),
            ("/opt/gcovr/", f"{self.root}/gcovr/"),
        ):
            assert place in script, place
            script = script.replace(place, mine)
        (self.root / "run_variant.sh").write_text(script)

    @property
    def build(self) -> Path:
        """The build folder."""
        return self.root / "project" / "build"

    def set_changes(self, itemized: str) -> None:
        """Have the next syncs report these changes, as rsync itemizes them."""
        (self.root / "changes").write_text(itemized)

    def set_toolchain(self, digest: str) -> None:
        """Have the container's tools add up to this digest."""
        (self.root / "opt" / "toolchain.txt").write_text(f"cmake 3.25.1\ndigest {digest}\n")

    def set_step(self, name: str, script: str) -> None:
        """Have configure, build, test or install run a script."""
        write_program(self.root / name, script)

    def run(self, *arguments: str) -> str:
        """Run the script with a clean reports folder; return its output."""
        subprocess.run(["rm", "-rf", str(self.root / "reports")], check=True)
        (self.root / "calls").write_text("")
        arguments = arguments or ("::configure", "-G", "Ninja", "::build", "::test")
        done = subprocess.run(
            ["bash", str(self.root / "run_variant.sh"), *arguments],
            env={
                "PATH": f"{self.root / 'bin'}:{os.environ['PATH']}",
                "HOME": str(self.root / "home"),
                "ROOT": str(self.root),
                "PIPELINES_VARIANT": "release",
                **self.environment,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
        output = (done.stdout + done.stderr).decode(errors="replace")
        assert done.returncode == 0, output
        return output

    def calls(self) -> list[str]:
        """Return the command lines of cmake, ctest and the reader of counters in the last run."""
        return (self.root / "calls").read_text().splitlines()

    def report(self, name: str) -> str:
        """Read a file of the reports folder."""
        return (self.root / "reports" / name).read_text(errors="replace")

    def codes(self) -> dict[str, int]:
        """Return the exit code of every step that ran."""
        return {
            path.stem: int(path.read_text().split()[0])
            for path in (self.root / "reports").glob("*.step")
        }
