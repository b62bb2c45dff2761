"""Variants: the same sources configured, built and tested in different ways. Pure plans."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipelines.domain.coverage_plan import CLANG_COVERAGE_FLAGS, COVERAGE_FLAGS, CoveragePlan

__all__ = [
    "BUILD_ROOT",
    "SOURCE_ROOT",
    "VariantPlan",
    "VariantSettings",
    "plan_build",
    "plan_coverage",
    "plan_lint",
    "plan_release",
    "plan_sanitized",
    "variant_name",
]

# Source: run_variant.sh. Fixed, so that the compiler cache finds the same paths on every machine.
SOURCE_ROOT = "/project/src"
BUILD_ROOT = "/project/build"
SANITIZER_LOGS = "/reports/sanitizer"

# ctest keeps both ends of longer output (CMake ≥ 3.24). Sanitizer reports stand at the end, and
# those of a passing test (one that is expected to fail, say) count too.
TEST_OUTPUT_BYTES = 500_000
TRUNCATION_SINCE = (3, 24)

_SHORT_NAMES = {"address": "asan", "undefined": "ubsan", "leak": "lsan", "thread": "tsan"}
_PROBES = {
    "address": ("heap_overflow:heap-buffer-overflow", "leak:detected memory leaks"),
    "leak": ("leak:detected memory leaks",),
    "undefined": ("signed_overflow:signed integer overflow",),
    "thread": ("data_race:data race",),
    "memory": ("uninitialized:use-of-uninitialized-value",),
}


@dataclass(frozen=True, kw_only=True)
class VariantSettings:
    """What the project and its user ask for; the same for every variant.

    Attributes:
        options: CMake cache variables, in order; a later one wins.
        cmake: Major and minor version of the CMake that will run.
        timeout_s: Seconds per test.
        parallel_tests: Tests at once; None means one per processor.
    """

    generator: str = "Ninja"
    preset: str | None = None
    build_type: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    cmake: tuple[int, int] = (3, 25)
    timeout_s: int = 300
    exclude_tests: tuple[str, ...] = ()
    parallel_tests: int | None = None


@dataclass(frozen=True, kw_only=True)
class VariantPlan:
    """One variant, ready to run.

    Attributes:
        arguments: For run_variant.sh, after its markers.
        environment: Variables of every step.
        probes: Known-bad programs that must die first, as NAME:EXPECTED.
        probe_flags: Compiler flags of the probes, the same as the project's.
        fail_on_findings: A finding fails the variant even when all tests passed.
        coverage: What to count while the tests run; None where nothing is counted.
        lint: Arguments of lint_tools, which looks at the sources once they are built.
    """

    name: str
    configure: tuple[str, ...]
    build: tuple[str, ...] = ()
    test: tuple[str, ...] | None = None
    install: tuple[str, ...] | None = None
    environment: tuple[tuple[str, str], ...] = ()
    probes: tuple[str, ...] = ()
    probe_flags: tuple[str, ...] = ()
    fail_on_findings: bool = True
    coverage: CoveragePlan | None = None
    lint: tuple[str, ...] | None = None

    @property
    def arguments(self) -> tuple[str, ...]:
        """The argument list of run_variant.sh."""
        arguments = ["::configure", *self.configure, "::build", *self.build]
        if self.test is not None:
            arguments += ["::test", *self.test]
        if self.coverage is not None:
            arguments += ["::coverage", *self.coverage.arguments]
        if self.install is not None:
            arguments += ["::install", *self.install]
        if self.lint is not None:
            arguments += ["::lint", *self.lint]
        return tuple(arguments)


def plan_release(settings: VariantSettings) -> VariantPlan:
    """Plan the variant that ships: optimised, with its tests."""
    build_type = settings.build_type or "Release"
    # A preset knows its own build type; asking for another one overrides it.
    defines = _defines(settings.options)
    if settings.preset is None or settings.build_type is not None:
        defines = (f"-DCMAKE_BUILD_TYPE={build_type}", *defines)
    return VariantPlan(
        name="release",
        configure=(*_selection(settings, settings.preset), *defines),
        build=_build_arguments(settings, settings.preset),
        test=_test_arguments(settings),
        environment=_test_environment(settings),
    )


def plan_build(settings: VariantSettings) -> VariantPlan:
    """Plan the release variant without its tests, but with an install tree."""
    return replace(plan_release(settings), test=None, install=())


def plan_sanitized(
    settings: VariantSettings,
    *,
    sanitizers: tuple[str, ...],
    preset: str | None = None,
    fail_on_findings: bool = True,
) -> VariantPlan:
    """Plan a Debug variant under sanitizers.

    A preset of its own brings its flags itself; otherwise the flags come from outside
    (instrument.cmake) and hold whatever the project assigns.
    """
    flags = (
        f"-fsanitize={','.join(sanitizers)}",
        "-fno-sanitize-recover=all",
        "-fno-omit-frame-pointer",
        "-g",  # a finding without a line number helps nobody
    )
    configure = [*_selection(settings, preset or settings.preset)]
    if preset is None:
        configure += _instrumented(flags)
    configure += _defines(settings.options)
    probes = dict.fromkeys(probe for name in sanitizers for probe in _PROBES[name])
    return VariantPlan(
        name=variant_name(sanitizers),
        configure=tuple(configure),
        build=_build_arguments(settings, preset or settings.preset),
        test=_test_arguments(settings),
        environment=(
            ("PIPELINES_SANITIZED", "1"),
            *_sanitizer_environment(),
            *_test_environment(settings),
        ),
        probes=tuple(probes),
        probe_flags=flags,
        fail_on_findings=fail_on_findings,
    )


def plan_coverage(
    settings: VariantSettings, coverage: CoveragePlan, *, preset: str | None = None
) -> VariantPlan:
    """Plan a Debug variant that counts which lines its tests reach.

    As with sanitizers, a preset of its own brings its flags itself. Clang counts the way of gcov,
    too: its own way needs a list of all programs that ran, which nobody has for any project.
    """
    configure = [*_selection(settings, preset or settings.preset)]
    if preset is None:
        configure += _instrumented(COVERAGE_FLAGS)
        configure.append(f"-DPIPELINES_CLANG_FLAGS={';'.join(CLANG_COVERAGE_FLAGS)}")
    return VariantPlan(
        name="coverage",
        configure=(*configure, *_defines(settings.options)),
        build=_build_arguments(settings, preset or settings.preset),
        test=_test_arguments(settings),
        environment=_test_environment(settings),
        coverage=coverage,
    )


def plan_lint(settings: VariantSettings, lint: tuple[str, ...]) -> VariantPlan:
    """Plan the release variant without its tests, with a compile database for other tools.

    It is built, too: only that makes every generated header, whatever generates it. As nothing
    else differs from the release, the compiler cache has most of it.
    """
    release = plan_release(settings)
    configure = (*release.configure, "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON")
    return replace(release, name="lint", configure=configure, test=None, environment=(), lint=lint)


def variant_name(sanitizers: tuple[str, ...]) -> str:
    """Return for example "asan-ubsan"."""
    short = {_SHORT_NAMES.get(name, f"{name[0]}san") for name in sanitizers}
    return "-".join(sorted(short))


def _selection(settings: VariantSettings, preset: str | None) -> tuple[str, ...]:
    if preset is not None:
        return (f"--preset={preset}",)
    return ("-G", settings.generator)


def _instrumented(flags: tuple[str, ...]) -> tuple[str, ...]:
    return (
        "-DCMAKE_BUILD_TYPE=Debug",
        "-DCMAKE_PROJECT_INCLUDE=/opt/pipelines/instrument.cmake",
        f"-DPIPELINES_FLAGS={';'.join(flags)}",
    )


def _defines(options: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    return tuple(f"-D{name}={value}" for name, value in options)


def _build_arguments(settings: VariantSettings, preset: str | None) -> tuple[str, ...]:
    # More than the first error, but not a thousand times the same one. A preset may bring another
    # generator, which takes no such argument.
    return ("--", "-k", "10") if settings.generator == "Ninja" and not preset else ()


def _test_arguments(settings: VariantSettings) -> tuple[str, ...]:
    arguments = [
        "--no-tests=error",
        "--output-on-failure",
        # Words of their own: only some versions of ctest take `--option=value`.
        *("--timeout", str(settings.timeout_s)),
        *("--test-output-size-passed", str(TEST_OUTPUT_BYTES)),
        *("--test-output-size-failed", str(TEST_OUTPUT_BYTES)),
    ]
    if settings.cmake >= TRUNCATION_SINCE:
        arguments += ["--test-output-truncation", "middle"]
    if settings.exclude_tests:
        arguments += ["--exclude-regex", "|".join(f"({name})" for name in settings.exclude_tests)]
    return tuple(arguments)


def _test_environment(settings: VariantSettings) -> tuple[tuple[str, str], ...]:
    if settings.parallel_tests is None:
        return ()
    return (("PIPELINES_TEST_JOBS", str(settings.parallel_tests)),)


def _sanitizer_environment() -> tuple[tuple[str, str], ...]:
    """Have reports written to files: what a test prints may be captured, cut or thrown away.

    The UBSan of GCC writes to standard error all the same when it runs beside ASan; the output
    of the tests is therefore read as well.
    """
    logs = f"log_path={SANITIZER_LOGS}"
    return (
        ("ASAN_OPTIONS", f"detect_leaks=1:{logs}/asan"),
        ("LSAN_OPTIONS", "print_suppressions=0"),
        ("UBSAN_OPTIONS", f"print_stacktrace=1:halt_on_error=1:{logs}/ubsan"),
        ("TSAN_OPTIONS", f"second_deadlock_stack=1:{logs}/tsan"),
        ("MSAN_OPTIONS", f"{logs}/msan"),
    )
