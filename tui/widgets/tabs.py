"""Names the panes on one line where there is no room to show them side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.style import Style
from textual.widgets import Static

if TYPE_CHECKING:
    from collections.abc import Sequence


class PaneTabs(Static):
    """The panes' names; the one in front is marked, a click brings another to the front."""

    def draw(self, tabs: Sequence[tuple[str, str]], front: str) -> None:
        """Show these panes (id and name)."""
        parts = []
        for id_, name in tabs:
            style = Style.from_meta({"@click": f"screen.pane({id_!r})"})
            shown = Content.assemble((f"[{name}]", style)) if id_ == front else Content.assemble((f" {name} ", style))
            parts.append(shown.stylize("bold $accent") if id_ == front else shown.stylize("dim"))
        self.update(Content(" ").join(parts), layout=False)
