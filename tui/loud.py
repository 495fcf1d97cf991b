"""How much is said on stderr beside the report: less with `-q`, more with each `-v`."""

from __future__ import annotations

from typing import Final

import click

QUIET: Final = -1
MORE: Final = 1
"""What was used and how each check ended, without a terminal too."""
ALL: Final = 2
"""Each step of each check, and the details of what it found."""


def loudness() -> int:
    """Return how loud the command line wants it: QUIET with -q, 0 by itself, one more with each -v."""
    context = click.get_current_context(silent=True)
    given = context.find_root().params if context is not None else {}
    if given.get("quiet"):
        return QUIET
    return max(given.get("verbose") or 0, ALL if given.get("debug") else 0)
