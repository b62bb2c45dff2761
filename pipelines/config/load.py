"""Read pipeline.yaml: one small function per section, in the order of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.config.model import (
    Canary,
    CanaryStep,
    CMake,
    Compiler,
    Config,
    Coverage,
    Deploy,
    Environment,
    FailOn,
    Generator,
    Image,
    Kubernetes,
    Lint,
    Sanitize,
    Sanitizer,
    Scan,
    ScanSeverity,
    Strategy,
    Systemd,
    Test,
    Toolchain,
)
from pipelines.config.reading import Mistakes, Section, Value, Wrong, section
from pipelines.config.rules import (
    NAME,
    absolute_path,
    boolean,
    choice,
    git_ref,
    integer,
    is_name,
    list_of,
    matching,
    number,
    options,
    package,
    path_inside,
    path_pattern,
    regex,
    text,
    version,
)
from pipelines.config.yaml_tree import YamlProblem, parse_yaml
from pipelines.domain.lint import LintFailOn
from pipelines.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["load_config"]

_name = matching(NAME, "a name of lower-case letters, digits and hyphens", "sample-app")
_reference = matching(
    r"[a-z0-9][A-Za-z0-9._-]*(?::[0-9]{1,5})?(?:/[A-Za-z0-9._-]+)*(?::[A-Za-z0-9._-]+)?"
    r"(?:@sha256:[0-9a-f]{64})?",
    "an image",
    "debian or registry.example/tools@sha256:…",
)
_repository = matching(
    r"[a-z0-9][a-z0-9.-]*(?::[0-9]{1,5})?(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)+",
    "a repository without tag and digest",
    "ghcr.io/acme/sample-app",
)
_platform = matching(
    r"[a-z0-9]+/[a-z0-9_]+(?:/v[0-9]+)?", "a platform", "linux/amd64 or linux/arm64/v8"
)
_build_type = matching(r"[A-Za-z][A-Za-z0-9_]*", "a build type", "Release")


def load_config(text: str | None) -> Config:
    """Read the text of pipeline.yaml; None (no such file) gives the defaults.

    Raises:
        ConfigError: the text has mistakes; all of them are in it.
    """
    try:
        node = None if text is None else parse_yaml(text)
    except YamlProblem as problem:
        raise ConfigError((problem.mistake,)) from problem
    if node is None:
        return Config()
    mistakes = Mistakes()
    value = Value(node=node, path="", mistakes=mistakes)
    config = Config()
    if not value.is_null:
        try:
            config = _config(value)
        except Wrong as wrong:
            mistakes.note(node.place, "pipeline.yaml", wrong.found, wrong.todo)
    if mistakes.noted:
        raise ConfigError(mistakes.in_order())
    return config


def _config(value: Value) -> Config:
    with section(value) as keys:
        config = Config(
            name=_optional(keys, "name", _name),
            toolchain=keys.get("toolchain", _toolchain, Toolchain()),
            cmake=keys.get("cmake", _cmake, CMake()),
            test=keys.get("test", _test, Test()),
            sanitize=keys.get("sanitize", _sanitize, Sanitize()),
            coverage=keys.get("coverage", _coverage, Coverage()),
            lint=keys.get("lint", _lint, Lint()),
            image=keys.get("image", _image, Image()),
            scan=keys.get("scan", _scan, Scan()),
            deploy=keys.get("deploy", _deploy, Deploy()),
            environments=keys.get("environments", _environments, ()),
        )
        sanitize = keys.value("sanitize")
    memory = Sanitizer.MEMORY in config.sanitize.sanitizers
    if sanitize is not None and memory and config.toolchain.compiler is not Compiler.CLANG:
        sanitize.note(
            "the memory sanitizer exists only in Clang", "Set toolchain.compiler to clang"
        )
    return config


def _optional(keys: Section, key: str, reader: Callable[[Value], str]) -> str | None:
    return keys.get(key, reader, None)


def _toolchain(value: Value) -> Toolchain:
    with section(value) as keys:
        return Toolchain(
            image=keys.get("image", _reference, "debian"),
            compiler=keys.get("compiler", choice(Compiler), Compiler.GCC),
            packages=keys.get("packages", list_of(package), ()),
            cmake=_optional(keys, "cmake", version),
            ninja=_optional(keys, "ninja", version),
        )


def _cmake(value: Value) -> CMake:
    with section(value) as keys:
        return CMake(
            source=keys.get("source", path_inside, "."),
            generator=keys.get("generator", choice(Generator), Generator.NINJA),
            preset=_optional(keys, "preset", text),
            build_type=_optional(keys, "build_type", _build_type),
            options=keys.get("options", options, ()),
        )


def _test(value: Value) -> Test:
    seconds = integer(1, 86_400, "Write the seconds that one test may take, such as 300")
    jobs = integer(1, 1024, "Write how many tests may run at once, such as 4")
    with section(value) as keys:
        return Test(
            timeout_s=keys.get("timeout_s", seconds, 300),
            exclude=keys.get("exclude", list_of(text), ()),
            parallel=keys.get("parallel", jobs, None),
        )


def _sanitize(value: Value) -> Sanitize:
    default = Sanitize()
    with section(value) as keys:
        return Sanitize(
            sanitizers=keys.get("sanitizers", _sanitizers, default.sanitizers),
            preset=_optional(keys, "preset", text),
            fail_on=keys.get("fail_on", choice(FailOn), default.fail_on),
        )


def _sanitizers(value: Value) -> tuple[Sanitizer, ...]:
    found = list_of(choice(Sanitizer), at_least=1)(value)
    # Source: the compilers refuse the combinations ("is not allowed with").
    exclusive = (Sanitizer.THREAD, Sanitizer.MEMORY)
    for alone in exclusive:
        others = [str(each) for each in found if each not in {alone, Sanitizer.UNDEFINED}]
        if alone in found and others:
            raise Wrong(
                f"{alone} cannot be combined with {', '.join(others)}",
                f"Use {alone} by itself or with undefined",
            )
    return found


def _coverage(value: Value) -> Coverage:
    default = Coverage()
    percent = number(0, 100, "Use a percentage")
    patterns = list_of(path_pattern)
    with section(value) as keys:
        return Coverage(
            minimum_percent=keys.get("minimum_percent", percent, default.minimum_percent),
            minimum_branch_percent=keys.get("minimum_branch_percent", percent, None),
            preset=_optional(keys, "preset", text),
            include=keys.get("include", patterns, default.include),
            exclude=keys.get("exclude", patterns, default.exclude),
        )


def _lint(value: Value) -> Lint:
    default = Lint()
    release = integer(11, 99, "Write the major version of LLVM, such as 19")
    with section(value) as keys:
        return Lint(
            clang_format=keys.get("clang_format", boolean, None),
            clang_tidy=keys.get("clang_tidy", boolean, default.clang_tidy),
            cppcheck=keys.get("cppcheck", boolean, default.cppcheck),
            exclude=keys.get("exclude", list_of(regex), ()),
            clang_version=keys.get("clang_version", release, None),
            base=_optional(keys, "base", git_ref),
            fail_on=keys.get("fail_on", choice(LintFailOn), default.fail_on),
        )


def _image(value: Value) -> Image:
    default = Image()
    with section(value) as keys:
        return Image(
            dockerfile=keys.get("dockerfile", path_inside, default.dockerfile),
            repository=_optional(keys, "repository", _repository),
            platforms=keys.get("platforms", list_of(_platform, at_least=1), default.platforms),
        )


def _scan(value: Value) -> Scan:
    default = Scan()
    severities = list_of(choice(ScanSeverity), at_least=1)
    hours = integer(1, 8_760, "Write hours, such as 48")
    with section(value) as keys:
        return Scan(
            fail_on=keys.get("fail_on", severities, default.fail_on),
            ignore_unfixed=keys.get("ignore_unfixed", boolean, default.ignore_unfixed),
            database_max_age_h=keys.get("database_max_age_h", hours, 48),
        )


def _deploy(value: Value) -> Deploy:
    with section(value) as keys:
        return Deploy(
            strategy=keys.get("strategy", choice(Strategy), Strategy.ROLLING),
            kubernetes=keys.get("kubernetes", _kubernetes, Kubernetes()),
            canary=keys.get("canary", _canary, Canary()),
            systemd=keys.get("systemd", _systemd, Systemd()),
        )


def _kubernetes(value: Value) -> Kubernetes:
    with section(value) as keys:
        return Kubernetes(
            manifests=keys.get("manifests", path_inside, Kubernetes().manifests),
            container=_optional(keys, "container", _name),
            service=_optional(keys, "service", _name),
        )


def _canary(value: Value) -> Canary:
    default = Canary()
    share = number(0, 1, "Use a share from 0 to 1, such as 0.01")
    ratio = number(0.1, 1_000, "Use a ratio to the stable release, such as 1.2")
    with section(value) as keys:
        return Canary(
            steps=keys.get("steps", _canary_steps, default.steps),
            max_error_ratio=keys.get("max_error_ratio", share, default.max_error_ratio),
            max_p99_ratio=keys.get("max_p99_ratio", ratio, default.max_p99_ratio),
        )


def _canary_steps(value: Value) -> tuple[CanaryStep, ...]:
    steps: list[CanaryStep] = []
    items = value.items()
    if not items:
        raise Wrong("the list is empty", "Name at least one step, such as {weight: 10}")
    for item in items:
        step = item.read(_canary_step, None)
        if step is not None and steps and step.weight <= steps[-1].weight:
            item.note(
                f"the weight {step.weight} does not rise above {steps[-1].weight}",
                "Let the weights rise from step to step",
            )
        elif step is not None:
            steps.append(step)
    return tuple(steps)


def _canary_step(value: Value) -> CanaryStep | None:
    percent = integer(1, 100, "Use a percentage")
    requests = integer(0, 1_000_000_000, "Write how many requests to wait for, such as 500")
    with section(value) as keys:
        weight = keys.get("weight", percent, None)
        min_requests = keys.get("min_requests", requests, 0)
        written = keys.value("weight")
    if written is None or written.is_null:
        raise Wrong("the step has no weight", "Add one, such as weight: 10")
    return None if weight is None else CanaryStep(weight=weight, min_requests=min_requests)


def _systemd(value: Value) -> Systemd:
    with section(value) as keys:
        return Systemd(
            unit=_optional(keys, "unit", path_inside),
            socket=_optional(keys, "socket", path_inside),
            install_dir=_optional(keys, "install_dir", absolute_path),
        )


def _environments(value: Value) -> tuple[Environment, ...]:
    found: list[Environment] = []
    for name, entry in value.entries():
        if not is_name(name):
            entry.note(
                "this is not a name for an environment",
                "Use lower-case letters, digits and hyphens, such as staging",
            )
        elif entry.is_null:
            found.append(Environment(name=name))
        else:
            found.append(entry.read(_environment(name), Environment(name=name)))
    return tuple(found)


def _environment(name: str) -> Callable[[Value], Environment]:
    replicas = integer(0, 10_000, "Write how many replicas to run, such as 3")

    def read(value: Value) -> Environment:
        with section(value) as keys:
            return Environment(
                name=name,
                namespace=_optional(keys, "namespace", _name),
                replicas=keys.get("replicas", replicas, None),
                env_file=_optional(keys, "env_file", path_inside),
            )

    return read
