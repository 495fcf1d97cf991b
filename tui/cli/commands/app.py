"""The Textual app, started without a command."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from tui.cli.output import Exit, UsageError

if TYPE_CHECKING:
    from diagnostics.autosave import DraftFile
    from diagnostics.cases.case_sync import CaseFile
    from diagnostics.knowledge.model import Knowledge
    from tui.language import Lang

DEMO_TAKES: Final = frozenset({"demo", "lang", "ascii", "inline", "debug", "verbose", "quiet"})


def start(given: dict[str, Any]) -> int:
    """Start the app on the terminal. Without one on stdin and stdout it says so and names the other ways."""
    if not (_terminal(sys.stdin) and _terminal(sys.stdout)):
        raise UsageError("no_terminal")
    if given["demo"]:
        return _demo(given)
    from tui.cli.options import run_options

    shared = run_options(given)
    from diagnostics.session import Session
    from tui.cli.options import autosave_for
    from tui.launch import Launch
    from tui.running import run

    draft = autosave_for(shared, given["store"])
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
    from diagnostics.autosave import DraftFile

    return run(session, launch, None if isinstance(draft, DraftFile) else draft) or Exit.DONE


def _demo(given: dict[str, Any]) -> int:
    """Play the recorded case. It goes with the options of the screen alone: it is nobody's diagnosis."""
    for name, value in given.items():
        if value and name not in DEMO_TAKES:
            raise UsageError("demo_alone", option="--" + name.strip("_").replace("_", "-"))
    from diagnostics.knowledge import load
    from tui.demo.app import play
    from tui.language import choose

    return play(load(), choose(given["lang"]), ascii=given["ascii"], inline=given["inline"]) or Exit.DONE


def _saved(knowledge: Knowledge, draft: DraftFile | CaseFile, lang: Lang) -> tuple[bool, str | None]:
    """Say whether answers wait to be taken up; a draft that cannot be read is kept beside, and the user is told."""
    from diagnostics.autosave import DraftError, DraftFile

    if not isinstance(draft, DraftFile):
        return draft.exists(), None  # read when it is taken up: that may open the store
    try:
        return bool(draft.read(knowledge)), None
    except DraftError:
        return False, knowledge.say("ui.welcome.damaged", lang, where=draft.set_aside())


def _terminal(stream: Any) -> bool:
    try:
        return stream is not None and bool(stream.isatty())
    except ValueError:
        return False
