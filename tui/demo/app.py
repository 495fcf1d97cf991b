"""The app as a demonstration: the same screens and the same reasoning, played by the tour and not by the user.

Nothing is saved, and neither network nor phone nor case store is touched: the session has no file, the checks were
recorded, and what the user presses only moves the tour.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar, Final

import msgspec
from textual import events
from textual.binding import Binding, BindingType
from textual.errors import NoWidget

from diagnostics.checks.version_check import VersionCheck
from diagnostics.session import Session
from tui.app import DoctorApp
from tui.demo.bar import TourBar
from tui.demo.player import Player
from tui.demo.recording import read
from tui.desk import CheckDesk, CheckLine
from tui.flow import Flow
from tui.keynames import key_name
from tui.launch import Launch
from tui.preferences import Preferences
from tui.running import ended, show

if TYPE_CHECKING:
    from textual.screen import Screen

    from diagnostics.knowledge.model import Knowledge
    from tui.demo.recording import Recorded
    from tui.language import Lang

TOUR: Final = (
    Binding("space", "tour_pause", "pause", id="tour_pause", show=False),
    Binding("right,enter", "tour_on", "next step", id="tour_on", show=False),
    Binding("left,backspace", "tour_back", "step before", id="tour_back", show=False),
    Binding("r", "tour_again", "from the start", id="tour_again", show=False),
    Binding("escape", "leave", "leave", id="tour_leave", show=False),
)
LOOKING: Final = frozenset({"up", "down", "pageup", "pagedown", "home", "end", "tab", "shift+tab"})
"""Keys that only look around: they are free in the demonstration too."""


class RecordedDesk(CheckDesk):
    """Plays checks that ran elsewhere, and runs none."""

    def __init__(self, app: DemoApp) -> None:
        super().__init__(app.session, app.launch, app.post_message)
        self._app = app
        self.reset()

    @property
    def _recorded(self) -> dict[str, Recorded]:
        return self._app.recording.checks[self._app.session.lang]

    def reset(self) -> None:
        """Show the checks as the session has them."""
        done = self._app.session.checks
        self.lines = {
            id_: CheckLine(id=id_, state="done" if id_ in done else "waiting", result=done.get(id_))
            for id_ in (*self._app.launch.checks, *self._recorded)
        }
        self.readings = [row for id_, told in self._recorded.items() if id_ in done for row in told.readings]

    def begin(self, id_: str) -> Recorded:
        """Let a check run; returns what it told when it was recorded."""
        told = self._recorded[id_]
        self.lines[id_] = CheckLine(id=id_, state="running", began=time.monotonic())
        self.readings = told.readings or self.readings
        return told

    def start(self, *ids: str) -> None:
        """Nothing runs here."""


class DemoApp(DoctorApp):
    """Plays a recording; `pace` stretches its waits."""

    BINDINGS: ClassVar[list[BindingType]] = [*TOUR]
    HEARD: Final = frozenset({*(binding.id for binding in TOUR), "language", "quit", "interrupt"})

    def __init__(self, knowledge: Knowledge, launch: Launch, *, pace: float = 1.0) -> None:
        self.recording = read()
        super().__init__(Session(knowledge, lang=launch.lang, own="operator"), launch)
        self.likes = Preferences(theme=self.likes.theme, ascii=self.likes.ascii)
        self.recorded = RecordedDesk(self)
        self.desk = self.recorded
        self.player = Player(self, self.recording, pace=pace)
        self._own_keys: list[events.Key] = []

    def _start(self) -> None:
        """Neither checks nor phones nor a store: the tour alone."""
        self.player.go(0)

    def dress(self, screen: Screen[Any]) -> None:
        """Mark every screen as a demonstration."""
        screen.add_class("-demo")
        screen.mount(TourBar(self))

    def adopt(self, upto: int) -> None:
        """Stand where the case stands after so many steps."""
        self.session = Session(self.session.knowledge, lang=self.words.lang, own="operator")
        self.flow = Flow(self.session)
        self.recording.play(self.flow, 0, upto)
        self.recorded.reset()
        self.told()

    def say_in(self, lang: str) -> None:
        """What the checks said is there in both languages."""
        super().say_in(lang)
        self.player.speak()

    def remember(self, **changes: object) -> None:
        """Nothing is saved here."""
        self.likes = msgspec.structs.replace(self.likes, **changes)

    def press(self, key: str) -> None:
        """Press a key as the user of the recorded case does."""
        event = events.Key(key, key if len(key) == 1 else None)
        self._own_keys.append(event)
        self.post_message(event)

    async def on_event(self, event: events.Event) -> None:
        """Let the tour's own keys through; those of whoever watches move the tour, or look around."""
        fresh = isinstance(event, events.InputEvent | events.Paste) and not event.is_forwarded
        if fresh and not await self._let_through(event):
            event.stop()
            return
        await super().on_event(event)

    async def _let_through(self, event: events.Event) -> bool:
        if isinstance(event, events.Key):
            own = next((number for number, one in enumerate(self._own_keys) if one is event), None)
            if own is not None:
                del self._own_keys[own]
                return True
            return await self._heard(event.key)
        if isinstance(event, events.MouseDown):
            return self._on_bar(event) or self._refuse()
        if isinstance(event, events.MouseUp):
            return self._on_bar(event)
        return not isinstance(event, events.Paste)

    async def _heard(self, key: str) -> bool:
        """Do what a key stands for in the demonstration; True where it only looks around."""
        if key in LOOKING:
            return True
        for binding in self._bindings.key_to_bindings.get(key, ()):
            if binding.id in self.HEARD:
                await self.run_action(binding.action, self)
                return False
        return self._refuse()

    def _on_bar(self, event: events.MouseEvent) -> bool:
        try:
            widget, _ = self.get_widget_at(event.x, event.y)
        except NoWidget:
            return False
        return any(isinstance(node, TourBar) for node in widget.ancestors_with_self)

    def _refuse(self) -> bool:
        """Say, once at a time, that whoever watches cannot answer for the made-up user."""
        if not len(self._notifications):
            self.tell("demo.watching")
        return False

    def key_label(self, key: str) -> str:
        """Name a key of the tour."""
        return self.words.say("demo.space") if key == "space" else key_name(key)

    def action_tour_pause(self) -> None:
        """Hold, or go on."""
        self.player.pause()

    def action_tour_on(self) -> None:
        """Go to the next step."""
        self.player.go(self.player.at + 1)

    def action_tour_back(self) -> None:
        """Go to the step before."""
        self.player.go(self.player.at - 1)

    def action_tour_again(self) -> None:
        """Begin the tour again."""
        self.player.go(0)


def play(knowledge: Knowledge, lang: Lang, *, ascii: bool = False, inline: bool = False) -> int:  # noqa: A002  as the option
    """Play the recorded case on the terminal; returns the exit code."""
    launch = Launch(lang=lang, offline=True, checks=(VersionCheck.id,), ascii=ascii, inline=inline, on_behalf=True)
    app = DemoApp(knowledge, launch)
    return ended(app, show(app))
