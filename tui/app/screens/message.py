"""The next questions as a chat message: shown, and handed to the terminal's clipboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.app.cjk_wrap import Prose
from tui.app.screens.base import CLOSE, AppScreen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from diagnostics.questionnaire.message import ChatMessage


class MessageScreen(AppScreen[None]):
    """A message as it was copied. Whether the terminal took it nobody learns, so the text itself stands here."""

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("y", "copy", "copy again", id="copy_again"), CLOSE]

    def __init__(self, message: ChatMessage) -> None:
        super().__init__()
        self.message = message

    def parts(self) -> Iterable[Widget]:
        """Yield the heading, what became of the copy, and the message."""
        yield Static(id="title")
        yield Static(id="about")
        with VerticalScroll(id="body"):
            yield Static(id="message")

    def begin(self) -> None:
        """Copy at once: that is what the key was pressed for."""
        self.query_one("#body").focus()
        self.action_copy()

    def draw(self) -> None:
        """Write the page; the message stays in the language in which it was made."""
        say, asks = self.texts.say, self.message.sent is not None
        self.query_one("#title", Static).update(Prose(Content.styled(say("message.title"), "bold $primary")))
        self.query_one("#about", Static).update(
            Prose(Content.styled(say("message.copied") if asks else self.message.text, "dim"))
        )
        self.query_one("#message", Static).update(Prose(Content(self.message.text if asks else "")))

    def action_copy(self) -> None:
        """Hand the text to the terminal, which may not take it."""
        if self.message.sent is not None:
            self.doctor.copy_to_clipboard(self.message.text)
