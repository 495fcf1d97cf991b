"""Where the panes of the main screen stand, by the room there is: worked out here, not from style sheets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import Layout, WidgetPlacement

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.layout import ArrangeResult
    from textual.widget import Widget

PaneName = Literal["question", "reasons", "detail"]

ROOMY: Final = 110
"""Cells from which on the reasons stand beside the question."""
THREE: Final = 160
"""Cells from which on the whole plan stands beside both."""
SHORT, MIDDLE, TALL = 12, 22, 34
"""Lines from which on the head has room for more than a step, for its frame, and for what was said."""
SIDE: Final = {ROOMY: 46, THREE: 58}
PLAN: Final = 56
MOST_SAID: Final = 10


class Places(Layout):
    """Puts each widget where `where` says, by its id; one that is not named there is not shown."""

    name = "places"

    def __init__(self, where: Callable[[Size], Mapping[str, Region]]) -> None:
        self._where = where
        self.room: Size | None = None
        self.regions: Mapping[str, Region] = {}
        """Where the widgets stand, and the room that there was for them."""

    @property
    def stale(self) -> bool:
        """Whether the widgets belong elsewhere by now."""
        return self.room is not None and self._where(self.room) != self.regions

    def arrange(
        self,
        parent: Widget,  # noqa: ARG002  Textual's signature
        children: list[Widget],
        size: Size,
        greedy: bool = True,  # noqa: ARG002  Textual's signature
    ) -> ArrangeResult:
        """Place the widgets, an earlier one before a later one."""
        self.room, self.regions = size, self._where(size)
        placed = ((self.regions.get(child.id or ""), child) for child in children)
        return [
            WidgetPlacement(region, NULL_OFFSET, NULL_SPACING, child, -order)
            for order, (region, child) in enumerate(placed)
            if region is not None
        ]


def place(screen: Size, room: Size, front: PaneName, head: int, said: Callable[[int], int]) -> dict[str, Region]:
    """Return where each pane stands in the room that the keys leave.

    `head`: the lines of the head, frame included. `said`: how many lines what was said takes at a width.
    """
    (width, lines), tall = room, min(screen.height, room.height + 2)  # below the prompt the screen is a part of it
    low, short = tall < SHORT, tall < MIDDLE
    head = min(head, 2 if low else 5 if short else 9, lines)
    found = {"head": Region(0, 0, width, head)}
    roomy = screen.width >= ROOMY
    bottom = lines
    for name, stands in (("checks", not short), ("reasons-line", not low and not roomy and front == "question")):
        if stands and bottom > head:
            bottom -= 1
            found[name] = Region(0, bottom, width, 1)
    top, height = head, bottom - head
    plan = PLAN if screen.width >= THREE else 0
    side = SIDE[THREE if plan else ROOMY] if roomy else width if front != "question" else 0
    left = width - side - plan
    if left:
        below = min(MOST_SAID, said(left)) if roomy and screen.height >= TALL else 0
        found["question"] = Region(0, top, left, height - below)
        found["said"] = Region(0, bottom - below, left, below)
    if side:
        above = height * 2 // 5
        if short and front != "question":
            above = height if front == "reasons" else 0
        found["reasons"] = Region(left, top, side, above)
        found["detail"] = Region(left, top + above, side, height - above)
    found["plan"] = Region(left + side, top, plan, height)
    return {name: region for name, region in found.items() if region.area}
