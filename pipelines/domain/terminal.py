"""Text that was meant for a terminal."""

from __future__ import annotations

import re

__all__ = ["strip_ansi"]

# Source: ECMA-48, 5.4 "Control sequences", and xterm's operating system commands (links)
_SEQUENCE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])"
    r"|\[NON-XML-CHAR-0x1B\]\[[0-9;]*[A-Za-z]"
)


def strip_ansi(text: str) -> str:
    """Return the text without colours, links and cursor movements.

    ctest writes words for an escape character in its JUnit file; those go as well.
    """
    return _SEQUENCE.sub("", text)
