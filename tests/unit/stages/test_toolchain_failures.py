"""What a failed toolchain container means, told from exit codes."""

from __future__ import annotations

import re
from pathlib import Path

import dagger
import pytest
from dagger._exceptions import QueryErrorValue
from gql import GraphQLRequest

from pipelines.config import load_config
from pipelines.domain.toolchain import GCOVR_WHEELS, plan_toolchain
from pipelines.errors import ConfigError, DiskFull, InfrastructureError, NetworkUnreachable
from pipelines.stages import toolchain
from pipelines.stages.lint import explain_tools_failure
from pipelines.stages.plan_run import plan_run
from pipelines.stages.project_files import ProjectFiles
from pipelines.stages.request import RunRequest
from pipelines.stages.toolchain import explain_toolchain_failure, script

PLAN = plan_toolchain(
    image="debian", compiler="gcc", packages=("libfoo-dev", "libbar-dev"), wheels=("cmake==3.31.*",)
)
INSTALL = ["sh", "/opt/pipelines/install_toolchain.sh", "cmake"]


def failure(
    code: int, *, command: list[str] | None = None, stdout: str = "", stderr: str = ""
) -> dagger.ExecError:
    """Make the error that a failed step gives, without a server."""
    details = {
        "_type": "EXEC_ERROR",
        "cmd": command or INSTALL,
        "exitCode": code,
        "stdout": stdout,
        "stderr": stderr,
    }
    values = [QueryErrorValue(message=f"exit code: {code}", extensions=details)]
    return dagger.ExecError(values, GraphQLRequest("{ version }"))  # type: ignore[no-untyped-call]


def test_an_image_without_apt_is_a_mistake_in_the_configuration() -> None:
    """The image is named, and what would work."""
    error = explain_toolchain_failure(failure(90), PLAN)
    assert isinstance(error, ConfigError)
    (mistake,) = error.mistakes
    assert (mistake.path, mistake.found) == ("toolchain.image", "`debian` has no apt-get")


@pytest.mark.parametrize("code", [91, 93])
def test_packages_that_do_not_come_are_the_networks_fault(code: int) -> None:
    """The last thing that apt said is quoted, wherever it said it."""
    error = explain_toolchain_failure(failure(code, stderr="one\n E: two \n\n"), PLAN)
    assert isinstance(error, NetworkUnreachable)
    assert "(E: two)" in str(error)
    error = explain_toolchain_failure(failure(code, stdout="only here"), PLAN)
    assert "(only here)" in str(error)


def test_a_reader_of_coverage_that_does_not_come_is_told() -> None:
    """The package that pip was to install is named with its version, and what pip said."""
    command = ["/opt/gcovr/bin/pip", "install", "--quiet", *GCOVR_WHEELS]
    error = explain_toolchain_failure(failure(1, command=command, stderr="no route"), PLAN)
    assert isinstance(error, InfrastructureError)
    assert f"pip could not install {GCOVR_WHEELS[0]}" in str(error)
    assert "(no route)" in str(error)


@pytest.mark.parametrize("code", [91, 93, 1])
@pytest.mark.parametrize(
    "words",
    [
        "E: You don't have enough free space in /var/cache/apt/archives/.",
        "dpkg: error: cannot write: No space left on device",
    ],
)
def test_a_full_disk_is_not_the_networks_fault(code: int, words: str) -> None:
    """What the kernel or apt says about space is told as that, whatever failed for it."""
    error = explain_toolchain_failure(failure(code, stderr=words), PLAN)
    assert isinstance(error, DiskFull)
    assert "disk is full" in str(error)


def test_each_unknown_package_is_its_own_mistake() -> None:
    """All names that do not exist are told at once."""
    stderr = "E: Unable to locate package\nunknown packages: libfoo-dev libbaz-dev\n"
    error = explain_toolchain_failure(failure(92, stderr=stderr), PLAN)
    assert isinstance(error, ConfigError)
    found = [re.findall("`([^`]+)`", mistake.found)[0] for mistake in error.mistakes]
    assert found == ["libfoo-dev", "libbaz-dev"]
    assert all("toolchain.packages" in mistake.path for mistake in error.mistakes)


def test_unknown_packages_without_names_are_all_of_the_project() -> None:
    """Where the names are lost, the project's own packages are the ones to look at."""
    error = explain_toolchain_failure(failure(92), PLAN)
    assert isinstance(error, ConfigError)
    assert len(error.mistakes) == 2


def test_wheels_that_cannot_be_installed_are_named() -> None:
    """A failing pip leads to the settings that ask for wheels."""
    command = ["/opt/wheels/bin/pip", "install", "--quiet", "cmake==3.31.*"]
    error = explain_toolchain_failure(failure(1, command=command, stderr="no match"), PLAN)
    assert type(error) is InfrastructureError
    assert "cmake==3.31.*" in str(error)
    assert "toolchain.cmake" in str(error)


def test_any_other_failure_still_says_what_failed() -> None:
    """An unforeseen exit code is told with command and last words."""
    error = explain_toolchain_failure(failure(137, stderr="Killed"), PLAN)
    assert type(error) is InfrastructureError
    assert "ended with 137 (Killed)." in str(error)
    assert str(error).startswith("build the toolchain container: `sh ")


def test_every_exit_code_of_the_script_is_explained() -> None:
    """The codes that the script documents and the codes that are understood are the same."""
    text = script("install_toolchain.sh")
    used = {int(code) for code in re.findall(r"exit (9\d)", text)}
    documented = {int(code) for code in re.findall(r"\b(9\d) ", text.partition("set -u")[0])}
    assert used == documented
    generic = type(explain_toolchain_failure(failure(1), PLAN))
    for code in used:
        assert type(explain_toolchain_failure(failure(code), PLAN)) is not generic, code
    assert not (documented - {90, 91, 92, 93})


def test_all_scripts_travel_with_the_package() -> None:
    """Each script beside the module can be read through the package's resources."""
    folder = Path(toolchain.__file__).parent
    for path in (*folder.glob("*.sh"), *folder.glob("*.pl"), *folder.glob("*.cmake")):
        assert script(path.name) == path.read_text()


@pytest.mark.parametrize(
    ("config", "name", "path"),
    [
        ("lint: {clang_version: 42}", "clang-tidy-42", "lint.clang_version"),
        ("", "cppcheck", "toolchain.image"),
    ],
)
def test_a_tool_that_the_image_lacks_is_a_mistake_in_the_configuration(
    config: str, name: str, path: str
) -> None:
    """The package and the key to change are named."""
    files = ProjectFiles(config=load_config(config), cmake_lists="project(app)")
    plan = plan_run(files, RunRequest(), {"debian": "d@sha256:1"})
    error = explain_tools_failure(failure(92, stderr=f"unknown packages: {name}\n"), plan)
    assert isinstance(error, ConfigError)
    (mistake,) = error.mistakes
    assert mistake.path == path
    assert f"`{name}` is no package of the image debian" in mistake.found
    assert isinstance(explain_tools_failure(failure(91), plan), NetworkUnreachable)
