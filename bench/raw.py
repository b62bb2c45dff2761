"""Run the same commands bare: the same root file system, the same arguments, no engine."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

from bench.machine import read_clock
from bench.runs import BenchFailed, Run
from pipelines.domain.junit import parse_junit
from pipelines.engine.process import CommandFailed, run_command
from pipelines.stages.toolchain import SCRIPT_FOLDER, build_toolchain, script

if TYPE_CHECKING:
    from pipelines.domain.results import TestTotals
    from pipelines.domain.variant import VariantPlan
    from pipelines.stages.plan_run import RunPlan

__all__ = ["Raw", "export_root", "remove_tree"]

HERE = Path(__file__).parent
_ENTER = ("unshare", "--mount", "--pid", "--fork", "--kill-child=SIGKILL", "--propagation=private")


async def export_root(plan: RunPlan, folder: Path) -> None:
    """Take the toolchain's root file system out of the engine; needs a session with it."""
    toolchain = build_toolchain(plan.toolchain, plan.image)
    # As one file: the export of a folder with this many files may never end (dagger#6355).
    packed = (
        toolchain.with_mounted_directory("/mnt/root", toolchain.rootfs())
        .with_exec(["tar", "--create", "--file=/root.tar", "--directory=/mnt/root", "."])
        .file("/root.tar")
    )
    archive = folder.with_suffix(".tar")
    await packed.export(str(archive))
    await anyio.Path(folder).mkdir()
    argv = ["tar", "--extract", f"--file={archive}", f"--directory={folder}", "--same-owner"]
    await run_command("unpack the toolchain's root file system", argv)
    archive.unlink()
    for name in ("proc", "dev", "tmp", "project", "reports", "ccache"):
        (folder / name).mkdir(exist_ok=True)
    scripts = folder / SCRIPT_FOLDER.lstrip("/")
    scripts.mkdir(parents=True, exist_ok=True)
    (scripts / "instrument.cmake").write_text(script("instrument.cmake"))
    shutil.copy(HERE / "raw_run.sh", scripts)


def remove_tree(folder: Path) -> None:
    """Delete a folder that root file systems were in.

    Raises:
        BenchFailed: Something is mounted below it, which would be deleted as well.
    """
    mounted = [
        line.split()[4]
        for line in Path("/proc/self/mountinfo").read_text().splitlines()
        if Path(line.split()[4]).is_relative_to(folder)
    ]
    if mounted:
        raise BenchFailed(f"deleting {folder}: {', '.join(mounted)} is mounted. Unmount it")
    shutil.rmtree(folder)


@dataclass(frozen=True, kw_only=True)
class Raw:
    """Build directories and a compiler cache of one project.

    Attributes:
        root: Where the root file system is.
        work: A folder for what the commands write.
    """

    root: Path
    work: Path
    plan: RunPlan

    @property
    def variants(self) -> tuple[VariantPlan, ...]:
        """The same plans as ours."""
        return (self.plan.release, self.plan.sanitized)

    async def cold(self, source: Path) -> Run:
        """Configure, build and test both variants at once, from nothing."""
        if self.work.exists():
            await anyio.to_thread.run_sync(shutil.rmtree, self.work)
        for variant in self.variants:
            (self.work / variant.name / "project" / "src").mkdir(parents=True)
            (self.work / variant.name / "reports" / "sanitizer").mkdir(parents=True)
        (self.work / "ccache").mkdir()
        return await self._measure(source, configure=True)

    async def again(self, source: Path) -> Run:
        """Build and test what has changed."""
        return await self._measure(source, configure=False)

    async def _measure(self, source: Path, *, configure: bool) -> Run:
        outputs: dict[str, str] = {}
        failed: list[str] = []

        async def run(variant: VariantPlan) -> None:
            try:
                outputs[variant.name] = await self._run(variant, source, configure=configure)
            except CommandFailed as error:
                failed.append(variant.name)
                outputs[variant.name] = error.tail

        before = read_clock(None)
        async with anyio.create_task_group() as group:
            for variant in self.variants:
                group.start_soon(run, variant)
        after = read_clock(None)
        names = [variant.name for variant in self.variants]
        return Run(
            seconds=after.seconds_since(before),
            cpu=after.cpu_since(before),
            passed=not failed,
            tests={name: totals for name in names if (totals := self._tests(name)) is not None},
            steps={name: self._steps(name) for name in names},
            output="\n".join(outputs[name][-2000:] for name in failed or names),
        )

    async def _run(self, variant: VariantPlan, source: Path, *, configure: bool) -> str:
        folders = [str(path) for path in (source, self.work / variant.name, self.work / "ccache")]
        argv = [*_ENTER, "sh", str(HERE / "raw_enter.sh"), str(self.root), *folders]
        argv += ["bash", f"{SCRIPT_FOLDER}/raw_run.sh"]
        if configure:
            argv += ["::configure", *variant.configure]
        argv += ["::build", *variant.build, "::test", *(variant.test or ())]
        return await run_command(f"run {variant.name} bare", argv, env=self._environment(variant))

    def _environment(self, variant: VariantPlan) -> dict[str, str]:
        return {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/root",
            "CC": self.plan.toolchain.c_compiler,
            "CXX": self.plan.toolchain.cxx_compiler,
            "CMAKE_C_COMPILER_LAUNCHER": "ccache",
            "CMAKE_CXX_COMPILER_LAUNCHER": "ccache",
            "CCACHE_DIR": "/ccache",
            **dict(variant.environment),
        }

    def _tests(self, variant: str) -> TestTotals | None:
        path = self.work / variant / "reports" / "junit.xml"
        return parse_junit(path.read_bytes()).totals if path.is_file() else None

    def _steps(self, variant: str) -> dict[str, float]:
        path = self.work / variant / "reports" / "steps"
        lines = [line.split() for line in path.read_text().splitlines()]
        return {name: float(ended) - float(began) for name, began, ended in lines}
