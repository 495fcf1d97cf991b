"""Runs an app on the terminal until the user leaves it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final, TextIO

os.environ.setdefault("TEXTUAL_FPS", "500")  # Textual reads it when it is imported; a key waits less for its picture

from diagnostics.autosave import DraftFile
from diagnostics.unsent import STORY
from tui.app.app import DoctorApp
from tui.cli.output import to_stderr

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnostics.session import Session
    from tui.app.preferences import Launch

SWITCH_INTERVAL: Final = 0.001
"""Seconds after which a thread has to let another work: what writes to the terminal waits for no longer time."""


def run(session: Session, launch: Launch) -> int:
    """Run a diagnosis and return the exit code. Raises what went wrong inside, once the terminal is put right again."""
    if launch.given and not launch.saved:
        session.answer(launch.given)
    if launch.story:
        session.keep_typed(STORY, launch.story)
    app, draft = DoctorApp(session, launch), session.draft
    try:
        code = show(app)
        if code == 0 and app.cases is not None:
            draft.unsent.forget(draft.run, "")  # who is left in good order is not offered again
    finally:
        app.phones.stop_adb_if_started()
        draft.unsent.close()
        if isinstance(draft, DraftFile):
            draft.release()
    if code == 0:
        count = len(app.session.own_answers())
        if count and app.session.fault is None:  # whoever quits wonders where the answers are
            app.texts.lang = app.session.lang
            to_stderr(app.texts.say("kept" if app.cases is None else "kept_case", count=count))
        if app.cases is not None:
            app.cases.file.finish()
    return code


def show(app: DoctorApp) -> int:
    """Draw the app on the terminal until it ends, and return its exit code; raises the fault that ended it."""
    kept = sys.__stdout__, sys.__stderr__
    terminal = sys.__stderr__ if sys.__stderr__ is not None and sys.__stderr__.isatty() else sys.__stdout__
    if terminal is not None:  # Textual draws on one of the two
        sys.__stdout__ = sys.__stderr__ = TerminalOutput(terminal, app.hang_up)  # type: ignore[assignment, misc]
    sys.setswitchinterval(SWITCH_INTERVAL)
    try:
        code = app.run(inline=app.launch.inline)
    finally:  # where the terminal is gone, Textual leaves its thread reading: Python would wait for it for ever
        sys.__stdout__, sys.__stderr__ = kept  # type: ignore[misc]
        reading = getattr(app._driver, "exit_event", None)
        if reading is not None:
            reading.set()
    if app.fault is not None:
        raise app.fault
    return code if code is not None else (app.return_code or 0)


class TerminalOutput:
    """The terminal, as Textual writes to it: once it is gone, nothing is written, and nothing waits or fails.

    Textual's writing thread would end at the first error, and its full queue hold up the app for ever.
    """

    def __init__(self, terminal: TextIO, gone: Callable[[], None]) -> None:
        self._terminal = terminal
        self._gone = gone
        self._there = True
        self.fileno = terminal.fileno
        self.isatty = terminal.isatty
        self.encoding = terminal.encoding

    def write(self, text: str) -> None:
        """Write what is drawn."""
        self._try(lambda: self._terminal.write(text))

    def flush(self) -> None:
        """Send what was written."""
        self._try(self._terminal.flush)

    def _try(self, write: Callable[[], object]) -> None:
        if self._there:
            try:
                write()
            except (OSError, ValueError):  # gone, or closed
                self._there = False
                self._gone()
