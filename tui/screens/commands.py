"""A search over everything that a key does on the screen in front, in the user's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui.prose import Prose
from tui.screens.base import Localized, LocalizedDialog
from tui.widgets.choices import Choices
from tui.widgets.entry import CleanInput
from tui.widgets.keybar import KeyBar

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.screen import Screen


class CommandsScreen(LocalizedDialog["str | None"]):
    """Type a few letters and choose: gives the id of a binding of the screen below."""

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "close", id="close", key_display="Esc"),
        Binding("down", "move(1)", "down", id="down", show=False, priority=True),
        Binding("up", "move(-1)", "up", id="up", show=False, priority=True),
    ]

    def __init__(self, of: Screen[object]) -> None:
        super().__init__()
        self._of = of

    def compose(self) -> ComposeResult:
        """Heading, search field, what was found, keys."""
        yield Static(id="title")
        yield CleanInput(id="field", compact=True)
        yield Choices(id="list")
        yield KeyBar()

    def draw(self) -> None:
        """Offer what fits the words typed so far."""
        self.query_one("#title", Static).update(Prose(Content.styled(self.words.say("key.commands"), "bold $primary")))
        field = self.query_one("#field", Input)
        field.placeholder = self.words.say("commands.prompt")
        field.focus()
        self._offer(field.value)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._offer(event.value)

    def _offer(self, typed: str) -> None:
        list_ = self.query_one("#list", Choices)
        list_.clear_options()
        wanted = typed.casefold().split()
        found = {key: text for key, text in self._commands().items() if all(word in text.casefold() for word in wanted)}
        list_.add_options(Option(Prose(Content(text)), id=key) for key, text in found.items())
        if found:
            list_.highlighted = 0
        else:
            list_.add_option(Option(Prose(Content(self.words.say("commands.none"))), disabled=True))

    def _commands(self) -> dict[str, str]:
        of = self._of
        if not isinstance(of, Localized):
            return {}
        return {
            active.binding.id: of.describe(active.binding.id)
            for active in of.active_bindings.values()
            if active.binding.id is not None
            and active.enabled
            and self.words.has(f"key.{active.binding.id}")
            and active.binding.id != "commands"
        }

    @on(OptionList.OptionSelected)
    @on(Input.Submitted)
    def _chosen(self) -> None:
        list_ = self.query_one("#list", Choices)
        at = list_.highlighted
        if at is not None:
            self.leave(list_.get_option_at_index(at).id)

    def action_move(self, lines: int) -> None:
        """Move the highlight while the field keeps the keys."""
        list_ = self.query_one("#list", Choices)
        list_.action_cursor_down() if lines > 0 else list_.action_cursor_up()

    def action_close(self) -> None:
        """Back without doing anything."""
        self.leave(None)
