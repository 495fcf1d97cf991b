"""Asks for one line of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, Static

from tui.prose import Prose
from tui.screens.base import LocalizedDialog
from tui.widgets.entry import LONGEST, CleanInput
from tui.widgets.keybar import KeyBar

if TYPE_CHECKING:
    from textual.app import ComposeResult


class PromptScreen(LocalizedDialog["str | None"]):
    """Gives what was typed, None where nothing is wanted. `title` and `about` are names of texts."""

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "ok", id="take", key_display="Enter", priority=True),
        Binding("escape", "close", "close", id="close", key_display="Esc"),
    ]

    def __init__(self, title: str, about: str, value: str = "", *, longest: int = LONGEST) -> None:
        super().__init__()
        self._longest = longest
        self._heading, self._about, self._value = title, about, value

    def compose(self) -> ComposeResult:
        """Heading, what it is for, field, keys."""
        yield Static(id="title")
        yield Static(id="about")
        yield CleanInput(self._value, id="field", compact=True, select_on_focus=False)
        yield KeyBar()

    def begin(self) -> None:
        """Take as much as is wanted."""
        self.query_one("#field", CleanInput).longest = self._longest

    def draw(self) -> None:
        """Write the heading, and give the keys to the field."""
        say = self.words.say
        self.query_one("#title", Static).update(Prose(Content.styled(say(self._heading), "bold $primary")))
        self.query_one("#about", Static).update(Prose(Content.styled(say(self._about), "dim")))
        self.query_one("#field").focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_take()

    def action_take(self) -> None:
        """Give what was typed."""
        self.leave(self.query_one("#field", Input).value.strip())

    def action_close(self) -> None:
        """Give nothing."""
        self.leave(None)
