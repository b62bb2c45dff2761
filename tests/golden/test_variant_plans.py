"""The whole argument lists of every variant, as they were looked at and found right.

After a change that is meant: `pytest tests/golden --update-golden`, and read the difference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipelines.domain.coverage_plan import CoveragePlan
from pipelines.domain.variant import (
    VariantPlan,
    VariantSettings,
    plan_build,
    plan_coverage,
    plan_lint,
    plan_release,
    plan_sanitized,
)

if TYPE_CHECKING:
    from tests.conftest import Golden

BARE = VariantSettings()
FULL = VariantSettings(
    build_type="RelWithDebInfo",
    options=(("FOO_TESTS", "ON"), ("NAME", "two words; and=signs")),
    cmake=(3, 22),
    timeout_s=60,
    exclude_tests=("slow.*", "a|b"),
    parallel_tests=4,
)
PRESETS = VariantSettings(preset="ci", options=(("FOO_TESTS", "ON"),))
MAKE = VariantSettings(generator="Unix Makefiles")
BOTH = ("address", "undefined")
COUNTED = CoveragePlan(include=("src/",), exclude=("(.*/)?tests?/", "src/with space"))

PLANS = {
    "release": plan_release(BARE),
    "release-full": plan_release(FULL),
    "release-preset": plan_release(PRESETS),
    "release-make": plan_release(MAKE),
    "build": plan_build(BARE),
    "build-preset": plan_build(PRESETS),
    "lint": plan_lint(FULL, ("--clang-tidy=on", "--exclude=^a b/")),
    "sanitized": plan_sanitized(BARE, sanitizers=BOTH),
    "sanitized-full": plan_sanitized(FULL, sanitizers=("thread",), fail_on_findings=False),
    "sanitized-project-preset": plan_sanitized(PRESETS, sanitizers=BOTH),
    "sanitized-own-preset": plan_sanitized(PRESETS, sanitizers=BOTH, preset="asan"),
    "coverage": plan_coverage(BARE, CoveragePlan()),
    "coverage-full": plan_coverage(FULL, COUNTED),
    "coverage-project-preset": plan_coverage(PRESETS, COUNTED),
    "coverage-own-preset": plan_coverage(PRESETS, CoveragePlan(), preset="counters"),
}


@pytest.mark.parametrize("name", sorted(PLANS))
def test_the_plan_is_the_golden_one(golden: Golden, name: str) -> None:
    """Every argument, variable and probe of a variant is what it was when it was looked at."""
    golden.check(f"{name}.txt", render(PLANS[name]))


def render(plan: VariantPlan) -> str:
    """Write a plan with an argument a line, so that a difference is one line, too."""
    lines = [f"name: {plan.name}", f"fail on findings: {plan.fail_on_findings}", "arguments:"]
    lines += [f"  {argument!r}" for argument in plan.arguments]
    for title, members in (
        ("environment", [f"{name}={value}" for name, value in plan.environment]),
        ("probes", plan.probes),
        ("probe flags", plan.probe_flags),
    ):
        lines += [f"{title}:", *(f"  {member!r}" for member in members)]
    return "\n".join(lines) + "\n"
