"""The bar that sets repayments against income, with the two limits marked on it."""

from __future__ import annotations

import math


def ratio_bar(percent: float, possible: float, likely: float, cells: int) -> tuple[str, str]:
    """Return a bar for 0 to 100 percent and a line below it that marks the two limits, both `cells` wide at most."""
    cells = max(10, cells)
    full = math.floor(min(100.0, max(0.0, percent)) / 100 * cells)
    line = [" "] * (cells + 1)
    for limit in (possible, likely):
        at = round(min(100.0, limit) / 100 * cells)
        mark = f"↑{limit:g}%"
        start = min(at, cells + 1 - len(mark))
        line[start : start + len(mark)] = list(mark)
    return "█" * full + "░" * (cells - full), "".join(line).rstrip()
