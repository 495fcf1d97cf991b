"""Simulated people who answer whatever they are asked, and the guided questions answered on their behalf."""

from __future__ import annotations

import io
import random
from typing import TYPE_CHECKING

from tui.cli.interviewer import Interviewer

if TYPE_CHECKING:
    from diagnostics.evidence import Value
    from diagnostics.knowledge.model import Knowledge, Line, Question
    from diagnostics.session import Session

HEALTHY = {
    "entry.services_menu": "not_shown", "client.kind": "phone", "account.real_name": "verified",
    "account.bank_card": "bound", "identity.profile": "complete", "person.residency": "mainland",
    "person.student": "no", "person.civil_capacity": "full", "identity.document": "valid",
    "account.wallet_region": "mainland",
}  # fmt: skip
WECHAT = ("8.0.56", "8.0.0", "7.0.22", "8.0", "6.7.2", "4.1.7.59", "8.0.49.2600", "7.0.1380")
SYSTEM = ("14", "6.0.1", "5.1", "17.5", "11.4", "12.0", "26.0", "4.2.0")


class Person:
    """Somebody with an answer to every question; `goes_on` after the questions ended by themselves."""

    def __init__(self, knowledge: Knowledge, seed: int) -> None:
        chance = random.Random(seed)
        # some people have little the matter with them, or nobody would see the later questions
        self.answers: dict[str, Value] = {id_: _answer(one, chance) for id_, one in knowledge.questions.items()}
        if chance.random() < 0.7:
            self.answers |= {id_: value for id_, value in HEALTHY.items() if chance.random() < 0.95}
        for id_ in self.answers:
            if chance.random() < 0.1:
                self.answers[id_] = "unknown"
        for page in knowledge.pages:  # a checklist takes "don't know" for all its lines or for none
            unsure = chance.random() < 0.1
            for line in page.line:
                if unsure or self.answers[line.question] == "unknown":
                    self.answers[line.question] = "unknown" if unsure else line.clear
        self.goes_on = chance.random() < 0.5


def _answer(question: Question, chance: random.Random) -> Value:
    if question.type == "choice":
        return chance.choice(question.value).id
    if question.type == "choices":
        return [choice.id for choice in question.value if chance.random() < 0.4]
    if question.id == "person.age":
        return chance.choice([0, 16, 17, 18, 25, 35, 47, 60, 61, 130])
    if question.type == "integer":
        return chance.choice([0, 1, 4, 5, 9, 1000])
    if question.type == "amount":
        return chance.choice([0, 1, 999, 3500, 4999, 5000, 7000, 8000, 10_000, 999_999_999])
    return chance.choice(WECHAT if question.id == "wechat.version" else SYSTEM)


class Typist(io.TextIOBase):
    """Reads what `ask` printed and types the person's answer, as a person at a plain terminal would."""

    def __init__(self, session: Session, person: Person) -> None:
        self._session = session
        self._person = person
        self.screen = io.StringIO()
        self._seen = 0

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
        shown = self.screen.getvalue()[self._seen :]
        self._seen += len(shown)
        printed = shown.splitlines()
        knowledge, answers = self._session.knowledge, self._person.answers
        lines = [
            line
            for page in knowledge.pages
            for line in page.line
            if any(row.endswith(f". {line.zh}") for row in printed)
        ]
        question = next((one for one in knowledge.questions.values() if one.zh.ask in printed), None)
        if question is not None:
            return _typed(answers[question.id])
        if lines:
            return self._ticks(lines)
        return "y\n" if self._person.goes_on else "n\n"

    def _ticks(self, lines: list[Line]) -> str:
        answers = self._person.answers
        if all(answers[line.question] == "unknown" for line in lines):
            return "d\n"
        return " ".join(str(at) for at, line in enumerate(lines, 1) if answers[line.question] == line.tick) + "\n"


def _typed(value: Value) -> str:
    if isinstance(value, list):
        return (",".join(value) or "0") + "\n"
    return "d\n" if value == "unknown" else f"{value}\n"


def through_ask(session: Session, person: Person) -> dict[str, Value]:
    """Let a person answer the plain questions to their end; returns the answers in the order given."""
    typist = Typist(session, person)
    Interviewer(session, typist, typist.screen).run()
    return session.own_answers()
