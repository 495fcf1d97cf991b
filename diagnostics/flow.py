"""Which question stands before the user: keeps a page until it is done, then takes the interview's next one.

No user interface here: the app draws a flow and sends it what the user does. The session saves every answer as it is
given and keeps the one list of what can be undone; the flow only knows the position, so that a page never jumps away
under the user's fingers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from diagnostics.engine.interview import clear_answers
from diagnostics.engine.rule_table import CAUSE
from diagnostics.evidence import UNKNOWN, Value
from diagnostics.session import MEASURED, Part, Position

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from diagnostics.evidence import Observation
    from diagnostics.knowledge.model import Line, Page
    from diagnostics.session import Session


class Flow:
    """The user's way through a session's questions."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.begin_again()

    @property
    def place(self) -> Position:
        """Where the user is; the session keeps it with each step."""
        return self.session.position

    @place.setter
    def place(self, place: Position) -> None:
        self.session.position = place

    @property
    def skipped(self) -> frozenset[str]:
        """What the user left unanswered."""
        return self.place.skipped

    @property
    def part(self) -> Part | None:
        """What is asked now; None where the questions ended."""
        return self.place.part

    @property
    def page(self) -> Page | None:
        """The page that is open, None where the questions ended."""
        knowledge, here = self.session.knowledge, self.place.page
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
        more = asked.page if asked.page_id == page.id and not self.place.once else ()
        shown = [id_ for id_ in page.questions if id_ in self.place.ids or id_ in more]
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

    def held(self, id_: str) -> Observation | None:
        """Return the user's own answer with all that stands beside it, None where there is none."""
        own = (one for one in self.session.evidence.all if one.id == id_ and one.source not in MEASURED)
        return next(own, None)

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
        if self.place.once or self.part is None or self.part.checklist:
            return {}
        open_ = [part.ids[0] for part in self.parts() if not part.checklist and self._is_open(part)]
        found = clear_answers(self.session.knowledge, open_)
        return found if len(found) > 1 else {}

    def clear(self) -> None:
        """Answer all of them as they should be; a question that has no such answer stays in front."""
        answers = self.clearing()
        self._give(answers)
        if not self._is_open(self._single()):
            self.leave()

    def give(self, answers: Mapping[str, object], quotes: Mapping[str, str] | None = None) -> None:
        """Take answers that were given elsewhere; what is in front goes on where they settle it. Raises AnswerError.

        `quotes`: the words that an answer was read from.
        """
        self._give(answers, quotes)
        part = self.part
        if part is not None and not part.checklist and not self.place.once and not self._is_open(part):
            self.leave()

    def dont_know(self) -> None:
        """Answer the question in front with `unknown` and go on."""
        self.answer(UNKNOWN)

    def skip(self) -> None:
        """Leave what is in front unanswered; it is not asked again unless the user calls it up."""
        part = self.part
        if part is None:
            return
        self.session.pass_over()
        own = self.session.own_answers()
        self._skip(self.skipped | {id_ for id_ in part.ids if id_ not in own})
        self.leave()

    def _skip(self, ids: frozenset[str]) -> None:
        self.place = msgspec.structs.replace(self.place, skipped=ids)

    def back(self) -> bool:
        """Undo the last thing done and stand where it was done; False where there is nothing to undo."""
        return self.session.undo() is not None

    def take_back(self, *ids: str) -> None:
        """Forget the answers to these questions and stay in place."""
        self.session.take_back(*ids)

    def call_up(self, id_: str, *more: str) -> None:
        """Put one question in front, answered or not, then these; afterwards the interview goes on."""
        page = self.session.knowledge.page_of(id_)
        self.place = Position(page.id, (id_,), Part((id_,)), once=True, queue=more, skipped=self.skipped - {id_})

    def open_page(self, page_id: str) -> None:
        """Put a page of which something is left to ask in front."""
        page = next(page for page in self.session.knowledge.pages if page.id == page_id)
        open_ = tuple(id_ for id_ in page.questions if id_ in self.session.interview.remaining)
        self._stand(Position(page.id, open_, skipped=self.skipped))

    def ask_again(self, ids: Iterable[str]) -> None:
        """Take the answers to these questions back, after something was done about them, and ask each again."""
        wanted = tuple(ids)
        own = self.session.own_answers()
        if any(id_ in own for id_ in wanted):
            self.take_back(*(id_ for id_ in wanted if id_ in own))
        self._skip(self.skipped - set(wanted))
        self.call_up(*wanted)

    def look_again(self) -> None:
        """Ask again where the person looked, once they have."""
        self.ask_again(self.not_looked())

    def not_looked(self) -> list[str]:
        """Return the questions about the places where the person has not looked."""
        values = self.session.assessment.values
        return [id_ for id_ in self.session.assessment.table.inputs("entry.found") if values.get(id_) == "not_looked"]

    def go_on(self) -> None:
        """Ask on after the questions ended by themselves."""
        self.session.ask_on()
        self.begin_again()

    def begin_again(self) -> None:
        """Forget the place and what was skipped, and open the interview's next page."""
        self.place = Position()
        self._clashes = self.clashes()
        self.advance()

    def leave(self) -> None:
        """Go on from the part in front: to what settles a contradiction, else to the page's next open one, else on."""
        known, self._clashes = self._clashes, self.clashes()
        settle = next((id_ for clash, id_ in self._clashes.items() if clash not in known), None)
        if settle is not None:
            self.call_up(settle, *(id_ for id_ in self.place.queue if id_ != settle))
            return
        if self.place.queue:
            self.call_up(*self.place.queue)
            return
        ended = self.session.interview.stop_reason is not None and not self.session.go_on
        left = self.place.part
        following = (
            [] if ended or self.place.once else [part for part in self.parts() if part != left and self._is_open(part)]
        )
        if following:
            self.place = msgspec.structs.replace(self.place, part=following[0])
        else:
            self.advance()

    def clashes(self) -> dict[str, str]:
        """Return the question that settles a contradiction, by the contradictions that stand and have one.

        That one cause is spoken for and against is no contradiction of answers.
        """
        found = self.session.assessment.clashes
        return {one.id: one.settle for one in found if one.settle is not None and not one.id.startswith(CAUSE)}

    def conflict(self, id_: str) -> str:
        """Return what the answer to this question contradicts, empty where it contradicts nothing."""
        found = (one for one in self.session.assessment.clashes if one.settle == id_ and one.id in self.clashes())
        return next((one.text.get(self.session.lang) for one in found), "")

    def advance(self) -> None:
        """Open the interview's next page, without what the user skipped."""
        asked = self.session.interview
        open_ = [id_ for id_ in asked.page if id_ not in self.skipped]
        page = asked.page_id
        if not open_ and asked.next is not None:
            for other in self.session.knowledge.pages:
                open_ = [id_ for id_ in other.questions if id_ in asked.remaining and id_ not in self.skipped]
                if open_:
                    page = other.id
                    break
        self._stand(Position(page, tuple(open_), skipped=self.skipped) if open_ else Position(skipped=self.skipped))

    def _stand(self, place: Position) -> None:
        self.place = place
        self.place = msgspec.structs.replace(
            place, part=next((part for part in self.parts() if self._is_open(part)), None)
        )

    def _is_open(self, part: Part) -> bool:
        own = self.session.own_answers()
        asked = self.session.interview.remaining
        return any(id_ not in own and id_ not in self.skipped and id_ in asked for id_ in part.ids)

    def _give(self, answers: Mapping[str, object], quotes: Mapping[str, str] | None = None) -> None:
        self.session.answer(answers, quotes)
        self._skip(self.skipped - set(answers))

    def _single(self) -> Part:
        part = self.part
        if part is None or part.checklist:
            raise LookupError("no single question is in front")
        return part
