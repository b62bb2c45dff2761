"""Read coverage counters after the tests: find them, choose the gcov that fits, run gcovr.

    python read_counters.py SOURCES BUILD REPORTS GCOVR_ARGUMENT…

Runs alone inside the toolchain container, in gcovr's own environment. Writes counters.json, which
says what was found, and, when gcovr can read it, summary.json, cobertura.xml and html/index.html.
Ends with the exit code of gcovr, or with 0 where gcovr was not called.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from xml.sax.saxutils import escape

__all__ = ["find_counters", "main", "reader_of", "writer_of"]

MAGIC = b"oncg"
CLANG = "Clang"
# What Clang writes unless it is told otherwise: the format of GCC 4.8, which nobody uses any more.
# Source: clang, CodeGenOptions, CoverageVersion.
CLANG_STAMP = "408*"


def main(arguments: list[str]) -> int:
    """Do what the module says."""
    sources, build, reports = (Path(each) for each in arguments[:3])
    writers, example = find_counters(build)
    reader = reader_of(next(iter(writers))) if len(writers) == 1 else None
    counted = sum(1 for _ in build.rglob("*.gcda"))
    found = {
        "instrumented": sum(writers.values()),
        "counted": counted,
        "writers": dict(sorted(writers.items())),
        "reader": reader,
        "example": example,
    }
    (reports / "counters.json").write_text(json.dumps(found) + "\n")
    if reader is None or counted == 0:
        return 0
    (reports / "html").mkdir(exist_ok=True)
    argv = [
        str(Path(sys.executable).parent / "gcovr"),
        *("--root", str(sources), "--gcov-executable", reader, "-j", str(os.cpu_count() or 1)),
        # A gcovr.cfg of the project must not move reports or floors; pipeline.yaml says it all.
        *("--config", os.devnull),
        *("--json-summary-pretty", "--json-summary", str(reports / "summary.json")),
        *("--cobertura-pretty", "--cobertura", str(reports / "cobertura.xml")),
        *("--html-details", str(reports / "html" / "index.html")),
        *arguments[3:],
        str(build),
    ]
    # Patterns of paths are relative to the working directory.
    code = subprocess.run(argv, cwd=sources, check=False).returncode
    if code == 0:
        _make_relative(reports / "cobertura.xml", sources)
    return code


def _make_relative(cobertura: Path, sources: Path) -> None:
    # Readers look for the files below this folder, which only the container has.
    text = cobertura.read_text(encoding="utf-8")
    place = f"<source>{escape(str(sources))}</source>"
    cobertura.write_text(text.replace(place, "<source>.</source>", 1), encoding="utf-8")


def find_counters(build: Path) -> tuple[Counter[str], str]:
    """Count the instrumented object files by compiler; also return the source of one of them."""
    writers: Counter[str] = Counter()
    examples: list[str] = []
    for path in build.rglob("*.gcno"):
        # CMake's own checks of the compiler are no code of the project.
        if "CompilerId" in path.parent.name:
            continue
        with path.open("rb") as file:
            writers[writer_of(file.read(8))] += 1
        examples.append(path.relative_to(build).as_posix().rpartition(".dir/")[2])
    return writers, min(examples, default="").removesuffix(".gcno")


def writer_of(head: bytes) -> str:
    """Name the compiler that wrote a .gcno file from its first eight bytes, such as "GCC 12".

    Source: GCC, gcc/gcov-iov.cc: a letter and two digits for major and minor version, then the
    status; little-endian.
    """
    stamp = head[4:8][::-1].decode("latin-1")
    if head[:4] != MAGIC:
        return "an unknown compiler"
    if stamp == CLANG_STAMP:
        return CLANG
    letter, digit = stamp[:1], stamp[1:2]
    if not (letter.isupper() and digit.isdigit()):
        return "an unknown compiler"
    return f"GCC {(ord(letter) - ord('A')) * 10 + int(digit)}"


def reader_of(writer: str) -> str | None:
    """Return the command that reads what a compiler wrote, or None when it is not installed."""
    if writer == CLANG:
        return "llvm-cov gcov" if shutil.which("llvm-cov") else None
    family, _, major = writer.partition(" ")
    if family != "GCC":
        return None
    if shutil.which(f"gcov-{major}"):
        return f"gcov-{major}"
    # Images of GCC itself have only the plain name.
    return "gcov" if shutil.which("gcov") and _gcov_major() == major else None


def _gcov_major() -> str:
    said = subprocess.run(["gcov", "--version"], capture_output=True, text=True, check=False).stdout
    words = said.partition("\n")[0].split()
    return words[-1].partition(".")[0] if words else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
