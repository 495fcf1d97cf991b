"""The demonstration: one made-up user's case, step by step, in the same screens and with the same reasoning.

`recording.toml` is the case, `checks.json` what real checks found in the test laboratory; what is said beside a step
stands in the locale's demo.toml. Nothing is saved, and neither network nor phone nor case store is touched. The tour
goes on by itself; what whoever watches presses only moves it.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

import msgspec
from rich.cells import cell_len
from textual import events, work
from textual.binding import Binding, BindingType
from textual.content import Content

from diagnostics.checks.base import CheckOptions, CheckResult
from diagnostics.checks.registry import VersionCheck
from diagnostics.evidence import Value
from diagnostics.session import Session
from diagnostics.unsent import STORY
from tui.app.app import DoctorApp, show
from tui.app.check_runs import CheckLine, CheckRuns
from tui.app.panes import TextPane
from tui.app.preferences import Launch, Preferences
from tui.app.screens.dialogs import ConfirmScreen, items_of
from tui.app.screens.main import MainScreen
from tui.app.screens.say import SayScreen
from tui.app.style import key_name
from tui.language import Lang

if TYPE_CHECKING:
    from textual.screen import Screen
    from textual.timer import Timer

    from diagnostics.knowledge.model import Knowledge

HERE: Final = Path(__file__).parent
LOOKING: Final = frozenset({"up", "down", "pageup", "pagedown", "home", "end", "tab", "shift+tab"})
"""Keys that only look around: they are free in the demonstration too."""
KEYS: Final = {"pause": "space", "on": "right,enter", "back": "left,backspace", "again": "r", "leave": "escape"}
"""What each key does to the tour; the first of several is shown."""


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of the tour: checks that ended, answers that were given, and the screen on which to see it.

    `caption` names the text `ui.demo.step.<caption>`; `cause` is highlighted among the reasons.
    """

    caption: str
    screen: Literal["say", "confirm", "main", "plan", "checks", "answers", "export"] = "main"
    cause: str | None = None
    checks: tuple[str, ...] = ()
    answers: dict[str, Value] = {}


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a check: its result, and of a phone the readings."""

    result: CheckResult
    readings: list[dict[str, Any]] = []


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """The whole case; the checks were run once in each language."""

    steps: tuple[Step, ...]
    checks: dict[Lang, dict[str, Recorded]]

    def play(self, session: Session, upto: int) -> None:
        """Let the first steps happen, as if somebody had done them one after the other."""
        for step in self.steps[:upto]:
            for id_ in step.checks:
                session.observe(self.checks[session.lang][id_].result)
            if step.answers:
                session.give(step.answers)
        session.begin_again()


def read() -> Recording:
    """Read the recording that comes with the tool."""
    steps = tomllib.loads((HERE / "recording.toml").read_text("utf-8"))["step"]
    return Recording(
        steps=msgspec.convert(steps, tuple[Step, ...]),
        checks=msgspec.json.decode((HERE / "checks.json").read_bytes(), type=dict[Lang, dict[str, Recorded]]),
    )


class RecordedChecks(CheckRuns):
    """Shows checks that ran elsewhere, and runs none."""

    def stand(self, session: Session, recorded: dict[str, Recorded], ids: tuple[str, ...]) -> None:
        """Show the checks as the session has them."""
        done = session.checks
        self.lines = {
            id_: CheckLine(id=id_, state="done" if id_ in done else "waiting", result=done.get(id_))
            for id_ in (*ids, *recorded)
        }
        self.readings = [row for id_, told in recorded.items() if id_ in done for row in told.readings]

    def start(self, *ids: str) -> None:
        """Nothing runs here."""


class TourBar(TextPane):
    """Marks a screen as a demonstration and says what is seen, and which keys move the tour."""

    DEFAULT_CSS = """
    TourBar { dock: top; height: auto; padding: 0 1; background: $warning-muted; color: $foreground; max-width: 100%; }
    """

    def __init__(self, app: DemoApp) -> None:
        super().__init__()
        self._demo = app

    def on_mount(self) -> None:
        """Follow the tour."""
        self._demo.changed.subscribe(self, lambda _what: self.draw())

    def on_resize(self) -> None:
        """Show as much as there is room for now."""
        self.draw()

    def draw(self) -> None:
        """Show where the tour is, the caption on two lines at least, and the keys."""
        app, say, width = self._demo, self._demo.texts.say, max(1, self.size.width)
        steps = app.recording.steps
        mark = say("demo.mark", step=app.at + 1, steps=len(steps), state=say(f"demo.{app.state}"))
        caption = Content.styled(say(f"demo.step.{steps[app.at].caption}"), "bold")
        parts = []
        for action, keys in KEYS.items():
            told = "resume" if action == "pause" and app.state == "paused" else action
            name = say("demo.space") if keys == "space" else key_name(keys.partition(",")[0])
            parts.append(Content.assemble((name, "bold"), f" {say(f'key.tour_{told}')}"))
        self.show(
            Content.styled(mark, "bold reverse" if app.no_color else "bold").truncate(width, ellipsis=True),
            caption if caption.cell_length > width else Content.assemble(caption, "\n"),
            Content("  ").join(parts).truncate(width, ellipsis=True),
        )


class DemoApp(DoctorApp):
    """Plays a recording; `pace` stretches its waits."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(keys, "end(0)" if action == "leave" else f"tour('{action}')", id=f"tour_{action}", show=False)
        for action, keys in KEYS.items()
    ]

    def __init__(self, knowledge: Knowledge, lang: Lang, launch: Launch, *, pace: float = 1.0) -> None:
        told = msgspec.structs.replace(launch, story=knowledge.say("ui.demo.story", lang))
        super().__init__(Session(knowledge, lang=lang, own="operator"), told)
        self.recording = read()
        self.preferences = Preferences(theme=self.preferences.theme, ascii=self.preferences.ascii)
        self.at = 0
        self.state: Literal["playing", "paused", "over"] = "playing"
        self.played = RecordedChecks(self.session, launch, self.call_later, self.take_result)
        self.checks = self.played
        self._pace = pace
        self._timer: Timer | None = None
        self._adopt(0)

    def _start(self) -> None:
        """Neither checks nor phones nor a store: the tour alone."""
        self.go(0)

    def decorate_screen(self, screen: Screen[Any]) -> None:
        """Mark every screen as a demonstration."""
        screen.add_class("-demo")
        screen.mount(TourBar(self))

    def _adopt(self, upto: int) -> None:
        """Set up the session as it is after so many steps."""
        self.session = Session(self.session.knowledge, lang=self.texts.lang, own="operator")
        self.recording.play(self.session, upto)
        self.moves = self.session.moves
        self.played.stand(self.session, self.recording.checks[self.texts.lang], self.launch.checks)

    @work(exclusive=True, group="tour")
    async def go(self, number: int) -> None:
        """Go to a step, show it, and go on after the time to read it."""
        self.at = max(0, min(number, len(self.recording.steps) - 1))
        step = self.recording.steps[self.at]
        last = self.at == len(self.recording.steps) - 1
        self.state = self.state if self.state == "paused" else "over" if last else "playing"
        if self._timer is not None:
            self._timer.stop()
        self._adopt(self.at + 1)
        await self._show(step)
        self.changed.publish("tour")
        if self.state == "playing":
            seconds = (3.0 + cell_len(self.texts.say(f"demo.step.{step.caption}")) / 10) * self._pace
            self._timer = self.set_timer(seconds, lambda: self.go(self.at + 1))

    async def _show(self, step: Step) -> None:
        """Bring the step's screen to the front."""
        self.session.keep_typed(STORY, self.texts.say("demo.story") if step.screen == "say" else "")
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        if isinstance(self.screen, SayScreen):
            self.screen.begin()
        if step.screen == "confirm":
            from diagnostics.reading.reader import read_text

            reading = read_text(self.session.knowledge, self.texts.say("demo.story"))
            await self.push_screen(ConfirmScreen(items_of(self, reading.readings), reading))
        elif step.screen != "say":
            main = MainScreen()
            await self.push_screen(main)
            if step.cause is not None:
                main.show_cause(step.cause)
            if step.screen != "main":
                self.action_open(step.screen)

    def set_language(self, lang: str) -> None:
        """What the checks said is there in both languages."""
        super().set_language(lang)
        self.go(self.at)

    def remember(self, **changes: object) -> None:
        """Nothing is saved here."""
        self.preferences = msgspec.structs.replace(self.preferences, **changes)

    async def on_event(self, event: events.Event) -> None:
        """Input of the person who watches moves the tour or the view; it does not answer."""
        fresh = isinstance(event, events.InputEvent | events.Paste) and not event.is_forwarded
        if fresh and not await self._let_through(event):
            event.stop()
            return
        await super().on_event(event)

    async def _let_through(self, event: events.Event) -> bool:
        """Whether the app itself hears it; a key of the tour is done here."""
        if not isinstance(event, events.Key):
            return not isinstance(event, events.Paste | events.MouseUp | events.MouseDown) or self._refuse()
        if event.key in LOOKING:
            return True
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if (binding.id or "").startswith("tour_") or binding.id in ("language", "quit", "interrupt"):
                await self.run_action(binding.action, self)
                return False
        return self._refuse()

    def _refuse(self) -> bool:
        """Show a notice that the person who watches cannot answer for the made-up user."""
        if not len(self._notifications):
            self.tell("demo.watching")
        return False

    def action_tour(self, action: str) -> None:
        """Hold or go on, or show another step."""
        if action == "pause":
            self.state = "playing" if self.state == "paused" else "paused"
        self.go({"pause": self.at, "on": self.at + 1, "back": self.at - 1, "again": 0}[action])


def play(knowledge: Knowledge, lang: Lang, *, ascii: bool = False, inline: bool = False) -> int:  # noqa: A002  as the option
    """Play the recorded case on the terminal; returns the exit code."""
    options = CheckOptions(offline=True)
    launch = Launch(checks=(VersionCheck.id,), options=options, ascii=ascii, inline=inline, on_behalf=True)
    return show(DemoApp(knowledge, lang, launch))
