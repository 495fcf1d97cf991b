"""What the question pane shows, worked out from a flow, and what choosing a row or typing does to it: no widgets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

from diagnostics.answers import AnswerError, parse_typed
from diagnostics.evidence import UNKNOWN, Value
from diagnostics.report.evidence_text import say_value, value_text
from diagnostics.sanitize import clean_line
from tui.app.texts import KEYS

if TYPE_CHECKING:
    from diagnostics.flow import Flow
    from diagnostics.knowledge.model import Latest, Question
    from diagnostics.session import Part
    from tui.app.texts import ScreenTexts

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
    """`pick:N`, `none`, `clear`, `newest:VERSION`, `unknown`, `plan`, `looked` or `go_on`: what choosing it does."""
    tick: Tick = ""
    chosen: bool = False


class Note(msgspec.Struct, frozen=True):
    """Why something is asked and how to find it out."""

    why: str
    how: str


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """The question pane at one moment. `notes` has one note a question; `others` the page's other questions."""

    kind: Kind
    ask: str
    conflict: str = ""
    """What the answer contradicts."""
    say: str = ""
    rows: tuple[Row, ...] = ()
    notes: tuple[Note, ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    entry: str = ""
    unit: str = ""
    numeric: bool = False
    identity: tuple[object, ...] = ()
    """Equal for two cards of the same question in the same place: the highlight stays where it is."""


def make_card(flow: Flow, texts: ScreenTexts, *, on_behalf: bool = False) -> Card:
    """Return the card of what is in front of the user."""
    part, page = flow.part, flow.page
    if part is None or page is None:
        return _end(flow, texts)
    others = _others(flow, texts, part)
    if part.checklist:
        return _checklist(flow, texts, others)
    return _single(flow, texts, flow.question(part.ids[0]), others, on_behalf)


def _single(
    flow: Flow, texts: ScreenTexts, question: Question, others: tuple[tuple[str, str], ...], on_behalf: bool
) -> Card:
    knowledge, text = flow.session.knowledge, question.text(texts.lang)
    held = flow.value(question.id)
    several = question.type == "choices"
    ticked = held if isinstance(held, list) else []
    rows = [
        Row(key, choice.get(texts.lang), f"pick:{number}",
            tick=("on" if choice.id in ticked else "off") if several else "", chosen=held == choice.id)
        for number, (key, choice) in enumerate(zip(KEYS, question.value, strict=False))
    ]  # fmt: skip
    if several:
        rows.append(Row(NONE_KEY, texts.say("card.chosen" if ticked else "card.none"), "none", chosen=held == []))
    newest = _newest(flow, question)
    if newest is not None:
        told = texts.say("card.newest", version=newest.version, seen=newest.seen)
        rows.append(Row(NEWEST_KEY, told, f"newest:{newest.version}", chosen=held == newest.version))
    rows.append(Row(UNKNOWN_KEY, texts.say("card.unknown"), "unknown", chosen=held == UNKNOWN))
    clearing = {} if several else flow.clearing()
    if clearing:
        told = texts("list.semicolon").join(
            f"{knowledge.questions[id_].text(texts.lang).title}{texts('list.colon')}{say_value(texts, id_, value)}"
            for id_, value in clearing.items()
        )
        rows.append(Row(NONE_KEY, texts.say("card.clear", answers=told), "clear"))
    entry = not question.value
    return Card(
        kind="entry" if entry else "choices" if several else "choice",
        ask=text.about if on_behalf else text.ask,
        conflict=flow.conflict(question.id),
        say=text.say if on_behalf else "",
        rows=tuple(rows),
        notes=(Note(text.why, text.how),),
        others=others,
        entry=str(held) if entry and held is not None and held != UNKNOWN else "",
        unit=text.unit,
        numeric=question.type in ("integer", "amount"),
        identity=(flow.session.position.page, question.id),
    )


def _newest(flow: Flow, question: Question) -> Latest | None:
    """The newest WeChat that was seen for the user's system, offered so that it need not be typed."""
    if question.id != "wechat.version":
        return None
    platform = flow.session.assessment.fact("client.platform").value
    return next((one for one in flow.session.knowledge.latest if one.platform == platform), None)


def _checklist(flow: Flow, texts: ScreenTexts, others: tuple[tuple[str, str], ...]) -> Card:
    lines = flow.lines()
    rows, notes = [], []
    for number, (key, line) in enumerate(zip(KEYS, lines, strict=False)):
        held = flow.value(line.question)
        tick: Tick = "unknown" if held == UNKNOWN else "on" if held == line.tick else "off"
        rows.append(Row(key, line.get(texts.lang), f"pick:{number}", tick=tick))
        text = flow.session.knowledge.questions[line.question].text(texts.lang)
        notes.append(Note(text.why, text.how))
    touched = any(row.tick != "off" for row in rows)
    rows.append(Row(NONE_KEY, texts.say("card.none_else" if touched else "card.none"), "none"))
    return Card(
        kind="checklist", ask=texts.say("card.checklist"), rows=tuple(rows), notes=tuple(notes), others=others,
        identity=(flow.session.position.page, *(line.question for line in lines)),
    )  # fmt: skip


def _end(flow: Flow, texts: ScreenTexts) -> Card:
    asked = flow.session.interview
    reason = asked.stop_reason or "skipped"
    rows = [Row("1", texts.say("card.to_plan"), "plan")]
    if reason == "look_first":
        rows.insert(0, Row("g", texts.say("card.looked"), "looked"))
    elif asked.remaining and reason != "nothing_left":
        rows.append(Row("g", texts.say("card.go_on"), "go_on"))
    return Card(kind="end", ask=texts.say(f"card.stop.{reason}"), rows=tuple(rows), identity=("end",))


def _others(flow: Flow, texts: ScreenTexts, front: Part) -> tuple[tuple[str, str], ...]:
    """The page's other questions with what was answered, so that the user sees where the page is."""
    knowledge = flow.session.knowledge
    found = []
    for part in flow.parts():
        if part == front:
            continue
        for id_ in () if part.checklist else part.ids:
            held = flow.held(id_)
            said = texts.say("card.skipped") if id_ in flow.skipped else texts.say("card.to_come")
            if held is not None:
                said = clean_line(value_text(texts, held), 80)
            found.append((knowledge.questions[id_].text(texts.lang).title, said))
    return tuple(found)


def choose(flow: Flow, row: Row) -> None:
    """Do what a row of the card in front stands for, except for showing the plan."""
    what, _, rest = row.action.partition(":")
    if what == "go_on":
        flow.go_on()
    elif what == "looked":
        flow.look_again()
    elif what == "unknown":
        flow.dont_know()
    elif what == "clear":
        flow.clear()
    elif what == "newest":
        flow.answer(rest)
    elif what == "none":
        _close_list(flow)
    elif what == "pick":
        _pick(flow, int(rest), row)


def answer_of(flow: Flow, row: Row) -> dict[str, Value]:
    """Return the answer that a row gives by itself to the single question in front; nothing where it gives none."""
    part = flow.part
    question = flow.question(part.ids[0]) if part is not None and not part.checklist else None
    what, _, rest = row.action.partition(":")
    if question is not None and what == "unknown":
        return {question.id: UNKNOWN}
    return {question.id: question.value[int(rest)].id} if question is not None and what == "pick" else {}


def _pick(flow: Flow, number: int, row: Row) -> None:
    part = flow.part
    if part is None:
        return
    if part.checklist:
        line = flow.lines()[number]
        following: dict[str, Value | None] = {"off": line.tick, "on": UNKNOWN, "unknown": None}
        flow.mark(line, following[row.tick])
        return
    question = flow.question(part.ids[0])
    choice = question.value[number].id
    if question.type != "choices":
        flow.answer(choice)
        return
    held = flow.value(question.id)
    ticked = list(held) if isinstance(held, list) else []
    flow.note([one for one in ticked if one != choice] if choice in ticked else [*ticked, choice])


def _close_list(flow: Flow) -> None:
    """Go on from a list: what was left alone does not apply."""
    part = flow.part
    if part is None:
        return
    if part.checklist:
        flow.none_of_these()
        return
    if not isinstance(flow.value(part.ids[0]), list):
        flow.note([])
    flow.leave()


def dont_know_line(flow: Flow, number: int | None) -> bool:
    """Answer one line of the checklist with `unknown`; False where there is no such line."""
    lines = flow.lines()
    if number is None or number >= len(lines):
        return False
    flow.mark(lines[number], UNKNOWN)
    return True


def validate_entry(flow: Flow, typed: str, texts: ScreenTexts) -> tuple[Value | None, str]:
    """Read what was typed for the question in front: its value, None where it cannot be used, and what to say of it.

    Words count too: the one reader of texts says what a version or a number in them is.
    """
    part = flow.part
    if part is None or part.checklist or not typed.strip():
        return None, ""
    question = flow.session.knowledge.questions[part.ids[0]]
    wrong = texts.say("card.bad_text")
    try:
        value = read_entry(flow, question.id, typed)
        if question.type != "text":
            return value, texts.say("card.press_enter")
    except AnswerError as error:
        if question.type != "text":
            low, high = question.minimum or 0, question.maximum
            wrong = texts.say("card.bad_number" if high is None else "card.bad_range", low=low, high=high)
        if error.key in ("unclear_number", "version_of_wechat"):
            wrong = error.message(flow.session.lang)
    version = _version(question.id, typed)
    if version is not None:
        return clean_line(typed), texts.say("card.read_as", value=version)
    from diagnostics.reading.reader import read_reply

    knowledge = flow.session.knowledge
    said = read_reply(knowledge, question.id, typed).value
    if said is None or said == UNKNOWN:
        return None, wrong
    return said, texts.say("card.read_as", value=say_value(texts, question.id, said))


def _version(question_id: str, typed: str) -> str | None:
    """Return the version that the parsers read in what was typed."""
    from diagnostics.versions import parse_system_version, parse_wechat_version

    if question_id == "wechat.version":
        return parse_wechat_version(typed).version
    return parse_system_version(typed).version if question_id == "os.version" else None


def read_entry(flow: Flow, question_id: str, typed: str) -> Value:
    """Read what was typed into a field as an answer. Raises AnswerError."""
    return parse_typed(flow.session.knowledge.questions[question_id], clean_line(typed))
