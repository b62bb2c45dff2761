"""pipeline.yaml as frozen values; every mistake in it is reported at once."""

from __future__ import annotations

from pipelines.config.load import load_config
from pipelines.config.model import (
    Canary,
    CanaryStep,
    CMake,
    Compiler,
    Config,
    Coverage,
    Deploy,
    Environment,
    FailOn,
    Generator,
    Image,
    Kubernetes,
    Lint,
    Sanitize,
    Sanitizer,
    Scan,
    ScanSeverity,
    Strategy,
    Systemd,
    Test,
    Toolchain,
)
from pipelines.config.rules import is_git_ref, is_option_name, is_package_name
from pipelines.domain.lint import LintFailOn

__all__ = [
    "CMake",
    "Canary",
    "CanaryStep",
    "Compiler",
    "Config",
    "Coverage",
    "Deploy",
    "Environment",
    "FailOn",
    "Generator",
    "Image",
    "Kubernetes",
    "Lint",
    "LintFailOn",
    "Sanitize",
    "Sanitizer",
    "Scan",
    "ScanSeverity",
    "Strategy",
    "Systemd",
    "Test",
    "Toolchain",
    "is_git_ref",
    "is_option_name",
    "is_package_name",
    "load_config",
]
