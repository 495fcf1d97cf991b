"""`ask`: the guided questions line by line, for screen readers, dumb terminals and pipes; prompts go to stderr."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from diagnostics.autosave import DraftFile
from diagnostics.checks.registry import IPHONE_CHECK, PHONE_CHECKS, TRUST_SECONDS, check_ids
from diagnostics.formats import FORMATS
from diagnostics.unsent import STORY
from tui.cli.commands.check import has_cause_at_least, rendered, run_checks, waits
from tui.cli.interviewer import GO_ON, Console, Interviewer
from tui.cli.options import new_session, run_options, shared_options
from tui.cli.output import Exit, RuntimeFailure, UsageError, columns_of, to_stderr, write_stdout

if TYPE_CHECKING:
    from diagnostics.cases.case_sync import CaseFile
    from diagnostics.checks.base import CheckResult
    from diagnostics.session import Session
    from tui.cli.options import RunOptions
    from tui.cli.progress import Live

PATIENCE: Final = 1.0
"""Seconds that the first question waits for the checks."""


def settle_phones(shared: RunOptions, results: list[CheckResult], console: Console) -> list[CheckResult]:
    """Ask which phone is meant, and for trust, where a check needs it; returns the results, some of them new."""
    verdicts = {result.verdict for result in results}
    if verdicts & {"phone.several", "phone.ios_several"}:
        device = _which(console)
        if device is not None:
            shared = _with(shared, device=device)
            results = _again(shared, results, tuple(id_ for id_ in PHONE_CHECKS if id_ in shared.checks))
            verdicts = {result.verdict for result in results}
    if "phone.ios_untrusted" in verdicts and not shared.options.pair:
        console.say("ask.trust")
        if console.pick(GO_ON) is not None:
            console.say("ask.trust_wait", seconds=f"{TRUST_SECONDS:.0f}")
            agreed = _with(shared, pair=True, device=shared.options.device or "ios", timeout=TRUST_SECONDS)
            results = _again(agreed, results, (IPHONE_CHECK,))
    return results


def _with(shared: RunOptions, **changed: Any) -> RunOptions:
    return msgspec.structs.replace(shared, options=msgspec.structs.replace(shared.options, **changed))


def _which(console: Console) -> str | None:
    """Return the phone that the person names, as `--device` takes it; None where none is to be looked at."""
    from diagnostics.network.deadline import Deadline
    from diagnostics.phone.readout import android_names, androids_beside, iphone_names, iphones_beside

    deadline = Deadline(5.0)
    names = [*android_names(androids_beside(deadline, 0)), *iphone_names(iphones_beside(deadline))]
    if not names:
        return None
    console.say("ask.which_phone")
    numbered = {str(number): name for number, name in enumerate(names, 1)}
    for number, name in numbered.items():
        console.show(f"  {number}. {name}")
    typed = console.pick(numbered)
    return numbered[typed].split()[0] if typed is not None else None


def _again(shared: RunOptions, results: list[CheckResult], ids: tuple[str, ...]) -> list[CheckResult]:
    """Run these checks again and return all results, the new ones in the place of the old."""
    new = {result.id: result for result in run_checks(msgspec.structs.replace(shared, checks=ids))}
    return [new[result.id] if result.id in ids else result for result in results]


@click.command("ask")
@shared_options
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text")
@click.option("--resume", is_flag=True)
@click.option("--store", metavar="FILE|URL")
@click.option("--label", metavar="TEXT")
@click.option("--consent", is_flag=True)
def command(**given: Any) -> int:
    """Ask the guided questions line by line and write the report."""
    shared = run_options(given)
    session = new_session(shared, given["store"])
    draft = session.draft
    _begin(session, shared, resume=given["resume"])
    _describe(draft, given["label"], agreed=given["consent"])
    if shared.answers:
        session.answer(shared.answers)
    console = Console(shared.texts, sys.stdin.buffer if sys.stdin else io.BytesIO(), sys.stderr)
    beyond = not isinstance(draft, DraftFile) and draft.place.file is None
    unsent = session.typed(STORY) if given["resume"] else ""
    try:
        interviewer = Interviewer(session, console, on_behalf=shared.on_behalf, shared=beyond)
        interviewer.greet()
        checks = Checks(shared, session, console)
        interviewer.run(shared.story, unsent=unsent, look_up=checks.take_in)
        checks.finish()
    finally:
        draft.unsent.close()
        if isinstance(draft, DraftFile):
            draft.release()
    if not isinstance(draft, DraftFile):
        case = draft.case_id
        if session.interview.stop_reason is not None:
            draft.finish()
        else:
            draft.close()
        if case is not None:
            to_stderr(shared.texts("ask.case", id=case))
        for notice in draft.notices:
            to_stderr(notice)
    diagnosis = session.diagnosis()
    text = rendered(given["format_"], diagnosis, shared, columns_of(sys.stdout))
    write_stdout(text, is_json=given["format_"] == "json")
    return Exit.FOUND if has_cause_at_least(diagnosis.assessment, shared.fail_on) else Exit.DONE


class Checks:
    """The checks of one run: beside the questions for a person at a terminal, who waits a moment for them.

    Where a pipe is read they run at once: the questions come in the same order each time.
    """

    def __init__(self, shared: RunOptions, session: Session, console: Console) -> None:
        self._shared, self._session, self._console = shared, session, console
        self._running: Live | None = None
        if sys.stdin and sys.stdin.isatty() and waits(shared) and set(shared.checks) <= set(check_ids()):
            from tui.cli.progress import Live

            self._running = Live(shared, sys.stderr)
            self._running.ended(PATIENCE)
        else:
            self._observe(run_checks(shared))

    def take_in(self) -> None:
        """Take in the results once all are there."""
        if self._running is not None and self._running.ended():
            self.finish()

    def finish(self) -> None:
        """Wait for what still runs, and take in the results."""
        if self._running is not None:
            running, self._running = self._running, None
            self._observe(running.finish())

    def _observe(self, results: list[CheckResult]) -> None:
        for result in settle_phones(self._shared, results, self._console):
            self._session.observe(result)


def _begin(session: Session, shared: RunOptions, *, resume: bool) -> None:
    """Take up what was left or put it aside, and say what other windows have. Raises DraftError where it is damaged."""
    draft, texts = session.draft, shared.texts
    if isinstance(draft, DraftFile):
        if draft.elsewhere:
            to_stderr(texts("ask.elsewhere"))
        if resume:
            draft.bring_back("previous")
            if draft.left:
                to_stderr(texts("ask.more_left", count=len(draft.left)))
    if resume:
        session.resume()
    elif draft.exists():
        to_stderr(texts("ask.case_exists" if draft.keeps_readings else "ask.draft_exists"))
        draft.set_aside("previous")


def _describe(draft: DraftFile | CaseFile, label: str | None, *, agreed: bool) -> None:
    """Give the case its nickname or ticket and note the consent. Raises UsageError where there is no case."""
    if label is None and not agreed:
        return
    if isinstance(draft, DraftFile):
        raise UsageError("no_case_to_label", option="--consent" if label is None else "--label")
    from diagnostics.cases.model import StoreError

    try:
        draft.describe(label or "", agreed=agreed)
    except StoreError as error:
        raise RuntimeFailure(error) from None
