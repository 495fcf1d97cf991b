"""One line about the machine's checks: a bar for the whole, what is running, how the others ended."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tui.describe import step_text
from tui.words import CHECK_MARKS, TONES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.content import Span

    from tui.desk import CheckDesk
    from tui.words import Words

CELLS = 10


def bar(share: float, cells: int = CELLS) -> str:
    """Return a progress bar of so many cells for a share from 0 to 1."""
    full = round(max(0.0, min(1.0, share)) * cells)
    return "█" * full + "░" * (cells - full)


class CheckBar(Static):
    """Shows the checks on one line; a click opens their page."""

    class Pressed(Message):
        """The line was clicked."""

    DEFAULT_CSS = (
        "CheckBar { height: 1; padding: 0 1; background: $surface; text-wrap: nowrap; text-overflow: ellipsis; }"
    )

    _shown: tuple[str, Sequence[Span]] | None = None

    def draw(self, desk: CheckDesk, words: Words) -> None:
        """Show how the checks stand now."""
        lines = list(desk.lines.values())
        done = sum(line.state == "done" for line in lines)
        share = sum(line.share() for line in lines) / max(1, len(lines))
        running = desk.running()
        parts: list[Content] = [
            Content.assemble((words.say("checks.bar"), "dim"), " ", (bar(share), "$primary"), f" {done}/{len(lines)}")
        ]
        if running:
            first = running[0]
            seconds = int(time.monotonic() - first.began)
            parts.append(Content(f"{words.of(f'check.{first.id}.title')} {step_text(first, words)} {seconds}s"))
        else:
            for line in lines:
                state = line.result.status if line.result is not None else line.state
                if state == "skipped":
                    continue
                mark = (f"{CHECK_MARKS[state]} ", TONES.get(state, ""))
                title = words.of(f"check.{line.id}.title")
                parts.append(Content.assemble(mark, f"{title} ", (words.say(f"check.{state}"), "dim")))
        content = Content("  ").join(parts)
        if (content.plain, content.spans) != self._shown:
            self._shown = (content.plain, content.spans)
            self.update(content, layout=False)

    def on_click(self) -> None:
        """Open the checks' page."""
        self.post_message(self.Pressed())
