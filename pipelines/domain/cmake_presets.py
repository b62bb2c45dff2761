"""What CMakePresets.json says about itself."""

from __future__ import annotations

import json
from typing import Any

from pipelines.domain.version import Version

__all__ = ["preset_names", "required_by_presets"]

# Source: cmake-presets(7), "Format": the first CMake that reads each schema version.
_SCHEMA = {
    1: Version(major=3, minor=19),
    2: Version(major=3, minor=20),
    3: Version(major=3, minor=21),
    4: Version(major=3, minor=23),
    5: Version(major=3, minor=24),
    6: Version(major=3, minor=25),
    7: Version(major=3, minor=27),
    8: Version(major=3, minor=28),
    9: Version(major=3, minor=30),
    10: Version(major=3, minor=31),
}


def required_by_presets(json_text: str) -> Version | None:
    """Return the CMake that can read a presets file, the higher of schema and stated minimum.

    None when the text says neither, has an unknown schema, or is no JSON object; CMake itself
    is better at explaining what is wrong with it.
    """
    document = _document(json_text)
    schema = document.get("version")
    known = [_SCHEMA[schema]] if isinstance(schema, int) and schema in _SCHEMA else []
    stated = document.get("cmakeMinimumRequired")
    if isinstance(stated, dict):
        numbers = {key: stated.get(key, 0) for key in ("major", "minor", "patch")}
        if all(type(each) is int and each >= 0 for each in numbers.values()):
            known.append(Version(**numbers))
    return max(known, default=None)


def preset_names(json_text: str) -> tuple[str, ...]:
    """Return the configure presets a user can name, in order.

    Hidden ones are left out. Conditions are not evaluated, and included files not read.
    """
    presets = _document(json_text).get("configurePresets")
    return tuple(
        preset["name"]
        for preset in (presets if isinstance(presets, list) else ())
        if isinstance(preset, dict)
        and isinstance(preset.get("name"), str)
        and preset.get("hidden") is not True
    )


def _document(json_text: str) -> dict[str, Any]:
    try:
        document = json.loads(json_text)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
