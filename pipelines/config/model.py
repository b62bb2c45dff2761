"""The values of pipeline.yaml, with the defaults of everything that is left out.

The names are those of the file. Paths are relative to the repository and stay inside it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pipelines.domain._compat import StrEnum
from pipelines.domain.lint import LintFailOn


class Compiler(StrEnum):
    """The family of compilers to build with."""

    GCC = "gcc"
    CLANG = "clang"


class Generator(StrEnum):
    """The build tool that CMake writes files for."""

    NINJA = "Ninja"
    MAKE = "Unix Makefiles"


class Sanitizer(StrEnum):
    """What ``-fsanitize=`` accepts."""

    ADDRESS = "address"
    UNDEFINED = "undefined"
    LEAK = "leak"
    THREAD = "thread"
    MEMORY = "memory"


class FailOn(StrEnum):
    """What makes the sanitizer gate fail: any finding, or only a failed test."""

    ANY = "any"
    FAILED_TESTS = "failed-tests"


class ScanSeverity(StrEnum):
    """Severities of vulnerabilities, from the mildest to the worst."""

    UNKNOWN = "UNKNOWN"
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"


class Strategy(StrEnum):
    """How a new release takes over."""

    ROLLING = "rolling"
    BLUE_GREEN = "blue-green"
    CANARY = "canary"


@dataclass(frozen=True, kw_only=True)
class Toolchain:
    """What to build with: an image of the catalogue or a reference, and Debian packages.

    ``cmake`` and ``ninja`` are versions; None takes what fits the project.
    """

    image: str = "debian"
    compiler: Compiler = Compiler.GCC
    packages: tuple[str, ...] = ()
    cmake: str | None = None
    ninja: str | None = None


@dataclass(frozen=True, kw_only=True)
class CMake:
    """How to configure. ``options`` are cache variables with their values, in order."""

    source: str = "."
    generator: Generator = Generator.NINJA
    preset: str | None = None
    build_type: str | None = None
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Test:
    """How to run ctest.

    ``timeout_s`` counts per test, ``exclude`` are regular expressions of test names, and
    ``parallel`` is the number of tests at once; None means one per processor.
    """

    __test__ = False  # the name is not meant for pytest

    timeout_s: int = 300
    exclude: tuple[str, ...] = ()
    parallel: int | None = None


@dataclass(frozen=True, kw_only=True)
class Sanitize:
    """Which sanitizers to build with, and what fails their gate."""

    sanitizers: tuple[Sanitizer, ...] = (Sanitizer.ADDRESS, Sanitizer.UNDEFINED)
    preset: str | None = None
    fail_on: FailOn = FailOn.ANY


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """The shares from 0 to 100 that tests have to reach, and which files count.

    ``include`` and ``exclude`` are regular expressions that match a path, relative to the
    repository, from its start; nothing in ``include`` means every file. A branch floor of None
    asks for nothing.
    """

    minimum_percent: float = 0.0
    minimum_branch_percent: float | None = None
    preset: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = (r"(.*/)?tests?/", r"(.*/)?[^/]*_tests?\.[^/]+$")


@dataclass(frozen=True, kw_only=True)
class Lint:
    """Which tools read the sources, and which of their findings fail.

    ``clang_format`` None means files with a ``.clang-format`` above them. ``exclude`` are regular
    expressions of paths, ``clang_version`` is the release of LLVM (None: the image's), and
    ``base`` the git ref that lines are compared with (None: origin's default branch).
    """

    clang_format: bool | None = None
    clang_tidy: bool = True
    cppcheck: bool = True
    exclude: tuple[str, ...] = ()
    clang_version: int | None = None
    base: str | None = None
    fail_on: LintFailOn = LintFailOn.CHANGED


@dataclass(frozen=True, kw_only=True)
class Image:
    """The image of the service; ``repository`` has neither tag nor digest."""

    dockerfile: str = "Dockerfile"
    repository: str | None = None
    platforms: tuple[str, ...] = ("linux/amd64",)


@dataclass(frozen=True, kw_only=True)
class Scan:
    """Which vulnerabilities fail the gate, and how old the database may be in hours."""

    fail_on: tuple[ScanSeverity, ...] = (ScanSeverity.HIGH, ScanSeverity.CRITICAL)
    ignore_unfixed: bool = True
    database_max_age_h: int = 48


@dataclass(frozen=True, kw_only=True)
class Kubernetes:
    """Where the manifests are, and which container and Service are the application's."""

    manifests: str = "deploy/k8s"
    container: str | None = None
    service: str | None = None


@dataclass(frozen=True, kw_only=True)
class CanaryStep:
    """A share of the traffic in percent, held until so many requests were seen."""

    weight: int
    min_requests: int = 0


@dataclass(frozen=True, kw_only=True)
class Canary:
    """The steps of a canary, whose weights rise, and how much worse it may be.

    ``max_error_ratio`` is the share of failed requests from 0 to 1; ``max_p99_ratio`` is
    the canary's 99th percentile of latency divided by that of the stable release.
    """

    steps: tuple[CanaryStep, ...] = (
        CanaryStep(weight=10, min_requests=500),
        CanaryStep(weight=50, min_requests=1000),
    )
    max_error_ratio: float = 0.01
    max_p99_ratio: float = 1.2


@dataclass(frozen=True, kw_only=True)
class Systemd:
    """The unit files, and the absolute directory on the host for the releases."""

    unit: str | None = None
    socket: str | None = None
    install_dir: str | None = None


@dataclass(frozen=True, kw_only=True)
class Deploy:
    """How to roll out, and the settings of each way."""

    strategy: Strategy = Strategy.ROLLING
    kubernetes: Kubernetes = field(default_factory=Kubernetes)
    canary: Canary = field(default_factory=Canary)
    systemd: Systemd = field(default_factory=Systemd)


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A place to deploy to. None leaves a value as the manifests have it."""

    name: str
    namespace: str | None = None
    replicas: int | None = None
    env_file: str | None = None


@dataclass(frozen=True, kw_only=True)
class Config:
    """The whole file. ``name`` is None when the repository's name is to be taken."""

    name: str | None = None
    toolchain: Toolchain = field(default_factory=Toolchain)
    cmake: CMake = field(default_factory=CMake)
    test: Test = field(default_factory=Test)
    sanitize: Sanitize = field(default_factory=Sanitize)
    coverage: Coverage = field(default_factory=Coverage)
    lint: Lint = field(default_factory=Lint)
    image: Image = field(default_factory=Image)
    scan: Scan = field(default_factory=Scan)
    deploy: Deploy = field(default_factory=Deploy)
    environments: tuple[Environment, ...] = ()
