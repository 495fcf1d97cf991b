"""What was read, each with the words it comes from, to be ticked off or corrected: nothing counts before Enter."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

import msgspec
from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from diagnostics.answers import AnswerError
from diagnostics.evidence import Value
from diagnostics.i18n import name_masks
from diagnostics.report.evidence_text import say_value
from diagnostics.sanitize import clean_line
from tui.app.cjk_wrap import Prose, ProseBlock
from tui.app.screens.base import AppScreen
from tui.app.screens.dialogs import ChooseScreen, PromptScreen
from tui.app.widgets.fields import Choices

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.events import Key
    from textual.widget import Widget

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
    VIEW = "#items"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", "accept", id="accept", key_display="Enter", priority=True),
        Binding("space", "tick", "toggle", id="toggle", key_display="Space", priority=True),
        Binding("c", "correct", "correct", id="correct"),
        Binding("escape,e", "close", "edit the words", id="edit_words", key_display="Esc"),
    ]

    def __init__(self, items: list[Item], reading: Reading | None) -> None:
        super().__init__()
        self.items, self.reading = items, reading

    def parts(self) -> Iterable[Widget]:
        """Yield the question, what was read, and the mistaken beliefs with their answers."""
        yield ProseBlock(id="title")
        yield Choices(id="items")
        yield ProseBlock(id="beliefs")

    def begin(self) -> None:
        """The list has the keys."""
        self.query_one("#items", Choices).focus()

    def draw(self) -> None:
        """Write everything in the language of the moment."""
        say = self.texts.say
        self.write("title", Content.assemble((say("confirm.title"), "bold"), (f"  {say('confirm.help')}", "dim")))
        list_ = self.query_one("#items", Choices)
        list_.border_title = say("confirm.read")
        at = list_.highlighted
        list_.clear_options()
        list_.add_options(Option(self._line(number, item)) for number, item in enumerate(self.items, 1))
        list_.display = bool(self.items)
        list_.highlighted = at
        beliefs = self.reading.beliefs if self.reading is not None else []
        known = self.texts.knowledge.beliefs
        lines = [
            Content.assemble(
                (self._quoted(clean_line(one.quote, QUOTE)) + " ", "dim"), known[one.id].get(self.texts.lang)
            )
            for one in beliefs
            if one.id in known
        ]
        head = Content.styled(say("confirm.beliefs"), "bold")
        self.write("beliefs", Content("\n").join([head, *lines]) if lines else None)

    def _quoted(self, words: str) -> str:
        return f"「{name_masks(words, self.texts.lang)}」"

    def _line(self, number: int, item: Item) -> Prose:
        knowledge, lang = self.texts.knowledge, self.texts.lang
        title = knowledge.questions[item.id].text(lang).title
        value = say_value(self.texts, item.id, item.value)
        lead = f"{number} [{'x' if item.on else ' '}] "
        doubt = "" if item.sure else f"  {self.texts.say('confirm.unsure')}"
        return Prose(
            Content.assemble(
                (f"{number} ", "bold $primary"), f"[{'x' if item.on else ' '}] {title}{self.texts('list.colon')}",
                (value, "bold"), ("  " + self._quoted(item.quote), "dim"), (doubt, "$text-warning"),
            ),
            lead=len(lead),
        )  # fmt: skip

    @property
    def _at(self) -> int | None:
        return self.query_one("#items", Choices).highlighted

    def _turn(self, number: int) -> None:
        item = self.items[number]
        item.on = not item.on
        self.query_one("#items", Choices).replace_option_prompt_at_index(number, self._line(number + 1, item))

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._turn(event.option_index)

    def press(self, key: Key) -> bool:
        """A row's number ticks it, or takes the tick away."""
        digit = key.character or ""
        if not (digit.isdecimal() and digit.isascii() and 0 < int(digit) <= len(self.items)):
            return False
        self._turn(int(digit) - 1)
        self.query_one("#items", Choices).highlighted = int(digit) - 1
        return True

    def action_tick(self) -> None:
        """Tick the highlighted row, or take the tick away."""
        if self._at is not None:
            self._turn(self._at)

    @work
    async def action_correct(self) -> None:
        """Give the highlighted row another value."""
        at = self._at
        if at is None:
            self.doctor.tell("confirm.choose_first")
            return
        item = self.items[at]
        question = self.texts.knowledge.questions[item.id]
        if not question.value:
            typed = await self.app.push_screen_wait(
                PromptScreen("confirm.correct", "confirm.correct_about", str(item.value))
            )
        else:
            typed = await self.app.push_screen_wait(
                ChooseScreen(
                    lambda texts: question.text(texts.lang).ask,
                    lambda texts: {choice.id: choice.get(texts.lang) for choice in question.value},
                )
            )
        if typed:
            from diagnostics.answers import parse_typed

            try:
                item.value = parse_typed(question, typed) if not question.value else (
                    [typed] if question.type == "choices" else typed)  # fmt: skip
            except AnswerError as error:
                self.doctor.tell_text(error.message(self.texts.lang), severe=True)
                return
            item.on = item.sure = True
            self.draw()

    def action_accept(self) -> None:
        """Give what is ticked."""
        self.leave([item for item in self.items if item.on])
