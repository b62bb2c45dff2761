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
    Sanitize,
    Sanitizer,
    Scan,
    ScanSeverity,
    Strategy,
    Systemd,
    Test,
    Toolchain,
)
from pipelines.config.rules import is_option_name, is_package_name

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
    "Sanitize",
    "Sanitizer",
    "Scan",
    "ScanSeverity",
    "Strategy",
    "Systemd",
    "Test",
    "Toolchain",
    "is_option_name",
    "is_package_name",
    "load_config",
]
