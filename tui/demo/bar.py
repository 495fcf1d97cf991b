"""What stands above every screen of the demonstration: that it is one, what is seen, and the keys of the tour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.content import Content
from textual.style import Style
from textual.widgets import Static

from tui.prose import ProseBlock

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui.demo.app import DemoApp


class TourBar(Vertical):
    """Marks the screen as a demonstration; its keys can be clicked."""

    DEFAULT_CSS = """
    TourBar { dock: top; height: auto; padding: 0 1; background: $warning-muted; color: $foreground; }
    TourBar Static { height: auto; }
    TourBar #tour-caption { min-height: 2; text-style: bold; }
    TourBar #tour-mark, TourBar #tour-keys { text-wrap: nowrap; text-overflow: ellipsis; height: 1; }
    TourBar:nocolor #tour-mark { text-style: reverse bold; }
    """

    def __init__(self, app: DemoApp) -> None:
        super().__init__()
        self._demo = app

    def compose(self) -> ComposeResult:
        """Mark, caption, keys."""
        yield Static(id="tour-mark")
        yield ProseBlock(id="tour-caption")
        yield Static(id="tour-keys")

    def on_mount(self) -> None:
        """Follow the tour."""
        self._demo.changed.subscribe(self, lambda _what: self.draw())
        self.draw()

    def draw(self) -> None:
        """Show where the tour is."""
        app, say = self._demo, self._demo.words.say
        player = app.player
        state = "over" if player.over else "paused" if player.paused else "playing"
        mark = say("demo.mark", step=player.at + 1, steps=len(player.steps), state=say(f"demo.{state}"))
        self.query_one("#tour-mark", Static).update(Content.styled(mark, "bold"))
        self.query_one(ProseBlock).show(Content(say(f"demo.step.{player.step.caption}")))
        parts = []
        for key, action in (("space", "pause"), ("right", "on"), ("left", "back"), ("r", "again"), ("escape", "leave")):
            link = Style.from_meta({"@click": "app.leave" if action == "leave" else f"app.tour_{action}"})
            told = "resume" if action == "pause" and player.paused else action
            parts.append(
                Content.assemble(
                    (app.key_label(key), Style.parse("bold") + link), (f" {say(f'key.tour_{told}')}", link)
                )
            )
        self.query_one("#tour-keys", Static).update(Content("  ").join(parts))
