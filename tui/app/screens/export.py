"""Save the report to a file, or hand its text to the terminal's clipboard; which file a typed name means."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input

from diagnostics.sanitize import clean_line
from tui.app.screens.base import ListScreen
from tui.app.widgets.fields import Choices, CleanInput
from tui.cli.output import CliError, write_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.widget import Widget

SUFFIXES: Final = {"text": ".txt", "markdown": ".md", "html": ".html", "json": ".json"}
NAME: Final = "weilidai-doctor-report"
LONGEST_NAME: Final = 4_000
"""Characters of a typed name that are kept: more than any file system takes."""


class ExportScreen(ListScreen[None]):
    """Asks for a format; the file name may be changed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "name", "file name", id="file_name", key_display="Tab"),
        Binding("escape", "close", "close", id="close", key_display="Esc"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._asked: Path | None = None

    def parts(self) -> Iterable[Widget]:
        """Yield heading, file name, formats."""
        title, about, list_ = super().parts()
        return [title, about, CleanInput(NAME, id="field", compact=True, select_on_focus=False), list_]

    def heading(self) -> str:
        """Return the page's name."""
        return self.texts.say("export.title")

    def about(self) -> str:
        """Say what is in it."""
        return self.texts.say("export.private")

    def rows(self) -> Sequence[tuple[str, Content]]:
        """Return the formats."""
        return [(name, Content(self.texts.say(f"export.{name}"))) for name in (*SUFFIXES, "copy", "short")]

    def choose(self, id_: str) -> None:
        """Save or copy the report in this form."""
        from diagnostics.formats import FormatUnavailable, render, short

        doctor, knowledge = self.doctor, self.doctor.session.knowledge
        report, went = doctor.session.report(), doctor.session.went
        if id_ in ("copy", "short"):
            whole = id_ == "copy"
            doctor.copy_to_clipboard(
                render("text", report, knowledge, ascii=doctor.plain, went=went)
                if whole
                else short(report, knowledge, went)
            )
            doctor.tell("export.copied")
            return
        path = target(self.query_one("#field", Input).value, NAME, SUFFIXES[id_])
        if taken(path) and self._asked != path:
            self._asked = path
            doctor.tell("export.exists", severe=True, where=full_name(path))
            return
        try:
            text = render(id_, report, knowledge, ascii=doctor.plain, ticket=doctor.label, went=went)
        except FormatUnavailable as error:
            doctor.tell("export.failed", severe=True, where=str(error))
            return
        fault = save(path, text, self.texts.lang, private=True)
        if fault is not None:
            doctor.tell("export.failed", severe=True, where=fault)
            return
        doctor.tell("export.saved", where=full_name(path))
        self.leave()

    def action_name(self) -> None:
        """Go to the file name, and back to the formats."""
        list_ = self.query_one("#list", Choices)
        (self.query_one("#field", Input) if self.focused is list_ else list_).focus()


def target(typed: str, name: str, suffix: str) -> Path:
    """Return the file that was meant: `name` where nothing or a folder was typed, always with this suffix."""
    path = Path(clean_line(typed, LONGEST_NAME) or name)
    with contextlib.suppress(RuntimeError):  # the home of a user who is none: a name like any other
        path = path.expanduser()
    if os.path.isdir(path):  # noqa: PTH112  unlike pathlib's, this one raises for no name
        path /= name
    return path if path.suffix == suffix else path.with_name(path.name + suffix)


def taken(path: Path) -> bool:
    """Whether there is something under this name; False too where that cannot be seen, and saving will say why."""
    return os.path.exists(path)  # noqa: PTH110  unlike pathlib's, this one raises for no name


def full_name(path: Path) -> str:
    """Return the name from the root on, as far as it is known."""
    try:
        return clean_line(str(path.absolute()), LONGEST_NAME)
    except OSError:  # the folder that the app was started in is gone
        return clean_line(str(path), LONGEST_NAME)


def save(path: Path, text: str, lang: str, *, private: bool = False) -> str | None:
    """Write the file; returns why it could not be, in this language, and None where it was."""
    try:
        write_file(str(path), text, private=private)
    except CliError as error:
        return clean_line(error.text(lang), LONGEST_NAME)
    return None
