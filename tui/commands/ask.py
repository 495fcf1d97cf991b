"""`ask`: the guided questions line by line, then the report."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any

import click

from diagnostics.draft import DraftError, DraftFile
from diagnostics.formats import FORMATS
from diagnostics.session import Session
from tui import exits
from tui.commands.check import rendered, run_checks, stands
from tui.drafts import draft_for
from tui.options import gather, shared_options
from tui.phone_questions import Input, settle_phones
from tui.plain import Interviewer

if TYPE_CHECKING:
    from diagnostics.cases.casefile import CaseFile


@click.command("ask")
@shared_options
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text")
@click.option("--resume", is_flag=True)
@click.option("--store", metavar="FILE|URL")
@click.option("--label", metavar="TEXT")
@click.option("--consent", is_flag=True)
def command(**given: Any) -> int:
    """Ask the guided questions line by line and write the report."""
    shared = gather(given)
    draft = draft_for(shared, given["store"])
    session = Session(shared.knowledge, lang=shared.lang, draft=draft, own="operator" if shared.on_behalf else "answer")
    if given["resume"]:
        if isinstance(draft, DraftFile):
            draft.bring_back("previous")
        try:
            session.resume()
        except DraftError as error:
            raise exits.BadInput(error) from None
    elif draft.exists():
        exits.talk(shared.knowledge.say("ask.case_exists" if draft.keeps_readings else "ask.draft_exists", shared.lang))
        draft.set_aside("previous")
    _describe(draft, given["label"], agreed=given["consent"])
    if shared.answers:
        session.answer(shared.answers)
    stdin = Input(sys.stdin.buffer if sys.stdin else io.BytesIO(), encoding="utf-8-sig", errors="replace")
    for result in settle_phones(shared, run_checks(shared), stdin):
        session.observe(result)
    beyond = not isinstance(draft, DraftFile) and draft.place.file is None
    Interviewer(session, stdin, sys.stderr, on_behalf=shared.on_behalf, shared=beyond, story=shared.story).run()
    if not isinstance(draft, DraftFile):
        case = draft.case_id
        if session.interview.stop_reason is not None:
            draft.finish()
        if case is not None:
            exits.talk(shared.knowledge.say("ask.case", shared.lang, id=case))
        for notice in draft.notices:
            exits.talk(notice)
    report = session.report()
    exits.write(rendered(given["format_"], report, shared))
    return exits.FOUND if stands(report, shared.fail_on) else exits.DONE


def _describe(draft: DraftFile | CaseFile, label: str | None, *, agreed: bool) -> None:
    """Give the case its nickname or ticket and note the consent. Raises Fault where there is no case to give it to."""
    if label is None and not agreed:
        return
    if isinstance(draft, DraftFile):
        raise exits.Fault("no_case_to_label", option="--consent" if label is None else "--label")
    from diagnostics.cases.model import StoreError

    try:
        draft.describe(label or "", agreed=agreed)
    except StoreError as error:
        raise exits.CannotWork(error) from None
