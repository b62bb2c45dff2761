"""Reading the few files that a plan is made from, out of a folder or anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import pytest

from pipelines.errors import ConfigError, UsageError
from pipelines.stages.project_files import FolderReader, ProjectFiles, read_project_files
from tests.unit.fakes import FakeSource

if TYPE_CHECKING:
    from pathlib import Path

LISTS = "project(app)"


def read(files: dict[str, str]) -> ProjectFiles:
    """Read a repository that has just these files."""
    return anyio.run(read_project_files, FakeSource(files))


def test_a_plain_repository_needs_no_configuration() -> None:
    """CMakeLists.txt alone is enough; everything else has its default."""
    files = read({"CMakeLists.txt": LISTS})
    assert files.cmake_lists == LISTS
    assert files.presets == ()
    assert files.config.cmake.source == "."


def test_cmake_files_are_looked_for_in_the_configured_folder() -> None:
    """`cmake.source` moves both the lists and the presets."""
    files = read(
        {
            "pipeline.yaml": "cmake: {source: cpp/app}",
            "CMakeLists.txt": "of the top",
            "cpp/app/CMakeLists.txt": LISTS,
            "cpp/app/CMakePresets.json": "{}",
            "cpp/app/CMakeUserPresets.json": "[]",
            "CMakePresets.json": "of the top",
        }
    )
    assert files.cmake_lists == LISTS
    assert files.presets == ("{}", "[]")


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({}, "in the source folder"),
        ({"pipeline.yaml": "cmake: {source: cpp}"}, "in its folder cpp"),
    ],
)
def test_a_repository_without_cmake_is_told_what_to_name(files: dict[str, str], place: str) -> None:
    """Without CMakeLists.txt the error says where it was looked for, and what can be named."""
    with pytest.raises(UsageError) as caught:
        read(files)
    assert caught.value.exit_code == 2
    assert f"there is no CMakeLists.txt {place}." in str(caught.value)
    assert "--source" in str(caught.value)


def test_a_cmake_folder_further_down_is_suggested() -> None:
    """The error names the folder that has a CMakeLists.txt, as it is to be written down."""
    with pytest.raises(UsageError, match=r"cmake: \{source: build/cmake\}"):
        read({"build/cmake/CMakeLists.txt": LISTS})


def test_mistakes_in_the_configuration_come_first() -> None:
    """A broken pipeline.yaml is told before anything else is looked for."""
    source = FakeSource({"pipeline.yaml": "toolchian: {}"})
    with pytest.raises(ConfigError, match="toolchain"):
        anyio.run(read_project_files, source)
    assert source.asked == ["pipeline.yaml"]


def test_a_folder_is_read_as_text_whatever_is_in_it(tmp_path: Path) -> None:
    """Files of other encodings are read; folders and missing files are none."""
    (tmp_path / "CMakeLists.txt").write_bytes(b"# gr\xf6\xdfer\nproject(app)\n")
    (tmp_path / "folder").mkdir()
    reader = FolderReader(tmp_path)
    text = anyio.run(reader.read, "CMakeLists.txt")
    assert text is not None
    assert text.endswith("project(app)\n")
    assert anyio.run(reader.read, "folder") is None
    assert anyio.run(reader.read, "missing/file") is None
