"""What the question pane shows, worked out from a flow: words and keys, no widgets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

from diagnostics.answers import parse_typed
from diagnostics.evidence import UNKNOWN, Value
from diagnostics.report.evidence_text import say_value, value_text
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from diagnostics.knowledge.model import Latest, Question
    from tui.flow import Flow, Part
    from tui.words import Words

KEYS: Final = "123456789efgijkpuvyz"
"""The keys of choices, in order; no command uses one of them."""
NONE_KEY: Final = "n"
UNKNOWN_KEY: Final = "d"
NEWEST_KEY: Final = "e"

Kind = Literal["choice", "choices", "entry", "checklist", "end"]
Tick = Literal["", "on", "off", "unknown"]


class Row(msgspec.Struct, frozen=True):
    """One row to choose: its key, its words, its answer, and for lists whether it is ticked."""

    key: str
    text: str
    action: str
    """`pick:N`, `none`, `clear`, `newest:VERSION`, `unknown`, `result` or `go_on`: what choosing the row does."""
    tick: Tick = ""
    chosen: bool = False


class Note(msgspec.Struct, frozen=True):
    """Why something is asked and how to find it out."""

    why: str
    how: str


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """The question pane at one moment. `notes` has one note a question; `others` the page's other questions."""

    kind: Kind
    progress: str
    heading: str
    ask: str
    say: str = ""
    rows: tuple[Row, ...] = ()
    notes: tuple[Note, ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    entry: str = ""
    unit: str = ""
    numeric: bool = False
    identity: tuple[object, ...] = ()
    """Equal for two cards of the same question in the same place: the highlight stays where it is."""


def make_card(flow: Flow, words: Words, *, on_behalf: bool = False) -> Card:
    """Return the card of what is in front of the user."""
    part = flow.part
    page = flow.page
    if part is None or page is None:
        return _end(flow, words)
    number, total = flow.progress()
    progress = words.say("card.progress", number=number, total=total)
    heading = page.title(words.lang)
    others = _others(flow, words, part)
    if part.checklist:
        return _checklist(flow, words, progress, heading, others)
    question = flow.session.knowledge.questions[part.ids[0]]
    return _single(flow, words, question, progress, heading, others, on_behalf)


def _single(
    flow: Flow,
    words: Words,
    question: Question,
    progress: str,
    heading: str,
    others: tuple[tuple[str, str], ...],
    on_behalf: bool,
) -> Card:
    knowledge = flow.session.knowledge
    text = question.text(words.lang)
    held = flow.value(question.id)
    several = question.type == "choices"
    ticked = held if isinstance(held, list) else []
    rows = [
        Row(key, choice.get(words.lang), f"pick:{number}",
            tick=("on" if choice.id in ticked else "off") if several else "", chosen=held == choice.id)
        for number, (key, choice) in enumerate(zip(KEYS, question.value, strict=False))
    ]  # fmt: skip
    if several:
        rows.append(Row(NONE_KEY, words.say("card.chosen" if ticked else "card.none"), "none", chosen=held == []))
    newest = _newest(flow, question)
    if newest is not None:
        told = words.say("card.newest", version=newest.version, seen=newest.seen)
        rows.append(Row(NEWEST_KEY, told, f"newest:{newest.version}", chosen=held == newest.version))
    rows.append(Row(UNKNOWN_KEY, words.say("card.unknown"), "unknown", chosen=held == UNKNOWN))
    clearing = {} if several else flow.clearing()
    if clearing:
        told = words.of("list.semicolon").join(
            f"{knowledge.questions[id_].text(words.lang).title}{words.of('list.colon')}{say_value(words, id_, value)}"
            for id_, value in clearing.items()
        )
        rows.append(Row(NONE_KEY, words.say("card.clear", answers=told), "clear"))
    entry = not question.value
    return Card(
        kind="entry" if entry else "choices" if several else "choice",
        progress=progress,
        heading=heading,
        ask=text.about if on_behalf else text.ask,
        say=text.say if on_behalf else "",
        rows=tuple(rows),
        notes=(Note(text.why, text.how),),
        others=others,
        entry=str(held) if entry and held is not None and held != UNKNOWN else "",
        unit=text.unit,
        numeric=question.type in ("integer", "amount"),
        identity=(flow.place.page, question.id),
    )


def _newest(flow: Flow, question: Question) -> Latest | None:
    """The newest WeChat that was seen for the user's system, offered so that it need not be typed."""
    if question.id != "wechat.version":
        return None
    platform = flow.session.assessment.facts["client.platform"].value
    return next((one for one in flow.session.knowledge.latest if one.platform == platform), None)


def _checklist(flow: Flow, words: Words, progress: str, heading: str, others: tuple[tuple[str, str], ...]) -> Card:
    lines = flow.lines()
    rows, notes = [], []
    for number, (key, line) in enumerate(zip(KEYS, lines, strict=False)):
        held = flow.value(line.question)
        tick: Tick = "unknown" if held == UNKNOWN else "on" if held == line.tick else "off"
        rows.append(Row(key, line.get(words.lang), f"pick:{number}", tick=tick))
        text = flow.session.knowledge.questions[line.question].text(words.lang)
        notes.append(Note(text.why, text.how))
    touched = any(row.tick != "off" for row in rows)
    rows.append(Row(NONE_KEY, words.say("card.none_else" if touched else "card.none"), "none"))
    return Card(
        kind="checklist",
        progress=progress,
        heading=heading,
        ask=words.say("card.checklist"),
        rows=tuple(rows),
        notes=tuple(notes),
        others=others,
        identity=(flow.place.page, *(line.question for line in lines)),
    )


def _end(flow: Flow, words: Words) -> Card:
    asked = flow.session.interview
    reason = asked.stop_reason or "skipped"
    rows = [Row("r", words.say("card.to_result"), "result")]
    if reason == "look_first":
        rows.insert(0, Row("g", words.say("card.looked"), "looked"))
    elif asked.remaining and reason != "nothing_left":
        rows.append(Row("g", words.say("card.go_on"), "go_on"))
    return Card(
        kind="end",
        progress="",
        heading=words.say("card.end"),
        ask=words.say(f"card.stop.{reason}"),
        rows=tuple(rows),
        identity=("end",),
    )


def _others(flow: Flow, words: Words, front: Part) -> tuple[tuple[str, str], ...]:
    """The page's other questions with what was answered, so that the user sees where the page is."""
    knowledge = flow.session.knowledge
    found = []
    for part in flow.parts():
        if part == front:
            continue
        for id_ in () if part.checklist else part.ids:
            held = flow.held(id_)
            said = words.say("card.skipped") if id_ in flow.skipped else words.say("card.to_come")
            if held is not None:
                said = clean_line(value_text(words, held), 80)
            found.append((knowledge.questions[id_].text(words.lang).title, said))
    return tuple(found)


def read_entry(flow: Flow, question_id: str, typed: str) -> Value:
    """Read what was typed into a field as an answer. Raises AnswerError."""
    return parse_typed(flow.session.knowledge.questions[question_id], clean_line(typed))
