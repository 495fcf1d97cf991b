"""Save the report to a file, or hand its text to the terminal's clipboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui.prose import Prose
from tui.saving import full_name, save, taken, target
from tui.screens.base import LocalizedDialog
from tui.widgets.choices import Choices
from tui.widgets.entry import CleanInput
from tui.widgets.keybar import KeyBar

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import ComposeResult
    from textual.events import Key

SUFFIXES: Final = {"text": ".txt", "markdown": ".md", "html": ".html", "json": ".json"}
WAYS: Final = (*SUFFIXES, "copy", "short")
NAME: Final = "weilidai-doctor-report"


class ExportScreen(LocalizedDialog[None]):
    """Asks for a format; the file name may be changed."""

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "name", "file name", id="file_name", key_display="Tab"),
        Binding("escape", "close", "close", id="close", key_display="Esc"),
        Binding("down", "move(1)", "down", id="down", show=False, priority=True),
        Binding("up", "move(-1)", "up", id="up", show=False, priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._asked: Path | None = None

    def compose(self) -> ComposeResult:
        """Heading, file name, formats, keys."""
        yield Static(id="title")
        yield Static(id="about")
        yield CleanInput(NAME, id="field", compact=True, select_on_focus=False)
        yield Choices(id="list")
        yield KeyBar()

    def draw(self) -> None:
        """Offer the formats."""
        say = self.words.say
        self.query_one("#title", Static).update(Prose(Content.styled(say("export.title"), "bold $primary")))
        self.query_one("#about", Static).update(Prose(Content.styled(say("export.private"), "dim")))
        list_ = self.query_one("#list", Choices)
        at = list_.highlighted or 0
        list_.clear_options()
        list_.add_options(
            Option(Prose(Content.assemble((f"{number} ", "bold $accent"), say(f"export.{name}")), lead=2), id=name)
            for number, name in enumerate(WAYS, 1)
        )
        list_.highlighted = at
        list_.focus()

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._do(str(event.option.id))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one("#list", Choices).action_select()

    def on_key(self, event: Key) -> None:
        """A digit chooses at once, as long as no name is being typed."""
        number = int(event.character) - 1 if event.character and event.character in "123456789" else -1
        if 0 <= number < len(WAYS) and not isinstance(self.focused, Input):
            event.stop()
            self._do(WAYS[number])

    def _do(self, what: str) -> None:
        from diagnostics.formats import FormatUnavailable, render, short

        doctor, knowledge = self.doctor, self.doctor.session.knowledge
        plain = doctor.launch.ascii or doctor.likes.ascii
        if what in ("copy", "short"):
            whole = what == "copy"
            doctor.copy_to_clipboard(
                render("text", doctor.report, knowledge, ascii=plain) if whole else short(doctor.report, knowledge)
            )
            doctor.tell("export.copied")
            return
        path = target(self.query_one("#field", Input).value, NAME, SUFFIXES[what])
        if taken(path) and self._asked != path:
            self._asked = path
            doctor.tell("export.exists", severe=True, where=full_name(path))
            return
        try:
            text = render(what, doctor.report, knowledge, ascii=plain)
        except FormatUnavailable as error:
            doctor.tell("export.failed", severe=True, where=str(error))
            return
        self._save(path, text)

    def _save(self, path: Path, text: str) -> None:
        fault = save(path, text, self.words.lang, private=True)
        if fault is not None:
            self.doctor.tell("export.failed", severe=True, where=fault)
            return
        self.doctor.tell("export.saved", where=full_name(path))
        self.leave()

    def action_name(self) -> None:
        """Go to the file name, and back to the formats."""
        list_ = self.query_one("#list", Choices)
        (self.query_one("#field", Input) if self.focused is list_ else list_).focus()

    def action_move(self, lines: int) -> None:
        """Move the highlight, from the file name too."""
        list_ = self.query_one("#list", Choices)
        list_.action_cursor_down() if lines > 0 else list_.action_cursor_up()

    def action_close(self) -> None:
        """Back without saving."""
        self.leave()
