"""The Textual app, started without a command."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from tui import exits

if TYPE_CHECKING:
    from diagnostics.draft import DraftFile
    from diagnostics.knowledge.model import Knowledge
    from tui.language import Lang


def start(given: dict[str, Any]) -> int:
    """Start the app on the terminal. Without one on stdin and stdout it says so and names the other ways."""
    if not (_terminal(sys.stdin) and _terminal(sys.stdout)):
        raise exits.Fault("no_terminal")
    from tui.options import gather

    shared = gather(given)
    from diagnostics.draft import DraftFile
    from diagnostics.session import Session
    from tui.app import run
    from tui.launch import Launch

    draft = DraftFile()
    saved, notice = _saved(shared.knowledge, draft, shared.lang)
    session = Session(shared.knowledge, lang=shared.lang, draft=draft, own="operator" if shared.on_behalf else "answer")
    launch = Launch(
        lang=shared.lang,
        offline=shared.offline,
        checks=shared.checks,
        options=shared.check_options(),
        timeout=shared.timeout,
        given=shared.answers,
        ascii=shared.ascii,
        on_behalf=shared.on_behalf,
        inline=given["inline"],
        ask_resume=saved,
        notice=notice,
    )
    return run(session, launch) or exits.DONE


def _saved(knowledge: Knowledge, draft: DraftFile, lang: Lang) -> tuple[bool, str | None]:
    """Say whether answers wait to be taken up; a draft that cannot be read is kept beside, and the user is told."""
    from diagnostics.draft import DraftError

    try:
        return bool(draft.read(knowledge)), None
    except DraftError:
        return False, knowledge.say("ui.welcome.damaged", lang, where=draft.set_aside())


def _terminal(stream: Any) -> bool:
    try:
        return stream is not None and bool(stream.isatty())
    except ValueError:
        return False
