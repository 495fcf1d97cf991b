"""One diagnosis in progress: its answers and readings, all saved as they come, and which question is asked now.

No user interface here: the app and `ask` draw a session and tell it what the person does. A page of questions stays
until each of them is answered or skipped, so that it never jumps away under the person's fingers.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from diagnostics.answers import parse_answer, parse_answers
from diagnostics.autosave import DraftFile
from diagnostics.engine.advice import ALWAYS_VALID
from diagnostics.engine.assessment import Assessment, Move, assess, assess_answers, moves
from diagnostics.engine.rule_table import CAUSE
from diagnostics.evidence import Evidence, Observation, Source, Value, now
from diagnostics.i18n import Texts
from diagnostics.unsent import entry_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from diagnostics.autosave import StepResult
    from diagnostics.cases.case_sync import CaseFile
    from diagnostics.checks.base import CheckResult
    from diagnostics.engine.interview import Interview
    from diagnostics.knowledge.model import Knowledge, Line, Page, Question
    from diagnostics.reading import Reading
    from diagnostics.report import Report
    from diagnostics.report.diagnosis import Diagnosis
    from diagnostics.report.model import BeliefReport, PlanItem

MEASURED: Final[frozenset[Source]] = frozenset({"phone", "computer"})
"""Sources of what checks read, apart from what a person says."""
KEPT_INTERVIEWS: Final = 4
"""How many interviews are kept."""


class Part(msgspec.Struct, frozen=True):
    """What is asked at once: one question, or the lines of a checklist."""

    ids: tuple[str, ...]
    checklist: bool = False


class Position(msgspec.Struct, frozen=True):
    """Where the user is: `page`, the ids that were open when it was opened, and the part in front."""

    page: str | None = None
    ids: tuple[str, ...] = ()
    part: Part | None = None
    once: bool = False
    """Only this part was called up (an answer to change): the page's other questions stay out of it."""
    queue: tuple[str, ...] = ()
    """Questions to be called up after this one: what a step of the plan may have changed."""
    skipped: frozenset[str] = frozenset()
    """What the user left unanswered: not asked again unless it is called up."""


class Step(msgspec.Struct, frozen=True):
    """One step that can be undone: the ids answered together, their observations before that, and the position.

    `goes_on`: it was no answer, but the wish to be asked on after the questions had ended.
    """

    ids: tuple[str, ...]
    before: tuple[Observation, ...]
    position: Position | None
    goes_on: bool = False


class Session:
    """A diagnosis in progress. Every change is saved before the method returns, where a draft or case file is given.

    `own` is the source under which answers are noted: `answer` for the user's own word, `operator` for a supporter's.
    """

    def __init__(
        self, knowledge: Knowledge, *, lang: Literal["zh", "en"] = "zh", draft: DraftFile | CaseFile | None = None,
        own: Source = "answer",
    ) -> None:  # fmt: skip
        self.knowledge = knowledge
        self.lang: Literal["zh", "en"] = lang
        self.own = own
        self.go_on = False
        self.moves: tuple[Move, ...] = ()
        self.checks: dict[str, CheckResult] = {}
        self.story: Reading | None = None
        """What the person wrote, as far as the report answers it: the mistaken beliefs in it."""
        self.draft = draft or DraftFile()
        """Saves the answers, and keeps messages sent, results of steps and texts not submitted."""
        self._position: Position | None = None
        self._clashes: dict[str, str] = {}
        self._recent: deque[tuple[Assessment, bool, Interview]] = deque(maxlen=KEPT_INTERVIEWS)
        self._steps: list[Step] = []
        self._set_evidence(Evidence())

    @property
    def texts(self) -> Texts:
        """The texts in the current language."""
        return Texts(self.knowledge, self.lang)

    def _set_evidence(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self._assessment: Assessment | None = None
        self._interview: Interview | None = None

    @property
    def assessment(self) -> Assessment:
        """The status of every cause; computed when first used, so that the first screen does not wait for it."""
        if self._assessment is None:
            self._assessment = assess(self.knowledge, self.evidence)
        return self._assessment

    @property
    def interview(self) -> Interview:
        """What to ask next; computed when first used."""
        if self._interview is None:
            self._interview = self._asked(self.assessment)
        return self._interview

    def _asked(self, now: Assessment) -> Interview:
        """Return what to ask after an assessment; recent results are reused, as after `undo` and `foresee`."""
        for kept in self._recent:
            one, on, asked = kept
            if on == self.go_on and one.values == now.values and one.measured == now.measured:
                self._recent.remove(kept)
                self._recent.append(kept)
                return asked
        from diagnostics.engine.interview import interview

        asked = interview(self.knowledge, now, go_on=self.go_on)
        self._recent.append((now, self.go_on, asked))
        return asked

    def foresee(self, answers: Mapping[str, object]) -> None:
        """Compute in advance what will be asked once these answers are given. Raises AnswerError."""
        self._asked(assess(self.knowledge, self.evidence.plus(*self._observations_of(answers, {}))))

    def _change(self, evidence: Evidence) -> tuple[Move, ...]:
        before = self.assessment
        self._set_evidence(evidence)
        self.moves = tuple(moves(before, self.assessment))
        return self.moves

    def answer(self, answers: Mapping[str, object], quotes: Mapping[str, str] | None = None) -> tuple[Move, ...]:
        """Take answers and return what moved; what is asked stays. Raises AnswerError, and then nothing is changed.

        `quotes`: the words that an answer was read from, by question.
        """
        new = self._observations_of(answers, quotes or {})
        if answers:
            self._steps.append(Step(tuple(answers), self._own(answers), self._position))
        moved = self._change(self.evidence.plus(*new))
        self._save()
        if self._position is not None:
            self._move(skipped=self.skipped.difference(answers))
        for id_ in answers:
            self.keep_typed(entry_of(id_), "")
        return moved

    def note_beliefs(self, reading: Reading) -> None:
        """Keep the mistaken beliefs that the person wrote: the report answers them."""
        had = self.story.beliefs if self.story is not None else []
        beliefs = [*had, *(one for one in reading.beliefs if one not in had)]
        self.story = msgspec.structs.replace(reading, input="", readings=[], beliefs=beliefs)

    def _observations_of(self, answers: Mapping[str, object], quotes: Mapping[str, str]) -> list[Observation]:
        at = now()
        return [
            Observation(
                id=id_, value=parse_answer(self.knowledge, id_, value), source=self.own, observed_at=at,
                detail=f"「{quotes[id_]}」" if id_ in quotes else None,
            )
            for id_, value in answers.items()
        ]  # fmt: skip

    def take_back(self, *ids: str) -> tuple[Move, ...]:
        """Forget the user's own answers to these questions; what checks measured stays."""
        self._steps.append(Step(ids, self._own(ids), self._position))
        moved = self._change(self._without(ids))
        self._save()
        return moved

    def undo(self) -> Step | None:
        """Undo the last step, return to its position and return it; None where there is nothing to undo."""
        if not self._steps:
            return None
        step = self._steps.pop()
        self._position = step.position
        if step.goes_on:
            self.go_on = False
            self._set_evidence(self.evidence)
        if step.ids:
            self._change(Evidence([*self._without(step.ids).all, *step.before]))
            self._save()
        return step

    def restart(self) -> None:
        """Begin again with nothing answered; what checks measured stays."""
        self._steps.clear()
        self.draft.went.clear()
        self.go_on, self.story, self._position = False, None, None
        self._change(Evidence(one for one in self.evidence.all if one.source in MEASURED))
        self.draft.remove()

    def ask_on(self) -> None:
        """Go on asking although the questions ended by themselves: what was skipped where nothing else is left."""
        self._steps.append(Step((), (), self._position, goes_on=True))
        self.go_on = True
        self._set_evidence(self.evidence)
        self.advance()
        if self.part is None:
            self.begin_again()

    def observe(self, result: CheckResult) -> tuple[Move, ...]:
        """Take a check's result and its observations; what the same check read before is forgotten."""
        before = self.checks.get(result.id)
        self.checks[result.id] = result
        had = self.evidence.all
        kept = Evidence(one for one in had if before is None or one not in before.observations)
        moved = self._change(kept.plus(*result.observations))
        if self.draft.begun and self.evidence.all != had:
            self._save()
        return moved

    @property
    def fault(self) -> str | None:
        """Why the answers could not be saved the last time, None where they were."""
        return self.draft.fault.text(self.lang) if self.draft.fault is not None else None

    def typed(self, place: str) -> str:
        """Return the text of a field that was not submitted, of this run or from before its first answer."""
        run = self.draft.run if self.own_answers() else ""
        return self.draft.unsent.get(place, run) or self.draft.unsent.get(place)

    def keep_typed(self, place: str, text: str) -> None:
        """Keep the text of a field of this run; an empty one once it was submitted."""
        run = self.draft.run if self.own_answers() else ""
        if run:
            self.draft.unsent.keep(place, "")
        self.draft.unsent.keep(place, text, run)

    def report(self) -> Report:
        """Return the whole report on the present answers."""
        from diagnostics.report.build import write_report

        return write_report(self.diagnosis())

    def urgent(self, told: Mapping[str, object]) -> tuple[str, PlanItem] | None:
        """Return the sentence and the step that cannot wait where these answers, with one's own, tell of harm."""
        from diagnostics.report.build import SCAM_SIGNS, lazy_report
        from diagnostics.report.diagnosis import Diagnosis

        known = {id_: value for id_, value in {**self.own_answers(), **told}.items() if id_ in SCAM_SIGNS}
        case = Diagnosis(assess_answers(self.knowledge, parse_answers(self.knowledge, known), ""), (), lang=self.lang)
        report = lazy_report(case)
        first = next((step for step in report.plan if step.urgency == "now"), None)
        return (report.summary, first) if first is not None else None

    def diagnosis(self) -> Diagnosis:
        """Return the diagnosis from which a report is written."""
        from diagnostics.report.diagnosis import Diagnosis

        beliefs: list[BeliefReport] = []
        if self.story is not None:
            from diagnostics.reading.record import belief_reports

            beliefs = belief_reports(self.knowledge, self.story, self.lang)
        asked = None if self.go_on else self.interview
        return Diagnosis(self.assessment, self.checks.values(), lang=self.lang, beliefs=beliefs, asked=asked)

    def close_step(self, step: PlanItem, how: StepResult) -> list[str]:
        """Keep the result of a step of the plan; returns the questions that are asked again because of it."""
        self.draft.went[step.id] = how
        self.draft.keep_steps()
        action = self.knowledge.actions.get(step.id)
        settled = action.settles if action is not None and how != "later" else {}
        if settled:
            self.give(settled)
        rechecks = step.rechecks if how == "done" else ()
        again = [id_ for id_ in rechecks if id_ in self.knowledge.questions and id_ not in settled]
        if again:
            self.ask_again(again)
        return again

    def own_answers(self) -> dict[str, Value]:
        """Return what the user answered, in the order given."""
        return {one.id: one.value for one in self.evidence.all if one.source in ("answer", "operator", "file")}

    def resume(self) -> bool:
        """Continue with the saved draft; False where there is none. Raises DraftError where it is damaged."""
        saved = self.draft.read(self.knowledge)
        if not saved:
            return False
        self._take_in(self.evidence, saved)
        return True

    def take_up(self, saved: Iterable[Observation]) -> None:
        """Go on with the observations of another run instead of the present ones; what checks measured now stays."""
        self.go_on, self.story = False, None
        self._take_in(Evidence(), saved)

    def _take_in(self, base: Evidence, saved: Iterable[Observation]) -> None:
        measured = [one for one in self.evidence.all if one.source in MEASURED]
        self._position = None
        self._change(base.plus(*saved).plus(*measured))  # of two readings that of now
        self._steps[:] = self._steps_of(one for one in self.evidence.all if one.source == self.own)
        self.moves = ()

    def _steps_of(self, given: Iterable[Observation]) -> list[Step]:
        """Return the steps that gave these answers, so that they can be undone: a checklist's lines are one."""
        together: dict[tuple[str, str | None], list[str]] = {}
        for one in given:
            page = self.knowledge.page_of(one.id)
            together.setdefault((page.id if page.line else one.id, one.observed_at), []).append(one.id)
        return [Step(tuple(ids), (), None) for ids in together.values()]

    def _own(self, ids: Iterable[str]) -> tuple[Observation, ...]:
        wanted = set(ids)
        return tuple(one for one in self.evidence.all if one.id in wanted and one.source not in MEASURED)

    def _without(self, ids: Iterable[str]) -> Evidence:
        gone = self._own(ids)
        return Evidence(one for one in self.evidence.all if one not in gone)

    def _save(self) -> None:
        keeps = self.draft.keeps_readings
        self.draft.write([seen for seen in self.evidence.all if keeps or seen.source not in MEASURED])

    # which question is asked now

    @property
    def position(self) -> Position:
        """Where the person is: kept with each step and given back by `undo`. It begins when it is first asked for."""
        if self._position is None:
            self._clashes = self.clashes()
            self._position = self._next_page(frozenset())
        return self._position

    @property
    def skipped(self) -> frozenset[str]:
        """What the person left unanswered."""
        return self.position.skipped

    @property
    def part(self) -> Part | None:
        """What is asked now; None where the questions ended."""
        return self.position.part

    def parts(self) -> list[Part]:
        """Return the parts of the open page, single questions first, its checklist last.

        What an answer on this page made worth asking comes in as well.
        """
        return self._parts(self.position)

    def _parts(self, at: Position) -> list[Part]:
        page = self._page(at)
        if page is None:
            return []
        more = self.interview.page if self.interview.page_id == page.id and not at.once else ()
        shown = [id_ for id_ in page.questions if id_ in at.ids or id_ in more]
        lined = [id_ for id_ in shown if any(line.question == id_ for line in page.line)]
        if len(lined) < 2:
            lined = []
        singles = [Part((id_,)) for id_ in shown if id_ not in lined]
        return [*singles, Part(tuple(lined), checklist=True)] if lined else singles

    def _page(self, at: Position) -> Page | None:
        if at.page in self.knowledge.questions:  # called up, and on no page
            return self.knowledge.page_of(at.page)
        return next((page for page in self.knowledge.pages if page.id == at.page), None)

    def lines(self) -> list[Line]:
        """Return the lines of the checklist that is asked."""
        page, part = self._page(self.position), self.part
        if page is None or part is None or not part.checklist:
            return []
        return [line for line in page.line if line.question in part.ids]

    def question(self, id_: str) -> Question:
        """Return a question with the choices that make sense by what is known."""
        return self.knowledge.questions[id_].offered(self.assessment.values)

    def held(self, id_: str) -> Observation | None:
        """Return the observation of the user's own answer, None where there is none."""
        return next((seen for seen in self.evidence.all if seen.id == id_ and seen.source not in MEASURED), None)

    def value(self, id_: str) -> Value | None:
        """Return the user's own answer, `unknown` included, None where there is none."""
        return self.own_answers().get(id_)

    def finish(self, answers: Mapping[str, object]) -> None:
        """Give these answers to what is asked and go on. Raises AnswerError, and then nothing is changed."""
        self.answer(answers)
        self.leave()

    def none_of_these(self) -> None:
        """Close the checklist: every line that was left alone does not apply."""
        own = self.own_answers()
        self.finish({line.question: line.clear for line in self.lines() if line.question not in own})

    def clearing(self) -> dict[str, Value]:
        """Return what "all as it should be" answers on this page; nothing where that is less than two questions."""
        if self.position.once or self.part is None or self.part.checklist:
            return {}
        from diagnostics.engine.interview import clear_answers

        open_ = [part.ids[0] for part in self.parts() if not part.checklist and self._is_open(part, self.skipped)]
        answers = clear_answers(self.knowledge, open_)
        return answers if len(answers) > 1 else {}

    def clear(self) -> None:
        """Answer all of them as they should be; a question that has no such answer is still asked."""
        part = self.part
        self.answer(self.clearing())
        if part is not None and not self._is_open(part, self.skipped):
            self.leave()

    def give(self, answers: Mapping[str, object], quotes: Mapping[str, str] | None = None) -> None:
        """Take answers that were given elsewhere; goes on where they settle what is asked or end the questions.

        `quotes`: the words that an answer was read from. Raises AnswerError, and then nothing is changed.
        """
        part = self.part
        self.answer(answers, quotes)
        if part is None or self.position.once:
            return
        if self._ended() or not (part.checklist or self._is_open(part, self.skipped)):
            self.leave()

    def skip(self) -> None:
        """Leave what is asked unanswered; it is not asked again unless the user calls it up."""
        part = self.part
        if part is None:
            return
        self._pass_over()
        self._move(skipped=self.skipped | {id_ for id_ in part.ids if id_ not in self.own_answers()})
        self.leave()

    def _pass_over(self) -> None:
        """Let `undo` come back here, although nothing is answered."""
        self._steps.append(Step((), (), self._position))

    def call_up(self, id_: str, *more: str) -> None:
        """Ask one question, answered or not, then these; afterwards the interview goes on."""
        page, left = self.knowledge.page_of(id_).id, self.skipped - {id_}
        self._position = Position(page, (id_,), Part((id_,)), once=True, queue=more, skipped=left)

    def ask_again(self, ids: Iterable[str]) -> None:
        """Ask each of these questions again, after something was done about them; their answers stand until then."""
        wanted = tuple(ids)
        self._pass_over()
        self._move(skipped=self.skipped - set(wanted))
        self.call_up(*wanted)

    def not_looked(self) -> list[str]:
        """Return what is asked after a look: what the first step is about, then where the person has not looked.

        Where that was no phone, first those about it.
        """
        now, inputs = self.assessment, self.assessment.table.inputs
        steps = now.advice.plan(now.standing, now.advice.held(now.bits_met), ALWAYS_VALID)
        about = [id_ for id_ in (steps[0].action.rechecks if steps else ()) if id_ in self.knowledge.questions]
        places = [id_ for id_ in inputs("entry.found") if now.values.get(id_) == "not_looked"]
        if now.status("wrong_client") != "confirmed":
            return list(dict.fromkeys((*about, *places)))
        return [id_ for id_ in ("client.kind", *inputs("client.platform")) if id_ in now.values] + places

    def begin_again(self) -> None:
        """Forget the place and what was skipped: the interview's next page is opened."""
        self._position = None

    def leave(self) -> None:
        """Go on from what is asked: to what settles a contradiction, else to the page's next open part, else on."""
        known, self._clashes = self._clashes, self.clashes()
        at = self.position
        settle = next((id_ for clash, id_ in self._clashes.items() if clash not in known), None)
        if settle is not None:
            self.call_up(settle, *(id_ for id_ in at.queue if id_ != settle))
            return
        if at.queue:
            self.call_up(*at.queue)
            return
        others = [] if self._ended() or at.once else self.parts()
        following = next((part for part in others if part != at.part and self._is_open(part, at.skipped)), None)
        if following is not None:
            self._move(part=following)
        else:
            self.advance()

    def clashes(self) -> dict[str, str]:
        """Return the question that resolves each present contradiction, where there is one, by the contradiction's id.

        Evidence for and against one cause is not a contradiction of answers.
        """
        clashes = self.assessment.clashes
        return {clash.id: clash.settle for clash in clashes if clash.settle and not clash.id.startswith(CAUSE)}

    def conflict(self, id_: str) -> str:
        """Return what the answer to this question contradicts, empty where it contradicts nothing."""
        known, clashes = self.clashes(), self.assessment.clashes
        return next((clash.text.get(self.lang) for clash in clashes if known.get(clash.id) == id_), "")

    def advance(self) -> None:
        """Open the interview's next page, without what the user skipped."""
        self._position = self._next_page(self.skipped)

    def _next_page(self, skipped: frozenset[str]) -> Position:
        asked = self.interview
        pages: list[tuple[str | None, Iterable[str]]] = [(asked.page_id, asked.page)]
        if asked.next is not None:
            pages += [(page.id, [id_ for id_ in page.questions if id_ in asked.remaining])
                      for page in self.knowledge.pages]  # fmt: skip
        left = ((page, tuple(id_ for id_ in ids if id_ not in skipped)) for page, ids in pages)
        page, ids = next(((page, ids) for page, ids in left if ids), (None, ()))
        return self._opened(Position(page, ids, skipped=skipped))

    def _opened(self, at: Position) -> Position:
        """Return the position with the first part of its page that is left to ask."""
        part = next((part for part in self._parts(at) if self._is_open(part, at.skipped)), None)
        return msgspec.structs.replace(at, part=part)

    def _ended(self) -> bool:
        return self.interview.stop_reason is not None and not self.go_on

    def _move(self, **changed: Any) -> None:
        self._position = msgspec.structs.replace(self.position, **changed)

    def _is_open(self, part: Part, skipped: frozenset[str]) -> bool:
        own, asked = self.own_answers(), self.interview.remaining
        return any(id_ not in own and id_ not in skipped and id_ in asked for id_ in part.ids)
