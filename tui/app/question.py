"""The question pane: the card of what is asked, worked out from a session, and the pane that draws it.

A card says what stands in the pane and what choosing a row or typing does; the widget only draws it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final, Literal

import msgspec
from textual.binding import Binding, BindingType
from textual.content import Content

from diagnostics.answers import AnswerError, parse_entry
from diagnostics.evidence import UNKNOWN, Value
from diagnostics.report.evidence_text import say_value, value_text
from diagnostics.sanitize import clean_line
from tui.app.panes import READABLE, Block, RowPane
from tui.app.style import KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.knowledge.model import Question
    from diagnostics.session import Part, Session
    from tui.app.style import ScreenTexts

NONE_KEY: Final = "n"
UNKNOWN_KEY: Final = "d"
NEWEST_KEY: Final = "e"
TICKS: Final = {"": "", "on": "[x] ", "off": "[ ] ", "unknown": "[?] "}

Kind = Literal["choice", "choices", "entry", "checklist", "end"]


class Row(msgspec.Struct, frozen=True):
    """One row to choose: its key, its words, what choosing it does, and for lists whether it is ticked.

    `choose` is None where it shows the plan. `value`: what it answers the question with; None where it does not.
    """

    key: str
    text: str
    choose: Callable[[], object] | None
    value: Value | None = None
    tick: Literal["", "on", "off", "unknown"] = ""
    chosen: bool = False


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """The question pane at one moment."""

    kind: Kind
    ask: str
    conflict: str = ""
    """What the answer contradicts."""
    say: str = ""
    rows: tuple[Row, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    """Why each question is asked, and how to find it out."""
    others: tuple[tuple[str, str], ...] = ()
    """The page's other questions with what was answered."""
    entry: str = ""
    unit: str = ""
    numeric: bool = False
    identity: tuple[object, ...] = ()
    """Equal for two cards of the same question in the same place: the highlight stays where it is."""


def make_card(session: Session, texts: ScreenTexts, *, on_behalf: bool = False) -> Card:
    """Return the card of what is in front of the user."""
    part = session.part
    if part is None:
        return _end(session, texts)
    if part.checklist:
        return _checklist(session, texts, part)
    return _single(session, texts, session.question(part.ids[0]), part, on_behalf)


def _single(session: Session, texts: ScreenTexts, question: Question, part: Part, on_behalf: bool) -> Card:
    text, held = question.text(texts.lang), session.value(question.id)
    several, entry = question.type == "choices", not question.value
    ticked = held if isinstance(held, list) else []
    rows = []

    def answer(key: str, said: str, value: Value) -> None:
        rows.append(Row(key, said, partial(session.finish, {question.id: value}), value, chosen=held == value))

    for key, choice in zip(KEYS, question.value, strict=False):
        id_, said = choice.id, choice.get(texts.lang)
        if not several:
            answer(key, said, id_)
            continue
        then = [one for one in ticked if one != id_] if id_ in ticked else [*ticked, id_]
        ticking = partial(session.answer, {question.id: then})
        rows.append(Row(key, said, ticking, tick="on" if id_ in ticked else "off"))
    if ticked:
        rows.append(Row(NONE_KEY, texts.say("card.chosen"), session.leave))
    elif several:
        answer(NONE_KEY, texts.say("card.none"), [])
    if question.id == "wechat.version":  # the newest that was seen for the user's system need not be typed
        platform = session.assessment.fact("client.platform").value
        for one in (one for one in session.knowledge.latest if one.platform == platform):
            said = texts.say("card.newest", version=one.version, seen=one.seen)
            answer(NEWEST_KEY, said, one.version)
    answer(UNKNOWN_KEY, texts.say("card.unknown"), UNKNOWN)
    clearing = {} if several else session.clearing()
    if clearing:
        told = texts("list.semicolon").join(
            f"{_title(session, texts, id_)}{texts('list.colon')}{say_value(texts, id_, value)}"
            for id_, value in clearing.items()
        )
        rows.append(Row(NONE_KEY, texts.say("card.clear", answers=told), session.clear))
    return Card(
        kind="entry" if entry else "choices" if several else "choice",
        ask=text.about if on_behalf else text.ask,
        conflict=session.conflict(question.id),
        say=text.say if on_behalf else "",
        rows=tuple(rows),
        notes=((text.why, text.how),),
        others=_others(session, texts, part),
        entry=str(held) if entry and held is not None and held != UNKNOWN else "",
        unit=text.unit,
        numeric=question.type in ("integer", "amount"),
        identity=(session.position.page, question.id),
    )


def _title(session: Session, texts: ScreenTexts, id_: str) -> str:
    return session.knowledge.questions[id_].text(texts.lang).title


def _checklist(session: Session, texts: ScreenTexts, part: Part) -> Card:
    lines = session.lines()
    rows, notes = [], []
    for key, line in zip(KEYS, lines, strict=False):
        held, said = session.value(line.question), line.get(texts.lang)
        if held == UNKNOWN:
            rows.append(Row(key, said, partial(session.take_back, line.question), tick="unknown"))
        elif held == line.tick:
            rows.append(Row(key, said, partial(session.take_back, line.question), tick="on"))
        else:
            rows.append(Row(key, said, partial(session.answer, {line.question: line.tick}), tick="off"))
        text = session.knowledge.questions[line.question].text(texts.lang)
        notes.append((text.why, text.how))
    touched = any(row.tick != "off" for row in rows)
    rows.append(Row(NONE_KEY, texts.say("card.none_else" if touched else "card.none"), session.none_of_these))
    return Card(
        kind="checklist",
        ask=texts.say("card.checklist"),
        rows=tuple(rows),
        notes=tuple(notes),
        others=_others(session, texts, part),
        identity=(session.position.page, *(line.question for line in lines)),
    )


def _end(session: Session, texts: ScreenTexts) -> Card:
    asked = session.interview
    reason = asked.stop_reason or "skipped"
    rows = [Row("1", texts.say("card.to_plan"), None)]
    if reason == "look_first":
        rows.insert(0, Row("g", texts.say("card.looked"), partial(session.ask_again, session.not_looked())))
    elif asked.remaining and reason != "nothing_left":
        rows.append(Row("g", texts.say("card.go_on"), session.ask_on))
    return Card(kind="end", ask=texts.say(f"card.stop.{reason}"), rows=tuple(rows), identity=("end",))


def _others(session: Session, texts: ScreenTexts, front: Part) -> tuple[tuple[str, str], ...]:
    """The page's other questions with what was answered, so that the user sees where the page is."""
    found = []
    for id_ in (id_ for part in session.parts() if part != front and not part.checklist for id_ in part.ids):
        held = session.held(id_)
        said = texts.say("card.skipped" if id_ in session.skipped else "card.to_come")
        found.append((_title(session, texts, id_), said if held is None else clean_line(value_text(texts, held), 80)))
    return tuple(found)


def validate_entry(session: Session, typed: str, texts: ScreenTexts) -> tuple[Value | None, str]:
    """Read what was typed for the question in front: its value, None where it cannot be used, and what to say of it.

    Words count too: the one reader of texts says what a version or a number in them is.
    """
    part = session.part
    if part is None or part.checklist or not typed.strip():
        return None, ""
    question = session.knowledge.questions[part.ids[0]]
    try:
        value, named = parse_entry(question, clean_line(typed))
        return value, texts.say("card.read_as", value=named) if named else texts.say("card.press_enter")
    except AnswerError as error:
        wrong = error.message(session.lang)
        if question.type == "text":
            wrong = texts.say("card.bad_text", why=wrong)
        elif error.key != "unclear_number":
            low, high = question.minimum or 0, question.maximum
            wrong = texts.say("card.bad_number" if high is None else "card.bad_range", low=low, high=high)
    from diagnostics.reading.reply import read_reply

    reply = read_reply(session.knowledge, question.id, typed)
    if reply.among:
        values = texts("list.comma").join(str(one) for one in reply.among)
        return None, texts.say("card.which", values=values)
    if reply.value is None:
        return None, wrong
    return reply.value, texts.say("card.read_as", value=say_value(texts, question.id, reply.value))


class QuestionCard(RowPane):
    """Draws a card; `entry_at` is the block over which the field for typing is placed, None without one."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "enter", show=False)]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's own name
        super().__init__(id=id)
        self.card: Card | None = None
        self._texts: ScreenTexts | None = None
        self._verdict = Content("")
        self.entry_at: int | None = None

    def allow_focus(self) -> bool:
        """Whether the keys go to the rows: where something is typed, they go to the field."""
        return super().allow_focus() and (self.card is None or self.card.kind != "entry")

    def draw(self, card: Card, texts: ScreenTexts, title: str) -> bool:
        """Show a card; returns whether it is another one: that has no highlight, and is shown from its top."""
        fresh = self.card is None or self.card.identity != card.identity
        self.card, self._texts, self.about = card, texts, card.identity
        self.set_titles(title)
        if fresh:
            self.highlighted = None
        if fresh or card.kind != "entry":
            self._verdict = Content("")
        self._restyle()
        if fresh:
            self.scroll_to(y=0, animate=False, immediate=True)
        return fresh

    def show_verdict(self, text: str, *, wrong: bool) -> None:
        """Say beside the field whether what was typed can be used."""
        self._verdict = Content.styled(text, "$text-warning" if wrong else "dim")
        self._restyle()

    def _restyle(self) -> None:
        """Draw again: the text below a list is about its highlighted row."""
        if self.card is not None and self._texts is not None:
            self.show_blocks(self._blocks(self.card, self._texts))

    def _blocks(self, card: Card, texts: ScreenTexts) -> Iterator[Block]:
        """Yield the parts of the card from top to bottom; where there is height, lines are left free between them."""
        gap = [Block(Content(""))] if self.screen.has_class("-tall") else []
        conflict = (f"{card.conflict}\n", "$text-warning") if card.conflict else ""
        above = [Block(Content.assemble(conflict, (card.ask, "bold")), most=READABLE), *gap]
        if card.say:
            above += [Block(Content.styled(texts.say("card.say", text=card.say), "$secondary"), most=READABLE), *gap]
        self.entry_at = len(above) if card.kind == "entry" else None
        above += [Block(Content(""))] if card.kind == "entry" else []
        above += [Block(self._verdict)] if self._verdict else []
        yield from above
        for row in card.rows:
            marks = f"{TICKS[row.tick]}{'> ' if row.chosen else ''}"
            content = Content.assemble((f"{row.key} ", "bold $primary"), marks, row.text)
            yield Block(content, key=row.key, lead=len(f"{row.key} {marks}"))
        yield from gap
        about = 0 if len(card.notes) == 1 else self.highlighted
        if about is not None and about < len(card.notes):
            why, how = card.notes[about]
            parts = ((texts.say("card.why"), "dim"), why, "\n", (texts.say("card.how"), "dim"), how)
            yield Block(Content.assemble(*parts), most=READABLE)
            yield from gap
        if card.others:
            lines = [Content.styled(f"{name}  {answer}", "dim") for name, answer in card.others]
            yield Block(Content("\n").join(lines), most=READABLE)

    def action_enter(self) -> None:
        """Choose the highlighted row; Enter never takes back what was ticked among several, it goes on then."""
        if self.card is None:
            return
        rows, at = self.card.rows, self.highlighted
        ticked = self.card.kind == "choices" and any(each.tick == "on" for each in rows)
        if ticked and (at is None or rows[at].tick == "on"):
            at = next(number for number, each in enumerate(rows) if each.key == NONE_KEY)
        if at is not None:
            self.take(at)
