"""The Dagger module: each function is one thing that the pipeline does for a C++ repository.

The docstrings here are what `dagger functions` and `dagger call … --help` show.
"""
# No `from __future__ import annotations`: Dagger reads the annotations of these classes.

import dataclasses
from collections.abc import Sequence
from typing import Annotated

import dagger
from dagger import DefaultPath, Doc, Ignore, check, function, object_type

from pipelines.domain.summary import Summary, Verdict
from pipelines.domain.variant import VariantPlan
from pipelines.errors import GateFailed
from pipelines.stages.build_and_test import RunOutcome, run_variants
from pipelines.stages.directory_reader import DirectoryReader
from pipelines.stages.images import load_catalogue
from pipelines.stages.lint import compare_directories, run_lint
from pipelines.stages.plan_run import RunPlan, plan_run
from pipelines.stages.project_files import read_project_files
from pipelines.stages.request import RunRequest, parse_options
from pipelines.stages.source import IGNORED

__all__ = ["Pipelines"]

Fresh = Annotated[bool, Doc("Take nothing from caches; build from an empty build directory.")]

# Without Ignore: Dagger 0.21 fails when it is to apply it to an argument that is left out.
LintBaseDirectory = Annotated[
    dagger.Directory | None,
    Doc("What changed lines are told by: a directory such as https://example.org/repo.git#main."),
]


@object_type
class Pipelines:
    """Take a C++/CMake repository from commit to production."""

    source: Annotated[
        dagger.Directory,
        DefaultPath("."),
        Ignore(list(IGNORED)),
        Doc("The repository; its pipeline.yaml, if any, says what is special about it."),
    ]
    cmake_option: Annotated[
        list[str], Doc("CMake cache variables as KEY=VALUE, on top of pipeline.yaml.")
    ] = dataclasses.field(default_factory=list)
    package: Annotated[
        list[str], Doc("Debian packages that the build needs, on top of pipeline.yaml.")
    ] = dataclasses.field(default_factory=list)
    netrc: Annotated[
        dagger.Secret | None,
        Doc("Credentials (a netrc file) for dependencies that CMake downloads."),
    ] = None

    @function
    async def build(
        self,
        build_type: Annotated[
            str | None, Doc("CMake build type, for example RelWithDebInfo; default Release.")
        ] = None,
        preset: Annotated[str | None, Doc("A configure preset of the repository.")] = None,
        fresh: Fresh = False,
    ) -> dagger.Directory:
        """Build the Release variant and return its install tree.

        A project without install rules gets its programs in bin/ and its libraries in lib/.
        """
        plan = await self._plan(RunRequest(build_type=build_type, preset=preset, fresh=fresh))
        outcome = await self._run(plan, [plan.build])
        _judged(outcome)
        return outcome.containers[plan.build.name].directory("/out")

    @function
    async def test(self, fresh: Fresh = False) -> str:
        """Build the Release variant and run its tests; fail when one fails or there is none."""
        plan = await self._plan(RunRequest(fresh=fresh))
        outcome = await self._run(plan, [plan.release])
        return _judged(outcome)

    @function
    async def sanitize(
        self,
        sanitizers: Annotated[
            list[str] | None,
            Doc("Sanitizers to build with, for example address,undefined or thread."),
        ] = None,
        fresh: Fresh = False,
    ) -> str:
        """Build with sanitizers and run the tests; fail on any finding.

        Known-bad programs must die first, so that silence means something.
        """
        plan = await self._plan(RunRequest(sanitizers=tuple(sanitizers or ()), fresh=fresh))
        outcome = await self._run(plan, [plan.sanitized])
        return _judged(outcome)

    @function
    async def coverage(
        self,
        minimum_percent: Annotated[
            float | None, Doc("Floor of line coverage, 0 to 100, instead of pipeline.yaml's.")
        ] = None,
        fresh: Fresh = False,
    ) -> str:
        """Build with counters, run the tests, and tell how much of the code they reach.

        Fails below the floor, and when nothing was measured. The pages that show every line are
        in `reports --job coverage`.
        """
        plan = await self._plan(RunRequest(minimum_percent=minimum_percent, fresh=fresh))
        outcome = await self._run(plan, plan.job("coverage"))
        return _judged(outcome)

    @function
    @check
    async def build_and_test(self, fresh: Fresh = False) -> str:
        """Run the main job: Release and sanitized build with their tests, side by side."""
        plan = await self._plan(RunRequest(fresh=fresh))
        outcome = await self._run(plan, [plan.release, plan.sanitized])
        return _judged(outcome)

    @function
    async def lint(self, base: LintBaseDirectory = None, fresh: Fresh = False) -> str:
        """Run clang-format, clang-tidy and cppcheck; fail on findings in changed lines.

        Findings in lines that are as in the base are counted. Without a base every line is new. The
        corrected format, among others, is in `reports --job lint`.
        """
        return _judged(await self._lint(base, fresh=fresh))

    @function
    async def reports(
        self,
        job: Annotated[
            str, Doc("Whose reports: build-and-test, test, sanitize, coverage or lint.")
        ] = "build-and-test",
        base: LintBaseDirectory = None,
        fresh: Fresh = False,
    ) -> dagger.Directory:
        """Run the main job, or another one, and return its reports, also when it is red.

        summary.json, summary.md, findings.sarif, findings.junit.xml, and logs and JUnit by variant;
        of coverage also HTML and Cobertura; of lint also a patch for `git apply`. A function gives
        either a folder or a failure, and this one gives the folder. After the job itself it costs
        nothing more.
        """
        if job == "lint":
            return (await self._lint(base, fresh=fresh)).reports
        plan = await self._plan(RunRequest(fresh=fresh))
        outcome = await self._run(plan, plan.job(job))
        return outcome.reports

    async def _lint(self, base: dagger.Directory | None, *, fresh: bool) -> RunOutcome:
        plan = await self._plan(RunRequest(fresh=fresh))
        compared = await compare_directories(plan, base, self.source) if base else None
        return await run_lint(plan, self.source, base=compared, netrc=self.netrc)

    async def _plan(self, request: RunRequest) -> RunPlan:
        request = dataclasses.replace(
            request, options=parse_options(self.cmake_option), packages=tuple(self.package)
        )
        files = await read_project_files(DirectoryReader(self.source))
        return plan_run(files, request, load_catalogue())

    async def _run(self, plan: RunPlan, variants: Sequence[VariantPlan]) -> RunOutcome:
        return await run_variants(plan, self.source, variants, netrc=self.netrc)


def _judged(outcome: RunOutcome) -> str:
    """Return the summary for people; fail when it is red, or when there is nothing to judge."""
    if outcome.unjudged is not None:
        raise outcome.unjudged
    return _require_green(outcome.summary)


def _require_green(summary: Summary) -> str:
    """Return the summary for people, or fail with it."""
    text = summary.to_text()
    if summary.verdict is not Verdict.PASSED:
        raise GateFailed("run the pipeline", "it is red", f"The summary tells why:\n{text}")
    return text
