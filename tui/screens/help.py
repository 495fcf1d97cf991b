"""Help, made from the bindings of the screen it was called from: it cannot say anything else than what works."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.prose import Prose
from tui.screens.base import Localized, LocalizedDialog
from tui.widgets.keybar import KeyBar

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.screen import Screen


class HelpScreen(LocalizedDialog[None]):
    """Every key of one screen with what it does."""

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,f1,b", "close", "close", id="close", key_display="Esc")
    ]

    def __init__(self, of: Screen[object]) -> None:
        super().__init__()
        self._of = of

    def compose(self) -> ComposeResult:
        """Heading, the keys, keys of this page."""
        yield Static(id="title")
        with VerticalScroll(id="body"):
            yield Static(id="keys")
        yield KeyBar()

    def draw(self) -> None:
        """Write the list."""
        say = self.words.say
        self.query_one("#title", Static).update(Prose(Content.styled(say("help.title"), "bold $primary")))
        rows = [("1-9", say("help.choices")), ("↑ ↓", say("help.move")), *keys_of(self._of)]
        width = max(cell_len(key) for key, _text in rows)
        lines = [
            Content.assemble((key + " " * (width - cell_len(key)), "bold $accent"), f"  {text}") for key, text in rows
        ]
        self.query_one("#body").focus()
        self.query_one("#keys", Static).update(
            Prose(Content("\n").join([*lines, Content(""), Content(say("help.mouse"))]))
        )

    def action_close(self) -> None:
        """Back to where the user was."""
        self.leave()


def keys_of(screen: Screen[object]) -> list[tuple[str, str]]:
    """Return the keys of a screen with what they do, several keys of one action together."""
    if not isinstance(screen, Localized):
        return []
    from tui.keynames import key_name

    found: dict[str, tuple[list[str], str]] = {}
    for key, active in screen.active_bindings.items():
        binding = active.binding
        if binding.id is None or not screen.words.has(f"key.{binding.id}"):
            continue
        keys, _ = found.setdefault(binding.id, ([], screen.describe(binding.id)))
        shown = key_name(key)
        if shown not in keys:
            keys.append(shown)
    return [(" ".join(keys), text) for keys, text in found.values()]
