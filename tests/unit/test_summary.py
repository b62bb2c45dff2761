"""The verdict of a run, and summary.json."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from pipelines.domain.coverage import Floors
from pipelines.domain.findings import Severity
from pipelines.domain.summary import (
    CcacheStats,
    Summary,
    SummaryFormatError,
    TestTotals,
    VariantResult,
    Verdict,
)
from tests.unit.samples import ALL_PASSED, covered, finding, release, sanitized, summary

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "summary.schema.json"

BELOW = (
    "Line coverage is 80.0 % (8 of 10), below the floor of 80.1 %; most is missing in "
    "src/a|b.cpp (2 uncovered). Test more of it, or lower coverage.minimum_percent."
)


def totals(*, total: int, passed: int, failed: int = 0) -> TestTotals:
    """Make totals whose rest was skipped."""
    return TestTotals(
        total=total, passed=passed, failed=failed, skipped=total - passed - failed, seconds=1
    )


@pytest.mark.parametrize(
    ("variant", "verdict", "reason"),
    [
        (release(), Verdict.PASSED, None),
        (VariantResult(name="v"), Verdict.FAILED, "The tests did not run."),
        (VariantResult(name="v", tests_required=False), Verdict.PASSED, None),
        (
            VariantResult(name="v", tests=totals(total=0, passed=0)),
            Verdict.FAILED,
            "There is no test.",
        ),
        (
            VariantResult(name="v", tests=totals(total=9, passed=7, failed=2)),
            Verdict.FAILED,
            "2 of 9 tests failed.",
        ),
        (
            VariantResult(name="v", tests=totals(total=2, passed=0)),
            Verdict.FAILED,
            "No test ran: all 2 were skipped.",
        ),
        (
            replace(release(), problems=("The build ended with exit code 2.",)),
            Verdict.FAILED,
            "The build ended with exit code 2.",
        ),
        (
            replace(release(), findings=(finding(), finding(line=3))),
            Verdict.FAILED,
            "2 findings of severity error.",
        ),
        (
            replace(release(), findings=(finding(severity=Severity.WARNING),)),
            Verdict.PASSED,
            None,
        ),
        (
            VariantResult(name="v", tests_required=False, findings=(finding(),)),
            Verdict.FAILED,
            "1 finding of severity error.",
        ),
        (covered(floors=Floors(lines=80)), Verdict.PASSED, None),
        (
            covered(floors=Floors(lines=80.1)),
            Verdict.FAILED,
            BELOW,
        ),
    ],
)
def test_variant_passes_only_on_proof(
    variant: VariantResult, verdict: Verdict, reason: str | None
) -> None:
    """A variant passes only when tests ran, none failed, and nothing was found."""
    assert variant.verdict is verdict
    assert variant.reasons == (() if reason is None else (reason,))


def test_summary_passes_only_if_every_variant_does() -> None:
    """One failed variant fails the run, and so does a run without variants."""
    assert summary(release()).verdict is Verdict.PASSED
    assert summary(release(), sanitized()).verdict is Verdict.FAILED
    assert replace(summary(), variants=()).verdict is Verdict.FAILED


def test_hit_rate_is_unknown_when_nothing_was_compiled() -> None:
    """No compilation is not a hit rate of zero."""
    assert CcacheStats(hits=3, misses=1).hit_rate == 0.75
    assert CcacheStats(hits=0, misses=0).hit_rate is None


def test_json_follows_the_published_schema() -> None:
    """What is written is what the reference describes, for full and for bare variants."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    bare = VariantResult(name="bare", findings=(finding(file=None),))
    for each in (
        summary(),
        summary(bare),
        summary(covered(floors=Floors(branches=50))),
        replace(summary(), variants=()),
    ):
        assert list(validator.iter_errors(json.loads(each.to_json()))) == []


def test_json_has_the_promised_keys_in_order() -> None:
    """Readers find the agreed keys, always in the same order."""
    data = json.loads(summary().to_json())
    assert list(data) == ["schema_version", "name", "verdict", "variants", "toolchain"]
    assert list(data["variants"]) == ["release", "asan-ubsan"]
    assert data["variants"]["release"]["ccache"] == {"hits": 30, "misses": 10, "hit_rate": 0.75}
    assert data["variants"]["asan-ubsan"]["findings"][0]["file"] == "src/session.cpp"


def test_json_comes_back_without_loss() -> None:
    """A summary read from its own JSON is equal to what was written."""
    for each in (summary(), summary(covered(floors=Floors(lines=90, branches=12.5)))):
        assert Summary.from_dict(json.loads(each.to_json())) == each


def test_a_document_from_before_coverage_is_still_one() -> None:
    """Documents without the key `coverage` follow the schema and can be read."""
    data = json.loads(summary().to_json())
    for variant in data["variants"].values():
        del variant["coverage"]
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert Draft202012Validator(schema).is_valid(data)
    assert Summary.from_dict(data) == summary()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"schema_version": 2}, "its version is 2"),
        ({"schema_version": "1"}, "$.schema_version: expected an integer, found str"),
        ({"variants": []}, "$.variants: expected an object, found list"),
        ({"variants": {"v": {}}}, "$.variants.v.problems: expected a list, found nothing"),
        ({"toolchain": None}, "$.toolchain: expected an object, found nothing"),
        ({"name": 3}, "$.name: expected a string, found int"),
    ],
)
def test_foreign_documents_are_refused_with_the_place(
    change: dict[str, object], complaint: str
) -> None:
    """A document that is no summary is refused, and the error names the wrong value."""
    with pytest.raises(SummaryFormatError) as caught:
        Summary.from_dict({**summary().to_dict(), **change})
    assert complaint in str(caught.value)


@pytest.mark.parametrize("severity", ["fatal", 3])
def test_unknown_severities_are_refused(severity: object) -> None:
    """A severity that nobody knows is not guessed."""
    data = json.loads(summary().to_json())
    data["variants"]["asan-ubsan"]["findings"][0]["severity"] = severity
    with pytest.raises(SummaryFormatError, match="severity"):
        Summary.from_dict(data)


def test_booleans_and_numbers_are_not_confused() -> None:
    """Truth values are no numbers and numbers are no truth values."""
    data = json.loads(summary().to_json())
    data["variants"]["release"]["tests"]["seconds"] = True
    with pytest.raises(SummaryFormatError, match=r"seconds: expected a number"):
        Summary.from_dict(data)
    data = json.loads(summary().to_json())
    data["variants"]["release"]["steps"][0]["cached"] = 1
    with pytest.raises(SummaryFormatError, match=r"cached: expected true or false"):
        Summary.from_dict(data)


def test_runs_compare_equal_without_times() -> None:
    """Two runs of the same code differ only in times, caches and raw texts."""
    slower = replace(
        release(),
        tests=replace(ALL_PASSED, seconds=99.0),
        steps=tuple(replace(each, seconds=50.0, cached=False) for each in release().steps),
        ccache=CcacheStats(hits=0, misses=40),
    )
    noisier = replace(
        sanitized([replace(finding(), report="==99==ERROR")]),
        failed_tests=(replace(sanitized().failed_tests[0], seconds=9.0, output_tail="pid 7"),),
    )
    assert summary(slower, noisier) != summary()
    assert summary(slower, noisier).without_times() == summary().without_times()
    assert summary(release()).without_times() != summary().without_times()
