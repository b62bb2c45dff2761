"""What each kind of finding means and what to do about it, for people who read reports."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Rule", "rule_for"]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A kind of finding."""

    kind: str
    title: str
    advice: str


_RULES = {
    "heap-buffer-overflow": (
        "Access beyond a block of heap memory",
        "Check the index or size against the block's size; prefer containers with .at() or spans.",
    ),
    "stack-buffer-overflow": (
        "Access beyond a local variable",
        "Check the index against the array's size; prefer std::array with .at().",
    ),
    "global-buffer-overflow": (
        "Access beyond a global variable",
        "Check the index against the array's size.",
    ),
    "heap-use-after-free": (
        "Use of heap memory that was freed",
        "Let one owner decide the lifetime; look for references that outlive their object.",
    ),
    "stack-use-after-return": (
        "Use of a local variable after its function returned",
        "Return by value, or let the caller own the object.",
    ),
    "stack-use-after-scope": (
        "Use of a local variable after its block ended",
        "Declare the variable in the block that uses it.",
    ),
    "double-free": (
        "Memory freed twice",
        "Give the memory one owner; do not copy objects that free in their destructor.",
    ),
    "alloc-dealloc-mismatch": (
        "Memory freed by another function family than it came from",
        "Pair new with delete, new[] with delete[], and malloc with free.",
    ),
    "segv": (
        "Access to an invalid address",
        "Look for null, dangling or uninitialised pointers at this place.",
    ),
    "stack-overflow": (
        "The stack is used up",
        "Look for endless recursion and for very large local variables.",
    ),
    "memory-leak": (
        "Memory that is never freed",
        "Give the memory an owner that frees it, for instance a std::unique_ptr.",
    ),
    "signed-integer-overflow": (
        "Signed integer overflow",
        "Check the range first, or use a wider or an unsigned type.",
    ),
    "null-reference": (
        "A reference bound to a null pointer",
        "Check the pointer before it is dereferenced.",
    ),
    "null-pointer-use": (
        "Use of a null pointer",
        "Check the pointer before it is used.",
    ),
    "shift-exponent": (
        "Shift by a negative or too large amount",
        "Keep the amount below the number of bits of the type.",
    ),
    "division-by-zero": ("Division by zero", "Check the divisor first."),
    "misaligned-access": (
        "Access to a misaligned address",
        "Copy with std::memcpy instead of casting pointers.",
    ),
    "out-of-bounds-index": (
        "Array index out of bounds",
        "Check the index against the array's size.",
    ),
    "invalid-bool-load": (
        "A bool that is neither true nor false",
        "Initialise the variable; do not read it from raw bytes.",
    ),
    "invalid-enum-load": (
        "An enum with a value outside its range",
        "Initialise the variable; check values that come from outside.",
    ),
    "float-cast-overflow": (
        "A floating-point value that does not fit the target type",
        "Check the range before the conversion.",
    ),
    "missing-return": (
        "A function ends without returning its value",
        "Return a value on every path; compile with -Werror=return-type.",
    ),
    "vptr": (
        "An object used as a type that it does not have",
        "Cast with dynamic_cast, and check that the object is still alive.",
    ),
    "data-race": (
        "Two threads access the same memory without order, and one writes",
        "Guard the data with a mutex, or make it atomic.",
    ),
    "lock-order-inversion": (
        "Locks taken in different orders",
        "Take the locks in one order everywhere, or together with std::scoped_lock.",
    ),
    "use-of-uninitialized-value": (
        "Use of a value that was never set",
        "Initialise the variable where it is declared.",
    ),
    "sanitizer-failure": (
        "The sanitizer itself failed",
        "Read the report: often the system limits ptrace, address space or memory.",
    ),
    "compile-error": ("The code does not compile", "Read the compiler's message."),
    "link-error": (
        "The program does not link",
        "Check target_link_libraries and that each symbol is defined exactly once.",
    ),
    "configure-error": ("CMake cannot configure the project", "Read CMake's message."),
    "missing-dependency": (
        "A library or tool that the project needs is not installed",
        "Add its package to toolchain.packages in pipeline.yaml.",
    ),
}


def rule_for(kind: str) -> Rule:
    """Return the rule of a kind; an unknown kind gets its own words as title."""
    words = kind.replace("-", " ").strip() or "finding"
    title, advice = _RULES.get(
        kind, (words[0].upper() + words[1:], "Read the tool's report at this place.")
    )
    return Rule(kind=kind, title=title, advice=advice)
