"""What choosing a row or typing an answer does to a flow; the screens only say which row, or what was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnostics.answers import AnswerError
from diagnostics.evidence import UNKNOWN
from tui.cards import read_entry

if TYPE_CHECKING:
    from diagnostics.evidence import Value
    from tui.cards import Row
    from tui.flow import Flow
    from tui.words import Words


def choose(flow: Flow, row: Row) -> None:
    """Do what a row of the card in front stands for, except for showing the result."""
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


def _pick(flow: Flow, number: int, row: Row) -> None:
    part = flow.part
    if part is None:
        return
    if part.checklist:
        line = flow.lines()[number]
        following: dict[str, Value | None] = {"off": line.tick, "on": UNKNOWN, "unknown": None}
        flow.mark(line, following[row.tick])
        return
    question = flow.session.knowledge.questions[part.ids[0]]
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


def dont_know_line(flow: Flow, number: int) -> bool:
    """Answer one line of the checklist with `unknown`; False where there is no such line."""
    lines = flow.lines()
    if number >= len(lines):
        return False
    flow.mark(lines[number], UNKNOWN)
    return True


def judge(flow: Flow, typed: str, words: Words) -> tuple[Value | None, str]:
    """Read what was typed for the question in front: its value, None where it cannot be used, and what to say of it."""
    part = flow.part
    if part is None or part.checklist or not typed.strip():
        return None, ""
    question = flow.session.knowledge.questions[part.ids[0]]
    try:
        return read_entry(flow, question.id, typed), words.say("card.press_enter")
    except AnswerError as error:
        if error.key == "unclear_number":
            return None, error.message(flow.session.lang)
        if question.type == "text":
            return None, words.say("card.bad_text")
        low, high = question.minimum or 0, question.maximum
        return None, words.say("card.bad_number" if high is None else "card.bad_range", low=low, high=high)
