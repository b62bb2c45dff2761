"""Any YAML gives a configuration or a list of located mistakes."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from pipelines.config import (
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
    Sanitize,
    Sanitizer,
    Scan,
    ScanSeverity,
    Strategy,
    Systemd,
    Test,
    Toolchain,
    load_config,
)
from pipelines.domain._compat import StrEnum
from pipelines.errors import ConfigError, ConfigMistake

KEYS = [
    "name",
    "toolchain",
    "packages",
    "cmake",
    "source",
    "options",
    "test",
    "timeout_s",
    "sanitize",
    "sanitizers",
    "deploy",
    "canary",
    "steps",
    "weight",
    "environments",
    "lint",
    "exclude",
    "clang_version",
    "staging",
    "replicas",
    "<<",
]


def check(text: str) -> None:
    """Load a text; the only error that may come is the one with mistakes in it."""
    mistakes: tuple[ConfigMistake, ...] = ()
    try:
        load_config(text)
    except ConfigError as error:
        mistakes = error.mistakes or (ConfigMistake(path="", found="", todo=""),)
    for mistake in mistakes:
        assert mistake.path
        assert mistake.found
        assert mistake.todo


@given(st.text(max_size=80))
def test_any_text_is_answered(text: str) -> None:
    """No text makes the reader fail in another way."""
    check(text)


@given(
    st.lists(
        st.sampled_from(
            [*KEYS, ": ", "- ", "[", "]", "{", "}", "\n", "\n  ", "&a ", "*a", "!!", "3.30", "~"]
        ),
        max_size=20,
    ).map("".join)
)
def test_any_syntax_is_answered(text: str) -> None:
    """Pieces of YAML in any order are read or refused."""
    check(text)


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=10)
    | st.sampled_from(["address", "ON", "3.30", "../x", "2024-01-01", 10, 140])
    | st.dates()
)
structures = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=20,
)


@given(structures)
def test_any_structure_is_answered(value: object) -> None:
    """Any nested values are read or refused, at any place."""
    check(yaml.safe_dump(value))


@given(st.dictionaries(st.sampled_from(KEYS), structures, max_size=5))
def test_any_values_of_known_keys_are_answered(value: dict[str, object]) -> None:
    """Known keys with any values are read or refused."""
    check(yaml.safe_dump(value, sort_keys=False))


names = st.from_regex(r"[a-z][a-z0-9-]{0,8}[a-z0-9]", fullmatch=True)
percents = st.integers(0, 1000).map(lambda n: n / 10)
paths = st.lists(names, min_size=1, max_size=3).map("/".join)
versions = st.from_regex(r"[0-9]{1,2}\.[0-9]{1,2}(\.[0-9]{1,2})?", fullmatch=True)
labels = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x2FF).filter(str.isprintable),
    min_size=1,
    max_size=8,
)


def unique(values: st.SearchStrategy[Any], *, at_least: int = 0) -> st.SearchStrategy[Any]:
    """Make tuples without repetitions."""
    return st.lists(values, min_size=at_least, max_size=4, unique=True).map(tuple)


configs = st.builds(
    Config,
    name=st.none() | names,
    toolchain=st.builds(
        Toolchain,
        image=names,
        compiler=st.sampled_from(Compiler),
        packages=unique(names),
        cmake=st.none() | versions,
        ninja=st.none() | versions,
    ),
    cmake=st.builds(
        CMake,
        source=paths | st.just("."),
        generator=st.sampled_from(Generator),
        preset=st.none() | labels,
        build_type=st.none() | st.sampled_from(["Debug", "Release", "Asan"]),
        options=st.dictionaries(
            st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,9}", fullmatch=True), labels | st.just("")
        ).map(lambda options: tuple(options.items())),
    ),
    test=st.builds(
        Test,
        timeout_s=st.integers(1, 86_400),
        exclude=unique(labels),
        parallel=st.none() | st.integers(1, 64),
    ),
    sanitize=st.builds(
        Sanitize,
        sanitizers=st.sampled_from(
            [
                (Sanitizer.ADDRESS, Sanitizer.UNDEFINED),
                (Sanitizer.THREAD,),
                (Sanitizer.LEAK, Sanitizer.UNDEFINED),
            ]
        ),
        preset=st.none() | labels,
        fail_on=st.sampled_from(FailOn),
    ),
    coverage=st.builds(
        Coverage,
        minimum_percent=percents,
        minimum_branch_percent=st.none() | percents,
        preset=st.none() | labels,
        include=unique(paths.map(re.escape)),
        exclude=unique(paths.map(re.escape)),
    ),
    image=st.builds(
        Image,
        dockerfile=paths,
        repository=st.none() | paths.map("ghcr.io/{}".format),
        platforms=unique(st.sampled_from(["linux/amd64", "linux/arm64/v8"]), at_least=1),
    ),
    scan=st.builds(
        Scan,
        fail_on=unique(st.sampled_from(ScanSeverity), at_least=1),
        ignore_unfixed=st.booleans(),
        database_max_age_h=st.integers(1, 8_760),
    ),
    deploy=st.builds(
        Deploy,
        strategy=st.sampled_from(Strategy),
        kubernetes=st.builds(
            Kubernetes, manifests=paths, container=st.none() | names, service=st.none() | names
        ),
        canary=st.builds(
            Canary,
            steps=st.lists(st.integers(1, 100), min_size=1, max_size=4, unique=True).map(
                lambda weights: tuple(
                    CanaryStep(weight=weight, min_requests=weight * 10)
                    for weight in sorted(weights)
                )
            ),
            max_error_ratio=st.sampled_from([0.0, 0.01, 1.0]),
            max_p99_ratio=st.sampled_from([1.0, 1.2, 10.0]),
        ),
        systemd=st.builds(
            Systemd,
            unit=st.none() | paths,
            socket=st.none() | paths,
            install_dir=st.none() | paths.map("/{}".format),
        ),
    ),
    environments=st.lists(
        st.builds(
            Environment,
            name=names,
            namespace=st.none() | names,
            replicas=st.none() | st.integers(0, 99),
            env_file=st.none() | paths,
        ),
        max_size=3,
        unique_by=lambda environment: environment.name,
    ).map(tuple),
)


def to_plain(value: object) -> object:
    """Turn a configuration into the mappings and lists that its file has."""
    if isinstance(value, Config):
        plain = {each.name: to_plain(getattr(value, each.name)) for each in fields(value)}
        plain["environments"] = {
            each.name: {
                key: entry
                for key, entry in (
                    ("namespace", each.namespace),
                    ("replicas", each.replicas),
                    ("env_file", each.env_file),
                )
                if entry is not None
            }
            for each in value.environments
        }
        return plain
    if isinstance(value, CMake):
        known = {each.name: to_plain(getattr(value, each.name)) for each in fields(value)}
        return {**known, "options": dict(value.options)}
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: to_plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, StrEnum):
        return str(value)
    if isinstance(value, tuple):
        return [to_plain(each) for each in value]
    return value


@given(configs)
def test_what_was_written_is_read(config: Config) -> None:
    """Every valid configuration comes back from its own YAML."""
    text = yaml.safe_dump(to_plain(config), sort_keys=False, allow_unicode=True)
    assert load_config(text) == config
