"""Where the pictures of the HTML report put their lines: figures only, the template draws them."""

from __future__ import annotations

from typing import Final

import msgspec

from diagnostics.formats.reading import Debt

WIDTH: Final = 360
"""Units across a picture: about one to a pixel on a phone."""


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """The debt bar: how far it reaches, and where the tool's lines stand, in units of the picture."""

    width: int
    filled: int
    possible: int
    likely: int
    level: str
    debt: Debt


def debt_bar(debt: Debt) -> Bar:
    """Place the share of income that repayments take; the whole bar is the whole income."""
    level = "likely" if debt.percent >= debt.likely else "possible" if debt.percent >= debt.possible else "ruled_out"
    place = {
        name: min(WIDTH, max(2, percent * WIDTH // 100))
        for name, percent in (("filled", debt.percent), ("possible", debt.possible), ("likely", debt.likely))
    }
    return Bar(width=WIDTH, level=level, debt=debt, **place)
