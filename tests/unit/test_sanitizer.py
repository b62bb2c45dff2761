"""Reading sanitizer reports, recorded from GCC 12 and Clang 14."""

from __future__ import annotations

import pytest

from pipelines.domain.findings import Finding, Severity
from pipelines.domain.sanitizer import MAX_REPORT_LINES, parse_reports
from pipelines.domain.sanitizer_frames import MAX_FRAMES
from tests.unit.samples import read_sample

ASAN, UBSAN = "AddressSanitizer", "UndefinedBehaviorSanitizer"


def parse(text: str) -> tuple[Finding, ...]:
    """Parse with the paths that the samples were recorded with."""
    return parse_reports(text, source_root="/src", build_root="/src/build")


def sample(name: str) -> str:
    """Return a recorded report."""
    return read_sample(f"sanitizer/{name}.txt")


@pytest.mark.parametrize("compiler", ["gcc12", "clang14"])
@pytest.mark.parametrize(
    ("name", "kind", "tool", "place"),
    [
        ("heap_buffer_overflow", "heap-buffer-overflow", ASAN, (2, "read_past_end")),
        ("heap_use_after_free", "heap-use-after-free", ASAN, (2, "use")),
        ("stack_buffer_overflow", "stack-buffer-overflow", ASAN, (1, "pick")),
        ("global_buffer_overflow", "global-buffer-overflow", ASAN, (2, "main")),
        ("double_free", "double-free", ASAN, (2, "release")),
        ("alloc_dealloc_mismatch", "alloc-dealloc-mismatch", ASAN, (2, "main")),
        ("stack_overflow", "stack-overflow", ASAN, (1, "forever")),
        ("segv", "segv", ASAN, (1, "load")),
        ("stack_use_after_return", "stack-use-after-return", ASAN, (2, "main")),
        ("stack_use_after_scope", "stack-use-after-scope", ASAN, (1, "main")),
        ("memcpy_overlap", "memcpy-param-overlap", ASAN, (2, "main")),
        ("data_race", "data-race", "ThreadSanitizer", (3, "work")),
        ("lock_order", "lock-order-inversion", "ThreadSanitizer", (4, "forwards")),
        ("division", "division-by-zero", UBSAN, (1, "divide")),
        ("null_member", "null-pointer-use", UBSAN, (2, "main")),
        ("unreachable", "missing-return", UBSAN, (1, "no_return")),
        ("vptr", "vptr", UBSAN, (3, "call")),
    ],
)
def test_each_error_is_named_and_located(
    name: str, kind: str, tool: str, place: tuple[int, str], compiler: str
) -> None:
    """Reports of both compilers give one finding with its kind, tool and place."""
    (finding,) = parse(sample(f"{name}.{compiler}"))
    assert (finding.kind, finding.tool, finding.severity) == (kind, tool, Severity.ERROR)
    assert finding.location is not None
    assert (finding.location.file, finding.location.line) == (f"src/{name}.cpp", place[0])
    assert (finding.location.function or "").startswith(place[1])
    assert "0x" not in finding.message


@pytest.mark.parametrize(
    ("name", "kind", "tool"),
    [
        ("new_delete_type_mismatch.gcc12", "new-delete-type-mismatch", ASAN),
        ("container_overflow.gcc12", "unknown-crash", ASAN),
        ("uninitialized.clang14", "use-of-uninitialized-value", "MemorySanitizer"),
    ],
)
def test_errors_that_one_compiler_knows(name: str, kind: str, tool: str) -> None:
    """What only one of the compilers can report is read as well."""
    (finding,) = parse(sample(name))
    assert (finding.kind, finding.tool) == (kind, tool)
    assert finding.location is not None


def test_message_tells_the_story_of_the_memory() -> None:
    """The message holds the access, the block, and where it was freed and allocated."""
    (finding,) = parse(sample("heap_use_after_free.clang14"))
    assert finding.message == (
        "heap-use-after-free, READ of size 4, 0 bytes inside of 4-byte region, "
        "freed by thread T0 at src/heap_use_after_free.cpp:3:49, "
        "previously allocated by thread T0 at src/heap_use_after_free.cpp:3:33"
    )
    assert finding.location is not None
    assert finding.location.column == 45
    assert finding.report.startswith("==")
    assert finding.report.splitlines()[-1].startswith("SUMMARY: ")


def test_third_party_code_is_not_blamed() -> None:
    """An overflow inside a fetched dependency is located where the project called it."""
    (finding,) = parse(sample("calls_third_party.clang14"))
    assert str(finding.location) == "src/calls_third_party.cpp:4:102"
    assert finding.stack[0].location is not None
    assert finding.stack[0].location.file == "build/_deps/lib-src/lib.cpp"


@pytest.mark.parametrize("compiler", ["gcc12", "clang14"])
def test_every_leak_is_a_finding(compiler: str) -> None:
    """Each leaking stack is found with its size; stacks of one place are merged."""
    findings = parse(sample(f"leaks.{compiler}"))
    assert {(each.kind, each.tool) for each in findings} == {("memory-leak", "LeakSanitizer")}
    places = [None if each.location is None else each.location.line for each in findings]
    assert places[0] == 5
    assert findings[0].message == "96 byte(s) leaked in 3 object(s), direct leak"
    # The text was allocated inside libstdc++, which has no file names.
    assert places[-1] is None
    assert "allocated by std::__cxx11::basic_string" in findings[-1].message


def test_leaks_of_one_place_are_counted() -> None:
    """A direct and an indirect leak from the same line are one finding, twice."""
    counts = {each.message: each.count for each in parse(sample("leaks.gcc12"))}
    assert counts["8 byte(s) leaked in 1 object(s), direct leak"] == 2


KINDS = [
    ("add", "signed-integer-overflow"),
    ("shift", "shift-exponent"),
    ("negate", "signed-integer-overflow"),
    ("at", "out-of-bounds-index"),
    ("main", "misaligned-access"),
    ("to_int", "float-cast-overflow"),
    ("main", "invalid-bool-load"),
    ("main", "invalid-enum-load"),
    ("bind", "null-reference"),
    ("main", "nonnull-argument"),
    ("main", "pointer-overflow"),
    ("main", "invalid-builtin-argument"),
]


@pytest.mark.parametrize(
    ("compiler", "own"),
    [
        ("gcc12", ("at", "object-size-mismatch")),
        ("clang14", ("main", "null-reference")),
    ],
)
def test_undefined_behaviour_is_named(compiler: str, own: tuple[str, str]) -> None:
    """All errors of a program that goes on after each are found, with their functions."""
    found = [
        ((each.location.function or "").partition("(")[0], each.kind)
        for each in parse(sample(f"undefined.{compiler}"))
        if each.location is not None
    ]
    assert sorted(found) == sorted([*KINDS, own])


@pytest.mark.parametrize("compiler", ["gcc12", "clang14"])
def test_undefined_behaviour_without_stacks(compiler: str) -> None:
    """Without stack traces the errors have the same places."""
    plain = parse(sample(f"undefined_plain.{compiler}"))
    full = parse(sample(f"undefined.{compiler}"))
    assert [str(each.location) for each in plain] == [str(each.location) for each in full]
    assert all(each.stack == () for each in plain)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("left shift of 3 by 31 places cannot be represented in type 'int'", "shift-base"),
        ("unsigned integer overflow: 1 - 2 cannot be represented", "unsigned-integer-overflow"),
        ("variable length array bound evaluates to non-positive value -1", "vla-bound"),
        ("execution reached an unreachable program point", "unreachable"),
        ("null pointer returned from function declared to never return null", "nonnull-return"),
        ("applying zero offset to null pointer", "pointer-overflow"),
        ("implicit conversion from type 'int' of value 300", "implicit-conversion"),
        ("load of null pointer of type 'int'", "null-pointer-use"),
        ("member access within null pointer of type 'Box'", "null-pointer-use"),
        ("member access within misaligned address 0x1 for type", "misaligned-access"),
        (
            "call to function f through pointer to incorrect function type 'void ()'",
            "function-type-mismatch",
        ),
        ("something quite new", "undefined-behavior"),
    ],
)
def test_undefined_kinds(message: str, kind: str) -> None:
    """Sentences of the sanitizer get stable names, and new ones a general name."""
    (finding,) = parse(f"/src/a.cpp:1:2: runtime error: {message}")
    assert finding.kind == kind


@pytest.mark.parametrize(
    ("headline", "kind"),
    [
        ("==1==ERROR: AddressSanitizer: attempting free on address which was not", "bad-free"),
        ("==1==ERROR: AddressSanitizer: requested allocation size 0x9", "allocation-size-too-big"),
        ("==1==ERROR: AddressSanitizer: allocator is out of memory", "out-of-memory"),
        ("==1==ERROR: AddressSanitizer: odr-violation (0x55)", "odr-violation"),
        ("==1==ERROR: UndefinedBehaviorSanitizer: FPE on unknown address 0x1", "fpe"),
        ("WARNING: ThreadSanitizer: thread leak (pid=9)", "thread-leak"),
        ("WARNING: ThreadSanitizer: data race on vptr (ctor/dtor) (pid=9)", "data-race-on-vptr"),
        ("FATAL: ThreadSanitizer: unexpected memory mapping 0x5-0x6", "sanitizer-failure"),
        ("==1==AddressSanitizer: CHECK failed: asan_thread.cpp:1", "sanitizer-failure"),
        ("==1==LeakSanitizer has encountered a fatal error.", "sanitizer-failure"),
        ("==1==ERROR: LeakSanitizer: detected memory leaks", "memory-leak"),
        ("==1==ERROR: HWAddressSanitizer: tag-mismatch on address 0x1", "tag-mismatch"),
        ("==1==ERROR: AddressSanitizer: ", "sanitizer-failure"),
    ],
)
def test_headlines_are_enough(headline: str, kind: str) -> None:
    """A report that was cut off after its first line is still a finding."""
    (finding,) = parse(f"some output\n{headline}")
    assert finding.kind == kind
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize("compiler", ["gcc12", "clang14"])
def test_frames_without_symbols(compiler: str) -> None:
    """A stripped program gives a finding with modules and without a place."""
    (finding,) = parse(sample(f"stripped.{compiler}"))
    assert finding.kind == "heap-use-after-free"
    assert finding.location is None
    modules = [frame.module for frame in finding.stack]
    assert any(module and module.startswith("/src/build/bin/stripped") for module in modules)


def test_noise_between_the_lines_is_skipped() -> None:
    """Output of the program within a report does not hide its frames."""
    lines = sample("heap_use_after_free.gcc12").splitlines()
    noisy = "\n".join(f"{line}\nprogress … \ufffd 50 %\n" for line in lines)
    (expected,) = parse("\n".join(lines))
    (finding,) = parse(f"[ RUN      ] Suite.Case\n{noisy}\n[  FAILED  ] Suite.Case\n")
    assert finding.location == expected.location
    assert finding.stack == expected.stack


def test_ctest_prefixes_and_colours_are_skipped() -> None:
    """The output of ctest -V, in colour, gives the same finding."""
    plain = sample("undefined_plain.clang14")
    coloured = "\n".join(f"12: \x1b[1m{line}\x1b[0m" for line in plain.splitlines())
    assert [each.fingerprint for each in parse(coloured)] == [
        each.fingerprint for each in parse(plain)
    ]


def test_text_before_the_path_is_no_part_of_it() -> None:
    """A path after other text on its line is found, even if it has blanks."""
    (finding,) = parse("[ RUN ] x/y /src/my dir/a.cpp:3:4: runtime error: division by zero")
    assert str(finding.location) == "my dir/a.cpp:3:4"


def test_cut_reports_keep_what_they_have() -> None:
    """Wherever a report is cut off, the finding remains and nothing is raised."""
    lines = sample("heap_use_after_free.gcc12").splitlines()
    for length in range(2, len(lines)):
        (finding,) = parse("\n".join(lines[:length]))
        assert finding.kind == "heap-use-after-free"


def test_many_processes_share_one_text() -> None:
    """Joined log files give each finding once, with its count."""
    text = sample("heap_use_after_free.gcc12") * 3 + sample("data_race.gcc12")
    assert [(each.kind, each.count) for each in parse(text)] == [
        ("heap-use-after-free", 3),
        ("data-race", 1),
    ]


def test_undefined_behaviour_in_a_system_header_is_the_callers() -> None:
    """An error inside a header of the system is located in the project's frame."""
    (finding,) = parse(
        "/usr/include/c++/12/bits/stl_vector.h:1123:34: runtime error: reference binding to null "
        "pointer of type 'int'\n"
        "    #0 0x55 in std::vector<int>::operator[](unsigned long) "
        "/usr/include/c++/12/bits/stl_vector.h:1123\n"
        "    #1 0x56 in total(std::vector<int> const&) /src/lib/total.cpp:9\n"
    )
    assert str(finding.location) == "lib/total.cpp:9"
    assert finding.kind == "null-reference"


def test_unknown_places_are_left_out() -> None:
    """An error without a place is a finding without a location."""
    (finding,) = parse("<unknown>: runtime error: division by zero")
    assert finding.location is None


def test_reports_and_stacks_are_bounded() -> None:
    """Endless recursion does not make an endless finding."""
    (finding,) = parse(sample("stack_overflow.gcc12"))
    assert len(finding.stack) == MAX_FRAMES
    assert len(finding.report.splitlines()) <= MAX_REPORT_LINES


def test_plain_output_has_no_findings() -> None:
    """Output without reports gives nothing."""
    assert parse("") == ()
    assert parse("[  PASSED  ] 12 tests.\n#0 is the first\nerror: none\n") == ()
