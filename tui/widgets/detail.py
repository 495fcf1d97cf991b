"""The detail pane: what is known about one cause, in words that wrap and scroll."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll

from tui.describe import cause_content, group_content
from tui.prose import ProseBlock

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from diagnostics.report import Report
    from tui.words import Words


class DetailPane(VerticalScroll, can_focus=True):
    """Shows one cause or group of a report; scrolls by keyboard and mouse."""

    def compose(self) -> ComposeResult:
        """One long text."""
        yield ProseBlock(id="detail-text")

    def on_mount(self) -> None:
        """Nothing is shown until a cause is named."""
        self._shown: tuple[str, bool] | None = None

    def draw(self, report: Report, words: Words, id_: str, *, group: bool) -> None:
        """Show this cause or group; a new one from its top, the same one where it was scrolled to."""
        content = group_content(report, words, id_) if group else cause_content(report, words, id_)
        self.query_one(ProseBlock).show(content)
        if self._shown != (id_, group):
            self._shown = (id_, group)
            self.scroll_home(animate=False)
