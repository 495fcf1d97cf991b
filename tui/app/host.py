"""What every screen of the app works with: one session, its report, the checks behind it, and what the user likes."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import msgspec
from textual.app import App
from textual.events import Key, Paste
from textual.signal import Signal

from diagnostics.evidence import now
from diagnostics.flow import Flow
from diagnostics.reading.model import Reading
from diagnostics.sanitize import clean_line
from tui.app import preferences, themes
from tui.app.check_runs import CheckRuns
from tui.app.keys import KeySorter, burst_text, plain_key
from tui.app.phone_watch import PhoneWatch
from tui.app.report_content import open_steps, safety_text
from tui.app.texts import ScreenTexts, reading_time

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from textual.events import Event
    from textual.filter import LineFilter
    from textual.message_pump import MessagePump
    from textual.screen import Screen

    from diagnostics.autosave import StepResult
    from diagnostics.cases.case_sync import CaseFile
    from diagnostics.engine.assessment import Assessment, Move
    from diagnostics.evidence import Observation
    from diagnostics.report import Report
    from diagnostics.report.model import PlanItem
    from diagnostics.session import Session
    from tui.app.case_worker import CaseWorker
    from tui.app.preferences import Launch, Preferences
    from tui.app.widgets.fields import Cut

MOST_NOTICES: Final = 3
LONGEST_KEY: Final = 0.5
"""Seconds after which a key holds up the next no longer."""


class Host(App[int]):
    """The state of the app; which screens there are is left to the app itself."""

    def __init__(
        self, session: Session, launch: Launch, cases: CaseFile | None = None, *, preferences_file: Path | None = None
    ) -> None:
        self.likes: Preferences = preferences.read(preferences_file)
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        for theme in themes.THEMES:
            self.register_theme(theme)
        self.theme = self.likes.theme if self.likes.theme in themes.NAMES else themes.DARK.name
        self._likes_file = preferences_file
        self.session = session
        self.launch = launch
        self.texts = ScreenTexts(session.knowledge, session.lang)
        self.moves: tuple[Move, ...] = ()
        self.unsent = ""
        """What stands in the story box and was not handed in."""
        self.checks = CheckRuns(session, launch, self.post_message)
        self.cases: CaseWorker | None = None
        if cases is not None:
            from tui.app.case_worker import CaseWorker

            self.cases = CaseWorker(cases)
        self.named = cases is None
        """Whether the desk has said whom it serves, and asked for consent; a private person needs not."""
        self.label = ""
        """The desk's name or ticket for the person being served."""
        self.changed: Signal[str] = Signal(self, "changed")
        self.phones = PhoneWatch(self.checks, launch, self.post_message, lambda: self.changed.publish("phones"))
        self.fault: Exception | None = None
        """What went wrong inside, where the app had to end itself."""
        self.keys = KeySorter(lambda group: self.call_later(self._act_on_keys, group))
        self._unsaved: str | None = None
        self._report: tuple[Assessment, tuple[str, int], Report] | None = None

    @cached_property
    def flow(self) -> Flow:
        """The user's way through the questions; the first screen stands without it."""
        return Flow(self.session)

    # keys

    async def on_event(self, event: Event) -> None:
        """Sort keys before they act: what comes in a burst is text."""
        if isinstance(event, Key) and not event.is_forwarded:
            self.keys.take(event)
            return
        if isinstance(event, Paste) and not event.is_forwarded:
            self.keys.flush()
            if not self._takes(event.text):
                self.call_later(self.take_text, event.text)
                return
        await super().on_event(event)

    async def _act_on_keys(self, group: list[Key], patience: int = 100) -> None:
        """Do what a key stands for, or take the text of a burst, once the screen in front stands."""
        if patience and not getattr(self.screen, "ready", True):
            self.set_timer(0.01, lambda: self._act_on_keys(group, patience - 1))
            return
        text, typing = burst_text(group), getattr(self.focused, "accepts", None) is not None
        key = group[0] if typing else plain_key(group[0])
        if text is None and not typing and key.character and key.character.isalpha() and not key.character.isascii():
            text = key.character
        if text is None:
            await super().on_event(key)
        elif self._takes(text):
            await super().on_event(Paste(text))
        else:
            await self.take_text(text)
        path = self.focused.ancestors_with_self if self.focused is not None else [self.screen, self]
        turn = self.keys.turn
        self._follow_key([*path, self], turn)
        self.set_timer(LONGEST_KEY, lambda: self.keys.done(turn))  # a node may go with what stands in its queue

    def _follow_key(self, nodes: list[MessagePump], turn: int) -> None:
        """Come after the key through the queue of every node that it passes; then the next one may follow."""
        while nodes and not nodes[0].is_running:
            nodes = nodes[1:]
        if nodes:
            nodes[0].call_later(self._follow_key, nodes[1:], turn)
        else:
            self.keys.done(turn)

    def _takes(self, text: str) -> bool:
        """Whether the field with the focus takes a text that came at once."""
        accepts = getattr(self.focused, "accepts", None)
        return bool(accepts is not None and accepts(text))

    async def take_text(self, text: str) -> None:
        """Take a text that was pasted where no field is: nothing happens here."""

    # what the user does

    def refresh_all(self, moves: tuple[Move, ...] | None = None) -> None:
        """Say that the user changed the session; `moves` stay marked until the next such change."""
        self.moves = self.session.moves if moves is None else moves
        self._read_version()
        self.tell_news()
        self.changed.publish("answers")

    def start_again(self, whom: tuple[str, bool] | None = None) -> None:
        """Begin with nothing answered; what the checks measured stays. `whom`: label and consent of the next person."""
        self.session.restart()
        self.unsent = self.label = ""
        self.named = self.cases is None
        if whom is not None:
            self.begin_case(*whom)
        self.take_given()
        self.flow.begin_again()
        self.refresh_all(())

    def begin_case(self, label: str, agreed: bool) -> None:
        """Note whom the desk serves from now on; `agreed`: the person agreed to this being kept."""
        if self.cases is not None:
            self.cases.file.label = label
            self.cases.file.consent_at = now() if agreed else None
        self.label, self.named = clean_line(label, 80), True
        self.changed.publish("label")

    def take_given(self) -> None:
        """Take in the answers from the command line."""
        if self.launch.given:
            self.session.answer(self.launch.given)

    def take_reading(self, values: dict[str, object], quotes: dict[str, str], beliefs: Reading | None) -> None:
        """Take what was read and confirmed as answers, and the mistaken beliefs to be answered. Raises AnswerError."""
        if values:
            self.flow.give(values, quotes)
        if beliefs is not None and beliefs.beliefs:
            had = self.session.story.beliefs if self.session.story is not None else []
            self.session.story = Reading("", [], [*had, *(one for one in beliefs.beliefs if one not in had)])
            self._report = None
        self.refresh_all()

    def close_step(self, step: PlanItem, how: StepResult) -> list[str]:
        """Note how a step of the plan went; returns the questions that are asked again."""
        self.session.note_step(step.id, how)
        again = [id_ for id_ in step.rechecks if id_ in self.session.knowledge.questions] if how == "done" else []
        if again:
            self.flow.ask_again(again)
        self.refresh_all(() if not again else None)
        return again

    def set_language(self, lang: str) -> None:
        """Speak another language from now on."""
        self.session.lang = self.texts.lang = "en" if lang == "en" else "zh"
        if self.cases is not None:
            self.cases.file.lang = self.texts.lang
        self.remember(lang=self.texts.lang)
        self.changed.publish("language")

    def remember(self, **changes: object) -> None:
        """Change what the user likes, at once and for the next time."""
        self.likes = msgspec.structs.replace(self.likes, **changes)
        fault = preferences.save(self.likes, self._likes_file)
        if fault is not None:
            self.tell("settings.not_saved", where=fault.text(self.texts.lang))

    # what is shown

    @property
    def report(self) -> Report:
        """The report as things stand, built once for each change."""
        session = self.session
        of = (session.lang, len(session.checks))
        if self._report is None or self._report[0] is not session.assessment or self._report[1] != of:
            self._report = (session.assessment, of, session.report())
        return self._report[2]

    @property
    def safety(self) -> str:
        """What must not be overlooked, empty where nothing is in danger."""
        return safety_text(self.report) if self.session.own_answers() else ""  # the first screen waits for no report

    @property
    def steps(self) -> list[PlanItem]:
        """The steps that are still to do, in their order."""
        return open_steps(self.report, self.session.went)

    @property
    def plain(self) -> bool:
        """Whether only ASCII lines and marks are drawn."""
        return self.launch.ascii or self.likes.ascii

    def get_line_filters(self) -> list[LineFilter]:
        """Add the ASCII filter where it is wanted."""
        return [*super().get_line_filters(), *([themes.PlainGlyphs()] if self.plain else [])]

    @property
    def _background_screens(self) -> list[Screen[object]]:
        """None: every screen here hides those below it, which Textual would draw again with each change."""
        return []

    def tell(self, key: str, *, severe: bool = False, **values: object) -> None:
        """Show a short notice in the user's language; what is filled in is cleaned, and text, never markup."""
        told = {
            name: value if isinstance(value, int | float) else clean_line(str(value)) for name, value in values.items()
        }
        self.tell_text(self.texts.say(key, **told), severe=severe)

    def tell_text(self, text: str, *, severe: bool = False) -> None:
        """Show a notice, text and never markup, for as long as it takes to read; once while it stands.

        Many at once would leave no room for the page: the older ones go then.
        """
        if any(one.message == text for one in self._notifications):
            return
        if len(self._notifications) >= MOST_NOTICES:
            self.clear_notifications()
        self.notify(text, severity="warning" if severe else "information", markup=False, timeout=reading_time(text))

    def tell_news(self) -> None:
        """Say what the store did, and what could not be saved."""
        for line in self.cases.news() if self.cases is not None else ():
            self.tell_text(line, severe=True)
        fault = self.session.fault if self.cases is None else None
        if fault is not None and fault != self._unsaved:
            self.tell("unsaved", severe=True, where=fault)
        self._unsaved = fault

    def on_cut(self, message: Cut) -> None:
        """Say that a field did not take everything."""
        self.tell("card.cut", severe=True, most=message.most)

    def _read_version(self) -> None:
        """The version check only thinks: it is done anew at once when an answer may have changed it."""
        from diagnostics.checks.registry import run_offline
        from diagnostics.checks.version_check import VersionCheck

        if VersionCheck.id not in self.launch.checks:
            return
        for result in run_offline(self.session.knowledge, self.session.evidence, ids=(VersionCheck.id,)):
            if result.id == VersionCheck.id:
                self.checks.ended(result)
                self.session.observe(result)

    # screens, which the app knows

    def dress(self, screen: Screen[Any]) -> None:
        """Put on a screen what stands on every one; nothing does here."""

    def open(self, name: str) -> None:
        """Open a screen by its name."""
        raise NotImplementedError

    def take_up(self, saved: Iterable[Observation], label: str) -> None:
        """Go on with a stored case as the running one."""
        raise NotImplementedError

    def show_questions(self) -> None:
        """Bring the questions to the front, from wherever the user is."""
        raise NotImplementedError

    async def ask_case(self) -> bool:
        """Ask whom a desk serves and for consent, where that is still to be asked; False where it was left."""
        raise NotImplementedError

    async def new_case(self) -> None:
        """Begin with somebody else, with nothing answered."""
        raise NotImplementedError
