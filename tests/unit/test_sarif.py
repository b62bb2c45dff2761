"""Findings as SARIF 2.1.0."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pipelines.domain.findings import Finding, Location, Severity
from pipelines.domain.sarif import SOURCE_ROOT, to_sarif
from tests.unit.samples import finding

# What this product uses of the OASIS schema, with its own limits (minimum, required, enum).
ARTIFACT = {
    "type": "object",
    "required": ["uri"],
    "properties": {
        "uri": {"type": "string", "pattern": r"^[A-Za-z0-9._~%/:$&+,;=@!*'()-]+$"},
        "uriBaseId": {"const": SOURCE_ROOT},
    },
    "additionalProperties": False,
}
LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "properties": {
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation"],
            "properties": {
                "artifactLocation": ARTIFACT,
                "region": {
                    "type": "object",
                    "required": ["startLine"],
                    "properties": {
                        "startLine": {"type": "integer", "minimum": 1},
                        "startColumn": {"type": "integer", "minimum": 1},
                    },
                    "additionalProperties": False,
                },
            },
            "additionalProperties": False,
        },
        "logicalLocations": {"type": "array", "minItems": 1},
        "message": {"type": "object", "required": ["text"]},
    },
    "additionalProperties": False,
}
MESSAGE = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string", "minLength": 1}},
}
RESULT = {
    "type": "object",
    "required": ["ruleId", "ruleIndex", "level", "message", "partialFingerprints"],
    "properties": {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": {"enum": ["none", "note", "warning", "error"]},
        "message": MESSAGE,
        "partialFingerprints": {"additionalProperties": {"type": "string"}},
        "occurrenceCount": {"type": "integer", "minimum": 1},
        "baselineState": {"enum": ["new", "unchanged", "updated", "absent"]},
        "properties": {"type": "object"},
        "locations": {"type": "array", "items": LOCATION},
        "stacks": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["frames"],
                "properties": {
                    "message": MESSAGE,
                    "frames": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {"location": LOCATION, "module": {"type": "string"}},
                            "additionalProperties": False,
                        },
                    },
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}
VALIDATOR = Draft202012Validator(
    {
        "type": "object",
        "required": ["version", "runs"],
        "properties": {
            "version": {"const": "2.1.0"},
            "runs": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["tool"],
                    "properties": {"results": {"type": "array", "items": RESULT}},
                },
            },
        },
    }
)


def run_of(*findings: Finding) -> dict[str, Any]:
    """Return the only run, after a check of the whole document."""
    document = json.loads(json.dumps(to_sarif(findings, tool_version="1.2.3")))
    assert list(VALIDATOR.iter_errors(document)) == []
    run: dict[str, Any] = document["runs"][0]
    return run


def test_results_point_to_their_rules() -> None:
    """Each kind is one rule with advice, and each finding refers to its own."""
    run = run_of(finding(), finding(kind="memory-leak"), finding(line=99))
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["heap-use-after-free", "memory-leak"]
    assert [result["ruleIndex"] for result in run["results"]] == [0, 1, 0]
    assert all(rule["help"]["text"] for rule in rules)
    assert run["tool"]["driver"]["version"] == "1.2.3"


def test_unknown_kinds_have_a_rule_too() -> None:
    """A kind without an entry of its own is named by its words."""
    (rule,) = run_of(finding(kind="brand-new-thing"))["tool"]["driver"]["rules"]
    assert rule["shortDescription"]["text"] == "Brand new thing"


def test_result_has_place_fingerprint_and_stack() -> None:
    """A result carries what a code host needs to show it and to track it."""
    (result,) = run_of(replace(finding(), count=3))["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "src/session.cpp", "uriBaseId": SOURCE_ROOT}
    assert place["region"] == {"startLine": 12, "startColumn": 5}
    assert result["partialFingerprints"] == {"cppPipelines/v1": finding().fingerprint}
    assert result["occurrenceCount"] == 3
    assert len(result["stacks"][0]["frames"]) == 1


@pytest.mark.parametrize(
    ("file", "artifact"),
    [
        ("my dir/ä b.cpp", {"uri": "my%20dir/%C3%A4%20b.cpp", "uriBaseId": SOURCE_ROOT}),
        ("a#b?c%d.cpp", {"uri": "a%23b%3Fc%25d.cpp", "uriBaseId": SOURCE_ROOT}),
        ("c:odd.cpp", {"uri": "c%3Aodd.cpp", "uriBaseId": SOURCE_ROOT}),
        ("/usr/include/c++/12/vector", {"uri": "file:///usr/include/c%2B%2B/12/vector"}),
        ("../sysdeps/x.h", {"uri": "../sysdeps/x.h"}),
        ("./stdlib/abort.c", {"uri": "stdlib/abort.c", "uriBaseId": SOURCE_ROOT}),
    ],
)
def test_paths_become_uris(file: str, artifact: dict[str, str]) -> None:
    """Blanks and letters beyond ASCII are encoded; outside paths get no base."""
    (result,) = run_of(finding(file=file))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == artifact


def test_missing_places_and_lines_are_left_out() -> None:
    """No line means no region, and no place means no location."""
    no_line = replace(finding(), location=Location(file="a.cpp", line=0), stack=())
    first, second = run_of(no_line, replace(finding(file=None), message="", stack=()))["results"]
    assert "region" not in first["locations"][0]["physicalLocation"]
    assert "locations" not in second
    assert second["message"]["text"] == "AddressSanitizer: heap-use-after-free"


def test_severities_are_levels() -> None:
    """SARIF knows the severities by the same words."""
    levels = [run_of(finding(severity=severity))["results"][0]["level"] for severity in Severity]
    assert levels == ["error", "warning", "note"]


def test_no_findings_is_a_valid_run() -> None:
    """A clean run has an empty list, which clears old alerts."""
    assert run_of()["results"] == []
