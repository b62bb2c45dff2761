"""Name what a sanitizer found: stable kinds instead of sentences."""

from __future__ import annotations

import re

__all__ = ["error_kind", "undefined_kind"]

# Sources: compiler-rt/lib/ubsan/ubsan_handlers.cpp and ubsan_handlers_cxx.cpp (LLVM 14),
# libsanitizer/ubsan (GCC 12). The first pattern that is found decides.
_UNDEFINED = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"unsigned integer overflow", "unsigned-integer-overflow"),
        (r"signed integer overflow", "signed-integer-overflow"),
        (r"(?:negation|division) of .* cannot be represented", "signed-integer-overflow"),
        (r"reference binding to null pointer", "null-reference"),
        (r"reference binding to misaligned", "misaligned-reference"),
        (r"(?:on|within|of|to) null pointer of type", "null-pointer-use"),
        (r"null pointer passed as argument", "nonnull-argument"),
        (r"null pointer returned from function", "nonnull-return"),
        (r"shift exponent", "shift-exponent"),
        (r"left shift of", "shift-base"),
        (r"division by zero", "division-by-zero"),
        (r"misaligned address|assumption of .*alignment", "misaligned-access"),
        (r"out of bounds for type", "out-of-bounds-index"),
        (r"with insufficient space for an object", "object-size-mismatch"),
        (r"not a valid value for type '(?:const )?_?[Bb]ool'", "invalid-bool-load"),
        (r"not a valid value for type", "invalid-enum-load"),
        (r"outside the range of representable values", "float-cast-overflow"),
        (r"without returning a value", "missing-return"),
        (r"reached an unreachable program point", "unreachable"),
        (r"does not point to an object of type", "vptr"),
        (r"passing zero to", "invalid-builtin-argument"),
        (r"offset to .*pointer|pointer index expression|of unsigned offset", "pointer-overflow"),
        (r"variable length array bound", "vla-bound"),
        (r"through pointer to incorrect function type", "function-type-mismatch"),
        (r"implicit conversion", "implicit-conversion"),
        (r"control flow integrity", "control-flow-integrity"),
    )
)

# Sources: compiler-rt/lib/asan/asan_errors.cpp, lib/sanitizer_common (LLVM 14). Only what
# does not begin with its own name.
_ERRORS = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"^attempting double-free", "double-free"),
        (r"^attempting free on address", "bad-free"),
        (r"^attempting to call malloc_usable_size", "bad-malloc-usable-size"),
        (r"^requested allocation size", "allocation-size-too-big"),
        (r"allocator is out of memory|^out of memory|^failed to allocate", "out-of-memory"),
        (r"^(?:calloc|reallocarray|pvalloc) parameters overflow", "allocation-size-overflow"),
        (r"^invalid (?:allocation )?alignment", "invalid-allocation-alignment"),
        (r"^bad parameters to", "bad-container-annotation"),
        (r"^CHECK failed", "sanitizer-failure"),
    )
)

_NAMED = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)+|SEGV|FPE|BUS|ILL|ABRT|TRAP")
_WORD = re.compile(r"[A-Za-z0-9]+")


def undefined_kind(message: str) -> str:
    """Name the undefined behaviour that a "runtime error" line tells of."""
    for pattern, kind in _UNDEFINED:
        if pattern.search(message):
            return kind
    return "undefined-behavior"


def error_kind(description: str) -> str:
    """Name the error that a headline tells of, such as "heap-use-after-free on address"."""
    for pattern, kind in _ERRORS:
        if pattern.search(description):
            return kind
    named = _NAMED.match(description)
    if named is not None:
        return named[0].lower()
    # ThreadSanitizer writes plain words: "data race on vptr (ctor/dtor vs virtual call)".
    words = _WORD.findall(description.partition(" (")[0].lower())
    return "-".join(words[:6]) or "sanitizer-failure"
