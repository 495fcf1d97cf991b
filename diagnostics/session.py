"""One diagnosis in progress: answers given, taken back and undone, readings of checks, all saved as they come."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from diagnostics.answers import parse_answer
from diagnostics.autosave import DraftFile
from diagnostics.engine.assessment import Assessment, Move, assess, moves
from diagnostics.evidence import Evidence, Observation, Source, Value, now
from diagnostics.i18n import Texts
from diagnostics.unsent import entry_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from diagnostics.autosave import StepResult
    from diagnostics.cases.case_sync import CaseFile
    from diagnostics.checks.base import CheckResult
    from diagnostics.engine.interview import Interview
    from diagnostics.knowledge.model import Knowledge
    from diagnostics.questionnaire.message import Sent
    from diagnostics.reading import Reading
    from diagnostics.report import Report
    from diagnostics.report.diagnosis import Diagnosis
    from diagnostics.report.model import BeliefReport
    from diagnostics.unsent import Unsent

MEASURED: Final[frozenset[Source]] = frozenset({"phone", "computer"})
"""Sources that nobody answers for: what checks read."""
LATELY: Final = 4
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
    """One thing the user did: the answers given together, what stood under these ids before, and where it was done."""

    ids: tuple[str, ...]
    before: tuple[Observation, ...]
    position: Position


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
        """What the person wrote: the report answers the mistaken beliefs in it."""
        self.position = Position()
        """Where the user is among the questions: kept with each step, and given back by `undo`. `Flow` moves it."""
        self._lately: deque[tuple[Assessment, bool, Interview]] = deque(maxlen=LATELY)
        self._draft = draft or DraftFile()
        self._steps: list[Step] = []
        self._judge(Evidence())

    @property
    def texts(self) -> Texts:
        """The texts in the language of the moment."""
        return Texts(self.knowledge, self.lang)

    def _judge(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self._assessment: Assessment | None = None
        self._interview: Interview | None = None

    @property
    def assessment(self) -> Assessment:
        """Where the causes stand; worked out when it is first wanted, which the first screen does not."""
        if self._assessment is None:
            self._assessment = assess(self.knowledge, self.evidence)
        return self._assessment

    @property
    def interview(self) -> Interview:
        """What is asked next, as things stand; worked out when it is first wanted."""
        if self._interview is None:
            self._interview = self._asked(self.assessment)
        return self._interview

    def _asked(self, now: Assessment) -> Interview:
        """Return what is asked as things stand in an assessment: who goes back or was foreseen, finds it worked out."""
        for lately in self._lately:
            one, on, asked = lately
            if on == self.go_on and one.values == now.values and one.measured == now.measured:
                self._lately.remove(lately)
                self._lately.append(lately)
                return asked
        from diagnostics.engine.interview import interview

        asked = interview(self.knowledge, now, go_on=self.go_on)
        self._lately.append((now, self.go_on, asked))
        return asked

    def foresee(self, answers: Mapping[str, object]) -> None:
        """Work out ahead what will be asked once these answers are given. Raises AnswerError."""
        self._asked(assess(self.knowledge, self.evidence.plus(*self._noted(answers, {}))))

    def _change(self, evidence: Evidence) -> tuple[Move, ...]:
        before = self.assessment
        self._judge(evidence)
        self.moves = tuple(moves(before, self.assessment))
        return self.moves

    def answer(self, answers: Mapping[str, object], words: Mapping[str, str] | None = None) -> tuple[Move, ...]:
        """Take the answers of one page and return what moved. Raises AnswerError, and then nothing is changed.

        `words`: what the person wrote, by question, where an answer was read from that and confirmed.
        """
        new = self._noted(answers, words or {})
        if answers:
            self._steps.append(Step(tuple(answers), self._own(answers), self.position))
        moved = self._change(self.evidence.plus(*new))
        self._save()
        for id_ in answers:
            self.keep_typed(entry_of(id_), "")
        return moved

    def _noted(self, answers: Mapping[str, object], said: Mapping[str, str]) -> list[Observation]:
        at = now()
        return [
            Observation(
                id=id_, value=parse_answer(self.knowledge, id_, value), source=self.own, observed_at=at,
                detail=f"「{said[id_]}」" if id_ in said else None,
            )
            for id_, value in answers.items()
        ]  # fmt: skip

    def take_back(self, *ids: str) -> tuple[Move, ...]:
        """Forget the user's own answers to these questions; what checks measured stays."""
        self._steps.append(Step(ids, self._own(ids), self.position))
        moved = self._change(self._without(ids))
        self._save()
        return moved

    def pass_over(self) -> None:
        """Note that something was left unanswered here, so that `undo` comes back to it."""
        self._steps.append(Step((), (), self.position))

    def undo(self) -> Step | None:
        """Undo the last thing done, stand where it was done and return it; None where there is nothing to undo."""
        if not self._steps:
            return None
        step = self._steps.pop()
        self.position = step.position
        if step.ids:
            self._change(Evidence([*self._without(step.ids).all, *step.before]))
            self._save()
        return step

    def restart(self) -> None:
        """Begin again with nothing answered; what checks measured stays."""
        self._steps.clear()
        self.went.clear()
        self.go_on, self.story = False, None
        self._change(Evidence(one for one in self.evidence.all if one.source in MEASURED))
        self._draft.remove()

    def ask_on(self, go_on: bool = True) -> None:
        """Go on asking although the questions ended by themselves, or stop again."""
        self.go_on = go_on
        self._judge(self.evidence)

    def observe(self, result: CheckResult) -> tuple[Move, ...]:
        """Take a check's result and its observations; what the same check read before is forgotten."""
        before = self.checks.get(result.id)
        self.checks[result.id] = result
        had = self.evidence.all
        kept = Evidence(one for one in had if before is None or one not in before.observations)
        moved = self._change(kept.plus(*result.observations))
        if self._draft.begun and self.evidence.all != had:
            self._save()
        return moved

    @property
    def fault(self) -> str | None:
        """Why the answers could not be saved the last time, None where they were."""
        return self._draft.fault.text(self.lang) if self._draft.fault is not None else None

    @property
    def keeps(self) -> bool:
        """Whether the answers are kept beyond this run."""
        return self._draft.keeps

    @property
    def unsent(self) -> Unsent:
        """What stands in fields and was not handed in, of this run and of others."""
        return self._draft.unsent

    def typed(self, place: str) -> str:
        """Return what stands in a field of this run and was not handed in; before its first answer it is nobody's."""
        run = self._draft.run if self.own_answers() else ""
        return self.unsent.get(place, run) or self.unsent.get(place)

    def keep_typed(self, place: str, text: str) -> None:
        """Keep what stands in a field of this run, an empty text where it was handed in."""
        run = self._draft.run if self.own_answers() else ""
        if run:
            self.unsent.keep(place, "")
        self.unsent.keep(place, text, run)

    def report(self) -> Report:
        """Return the whole report as things stand."""
        from diagnostics.report.build import written

        return written(self.diagnosis())

    def diagnosis(self) -> Diagnosis:
        """Return what a report as things stand is written from."""
        from diagnostics.report.diagnosis import Diagnosis

        beliefs: list[BeliefReport] = []
        if self.story is not None:
            from diagnostics.reading.record import belief_reports

            beliefs = belief_reports(self.knowledge, self.story, self.lang)
        asked = None if self.go_on else self.interview
        return Diagnosis(self.assessment, self.checks.values(), lang=self.lang, beliefs=beliefs, asked=asked)

    @property
    def sent(self) -> list[Sent]:
        """What messages to this person asked, the latest last."""
        return self._draft.sent

    def send(self, sent: Sent) -> None:
        """Keep what a message asked."""
        self._draft.send(sent)

    @property
    def went(self) -> dict[str, StepResult]:
        """How the steps of the plan went, by their ids."""
        return self._draft.went

    def note_step(self, id_: str, how: StepResult) -> None:
        """Keep how a step of the plan went."""
        self.went[id_] = how
        self._draft.keep_steps()

    def own_answers(self) -> dict[str, Value]:
        """Return what the user answered, in the order given."""
        return {one.id: one.value for one in self.evidence.all if one.source in ("answer", "operator", "file")}

    def resume(self) -> bool:
        """Take up the saved draft, if there is one that can be read. Raises DraftError where it is damaged."""
        saved = self._draft.read(self.knowledge)
        if not saved:
            return False
        self._take_in(self.evidence, saved)
        return True

    def set_aside(self) -> None:
        """Keep what an earlier run left under another name, so that this one begins anew."""
        self._draft.set_aside("previous")

    def take_up(self, saved: Iterable[Observation]) -> None:
        """Go on with the observations of another run instead of the present ones; what checks measured now stays."""
        self.go_on, self.story = False, None
        self._take_in(Evidence(), saved)

    def _take_in(self, base: Evidence, saved: Iterable[Observation]) -> None:
        measured = [one for one in self.evidence.all if one.source in MEASURED]
        self._steps.clear()
        self._change(base.plus(*saved).plus(*measured))  # of two readings that of now
        self.moves = ()

    def _own(self, ids: Iterable[str]) -> tuple[Observation, ...]:
        wanted = set(ids)
        return tuple(one for one in self.evidence.all if one.id in wanted and one.source not in MEASURED)

    def _without(self, ids: Iterable[str]) -> Evidence:
        gone = self._own(ids)
        return Evidence(one for one in self.evidence.all if one not in gone)

    def _save(self) -> None:
        keeps = self._draft.keeps_readings
        self._draft.write([seen for seen in self.evidence.all if keeps or seen.source not in MEASURED])
