"""Asks for one of several things; where they are many, a few letters find the right one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui.prose import Prose
from tui.screens.base import LocalizedDialog
from tui.widgets.choices import Choices
from tui.widgets.entry import CleanInput
from tui.widgets.keybar import KeyBar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.app import ComposeResult

    from tui.words import Words

FEW: Final = 9
"""Up to this many things there is no search field."""


class ChooseScreen(LocalizedDialog["str | None"]):
    """Gives the id of what was chosen, None where nothing is wanted.

    `title` and `choices` (texts by id) are asked for in the words of the moment: the language may change meanwhile.
    """

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "choose", id="take", key_display="Enter", priority=True),
        Binding("down", "move(1)", "down", id="down", show=False, priority=True),
        Binding("up", "move(-1)", "up", id="up", show=False, priority=True),
        Binding("escape", "close", "close", id="close", key_display="Esc"),
    ]

    def __init__(self, title: Callable[[Words], str], choices: Callable[[Words], Mapping[str, str]]) -> None:
        super().__init__()
        self._title, self._of = title, choices
        self._choices: Mapping[str, str] = {}

    def compose(self) -> ComposeResult:
        """Heading, search field where there is much, choices, keys."""
        yield Static(id="title")
        yield CleanInput(id="field", compact=True)
        yield Choices(id="list")
        yield KeyBar()

    def draw(self) -> None:
        """Offer the choices."""
        self.query_one("#title", Static).update(Prose(Content.styled(self._title(self.words), "bold $primary")))
        self._choices = self._of(self.words)
        field = self.query_one("#field", Input)
        field.placeholder = self.words.say("commands.prompt")
        field.display = len(self._choices) > FEW
        list_ = self.query_one("#list", Choices)
        (field if field.display else list_).focus()
        at = list_.highlighted
        self._offer()
        if at is not None and at < list_.option_count:
            list_.highlighted = at

    @on(Input.Changed)
    def _offer(self) -> None:
        words = self.query_one("#field", Input).value.casefold().split()
        found = {id_: text for id_, text in self._choices.items() if all(word in text.casefold() for word in words)}
        list_ = self.query_one("#list", Choices)
        list_.clear_options()
        list_.add_options(Option(Prose(Content(text)), id=id_) for id_, text in found.items())
        list_.highlighted = 0 if found else None

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.leave(event.option.id)

    def action_take(self) -> None:
        """Give what is highlighted."""
        list_ = self.query_one("#list", Choices)
        if list_.highlighted is not None:
            self.leave(list_.get_option_at_index(list_.highlighted).id)

    def action_move(self, lines: int) -> None:
        """Move the highlight while the field keeps the keys."""
        list_ = self.query_one("#list", Choices)
        list_.action_cursor_down() if lines > 0 else list_.action_cursor_up()

    def action_close(self) -> None:
        """Give nothing."""
        self.leave(None)
