"""The entry point of checkouts that were installed before it moved."""

from tui.cli.main import script

__all__ = ["script"]
