"""The Textual app, started without a command."""

from __future__ import annotations

import sys
from typing import Any

import click

from tui import exits


def start(given: dict[str, Any]) -> int:
    """Start the app on the terminal. Without one on stdin and stdout it says so and names the other ways."""
    if not (_terminal(sys.stdin) and _terminal(sys.stdout)):
        raise click.UsageError(
            "the app needs a terminal on stdin and stdout; use `weilidai-doctor check` for a report "
            "or `weilidai-doctor ask` for the questions line by line"
        )
    from tui.options import gather

    shared = gather(given)
    from diagnostics.draft import DraftFile
    from diagnostics.session import Session
    from tui.app import run
    from tui.launch import Launch

    session = Session(
        shared.knowledge, lang=shared.lang, draft=DraftFile(), own="operator" if shared.on_behalf else "answer"
    )
    if shared.answers:
        session.answer(shared.answers)
    launch = Launch(
        lang=shared.lang,
        offline=shared.offline,
        checks=shared.checks,
        targets=shared.targets,
        timeout=shared.timeout,
        ascii=shared.ascii,
        on_behalf=shared.on_behalf,
        inline=given["inline"],
        ask_resume=not shared.answers,
    )
    return run(session, launch) or exits.DONE


def _terminal(stream: Any) -> bool:
    try:
        return stream is not None and bool(stream.isatty())
    except ValueError:
        return False
