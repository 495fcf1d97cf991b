"""Plays the recorded case in the app: presses the keys that a user would, at a pace at which it can be followed."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len

from diagnostics.evidence import UNKNOWN
from tui.cards import make_card
from tui.desk import CheckEnded
from tui.screens.main import MainScreen
from tui.widgets.card import QuestionCard
from tui.widgets.reasons import ReasonTree

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnostics.evidence import Value
    from tui.demo.app import DemoApp
    from tui.demo.recording import Recording, Step
    from tui.flow import Flow, Part

LOOK: Final = 1.0
"""Seconds to see where the highlight is before it is chosen."""
STROKE: Final = 0.25
"""Seconds between two keys."""
CHECK: Final = 2.5
"""Seconds that a check takes here."""
PATIENCE: Final = 5.0
"""Seconds after which the tour goes on although a key was not taken."""


def reading_time(caption: str) -> float:
    """Return the seconds in which a caption can be read and looked for on the screen."""
    return 3.0 + cell_len(caption) / 14


class Player:
    """Goes through the steps. `pace` stretches every wait; `paused` holds after what is being done."""

    def __init__(self, app: DemoApp, recording: Recording, *, pace: float = 1.0) -> None:
        self.recording = recording
        self.steps = recording.steps
        self.pace = pace
        self.at = 0
        self.over = False
        self._app = app
        self._done = 0
        self._shown = False
        self._going = asyncio.Event()
        self._going.set()

    @property
    def step(self) -> Step:
        """The step that is in front."""
        return self.steps[self.at]

    @property
    def settled(self) -> bool:
        """Whether everything that belongs to this step has happened and is shown."""
        return self._shown and self._done == self.at + 1

    @property
    def paused(self) -> bool:
        """Whether the tour waits for a key."""
        return not self._going.is_set()

    def pause(self) -> None:
        """Hold, or go on."""
        if self.over:
            return
        if self.paused:
            self._going.set()
        else:
            self._going.clear()
        self._app.changed.publish("tour")

    def go(self, number: int) -> None:
        """Go to a step, leaving whatever is under way; a held tour shows it and holds again."""
        number = max(0, min(number, len(self.steps) - 1))
        self._app.run_worker(self._play(number), group="tour", exclusive=True)

    def speak(self) -> None:
        """Take the case in the language of the moment, and go on with the step in front."""
        self._done = -1
        self.go(self.at)

    async def _play(self, number: int) -> None:
        while True:
            self.at, self.over, self._shown = number, False, False
            if self._done != number:
                self._app.adopt(number)
                self._done = number
            self._app.changed.publish("tour")
            if self.paused:
                self._settle(number + 1)
            await self._show(self.step)
            reading = reading_time(self._app.words.say(f"demo.step.{self.step.caption}"))
            if not self.paused and (self.step.answers or self.step.checks):
                await self._wait(reading / 2)
                await self._act(self.step)
                reading /= 2
            self._settle(number + 1)
            self._shown = True
            await self._wait(reading)
            number += 1
            if number == len(self.steps):
                self.over = True
                self._app.changed.publish("tour")
                return

    def _settle(self, upto: int) -> None:
        """Whatever was not done with keys is done at once."""
        app = self._app
        wanted = {id_: value for step in self.steps[:upto] for id_, value in step.answers.items()}
        checks = {id_ for step in self.steps[:upto] for id_ in step.checks}
        if app.session.own_answers() != wanted or not checks <= app.session.checks.keys():
            app.adopt(upto)
        self._done = upto

    async def _show(self, step: Step) -> None:
        """Bring the step's screen to the front."""
        app = self._app
        if step.screen == "welcome":
            while len(app.screen_stack) > 1:
                await app.pop_screen()
            return
        while len(app.screen_stack) > 2:
            await app.pop_screen()
        if len(app.screen_stack) == 1:
            await app.push_screen(MainScreen())
        main = app.screen
        if not isinstance(main, MainScreen):
            return
        await self._until(lambda: main.check_action("", ()))
        if step.screen != "main":
            main.action_open(step.screen)
            await self._until(lambda: app.screen is not main and app.screen.check_action("", ()))
            return
        if step.cause is not None:
            main.query_one(ReasonTree).show(step.cause)
        main.action_pane(step.pane)

    async def _act(self, step: Step) -> None:
        for id_ in step.checks:
            await self._check(id_)
        if step.screen == "debts":
            for value in step.answers.values():
                await self._type(f"{value}")
        else:
            await self._answer(step.answers)

    async def _check(self, id_: str) -> None:
        """Let a check run as it ran when it was recorded."""
        desk, told = self._app.recorded, self._app.recorded.begin(id_)
        for moved in told.moved:
            desk.moved(moved.progress(id_))
            self._app.changed.publish("checks")
            await self._wait(CHECK / len(told.moved))
        self._app.post_message(CheckEnded(told.result))
        await self._until(lambda: id_ in self._app.session.checks)

    async def _answer(self, answers: dict[str, Value]) -> None:
        """Press what answers the questions in front, until all of these are answered."""
        flow = self._app.flow
        while flow.part is not None and set(flow.part.ids) & set(answers):
            part = flow.part
            if part.checklist:
                lines = enumerate(flow.lines())
                ticked = [number for number, line in lines if answers.get(line.question) == line.tick]
                for number in ticked:
                    await self._choose(f"pick:{number}")
                await self._choose("none")
            elif (clearing := flow.clearing()) and clearing.items() <= answers.items():
                await self._choose("clear")
            else:
                await self._one(part.ids[0], answers[part.ids[0]])
            if not await self._until(partial(_is_past, flow, part)):
                return

    async def _one(self, id_: str, value: Value) -> None:
        question = self._app.session.knowledge.questions[id_]
        ids = [choice.id for choice in question.value]
        if value == UNKNOWN:
            await self._choose("unknown")
        elif value in ids:
            await self._choose(f"pick:{ids.index(str(value))}")
        elif not await self._choose(f"newest:{value}"):
            await self._type(f"{value}")

    async def _choose(self, action: str) -> bool:
        """Move the highlight to a row and press its key; False where there is no such row."""
        card = make_card(self._app.flow, self._app.words, on_behalf=True)
        at = next((number for number, row in enumerate(card.rows) if row.action == action), None)
        if at is None:
            return False
        screen = self._app.screen
        if isinstance(screen, MainScreen) and card.kind != "entry":
            for _ in range(at - screen.query_one(QuestionCard).highlighted()):
                await self._press("down")
        await self._wait(LOOK)
        await self._press(card.rows[at].key)
        return True

    async def _type(self, text: str) -> None:
        for character in text:
            await self._press(character)
        await self._wait(LOOK)
        await self._press("enter")

    async def _press(self, key: str) -> None:
        self._app.press(key)
        await self._wait(STROKE)

    async def _wait(self, seconds: float) -> None:
        """Wait, and as long as the tour is held."""
        left = seconds * self.pace
        await asyncio.sleep(0)
        while left > 0 or self.paused:
            await self._going.wait()
            began = time.monotonic()
            await asyncio.sleep(min(max(0.0, left), 0.1))
            left -= time.monotonic() - began

    async def _until(self, condition: Callable[[], object]) -> bool:
        """Wait for the app to come after; False where it does not within reason."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.02)
        return True


def _is_past(flow: Flow, part: Part) -> bool:
    return flow.part != part
