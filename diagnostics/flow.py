"""Which question stands before the user: keeps a page until it is done, then takes the interview's next one.

No user interface here: the app draws a flow and sends it what the user does. The session saves every answer as it is
given and keeps the one list of what can be undone; the flow only knows the position, so that a page never jumps away
under the user's fingers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from diagnostics.engine.interview import clear_answers
from diagnostics.engine.rule_table import CAUSE
from diagnostics.session import MEASURED, Part, Position

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from diagnostics.evidence import Observation, Value
    from diagnostics.knowledge.model import Line, Page, Question
    from diagnostics.session import Session


class Flow:
    """The user's way through a session's questions."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.begin_again()

    @property
    def skipped(self) -> frozenset[str]:
        """What the user left unanswered."""
        return self.session.position.skipped

    @property
    def part(self) -> Part | None:
        """What is asked now; None where the questions ended."""
        return self.session.position.part

    @property
    def page(self) -> Page | None:
        """The page that is open, None where the questions ended."""
        knowledge, here = self.session.knowledge, self.session.position.page
        if here in knowledge.questions:  # called up, and on no page
            return knowledge.page_of(here)
        return next((page for page in knowledge.pages if page.id == here), None)

    def parts(self) -> list[Part]:
        """Return the parts of the open page, single questions first, its checklist last.

        What an answer on this page made worth asking comes in as well.
        """
        page, asked = self.page, self.session.interview
        if page is None:
            return []
        more = asked.page if asked.page_id == page.id and not self.session.position.once else ()
        shown = [id_ for id_ in page.questions if id_ in self.session.position.ids or id_ in more]
        lined = [id_ for id_ in shown if any(line.question == id_ for line in page.line)]
        if len(lined) < 2:
            lined = []
        singles = [Part((id_,)) for id_ in shown if id_ not in lined]
        return [*singles, Part(tuple(lined), checklist=True)] if lined else singles

    def lines(self) -> list[Line]:
        """Return the lines of the checklist in front."""
        page, part = self.page, self.part
        if page is None or part is None or not part.checklist:
            return []
        return [line for line in page.line if line.question in part.ids]

    def question(self, id_: str) -> Question:
        """Return a question with the choices that make sense by what is known."""
        return self.session.knowledge.questions[id_].offered(self.session.assessment.values)

    def held(self, id_: str) -> Observation | None:
        """Return the user's own answer with all that stands beside it, None where there is none."""
        every = self.session.evidence.all
        return next((seen for seen in every if seen.id == id_ and seen.source not in MEASURED), None)

    def value(self, id_: str) -> Value | None:
        """Return the user's own answer, `unknown` included, None where there is none."""
        return self.session.own_answers().get(id_)

    def answer(self, value: object) -> None:
        """Answer the question in front and go on. Raises AnswerError, and then nothing is changed."""
        self.finish({self._single().ids[0]: value})

    def finish(self, answers: Mapping[str, object]) -> None:
        """Give these answers to what is in front and go on. Raises AnswerError, and then nothing is changed."""
        self._give(answers)
        self.leave()

    def note(self, value: object) -> None:
        """Answer the question in front and stay with it (several choices). Raises AnswerError."""
        self._give({self._single().ids[0]: value})

    def mark(self, line: Line, value: Value | None) -> None:
        """Answer one line of the checklist, None takes the answer back; the page stays."""
        if value is None:
            self.take_back(line.question)
        else:
            self._give({line.question: value})

    def none_of_these(self) -> None:
        """Close the checklist: every line that was left alone does not apply."""
        own = self.session.own_answers()
        self.finish({line.question: line.clear for line in self.lines() if line.question not in own})

    def clearing(self) -> dict[str, Value]:
        """Return what "all as it should be" answers on this page; nothing where that is less than two questions."""
        if self.session.position.once or self.part is None or self.part.checklist:
            return {}
        open_ = [part.ids[0] for part in self.parts() if not part.checklist and self._is_open(part)]
        answers = clear_answers(self.session.knowledge, open_)
        return answers if len(answers) > 1 else {}

    def clear(self) -> None:
        """Answer all of them as they should be; a question that has no such answer stays in front."""
        answers = self.clearing()
        self._give(answers)
        if not self._is_open(self._single()):
            self.leave()

    def give(self, answers: Mapping[str, object], quotes: Mapping[str, str] | None = None) -> None:
        """Take answers that were given elsewhere; goes on where they settle what is in front or end the questions.

        Raises AnswerError, and then nothing is changed.

        `quotes`: the words that an answer was read from.
        """
        self._give(answers, quotes)
        part = self.part
        if part is None or self.session.position.once:
            return
        if self._ended() or not (part.checklist or self._is_open(part)):
            self.leave()

    def skip(self) -> None:
        """Leave what is in front unanswered; it is not asked again unless the user calls it up."""
        part = self.part
        if part is None:
            return
        self.session.pass_over()
        own = self.session.own_answers()
        self._move(skipped=self.skipped | {id_ for id_ in part.ids if id_ not in own})
        self.leave()

    def back(self) -> bool:
        """Undo the last thing done and stand where it was done; False where there is nothing to undo."""
        return self.session.undo() is not None

    def take_back(self, *ids: str) -> None:
        """Forget the answers to these questions and stay in place."""
        self.session.take_back(*ids)

    def call_up(self, id_: str, *more: str) -> None:
        """Put one question in front, answered or not, then these; afterwards the interview goes on."""
        page, left = self.session.knowledge.page_of(id_).id, self.skipped - {id_}
        self.session.position = Position(page, (id_,), Part((id_,)), once=True, queue=more, skipped=left)

    def open_page(self, page_id: str) -> None:
        """Put a page of which something is left to ask in front."""
        page = next(page for page in self.session.knowledge.pages if page.id == page_id)
        open_ = tuple(id_ for id_ in page.questions if id_ in self.session.interview.remaining)
        self._stand(Position(page.id, open_, skipped=self.skipped))

    def ask_again(self, ids: Iterable[str]) -> None:
        """Ask each of these questions again, after something was done about them; their answers stand until then."""
        wanted = tuple(ids)
        self.session.pass_over()
        self._move(skipped=self.skipped - set(wanted))
        self.call_up(*wanted)

    def look_again(self) -> None:
        """Ask again where the person looked, once they have."""
        self.ask_again(self.not_looked())

    def not_looked(self) -> list[str]:
        """Return the questions about where the person has not looked; where that was no phone, first those about it."""
        now, inputs = self.session.assessment, self.session.assessment.table.inputs
        places = [id_ for id_ in inputs("entry.found") if now.values.get(id_) == "not_looked"]
        if now.status("wrong_client") != "confirmed":
            return places
        return [id_ for id_ in ("client.kind", *inputs("client.platform")) if id_ in now.values] + places

    def go_on(self) -> None:
        """Ask on after the questions ended by themselves."""
        self.session.ask_on()
        self.begin_again()

    def begin_again(self) -> None:
        """Forget the place and what was skipped, and open the interview's next page."""
        self.session.position = Position()
        self._clashes = self.clashes()
        self.advance()

    def leave(self) -> None:
        """Go on from the part in front: to what settles a contradiction, else to the page's next open one, else on."""
        known, self._clashes = self._clashes, self.clashes()
        settle = next((id_ for clash, id_ in self._clashes.items() if clash not in known), None)
        if settle is not None:
            self.call_up(settle, *(id_ for id_ in self.session.position.queue if id_ != settle))
            return
        if self.session.position.queue:
            self.call_up(*self.session.position.queue)
            return
        others = [] if self._ended() or self.session.position.once else self.parts()
        following = next((part for part in others if part != self.part and self._is_open(part)), None)
        if following is not None:
            self._move(part=following)
        else:
            self.advance()

    def clashes(self) -> dict[str, str]:
        """Return the question that settles a contradiction, by the contradictions that stand and have one.

        That one cause is spoken for and against is no contradiction of answers.
        """
        clashes = self.session.assessment.clashes
        return {clash.id: clash.settle for clash in clashes if clash.settle and not clash.id.startswith(CAUSE)}

    def conflict(self, id_: str) -> str:
        """Return what the answer to this question contradicts, empty where it contradicts nothing."""
        known, clashes = self.clashes(), self.session.assessment.clashes
        return next((clash.text.get(self.session.lang) for clash in clashes if known.get(clash.id) == id_), "")

    def advance(self) -> None:
        """Open the interview's next page, without what the user skipped."""
        asked = self.session.interview
        pages: list[tuple[str | None, Iterable[str]]] = [(asked.page_id, asked.page)]
        if asked.next is not None:
            pages += [(page.id, [id_ for id_ in page.questions if id_ in asked.remaining])
                      for page in self.session.knowledge.pages]  # fmt: skip
        left = ((page, tuple(id_ for id_ in ids if id_ not in self.skipped)) for page, ids in pages)
        page, ids = next(((page, ids) for page, ids in left if ids), (None, ()))
        self._stand(Position(page, ids, skipped=self.skipped))

    def _ended(self) -> bool:
        return self.session.interview.stop_reason is not None and not self.session.go_on

    def _stand(self, position: Position) -> None:
        self.session.position = position
        self._move(part=next((part for part in self.parts() if self._is_open(part)), None))

    def _move(self, **changed: Any) -> None:
        self.session.position = msgspec.structs.replace(self.session.position, **changed)

    def _is_open(self, part: Part) -> bool:
        own = self.session.own_answers()
        asked = self.session.interview.remaining
        return any(id_ not in own and id_ not in self.skipped and id_ in asked for id_ in part.ids)

    def _give(self, answers: Mapping[str, object], quotes: Mapping[str, str] | None = None) -> None:
        self.session.answer(answers, quotes)
        self._move(skipped=self.skipped - set(answers))

    def _single(self) -> Part:
        part = self.part
        if part is None or part.checklist:
            raise LookupError("no single question is in front")
        return part
