"""What the user asks for, checked and laid over pipeline.yaml."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.config import load_config
from pipelines.errors import UsageError
from pipelines.stages.request import RunRequest, parse_options

CONFIG = load_config(
    "toolchain: {packages: [libfmt-dev]}\n"
    "coverage: {minimum_percent: 50}\n"
    "cmake: {preset: ci, options: {FOO: 'ON', BAR: '1'}, build_type: Debug}\n"
)


@given(
    pairs=st.lists(st.tuples(st.text(min_size=1).filter(lambda name: "=" not in name), st.text()))
)
def test_an_option_ends_at_its_first_equals_sign(pairs: list[tuple[str, str]]) -> None:
    """Values may hold anything, also equals signs and nothing at all."""
    texts = [f"{name}={value}" for name, value in pairs]
    expected = tuple((name.removeprefix("-D"), value) for name, value in pairs)
    assert parse_options(texts) == expected


def test_the_cmake_spelling_is_understood() -> None:
    """`-DNAME=VALUE`, copied from a cmake command line, is the same as NAME=VALUE."""
    assert parse_options(["-DFOO:BOOL=ON", "DIR=/a=b", "EMPTY="]) == (
        ("FOO:BOOL", "ON"),
        ("DIR", "/a=b"),
        ("EMPTY", ""),
    )


def test_an_option_without_value_is_refused() -> None:
    """A name alone is a mistake that is quoted."""
    with pytest.raises(UsageError, match="`FOO` has no `=`"):
        parse_options(["FOO"])


def test_a_sound_request_is_returned_as_it_is() -> None:
    """Checking changes nothing."""
    request = RunRequest(options=(("FOO:BOOL", "ON"),), packages=("libboost-dev", "g++-12"))
    assert request.checked() is request


def test_all_mistakes_of_a_request_are_told_at_once() -> None:
    """Every name that cannot be one is quoted in the same error."""
    request = RunRequest(
        options=(("", "x"), ("A B", "1")), packages=("lib boost", "--force", "Foo", "ok")
    )
    with pytest.raises(UsageError) as caught:
        request.checked()
    text = str(caught.value)
    for name in ("``", "`A B`", "`lib boost`", "`--force`"):
        assert name in text
    assert "`ok`" not in text
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("percent", [-0.1, 100.1, float("nan"), float("inf")])
def test_a_floor_is_a_percentage(percent: float) -> None:
    """What is no percentage is refused before anything runs."""
    with pytest.raises(UsageError, match=r"read --minimum-percent: .* is not within 0–100"):
        RunRequest(minimum_percent=percent).checked()


@pytest.mark.parametrize("percent", [0.0, 100.0])
def test_a_floor_of_the_request_replaces_that_of_the_file(percent: float) -> None:
    """Zero is a floor that was asked for, not one that was left out."""
    config = RunRequest(minimum_percent=percent).checked().apply(CONFIG)
    assert config.coverage.minimum_percent == percent


def test_an_empty_request_changes_nothing() -> None:
    """What is not asked for comes from pipeline.yaml."""
    assert RunRequest().apply(CONFIG) == CONFIG


def test_a_request_adds_to_lists_and_replaces_values() -> None:
    """Options and packages come on top of the file's; preset and build type replace its own."""
    request = RunRequest(
        options=(("FOO", "OFF"),), packages=("zlib1g-dev",), preset="dev", build_type="Release"
    )
    config = request.apply(CONFIG)
    assert config.cmake.options == (("FOO", "ON"), ("BAR", "1"), ("FOO", "OFF"))
    assert config.toolchain.packages == ("libfmt-dev", "zlib1g-dev")
    assert (config.cmake.preset, config.cmake.build_type) == ("dev", "Release")
    assert config.toolchain.compiler == CONFIG.toolchain.compiler
