"""Why is 微粒贷 missing from my WeChat? Observations in, an honest ranked tree of reasons out."""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.2.0"

if TYPE_CHECKING:
    from diagnostics.api import diagnose

__all__ = ["__version__", "diagnose"]


def __getattr__(name: str) -> object:
    """Import the programming interface when it is first asked for: `import diagnostics` alone stays cheap."""
    if name == "diagnose":
        from diagnostics.api import diagnose

        return diagnose
    raise AttributeError(name)
