"""What holds for every diff."""

from __future__ import annotations

import difflib

from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.domain.changed_lines import changed_lines
from pipelines.domain.unified_diff import FileDiff, parse_unified_diff

# Lines that look like heads of a diff are the dangerous ones.
lines = st.lists(
    st.sampled_from(
        [
            "",
            " ",
            "a",
            "b",
            "-- a/x",
            "++ b/x",
            "@@ -1 +1 @@",
            "\\ No newline",
            "\r",
            "é\u2028z",
            "\x0c",
        ]
    ),
    max_size=12,
)
contexts = st.integers(min_value=0, max_value=3)


def diff(old: list[str], new: list[str], context: int) -> str:
    """Write a diff of two texts without a line end in their lines."""
    written = difflib.unified_diff(old, new, "a/the file", "b/the file", n=context, lineterm="")
    return "".join(f"{line}\n" for line in written)


def only(files: tuple[FileDiff, ...]) -> FileDiff:
    """Return the one file of a diff, or an empty one where nothing differs."""
    return files[0] if files else FileDiff(old_path="the file", new_path="the file")


@given(old=lines, new=lines, context=contexts)
@example(old=["-- a/x"], new=["++ b/x"], context=0)
def test_regions_turn_the_old_text_into_the_new_one(
    old: list[str], new: list[str], context: int
) -> None:
    """Whatever the lines hold, the regions say exactly what changed, and where on both sides."""
    files = parse_unified_diff(diff(old, new, context))
    assert len(files) == (old != new)
    patched = list(old)
    for region in reversed(only(files).regions):
        first = region.old_line - 1 if region.removed else region.old_line
        assert tuple(patched[first : first + len(region.removed)]) == region.removed
        patched[first : first + len(region.removed)] = region.added
        if region.added:
            start = region.new_line - 1
            assert tuple(new[start : start + len(region.added)]) == region.added
    assert patched == new


@given(old=lines, new=lines, context=contexts)
def test_unchanged_lines_are_never_new(old: list[str], new: list[str], context: int) -> None:
    """A line counts as changed exactly when no line of the old text is in its place."""
    changed = changed_lines(diff(old, new, context))
    matcher = difflib.SequenceMatcher(None, old, new)
    kept = {
        line + 1
        for _, start, size in matcher.get_matching_blocks()
        for line in range(start, start + size)
    }
    for number in range(1, len(new) + 1):
        assert changed.touches("the file", number) is (number not in kept)
    assert changed.touches("the file", 0) is (len(kept) < len(new))


@given(st.text(max_size=200) | lines.map("\n".join))
def test_any_text_is_read(text: str) -> None:
    """What is no diff has no files, and never fails."""
    for file in parse_unified_diff(text):
        assert file.regions is not None


@given(
    ranges=st.lists(st.tuples(st.integers(1, 50), st.integers(1, 5)), max_size=5),
    first=st.integers(1, 60),
    length=st.integers(0, 10),
)
def test_a_region_is_new_when_one_of_its_lines_is(
    ranges: list[tuple[int, int]], first: int, length: int
) -> None:
    """Ranges of lines are compared as a whole, however they overlap."""
    numbers = {line for start, size in ranges for line in range(start, start + size)}
    old = [f"old {number}" for number in range(1, 70)]
    new = [f"new {n}" if n in numbers else f"old {n}" for n in range(1, 70)]
    changed = changed_lines(diff(old, new, 0))
    expected = bool(numbers & set(range(first, first + length + 1)))
    assert changed.touches("the file", first, first + length) is expected
