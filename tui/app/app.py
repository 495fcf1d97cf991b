"""The Textual app: draws one session, sends it what the user does, and lets the machine's checks run behind it."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final, TextIO

os.environ.setdefault("TEXTUAL_FPS", "500")  # Textual reads it when it is imported; a key waits less for its picture

import msgspec
from textual import work
from textual.binding import Binding, BindingType
from textual.signal import Signal

from diagnostics.autosave import DraftFile
from diagnostics.evidence import now
from diagnostics.sanitize import clean_line
from diagnostics.unsent import LABEL, STORY
from tui.app import preferences, style
from tui.app.check_runs import CheckRuns, PhoneWatch
from tui.app.keyboard import SortedKeys
from tui.app.style import ScreenTexts, key_name, reading_time
from tui.cli.output import to_stderr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.filter import LineFilter
    from textual.screen import Screen
    from textual.theme import Theme

    from diagnostics.checks.base import CheckResult
    from diagnostics.engine.assessment import Assessment, Move
    from diagnostics.evidence import Observation
    from diagnostics.report import Report
    from diagnostics.report.model import PlanItem
    from diagnostics.session import Session
    from tui.app.case_worker import CaseWorker
    from tui.app.keyboard import Cut
    from tui.app.preferences import Launch, Preferences

SWITCH_INTERVAL: Final = 0.001
"""Seconds after which a thread has to let another work: what writes to the terminal waits for no longer time."""
MOST_NOTICES: Final = 3
HERE: Final = Path(__file__).parent
ENDED_BY: Final = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129}
"""Exit codes after a signal, as a shell counts them."""
CHECKS_DELAY: Final = 0.1
"""Seconds between the first screen and the first check: what a check imports would hold up the painting."""
SCREENS: Final = {
    "plan": "pages", "export": "pages", "checks": "pages",
    "answers": "dialogs", "settings": "dialogs", "cases": "cases",
}  # fmt: skip
"""The modules of screens by their names; each is imported when it is first opened."""


def _load_ahead() -> None:
    """Import what the first answer or sentence needs, while the person reads the first screen."""
    for name in ("tui.app.screens.main", "diagnostics.reading.reader"):
        import_module(name)


class DoctorApp(SortedKeys):
    """One diagnosis on the screen: its session, its report, the checks behind it, and what the user likes."""

    CSS_PATH: ClassVar = [HERE / "app.tcss", HERE / "screens" / "say.tcss"]  # Textual loads none for the first screen
    ENABLE_COMMAND_PALETTE = False  # Textual's own speaks English only; CommandsScreen is ours
    ALLOW_SELECT = False  # by the mouse: nothing that is shown could be copied that way
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f3", "open('cases')", "cases", id="cases"),
        Binding("f1,question_mark", "screen.help", "help", id="help"),
        Binding("f2", "open('settings')", "settings", id="settings", show=False),
        Binding("l", "switch_language", "language", id="language", show=False),
        Binding("ctrl+p", "screen.commands", "commands", id="commands", show=False),
        Binding("ctrl+c", "end(130)", "interrupt", id="interrupt", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", "suspend", id="suspend", show=False, priority=True),
        Binding("q,f10", "end(0)", "quit", id="quit"),
        Binding("ctrl+q", "end(0)", "quit", id="quit", show=False, priority=True),  # Textual's own, else unlisted
    ]

    def __init__(self, session: Session, launch: Launch, *, preferences_file: Path | None = None) -> None:
        self.preferences: Preferences = preferences.read(preferences_file)
        theme = self.preferences.theme if self.preferences.theme in style.NAMES else style.DARK.name
        self.set_reactive(SortedKeys.theme, theme)  # set later, Textual would read its style sheets a second time
        super().__init__()
        self._preferences_file = preferences_file
        self.session = session
        self.launch = launch
        self.texts = ScreenTexts(session.knowledge, session.lang)
        self.moves: tuple[Move, ...] = ()
        self.checks = CheckRuns(session, launch, self.call_later, self.take_result)
        self.phones = PhoneWatch(self.checks, launch, self.call_later, lambda: self.changed.publish("phones"))
        self.cases: CaseWorker | None = None
        if not isinstance(session.draft, DraftFile):
            from tui.app.case_worker import CaseWorker

            self.cases = CaseWorker(session.draft)
        self.named = self.cases is None
        """Whether the desk has said whom it serves, and asked for consent; a private person needs not."""
        self.label = ""
        """The desk's name or ticket for the person being served."""
        self.changed: Signal[str] = Signal(self, "changed")
        self._events: asyncio.AbstractEventLoop | None = None
        self.fault: Exception | None = None
        """What went wrong inside, where the app had to end itself."""
        self._unsaved: str | None = None
        self._reader: threading.Thread | None = None
        self._report: tuple[Assessment, tuple[object, ...], Report] | None = None

    @property
    def available_themes(self) -> dict[str, Theme]:
        """Every theme by its name: Textual asks for it with each key, and by itself makes a new table each time."""
        return style.KNOWN

    def get_default_screen(self) -> Screen[None]:
        """The first thing that is painted."""
        from tui.app.screens.say import SayScreen

        return SayScreen(pasted=bool(self.launch.story))

    def on_mount(self) -> None:
        """Listen for signals, and start the checks once the first screen is painted."""
        self._listen()
        if sys.platform == "win32" and self._driver is not None:
            self._driver.write("\x1b[?2004h")  # Textual asks for marked pastes everywhere but here
        self.app_resume_signal.subscribe(self, lambda _app: self.refresh(layout=True), immediate=True)
        self.set_timer(CHECKS_DELAY, self._start)

    def _start(self) -> None:
        if not gc.isenabled():  # switched off by whoever started the program
            gc.freeze()
            gc.enable()
        if self.cases is not None:
            self._open_cases(self.cases)
        self.checks.start()
        self.phones.start()
        threading.Thread(target=_load_ahead, name="load-ahead", daemon=True).start()

    @work
    async def _open_cases(self, cases: CaseWorker) -> None:
        """Open the store in the background."""
        await cases.open()
        self.tell_news()
        self.changed.publish("cases")

    def _listen(self) -> None:
        """A signal to end is a quit like any other: the terminal is put right first."""
        self._events = asyncio.get_running_loop()
        for name, code in ENDED_BY.items():
            number = getattr(signal, name, None)
            if number is not None and hasattr(self._events, "add_signal_handler"):
                try:
                    self._events.add_signal_handler(number, self.action_end, code)
                except (NotImplementedError, RuntimeError, ValueError):
                    return  # no signals here: Windows, or a loop outside the main thread

    def hang_up(self) -> None:
        """End from any thread: the terminal is gone."""
        if self._events is not None and not self._events.is_closed():
            self._events.call_soon_threadsafe(self.action_end, ENDED_BY["SIGHUP"])

    def action_end(self, code: int) -> None:
        """Quit at once: every answer is saved already."""
        self.checks.cancel()
        self.phones.stop()
        self.exit(code, return_code=code)

    def _handle_exception(self, error: Exception) -> None:
        """Keep the fault for `run`, which raises it."""
        self.fault = self.fault or error
        super()._handle_exception(error)

    def _print_error_renderables(self) -> None:
        """Nothing is printed here: Textual's traceback shows local variables, and these hold a person's answers."""
        self._exit_renderables.clear()

    def read_ahead(self) -> threading.Thread:
        """Compile the reader of sentences in a background thread while the person types; join it before reading.

        That takes as long as thousands of sentences.
        """
        if self._reader is None:

            def compile_reader() -> None:
                import_module("diagnostics.reading.reader").reader_of(self.session.knowledge)

            self._reader = threading.Thread(target=compile_reader, daemon=True)
            self._reader.start()
        return self._reader

    # what the user does

    def refresh_all(self, moves: tuple[Move, ...] | None = None) -> None:
        """Say that the user changed the session; `moves` stay marked until the next such change."""
        self.moves = self.session.moves if moves is None else moves
        self._read_version()
        self.tell_news()
        self.changed.publish("answers")

    def take_given(self) -> None:
        """Take in the answers from the command line."""
        if self.launch.given:
            self.session.answer(self.launch.given)

    def set_language(self, lang: str) -> None:
        """Speak another language from now on."""
        self.session.lang = self.texts.lang = "en" if lang == "en" else "zh"
        if self.cases is not None:
            self.cases.file.lang = self.texts.lang
        self.remember(lang=self.texts.lang)
        self.changed.publish("language")

    def remember(self, **changes: object) -> None:
        """Change what the user likes, at once and for the next time."""
        self.preferences = msgspec.structs.replace(self.preferences, **changes)
        fault = preferences.save(self.preferences, self._preferences_file)
        if fault is not None:
            self.tell("settings.not_saved", where=fault.text(self.texts.lang))

    # whom a desk serves

    async def ask_case(self) -> bool:
        """Ask whom the desk serves and for consent; False where that was left, and then no case is begun."""
        if not self.named:
            whom = await self._ask_whom()
            if whom is None:
                return False
            self._begin_case(*whom)
        return True

    async def _ask_whom(self) -> tuple[str, bool] | None:
        """Ask for the person's nickname or ticket, and whether they agree to being kept; None where that was left."""
        from tui.app.screens.dialogs import PromptScreen, choice

        label = await self.push_screen_wait(PromptScreen("desk.new_title", "desk.new_about", kept=(LABEL, "")))
        if label is None:
            return None
        agreed = await self.push_screen_wait(choice("desk.consent", "desk.consent_", ("yes", "no")))
        self.session.draft.unsent.keep(LABEL, "")
        return None if agreed is None else (label, agreed == "yes")

    def _begin_case(self, label: str, agreed: bool) -> None:
        """Note whom the desk serves from now on; `agreed`: the person agreed to this being kept."""
        if self.cases is not None:
            self.cases.file.label = label
            self.cases.file.consent_at = now() if agreed else None
        self.label, self.named = clean_line(label, 80), True
        self.changed.publish("label")

    async def new_case(self) -> None:
        """Begin with nothing answered: the desk's gate first, and nothing is left before it is passed.

        What the checks measured stays.
        """
        from tui.app.screens.base import AppScreen

        whom = await self._ask_whom() if self.cases is not None else None
        if self.cases is not None and whom is None:
            return
        self.session.restart()
        self.label = ""
        if whom is not None:
            self._begin_case(*whom)
        self.take_given()
        self.refresh_all(())
        while len(self.screen_stack) > 1:
            self.pop_screen()
        if isinstance(self.screen, AppScreen):
            self.screen.begin()

    def take_up(self, saved: Iterable[Observation], label: str) -> None:
        """Continue with a stored case, and open the box for more of the story."""
        self.session.take_up(saved)
        self.label, self.named = label, True
        self.refresh_all(())
        self.show_questions()
        self._say_more("")

    # what is shown

    @property
    def report(self) -> Report:
        """The report as things stand: begun once for each change, each part written when it is first shown."""
        session = self.session
        of = (session.lang, len(session.checks), session.story)
        if self._report is None or self._report[0] is not session.assessment or self._report[1] != of:
            from diagnostics.report.build import lazy_report

            self._report = session.assessment, of, lazy_report(session.diagnosis())
        return self._report[2]

    @property
    def safety(self) -> str:
        """What must not be overlooked, empty where nothing is in danger."""
        if not self.session.own_answers():
            return ""  # the first screen waits for no report
        from tui.app.report_content import safety_text

        return safety_text(self.report)

    @property
    def steps(self) -> list[PlanItem]:
        """The steps that are still to do, in their order; those that could not be done come last."""
        went = self.session.draft.went
        left = [item for item in self.report.plan if went.get(item.id, "later") == "later"]
        return sorted(left, key=lambda item: item.id in went)

    @property
    def plain(self) -> bool:
        """Whether only ASCII lines and marks are drawn."""
        return self.launch.ascii or self.preferences.ascii

    def get_line_filters(self) -> list[LineFilter]:
        """Add the ASCII filter where it is wanted."""
        return [*super().get_line_filters(), *([style.PLAIN_GLYPHS] if self.plain else [])]

    @property
    def _background_screens(self) -> list[Screen[object]]:
        """None: every screen here hides those below it, which Textual would draw again with each change."""
        return []

    def tell(self, key: str, *, severe: bool = False, **values: object) -> None:
        """Show a short notice in the user's language; what is filled in is cleaned, and text, never markup."""
        cleaned = {
            name: value if isinstance(value, int | float) else clean_line(str(value)) for name, value in values.items()
        }
        self.tell_text(self.texts.say(key, **cleaned), severe=severe)

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

    # screens

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Cases are there for a support desk alone, and no list of its own is opened above itself."""
        if action != "open":
            return True
        stands = any(type(one).__name__ == _class_of(str(parameters[0])) for one in self.screen_stack)
        return not stands and (self.cases is not None or parameters != ("cases",))

    def action_open(self, name: str) -> None:
        """Open a new instance of a screen by its name."""
        if name == "more":
            self._say_more("")
        else:
            self.push_screen(getattr(import_module(f"tui.app.screens.{SCREENS[name]}"), _class_of(name))())

    def _say_more(self, text: str) -> None:
        from tui.app.screens.say import SayScreen

        front = self.screen
        if isinstance(front, SayScreen):
            front.put(text)
            return
        self.session.keep_typed(STORY, "\n".join(filter(None, (self.session.typed(STORY), text))))
        self.push_screen(SayScreen(first=False, pasted=bool(text)))

    async def take_text(self, text: str) -> None:
        """Put a text that was pasted where no field is into the story box: it is no answer and no command."""
        self._say_more(text)

    def show_questions(self) -> None:
        """Bring the questions to the front, from wherever the user is."""
        from tui.app.screens.main import MainScreen

        while not isinstance(self.screen, MainScreen) and len(self.screen_stack) > 1:
            self.pop_screen()
        if isinstance(self.screen, MainScreen):
            self.changed.publish("place")
        else:
            self.push_screen(MainScreen())

    def action_debts(self) -> None:
        """Ask for the three figures from which the share of the repayments follows."""
        self.session.call_up("debt.monthly_income", "debt.monthly_repayment", "debt.open_loans")
        self.show_questions()

    def get_key_display(self, binding: Binding) -> str:
        """Name a key as keyboards do."""
        return key_name(binding.key)

    def action_switch_language(self) -> None:
        """Change between Chinese and English."""
        self.set_language("zh" if self.texts.lang == "en" else "en")

    # the machine's checks

    def _read_version(self) -> None:
        """Run the version check again at once: it needs no machine, and an answer may have changed its result."""
        from diagnostics.checks.registry import VersionCheck, run_offline

        if VersionCheck.id not in self.launch.checks:
            return
        before = self.session.checks.get(VersionCheck.id)
        for result in run_offline(self.session.knowledge, self.session.evidence, ids=(VersionCheck.id,)):
            same = before is not None and msgspec.structs.replace(result, duration_ms=before.duration_ms) == before
            if result.id == VersionCheck.id and not same:
                self.checks.ended(result)
                self.session.observe(result)

    def take_result(self, result: CheckResult) -> None:
        """Take in a check's result; what it moves is marked beside what the last answer moved."""
        self.checks.ended(result)
        moved = self.session.observe(result)
        fresh = {move.cause for move in moved}
        self.moves = (*(move for move in self.moves if move.cause not in fresh), *moved)
        self.changed.publish("checks")


def _class_of(name: str) -> str:
    return f"{name.capitalize()}Screen"


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
