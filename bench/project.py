"""Generate a CMake project of a real shape: a library of many sources, shared headers, tests.

Every source costs about as much as everyday C++ does, half a second to a second, spent on
standard headers and on templates. What each function returns is known here, so that the tests of
the project can be right, or be made wrong on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Unit", "expected_value", "project_files", "render_unit", "write_files", "write_unit"]

VALUES = 64
UNITS_PER_TEST = 8

_CMAKE = """\
cmake_minimum_required(VERSION 3.20)
project(bench_project VERSION 1.0 LANGUAGES CXX)
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)

add_library(bench_units STATIC
{sources})
target_include_directories(bench_units PUBLIC include)

add_executable(bench_app src/main.cpp)
target_link_libraries(bench_app PRIVATE bench_units)

enable_testing()
{tests}"""

_CMAKE_TEST = """\
add_executable({name} tests/{name}.cpp)
target_link_libraries({name} PRIVATE bench_units)
add_test(NAME {name} COMMAND {name})
"""

_GROUPING = """\
#pragma once
// {salt}
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace bench {{

using Groups = std::map<std::string, std::vector<int>>;
using Steps = std::unordered_map<int, std::function<int(int)>>;

template <typename Range, typename Key>
Groups group_by(const Range& range, Key key) {{
  Groups groups;
  for (const auto value : range) {{
    groups[std::to_string(key(value))].push_back(value);
  }}
  return groups;
}}

}}  // namespace bench
"""

_UNIT = """\
#include "bench/unit_{index:04}.hpp"

#include <algorithm>
#include <memory>
#include <numeric>
#include <sstream>

#include "bench/grouping.hpp"

namespace bench {{

// {comment}
int unit_{index:04}(int seed) {{
  constexpr int shift = {shift};
  std::vector<int> values({values});
  std::iota(values.begin(), values.end(), seed + shift);
  std::sort(values.begin(), values.end(), std::greater<>());
  Steps steps;
  for (const int value : values) {{
    const int step = value % 5;
    steps.emplace(step, [step](int number) {{ return number + step; }});
  }}
  int total = {index};
  std::ostringstream names;
  for (const auto& [name, members] : group_by(values, [](int value) {{ return value % 7; }})) {{
    names << name;
    total += std::accumulate(members.begin(), members.end(), 0);
  }}
  const auto shared = std::make_shared<std::string>(names.str());
  for (const auto& [step, apply] : steps) {{
    total += apply(-step);
  }}
  return total - {values} * shift + (shared->size() == 7 ? {error} : 1000);
}}

}}  // namespace bench
"""

_HEADER = """\
#pragma once

namespace bench {{
int unit_{index:04}(int seed);
}}
"""

_TEST = """\
#include <iostream>

{includes}
namespace {{
int failures = 0;

void check_equal(const char* name, int actual, int expected) {{
  if (actual != expected) {{
    std::cerr << name << ": " << actual << " instead of " << expected << '\\n';
    ++failures;
  }}
}}
}}  // namespace

int main() {{
{checks}  return failures == 0 ? 0 : 1;
}}
"""

_MAIN = """\
#include <iostream>

#include "bench/unit_0000.hpp"

int main() { std::cout << bench::unit_0000(1) << '\\n'; }
"""


@dataclass(frozen=True, kw_only=True)
class Unit:
    """One source of the library, in one of the shapes that an edit gives it.

    Attributes:
        comment: Text of a comment; changing it changes no program.
        shift: A number in the body; changing it changes the program, but not its results.
        broken: The planted bug: results are off by one, and a test fails.
    """

    index: int
    comment: str = "Adds numbers up, the long way round."
    shift: int = 0
    broken: bool = False


def expected_value(index: int, seed: int) -> int:
    """Return what the function of a unit returns when it is not broken."""
    return index + sum(range(seed, seed + VALUES))


def render_unit(unit: Unit) -> str:
    """Return the text of a unit's source."""
    return _UNIT.format(
        index=unit.index,
        comment=unit.comment,
        shift=unit.shift,
        values=VALUES,
        error=int(unit.broken),
    )


def project_files(units: int, *, salt: str) -> dict[str, str]:
    """Return the texts of a project by path.

    Args:
        units: Sources in the library; each eight of them get a test program.
        salt: Goes into a comment of a header that all share, so that no two projects are equal.

    Raises:
        ValueError: `units` is less than one.
    """
    if units < 1:
        raise ValueError(f"generating a project: {units} units. Ask for at least one")
    groups = [range(first, units)[:UNITS_PER_TEST] for first in range(0, units, UNITS_PER_TEST)]
    tests = {f"test_{number:03}": group for number, group in enumerate(groups)}
    files = {
        "CMakeLists.txt": _CMAKE.format(
            sources="".join(f"  src/unit_{index:04}.cpp\n" for index in range(units)),
            tests="".join(_CMAKE_TEST.format(name=name) for name in tests),
        ),
        "include/bench/grouping.hpp": _GROUPING.format(salt=salt),
        "src/main.cpp": _MAIN,
    }
    for index in range(units):
        files[f"include/bench/unit_{index:04}.hpp"] = _HEADER.format(index=index)
        files[_source(index)] = render_unit(Unit(index=index))
    for name, group in tests.items():
        files[f"tests/{name}.cpp"] = _render_test(group)
    return files


def write_files(folder: Path, files: dict[str, str]) -> None:
    """Write texts below a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def write_unit(folder: Path, unit: Unit) -> None:
    """Write one unit's source into a project that is there already."""
    (folder / _source(unit.index)).write_text(render_unit(unit))


def _source(index: int) -> str:
    return f"src/unit_{index:04}.cpp"


def _render_test(group: range) -> str:
    includes = "".join(f'#include "bench/unit_{index:04}.hpp"\n' for index in group)
    checks = "".join(
        f'  check_equal("unit_{index:04}({seed})", bench::unit_{index:04}({seed}), '
        f"{expected_value(index, seed)});\n"
        for index in group
        for seed in (0, 100)
    )
    return _TEST.format(includes=includes, checks=checks)
