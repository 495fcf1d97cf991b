"""The Textual app: draws one session, sends it what the user does, and lets the machine's checks run behind it."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import msgspec
from textual.binding import Binding, BindingType
from textual.signal import Signal

from diagnostics.sanitize import clean_line
from tui import preferences, themes
from tui.casehost import CaseHost
from tui.desk import CheckDesk, CheckEnded, CheckMoved
from tui.flow import Flow
from tui.keynames import key_name
from tui.phonewatch import PhoneWatch
from tui.words import Words

if TYPE_CHECKING:
    from textual.filter import LineFilter
    from textual.screen import Screen

    from diagnostics.cases.case_sync import CaseFile
    from diagnostics.engine.assessment import Assessment, Move
    from diagnostics.report import Report
    from diagnostics.session import Session
    from tui.launch import Launch
    from tui.preferences import Preferences
    from tui.widgets.entry import CleanInput

HERE: Final = Path(__file__).parent
ENDED_BY: Final = {"SIGTERM": 143, "SIGHUP": 129}
"""Exit codes after a signal, as a shell counts them."""
INTERRUPTED: Final = 130
BREATH: Final = 0.1
"""Seconds between the first screen and the first check: what a check imports would hold up the painting."""


class DoctorApp(CaseHost):
    """One diagnosis on the screen."""

    CSS_PATH: ClassVar = [
        HERE / "app.tcss",
        HERE / "screens" / "welcome.tcss",
    ]  # Textual loads none for the first screen
    ENABLE_COMMAND_PALETTE = False  # Textual's own speaks English only; screens.commands is ours
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f3", "cases", "cases", id="cases", key_display="F3"),
        Binding("f1,question_mark", "help", "help", id="help", key_display="F1"),
        Binding("f2", "settings", "settings", id="settings", show=False, key_display="F2"),
        Binding("l", "switch_language", "language", id="language", show=False),
        Binding("ctrl+p", "commands", "commands", id="commands", show=False),
        Binding("ctrl+c", "interrupt", "interrupt", id="interrupt", show=False, priority=True),
        Binding("q,f10", "leave", "quit", id="quit", key_display="q"),
    ]

    def __init__(
        self, session: Session, launch: Launch, cases: CaseFile | None = None, *, preferences_file: Path | None = None
    ) -> None:
        self.likes: Preferences = preferences.read(preferences_file)
        super().__init__(ansi_color=True if _no_color() else None)
        for theme in themes.THEMES:
            self.register_theme(theme)
        self.theme = self.likes.theme if self.likes.theme in themes.NAMES else themes.DARK.name
        self._likes_file = preferences_file
        self.session = session
        self.launch = launch
        self.words = Words(session.knowledge, session.lang)
        self.flow = Flow(session)
        self.moves: tuple[Move, ...] = ()
        self.desk = CheckDesk(session, launch, self.post_message)
        if cases is not None:
            self.keep(cases)
        self.changed: Signal[str] = Signal(self, "changed")
        self.phones = PhoneWatch(self.desk, launch, self.post_message, lambda: self.changed.publish("phones"))
        self.fault: Exception | None = None
        """What went wrong inside, where the app had to end itself."""
        self._unsaved: str | None = None
        self._report: tuple[tuple[object, ...], Assessment, Report] | None = None

    def get_line_filters(self) -> list[LineFilter]:
        """Add the ASCII filter where it is wanted."""
        found = list(super().get_line_filters())
        if self.launch.ascii or self.likes.ascii:
            from tui.plainglyphs import PlainGlyphs

            found.append(PlainGlyphs())
        return found

    def get_default_screen(self) -> Screen[None]:
        """The first thing that is painted."""
        from tui.screens.welcome import WelcomeScreen

        return WelcomeScreen()

    def on_mount(self) -> None:
        """Listen for signals, and let the checks begin once the first screen stands."""
        self._listen()
        self.app_resume_signal.subscribe(self, lambda _app: self.refresh(layout=True), immediate=True)
        self.set_timer(BREATH, self._start)

    def _start(self) -> None:
        self.open_cases()
        self.desk.start()
        self.phones.start()

    def _listen(self) -> None:
        """A signal to end is a quit like any other: the terminal is put right first."""
        loop = asyncio.get_running_loop()
        for name, code in ENDED_BY.items():
            number = getattr(signal, name, None)
            if number is not None and hasattr(loop, "add_signal_handler"):
                try:
                    loop.add_signal_handler(number, self._end, code)
                except (NotImplementedError, RuntimeError, ValueError):
                    return  # no signals here: Windows, or a loop outside the main thread

    def _end(self, code: int) -> None:
        self.desk.cancel()
        self.phones.stop()
        self.exit(code, return_code=code)

    def _handle_exception(self, error: Exception) -> None:
        """Keep the fault for whoever started the app."""
        self.fault = self.fault or error
        super()._handle_exception(error)

    def _print_error_renderables(self) -> None:
        """Nothing is printed here: Textual's traceback shows local variables, and these hold a person's answers."""
        self._exit_renderables.clear()

    def dress(self, screen: Screen[Any]) -> None:
        """Put on a screen what stands on every one; nothing does here."""

    # what the user does ------------------------------------------------------------------------------------------

    def told(self, moves: tuple[Move, ...] | None = None) -> None:
        """Say that the session changed by something the user did; `moves` stay marked until the next such change."""
        self.moves = self.session.moves if moves is None else moves
        self._read_version()
        self._warn_unsaved()
        self.changed.publish("answers")

    def return_to_questions(self) -> None:
        """Close what stands above the questions and show what is in front there."""
        from tui.screens.main import MainScreen

        while not isinstance(self.screen, MainScreen) and len(self.screen_stack) > 1:
            self.pop_screen()
        self.changed.publish("place")

    def start_again(self) -> None:
        """Begin with nothing answered; what the checks measured stays."""
        self.session.restart()
        self.take_given()
        self.flow.begin_again()
        self.told(())

    def take_given(self) -> None:
        """Take in the answers from the command line."""
        if self.launch.given:
            self.session.answer(self.launch.given)

    def say_in(self, lang: str) -> None:
        """Speak another language from now on."""
        self.session.lang = self.words.lang = "en" if lang == "en" else "zh"
        if self.cases is not None:
            self.cases.file.lang = self.words.lang
        self.remember(lang=self.words.lang)
        self.changed.publish("language")

    def remember(self, **changes: object) -> None:
        """Change what the user likes, at once and for the next time."""
        self.likes = msgspec.structs.replace(self.likes, **changes)
        fault = preferences.save(self.likes, self._likes_file)
        if fault is not None:
            self.tell("settings.not_saved", where=fault.text(self.words.lang))

    def redraw_glyphs(self) -> None:
        """Draw everything anew after the choice between ASCII and other signs."""
        self.refresh_css(animate=False)
        self.changed.publish("glyphs")

    def tell(self, key: str, *, severe: bool = False, **values: object) -> None:
        """Show a short notice in the user's language; what is filled in is cleaned, and text, never markup."""
        told = {
            name: value if isinstance(value, int | float) else clean_line(str(value)) for name, value in values.items()
        }
        text = self.words.say(key, **told)
        self.tell_text(text, severe=severe)

    def get_key_display(self, binding: Binding) -> str:
        """Name a key as keyboards do."""
        return binding.key_display or key_name(binding.key)

    def on_clean_input_cut(self, message: CleanInput.Cut) -> None:
        """Say that a field did not take everything."""
        self.tell("card.cut", severe=True, most=message.most)

    # the machine's checks ----------------------------------------------------------------------------------------

    def on_check_moved(self, message: CheckMoved) -> None:
        """Take in a step of a running check."""
        self.desk.moved(message.progress)

    def on_check_ended(self, message: CheckEnded) -> None:
        """Take in a result; what it moves is marked beside what the last answer moved."""
        self.desk.ended(message.result)
        moved = self.session.observe(message.result)
        fresh = {move.cause for move in moved}
        self.moves = (*(move for move in self.moves if move.cause not in fresh), *moved)
        self.changed.publish("checks")

    def _read_version(self) -> None:
        """The version check only thinks: it is done anew at once when an answer may have changed it."""
        from diagnostics.checks.registry import run_offline
        from diagnostics.checks.version_check import VersionCheck

        if VersionCheck.id not in self.launch.checks:
            return
        for result in run_offline(self.session.knowledge, self.session.evidence, {}, ids=(VersionCheck.id,)):
            if result.id == VersionCheck.id:
                self.desk.ended(result)
                self.session.observe(result)

    def _warn_unsaved(self) -> None:
        self.tell_cases()
        fault = self.session.fault if self.cases is None else None
        if fault is not None and fault != self._unsaved:
            self.tell("unsaved", severe=True, where=fault)
        self._unsaved = fault

    # what is shown -----------------------------------------------------------------------------------------------

    @property
    def report(self) -> Report:
        """The report as things stand, built once for each change."""
        of = (id(self.session.assessment), self.session.lang, len(self.session.checks))
        if self._report is None or self._report[0] != of or self._report[1] is not self.session.assessment:
            self._report = (of, self.session.assessment, self.session.report())
        return self._report[2]

    def action_help(self) -> None:
        """Show every key of the screen in front."""
        from tui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen))

    def action_settings(self) -> None:
        """Show the settings page."""
        from tui.screens.settings import SettingsScreen

        if not isinstance(self.screen, SettingsScreen):
            self.push_screen(SettingsScreen())

    def action_commands(self) -> None:
        """Search everything that a key does here."""
        from tui.screens.commands import CommandsScreen

        if not isinstance(self.screen, CommandsScreen):
            self.push_screen(CommandsScreen(self.screen), self._run_command)

    async def _run_command(self, binding_id: str | None) -> None:
        for active in self.screen.active_bindings.values():
            if binding_id is not None and active.binding.id == binding_id and active.enabled:
                await self.run_action(active.binding.action, active.node)
                return

    def action_switch_language(self) -> None:
        """Change between Chinese and English."""
        self.say_in("zh" if self.words.lang == "en" else "en")

    def action_leave(self) -> None:
        """Quit, at once: every answer is saved already."""
        self._end(0)

    def action_interrupt(self) -> None:
        """Quit as interrupted programs do."""
        self._end(INTERRUPTED)


def _no_color() -> bool:
    import os

    return "NO_COLOR" in os.environ
