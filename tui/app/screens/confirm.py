"""What was read, each with the words it comes from, to be ticked off or corrected: nothing counts before Enter."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

import msgspec
from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content

from diagnostics.answers import AnswerError, parse_typed
from diagnostics.evidence import Value
from diagnostics.i18n import name_masks
from diagnostics.report.evidence_text import say_value
from diagnostics.sanitize import clean_line
from tui.app.panes import READABLE, Block, RowPane, TextPane
from tui.app.screens.base import AppScreen
from tui.app.screens.dialogs import ChooseScreen, PromptScreen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.events import Key

    from diagnostics.images import ImageReading
    from diagnostics.reading import Finding, Reading
    from tui.app.app import DoctorApp

QUOTE: Final = 60
"""Characters of the person's words that are shown and kept."""


class Item(msgspec.Struct):
    """One answer that was read: what, from which words, and whether it is to count."""

    id: str
    value: Value
    quote: str
    sure: bool
    on: bool


def items_of(doctor: DoctorApp, found: Sequence[Finding | ImageReading]) -> list[Item]:
    """Return what was read and is not answered so already; what is sure is ticked."""
    own = doctor.session.own_answers()
    return [
        Item(one.id, one.value, clean_line(one.quote, QUOTE), one.sure, one.sure)
        for one in found
        if one.id in doctor.session.knowledge.questions and own.get(one.id) != one.value
    ]


class ConfirmScreen(AppScreen["list[Item] | None"]):
    """Gives what the person confirmed, which may be nothing; None where the words are to be changed."""

    CSS_PATH = "say.tcss"
    AUTO_FOCUS = "#items"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", "accept", id="accept", priority=True),
        Binding("space", "tick", "toggle", id="toggle", priority=True),
        Binding("c", "correct", "correct", id="correct"),
        Binding("escape,e", "close", "edit the words", id="edit_words"),
    ]

    def __init__(self, items: list[Item], reading: Reading | None) -> None:
        super().__init__()
        self.items, self.reading = items, reading
        self._asked = False
        self.list_ = RowPane(id="items")
        self.parts = TextPane(id="title"), self.list_, TextPane(id="beliefs")

    def draw(self) -> None:
        """Write everything in the current language."""
        say, known = self.texts.say, self.texts.knowledge.beliefs
        session = self.doctor.session
        before, urgent = session.urgent({}), session.urgent({item.id: item.value for item in self.items})
        space = " " * (self.texts.lang == "en")
        warning = f"! {urgent[0]}{space}{urgent[1].short}\n" if urgent is not None and urgent != before else ""
        read = [one for one in (self.reading.beliefs if self.reading is not None else ()) if one.id in known]
        first = "".join(f"{known[one.id].get(self.texts.lang)}\n" for one in read if known[one.id].first)
        self.write("title", Content.assemble(
            (first, "bold"), (warning, "bold $text-error"), (say("confirm.title"), "bold"),
            (f"  {say('confirm.help')}", "dim"),
        ))  # fmt: skip
        self.list_.border_title = say("confirm.read")
        self.list_.display = bool(self.items)
        self.list_.show_blocks(self._row(number, item) for number, item in enumerate(self.items, 1))
        lines = [
            Content.assemble((f"{self._quoted(one.quote)} ", "dim"), known[one.id].get(self.texts.lang))
            for one in read
            if not known[one.id].first
        ]
        head = Content.styled(say("confirm.beliefs"), "bold")
        self.write("beliefs", Content("\n").join([head, *lines]) if lines else None, most=READABLE)

    def _quoted(self, words: str) -> str:
        return self.texts("list.quote", words=name_masks(clean_line(words, QUOTE), self.texts.lang))

    def _row(self, number: int, item: Item) -> Block:
        texts, box = self.texts, f"[{'x' if item.on else ' '}] "
        title = texts.knowledge.questions[item.id].text(texts.lang).title
        content = Content.assemble(
            (f"{number} ", "bold $primary"), f"{box}{title}{texts('list.colon')}",
            (say_value(texts, item.id, item.value), "bold"), (f"  {self._quoted(item.quote)}", "dim"),
            ("" if item.sure else f"  {texts.say('confirm.unsure')}", "$text-warning"),
        )  # fmt: skip
        return Block(content, key=str(number), lead=len(f"{number} {box}"))

    @on(RowPane.Chosen)
    def _chosen(self, event: RowPane.Chosen) -> None:
        self._toggle(event.number)

    def _toggle(self, number: int) -> None:
        self._asked = False
        self.items[number].on ^= True
        self.draw()

    def press(self, key: Key) -> bool:
        """A row's number ticks it, or takes the tick away."""
        digit = key.character or ""
        if not (digit.isdecimal() and digit.isascii() and 0 < int(digit) <= len(self.items)):
            return False
        self._toggle(int(digit) - 1)
        self.list_.action_highlight(int(digit) - 1)
        return True

    def action_tick(self) -> None:
        """Tick the highlighted row, or take the tick away."""
        self.list_.action_take()

    @work
    async def action_correct(self) -> None:
        """Give the highlighted row another value."""
        at = self.list_.highlighted
        if at is None:
            self.doctor.tell("confirm.choose_first")
            return
        item = self.items[at]
        question = self.texts.knowledge.questions[item.id]
        asked: PromptScreen | ChooseScreen
        if question.value:
            asked = ChooseScreen(
                lambda texts: question.text(texts.lang).ask,
                lambda texts: {choice.id: choice.get(texts.lang) for choice in question.value},
            )
        else:
            asked = PromptScreen("confirm.correct", "confirm.correct_about", str(item.value))
        given = await self.app.push_screen_wait(asked)
        if not given:
            return
        try:
            item.value = parse_typed(question, given) if not question.value else (
                [given] if question.type == "choices" else given)  # fmt: skip
        except AnswerError as error:
            self.doctor.tell_text(error.message(self.texts.lang), severe=True)
            return
        item.on = item.sure = True
        self.draw()

    def action_accept(self) -> None:
        """Return what is ticked; where nothing is, say so the first time."""
        taken = [item for item in self.items if item.on]
        if self.items and not taken and not self._asked:
            self._asked = True
            self.doctor.tell("confirm.none", severe=True)
        else:
            self.leave(taken)
