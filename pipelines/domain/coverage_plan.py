"""How coverage is measured: which files count, what gcovr is told, and what must be reached."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipelines.domain.coverage import Floors

__all__ = ["CLANG_COVERAGE_FLAGS", "COVERAGE_FLAGS", "CoveragePlan"]

# Threads of one program count into the same numbers: counts that are not atomic get lost, or even
# negative. Naming -fprofile-update=atomic would cost the compiler cache, because ccache before 4.10
# passes such a call on. GCC takes atomic counters by itself with -pthread.
COVERAGE_FLAGS = ("--coverage", "-pthread")
"""Counters in the style of gcov, which GCC and Clang share.

Source: gcc(1), "Instrumentation Options", --coverage and -fprofile-update.
"""
CLANG_COVERAGE_FLAGS = ("SHELL:-Xclang -fprofile-update=atomic",)
"""What Clang needs for the same, spelled so that ccache does not read it."""

# Source: gcovr 8.8, "Command Line Reference".
_READING = (
    # A line of a template is one line, however many instances it has.
    "--merge-lines",
    # Templates and macros define a function on several lines, which is an error otherwise.
    "--merge-mode-functions=separate",
    # Nobody writes these branches, and nobody can test them.
    "--exclude-throw-branches",
    "--exclude-unreachable-branches",
    # Generators such as bison name sources that are not there.
    "--gcov-ignore-errors=source_not_found",
    # GCC bug 68080: a negative counter counts as none. A huge one is a busy loop.
    "--gcov-ignore-parse-errors=negative_hits.warn_once_per_file",
    "--gcov-suspicious-hits-threshold=0",
)
# The build directory, fetched dependencies and system headers lie outside the repository.
_OUTSIDE = r"\.\./"


@dataclass(frozen=True, kw_only=True)
class CoveragePlan:
    """What to measure.

    Attributes:
        include: Regular expressions of paths from the repository's root; empty means all.
        exclude: Files to leave out of these, likewise.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    floors: Floors = field(default_factory=Floors)

    @property
    def arguments(self) -> tuple[str, ...]:
        """What gcovr is told besides places; each a word that cannot pass for a marker."""
        # Without a filter gcovr keeps what is below its root.
        filters = [f"--filter={pattern}" for pattern in self.include]
        excludes = [f"--exclude={pattern}" for pattern in (_OUTSIDE, *self.exclude)]
        return (*_READING, *filters, *excludes)
