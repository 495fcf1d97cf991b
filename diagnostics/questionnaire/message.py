"""A chat message with the next questions, numbered, with lettered options and a tag.

The tag of four characters identifies the questions, their options, their order and the version, so that a reply that
quotes it can be read.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from diagnostics import __version__
from diagnostics.engine.assessment import assess_answers
from diagnostics.engine.interview import interview
from diagnostics.evidence import UNKNOWN
from diagnostics.i18n import Texts
from diagnostics.questionnaire.codec import ALPHABET

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from diagnostics.evidence import Evidence, Value
    from diagnostics.knowledge.model import Knowledge

_KEY: Final = "questionnaire.message"
LIMIT: Final = {"zh": 500, "en": 900}
"""Most characters of a message: English takes more of them for the same."""
MOST: Final = 6
"""Most questions of a message."""
FIRST: Final = "MNPQRSTVWXYZ"
"""First characters of tags: no letters of options, and no ambiguous ones."""
SECOND: Final = "23456789"
"""Second characters of tags: digits, so that no word looks like a tag."""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """The questions of a sent message in order, its tag, and the program's version. A case stores it."""

    questions: tuple[str, ...]
    tag: str
    version: str = __version__


class ChatMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message ready to be copied; `sent` is None if nothing is left to ask."""

    text: str
    sent: Sent | None


def write_message(knowledge: Knowledge, answers: Mapping[str, Value], lang: Literal["zh", "en"] = "zh") -> ChatMessage:
    """Return a message with the most important questions after these (checked) answers.

    The same answers give the same message, so that a reply is recognised without stored state.
    """
    texts = Texts(knowledge, lang)
    chosen: list[str] = []
    for id_ in _worth_asking(knowledge, answers):
        if not chosen or len(_text(texts, [*chosen, id_], "#0000")) <= LIMIT[lang]:
            chosen.append(id_)
        else:
            break  # keep the order of importance
        if len(chosen) == MOST:
            break
    if not chosen:
        stop = interview(knowledge, assess_answers(knowledge, answers, "")).stop_reason
        return ChatMessage(text=texts(f"{_KEY}.{'enough' if stop == 'enough' else 'nothing'}"), sent=None)
    sent = sent_of(knowledge, tuple(chosen))
    return ChatMessage(text=_text(texts, chosen, f"#{sent.tag}"), sent=sent)


def values_of(knowledge: Knowledge, evidence: Evidence) -> dict[str, Value]:
    """Return the known values of questions, answered or measured, which a message need not ask."""
    return {id_: seen.value for id_, seen in evidence.effective() if id_ in knowledge.questions}


def listed(knowledge: Knowledge) -> Sent:
    """Return all questions in the order of their pages, as in the page's list for browsers without scripts."""
    ids = [id_ for page in knowledge.pages if not page.last for id_ in page.questions]
    return sent_of(knowledge, tuple(ids))


def sent_of(knowledge: Knowledge, questions: tuple[str, ...]) -> Sent:
    """Return these questions with their tag."""
    rows = [f"{id_} {','.join(one.id for one in knowledge.questions[id_].value)}" for id_ in questions]
    number = int.from_bytes(hashlib.sha256("\n".join([__version__, *rows]).encode()).digest()[:8], "big")
    tag = ""
    for signs in (FIRST, SECOND, ALPHABET, ALPHABET):
        number, at = divmod(number, len(signs))
        tag += signs[at]
    return Sent(questions=questions, tag=tag)


def letter(at: int) -> str:
    """Return the letter of the option at this place."""
    return chr(ord("A") + at)


def hint(knowledge: Knowledge, id_: str, lang: str) -> str:
    """Return how to answer a question, empty for a single choice."""
    kind = knowledge.questions[id_].type
    if kind == "choice":
        return ""
    name = {"choices": "several", "text": "version"}.get(kind, "number")
    return knowledge.say(f"questionnaire.plain.{name}", lang)


def rows_of(knowledge: Knowledge, sent: Sent) -> list[str]:
    """Return the lines of a message in both languages, without numbers; a reply may quote them."""
    rows = []
    for lang in ("zh", "en"):
        texts = Texts(knowledge, lang)
        rows += [texts(f"{_KEY}.head"), texts(f"{_KEY}.foot", tag="").strip()]
        for id_ in sent.questions:
            rows += [*_lines(texts, id_), knowledge.questions[id_].text(lang).ask]
    return rows


def _lines(texts: Texts, id_: str) -> list[str]:
    """Return the lines of one question: text and hint, and its lettered options."""
    question = texts.knowledge.questions[id_]
    options = "  ".join(f"{letter(at)} {choice.get(texts.lang)}" for at, choice in enumerate(question.value))
    asked = question.text(texts.lang).ask + hint(texts.knowledge, id_, texts.lang)
    return [asked, options] if options else [asked]


def _worth_asking(knowledge: Knowledge, answers: Mapping[str, Value]) -> Iterator[str]:
    """Yield the next questions, page after page, as if those before were answered with `unknown`.

    Where answers hardly matter any more, none is asked; a desk that asks may go on after any other reason to stop.
    """
    supposed = dict(answers)
    while True:
        now = assess_answers(knowledge, supposed, "")
        asked = interview(knowledge, now)
        if asked.stop_reason not in (None, "enough") and len(supposed) == len(answers):
            asked = interview(knowledge, now, go_on=True)
        if not asked.page:
            return
        yield from asked.page
        supposed |= dict.fromkeys(asked.page, UNKNOWN)


def _text(texts: Texts, ids: list[str], tag: str) -> str:
    rows = "\n".join(f"{number}. " + "\n".join(_lines(texts, id_)) for number, id_ in enumerate(ids, 1))
    return "\n".join([texts(f"{_KEY}.head"), rows, texts(f"{_KEY}.foot", tag=tag)])
