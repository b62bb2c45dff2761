"""Pipeline-as-code that takes a C++/CMake service from commit to production.

`Pipelines`, the main object of the Dagger module, is loaded only when it is asked for: importing
the package stays cheap for the command line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.module import Pipelines

__all__ = ["Pipelines"]


def __getattr__(name: str) -> object:
    if name == "Pipelines":
        from pipelines.module import Pipelines  # noqa: PLC0415 - see above

        return Pipelines
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
