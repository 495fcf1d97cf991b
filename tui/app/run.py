"""Runs an app on the terminal until the user leaves it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

os.environ.setdefault("TEXTUAL_FPS", "500")  # Textual reads it when it is imported; a key waits less for its picture

from tui.app.app import DoctorApp
from tui.cli.output import to_stderr

if TYPE_CHECKING:
    from diagnostics.cases.case_sync import CaseFile
    from diagnostics.session import Session
    from tui.app.preferences import Launch

TURN: Final = 0.001
"""Seconds after which a thread has to let another work: what writes to the terminal waits for no longer time."""


def run(session: Session, launch: Launch, cases: CaseFile | None = None) -> int:
    """Run a diagnosis and return the exit code; `cases` is a support desk's case in progress.

    Raises what went wrong inside, once the terminal is put right again.
    """
    if launch.saved is None and launch.given:
        session.answer(launch.given)
    app = DoctorApp(session, launch, cases)
    code = show(app)
    app.phones.put_back()
    if code == 0:
        _say_kept(app)
        if cases is not None:
            cases.finish()
    return ended(app, code)


def _say_kept(app: DoctorApp) -> None:
    """Say where the answers are once the screen is gone: whoever quits wonders."""
    count = len(app.session.own_answers())
    if count and app.fault is None and app.session.fault is None:
        app.texts.lang = app.session.lang
        to_stderr(app.texts.say("kept" if app.cases is None else "kept_case", count=count))


def show(app: DoctorApp) -> int | None:
    """Draw the app on the terminal until it ends."""
    if sys.__stderr__ is None or not sys.__stderr__.isatty():  # Textual draws there
        sys.__stderr__ = sys.__stdout__  # type: ignore[misc]
    sys.setswitchinterval(TURN)
    try:
        return app.run(inline=app.launch.inline)
    finally:  # where the terminal is gone, Textual leaves its thread reading: Python would wait for it for ever
        reading = getattr(app._driver, "exit_event", None)
        if reading is not None:
            reading.set()


def ended(app: DoctorApp, code: int | None) -> int:
    """Return the exit code of an app that ended; raises the fault that ended it."""
    if app.fault is not None:
        raise app.fault
    return code if code is not None else (app.return_code or 0)
