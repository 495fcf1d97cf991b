"""The settings page: colours, language, plain ASCII; each kept for the next time."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui import themes
from tui.prose import Prose
from tui.screens.base import LocalizedDialog
from tui.widgets.choices import Choices
from tui.widgets.keybar import KeyBar

if TYPE_CHECKING:
    from textual.app import ComposeResult


class SettingsScreen(LocalizedDialog[None]):
    """A short list; Enter changes the highlighted setting."""

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "change", "change", id="change", key_display="Enter", priority=True),
        Binding("escape,b,f2", "close", "close", id="close", key_display="Esc"),
    ]

    def compose(self) -> ComposeResult:
        """Heading, settings, keys."""
        yield Static(id="title")
        yield Static(id="about")
        yield Choices(id="list")
        yield KeyBar()

    def draw(self) -> None:
        """Show every setting with its value."""
        say, doctor = self.words.say, self.doctor
        self.query_one("#title", Static).update(Prose(Content.styled(say("settings.title"), "bold $primary")))
        self.query_one("#about", Static).update(Prose(Content.styled(say("settings.help"), "dim")))
        plain = doctor.launch.ascii or doctor.likes.ascii
        rows = {
            "theme": say(f"settings.theme_name.{doctor.theme}"),
            "language": say(
                "settings.language_name.english" if self.words.lang == "en" else "settings.language_name.chinese"
            ),
            "ascii": say("settings.on" if plain else "settings.off"),
        }
        list_ = self.query_one("#list", Choices)
        at = list_.highlighted or 0
        list_.clear_options()
        list_.add_options(
            Option(Prose(Content.assemble(say(f"settings.{name}"), "  ", (value, "bold"))), id=name)
            for name, value in rows.items()
        )
        list_.highlighted = at
        list_.focus()

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._change(str(event.option.id))

    def action_change(self) -> None:
        """Change the highlighted setting."""
        self.query_one("#list", Choices).action_select()

    def _change(self, name: str) -> None:
        doctor = self.doctor
        if name == "theme":
            at = themes.NAMES.index(doctor.theme) if doctor.theme in themes.NAMES else -1
            doctor.theme = themes.NAMES[(at + 1) % len(themes.NAMES)]
            doctor.remember(theme=doctor.theme)
            doctor.changed.publish("theme")
        elif name == "language":
            doctor.action_switch_language()
        else:
            doctor.remember(ascii=not doctor.likes.ascii)
            doctor.redraw_glyphs()
        self.draw()

    def action_close(self) -> None:
        """Back to where the user was."""
        self.leave()
