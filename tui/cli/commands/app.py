"""The Textual app, started without a command."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING, Any

from tui.cli.output import Exit, UsageError

if TYPE_CHECKING:
    from diagnostics.session import Session
    from tui.app.preferences import Saved


def start(given: dict[str, Any]) -> int:
    """Start the app on the terminal. Without one on stdin and stdout it says so and names the other ways."""
    if not (_terminal(sys.stdin) and _terminal(sys.stdout)):
        raise UsageError("no_terminal")
    gc.disable()  # what is made until the first screen stands, stays; the app collects from then on
    from tui.app import preferences

    given["lang"] = given["lang"] or preferences.read().lang
    from tui.cli.options import run_options

    shared = run_options(given)
    from tui.app.app import run
    from tui.app.preferences import Launch
    from tui.cli.options import new_session

    session = new_session(shared, given["store"])
    saved, notices = _saved(session)
    launch = Launch(
        checks=shared.checks,
        options=shared.options,
        given=shared.answers,
        ascii=shared.ascii,
        on_behalf=shared.on_behalf,
        inline=given["inline"],
        saved=saved,
        verbose=bool(given["verbose"]),
        notice="\n".join(notices),
        story=shared.story.input if shared.story is not None else "",
    )
    return run(session, launch) or Exit.DONE


def _saved(session: Session) -> tuple[tuple[Saved, ...], list[str]]:
    """Return the runs that can be continued, and what is to be said: a draft that cannot be read is moved aside."""
    from diagnostics.autosave import DraftError, DraftFile
    from tui.app.preferences import Saved

    draft = session.draft
    if not isinstance(draft, DraftFile):
        return ((Saved(),) if draft.exists() else ()), []  # read when it is taken up: that may open the store
    notices = [session.texts("ask.elsewhere")] if draft.elsewhere else []
    found = []
    for one in (draft, *map(DraftFile, draft.left)):
        try:
            seen = one.read(session.knowledge)
        except DraftError:
            seen = ()
            notices.append(session.texts("ui.say.damaged", where=one.set_aside()))
        if seen:
            at = max(reading.observed_at or "" for reading in seen)
            found.append(Saved(at, len(seen), one.path if one is not draft else None))
        else:
            draft.unsent.release(one.run)
    return tuple(found), notices


def _terminal(stream: Any) -> bool:
    try:
        return stream is not None and bool(stream.isatty())
    except ValueError:
        return False
