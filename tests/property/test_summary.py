"""What holds for every summary and every finding."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pipelines.domain.findings import Finding, deduplicate
from pipelines.domain.junit_export import findings_to_junit
from pipelines.domain.sarif import to_sarif
from pipelines.domain.summary import Summary, Verdict
from pipelines.domain.summary_text import MAX_LINES, MAX_WIDTH
from tests.property.strategies import findings, summaries

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "summary.schema.json"
VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


@given(summaries)
def test_json_loses_nothing(summary: Summary) -> None:
    """Whatever is written can be read back, directly and through text."""
    assert Summary.from_dict(summary.to_dict()) == summary
    assert Summary.from_dict(json.loads(summary.to_json())) == summary


@given(summaries)
def test_json_follows_the_schema(summary: Summary) -> None:
    """Every summary is a document of the published schema."""
    assert VALIDATOR.is_valid(json.loads(summary.to_json()))


@given(summaries)
def test_a_run_with_a_failure_is_never_green(summary: Summary) -> None:
    """A failed test where tests are required, a problem or an error fails the run."""
    for variant in summary.variants:
        failed = variant.tests_required and (variant.tests is None or variant.tests.failed > 0)
        below = variant.coverage is not None and variant.coverage.reasons
        if failed or below or variant.problems or variant.errors:
            assert variant.verdict is Verdict.FAILED
            assert summary.verdict is Verdict.FAILED
        assert bool(variant.reasons) is (variant.verdict is Verdict.FAILED)


@given(summaries)
def test_verdicts_do_not_depend_on_time(summary: Summary) -> None:
    """Without times the verdict is the same, and doing it again changes nothing."""
    timeless = summary.without_times()
    assert timeless.verdict is summary.verdict
    assert timeless.without_times() == timeless


@given(summaries)
def test_markdown_tables_keep_their_shape(summary: Summary) -> None:
    """No name or message adds a row or a column to a table."""
    rows = [line for line in summary.to_markdown().split("\n") if line.startswith("|")]
    widths = {line.replace("\\\\", "").replace("\\|", "").count("|") for line in rows}
    assert widths <= {4, 5, 6, 8}
    tests = sum(len(variant.failed_tests) for variant in summary.variants)
    found = sum(len(variant.findings) for variant in summary.variants)
    tables = sum(
        bool(variant.failed_tests) + bool(variant.findings) for variant in summary.variants
    )
    files = [
        len(variant.coverage.least_covered) for variant in summary.variants if variant.coverage
    ]
    tables += sum(map(bool, files))
    assert len(rows) == 2 + len(summary.variants) + tests + found + sum(files) + 2 * tables


@given(summaries)
def test_text_stays_on_the_screen(summary: Summary) -> None:
    """The text is bounded, without control characters, and ends with the verdict."""
    lines = summary.to_text().removesuffix("\n").split("\n")
    assert len(lines) <= MAX_LINES
    assert all(len(line) <= MAX_WIDTH for line in lines)
    assert all(ord(character) >= 32 for line in lines for character in line)


@given(st.lists(findings, max_size=8))
def test_deduplication_keeps_the_counts(many: list[Finding]) -> None:
    """Merging loses no occurrence, and merging again changes nothing."""
    merged = deduplicate(many)
    assert sum(each.count for each in merged) == sum(each.count for each in many)
    assert len({each.fingerprint for each in merged}) == len(merged)
    assert deduplicate(merged) == merged


@given(summaries)
def test_reports_can_be_read(summary: Summary) -> None:
    """Findings become JSON and XML whatever their texts hold."""
    for variant in summary.variants:
        json.loads(json.dumps(to_sarif(variant.findings, tool_version="1")))
    root = ET.fromstring(findings_to_junit(summary.variants))  # noqa: S314 - our own text
    assert len(root) == len(summary.variants)
