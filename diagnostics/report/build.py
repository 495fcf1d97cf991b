"""Write an assessment as a report, in one language."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, cast

import msgspec

from diagnostics.engine.advice import advice_of, standing_of
from diagnostics.engine.assessment import STRONG, assess, moves
from diagnostics.engine.conditions import Memo
from diagnostics.engine.facts import NETWORK
from diagnostics.engine.interview import interview, more_to_ask
from diagnostics.engine.rule_table import FOR, GROUNDS, table_of
from diagnostics.evidence import Evidence, Observation, now
from diagnostics.i18n import Texts
from diagnostics.report.cause_text import KEPT, CauseText, write_causes
from diagnostics.report.evidence_text import sentence, value_text, write_moves
from diagnostics.report.model import (
    SCHEMA,
    CauseReport,
    CheckReport,
    ContradictionReport,
    KnowledgeStamp,
    ObservationReport,
    Outcome,
    PlanItem,
    Questions,
    Reminder,
    Report,
    SituationReport,
    Tool,
    WhatIf,
)
from diagnostics.report.parts import (
    reminders,
    summary,
    write_application,
    write_check,
    write_contradiction,
    write_network_step,
    write_observation,
    write_questions,
    write_reminders,
    write_skip,
    write_step,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from diagnostics.checks.base import CheckResult
    from diagnostics.engine.advice import Standing, Step
    from diagnostics.engine.assessment import Assessment, ClashSource
    from diagnostics.engine.interview import Interview
    from diagnostics.evidence import Value
    from diagnostics.knowledge.model import Knowledge, Rule
    from diagnostics.report.evidence_text import Because, Change, Moves, Said
    from diagnostics.report.model import BeliefReport

T = TypeVar("T")
WHEN: Final = "\0"
"""Stands for the time of the answers of an `encoded` case: no text of a report has this character."""
_WHEN: Final = b'"\\u0000"'
_encode: Final = msgspec.json.Encoder().encode
NOTHING_KNOWN: Final = "unclear"
"""The situation that says that more is asked."""
VERSION_FACTS: Final = ("client.platform", "wechat.against_minimum")
"""What the only check that needs no machine looks at beside the version as it was given."""


class Kept(dict[Any, Memo[Any, Any]]):
    """What was written on one day in one language, by part."""

    def __init__(self, today: str) -> None:
        super().__init__()
        self.today = today
        self.causes: list[CauseText] = []
        self.observed: list[tuple[str, Memo[Any, Any]]] = []

    def __missing__(self, part: Any) -> Memo[Any, Any]:
        memo = self[part] = Memo[Any, Any](KEPT)
        return memo


class Diagnosis:
    """One case on its way to a report: assessed already, all else worked out when a part asks for it.

    `checks` are the results as they are shown; None: those that need no machine, the others as skipped. With `encoded`
    every piece that is kept is kept as JSON: for lines, where encoding the same sentences again is most of the work.
    Such a case is assessed by answers given at `WHEN`. `asked`: where the questions stand, where that is known already.
    `doubts`: the questions that what the person wrote may have answered.
    """

    def __init__(
        self,
        assessment: Assessment,
        checks: Iterable[CheckResult] | None = (),
        *,
        lang: Literal["zh", "en"] = "zh",
        generated_at: str | None = None,
        what_if: Mapping[str, Value] | None = None,
        beliefs: Iterable[BeliefReport] = (),
        encoded: bool = False,
        asked: Interview | None = None,
        doubts: Iterable[str] = (),
    ) -> None:
        self.encoded = encoded
        self.assessment = assessment
        self.knowledge = assessment.knowledge
        self.checks = None if checks is None else tuple(checks)
        self.lang: Literal["zh", "en"] = lang
        self.texts = Texts(self.knowledge, lang)
        self.generated_at = generated_at or now()
        self.today = self.generated_at[:10]
        """The day of the report, an ISO date: what is dated counts by it."""
        self.tried = what_if
        self.beliefs = list(beliefs)
        self.doubts = doubts
        self.advice = advice_of(assessment.table)
        self.standing: Standing = standing_of(assessment)
        if asked is not None:
            self.asked = asked
        name = f"{lang} encoded" if encoded else lang
        kept: Kept | None = self.knowledge.__dict__.get(name)
        if kept is None or kept.today != self.today:
            kept = self.knowledge.__dict__[name] = Kept(self.today)
        self._kept = kept

    def kept(self, part: Any, key: Any, write: Callable[..., T], *about: Any) -> T:
        """Return what was written of a part under this key, or write it now. The key holds all that it depends on."""
        memo = self._kept[part]
        found: T | None = memo.get(key)
        return memo.keep(key, self.piece(write(*about))) if found is None else found

    def held_as(self, part: Any, key: Any, make: Callable[..., T], *about: Any) -> T:
        """Return what was made under this key, or make it now: as `kept`, for what is not written as it is."""
        memo = self._kept[part]
        found: T | None = memo.get(key)
        return memo.keep(key, make(*about)) if found is None else found

    @property
    def causes(self) -> list[CauseText]:
        """What was written of each cause, in the order of the table."""
        kept = self._kept
        if not kept.causes:
            kept.causes += (CauseText(self, at) for at in range(len(self.assessment.table.causes)))
        return kept.causes

    @property
    def observed(self) -> list[tuple[str, Memo[Any, Any]]]:
        """What was written of each question, by its answer, in the order of the questions."""
        kept = self._kept
        if not kept.observed:
            kept.observed += ((id_, kept["observation", id_]) for id_ in self.knowledge.questions)
        return kept.observed

    def say(self, id_: str, said: Said, rule: Rule | None) -> Because:
        """Return the sentence on an observation, as `because` asks for it."""
        found = self.assessment
        return self.held_as(
            ("sentence", id_),
            (said, id(rule), found.shown.get(id_)),
            lambda: sentence(self.texts, found.observation(id_), said, rule),
        )

    def word(self, texts: Texts, moved: Moves) -> Change:
        """Put moves into words, as `changes` asks for it."""
        return self.kept(("moves", moved.question), moved, write_moves, texts, moved)

    def piece(self, written: T) -> T:
        """Return a piece as it stands in a part: as JSON where the case is `encoded`."""
        return cast("T", msgspec.Raw(_encode(written))) if self.encoded else written

    @cached_property
    def looked_at(self) -> dict[str, Any]:
        """What texts may look at, by name."""
        return self.assessment.looked_at()

    @cached_property
    def asked(self) -> Interview:
        """Where the questions stand."""
        return interview(self.knowledge, self.assessment, doubts=self.doubts)

    @cached_property
    def held(self) -> tuple[int, ...]:
        """The situations that hold, as their index in the advice, the leading one first."""
        return self.advice.held(self.standing.met)

    @cached_property
    def steps(self) -> list[Step]:
        """What to do, in the order to try it."""
        return self.advice.plan(self.standing, self.held, self.today)

    @cached_property
    def outcome(self) -> Outcome:
        """How the search ended."""
        if self.assessment.ends == "entry_found":
            return "entry_found"
        if self.assessment.refused:
            return "entry_refused"
        if self.assessment.first_status[1] in STRONG:
            return "cause_found"
        return "not_enough_known" if more_to_ask(self.assessment) else "no_clear_cause"


def build(
    knowledge: Knowledge,
    evidence: Evidence,
    checks: Iterable[CheckResult] = (),
    *,
    lang: Literal["zh", "en"] = "zh",
    generated_at: str | None = None,
    what_if: Mapping[str, Value] | None = None,
    beliefs: Iterable[BeliefReport] = (),
    doubts: Iterable[str] = (),
) -> Report:
    """Assess the evidence and write the whole report in one language.

    What the checks observed must already be in the evidence; `checks` are their results as they are shown.
    `what_if` are answers to try: the report then says what they would change, and changes nothing. `beliefs` are
    mistakes that were read in what the person wrote, `doubts` the questions that it may have answered.
    """
    case = Diagnosis(
        assess(knowledge, evidence), checks, lang=lang, generated_at=generated_at, what_if=what_if, beliefs=beliefs,
        doubts=doubts,
    )  # fmt: skip
    return written(case)


def written(case: Diagnosis) -> Report:
    """Write the whole report on a case."""
    return Report(**parts(case, PARTS))


class GrowingReport:
    """A report whose parts are written when they are first read: a screen shows few of them at once."""

    def __init__(self, case: Diagnosis) -> None:
        self._case = case

    def __getattr__(self, name: str) -> Any:
        if name not in PARTS:
            raise AttributeError(name)
        part = PARTS[name](self._case)
        setattr(self, name, part)
        return part


def parts(case: Diagnosis, names: Iterable[str]) -> dict[str, Any]:
    """Write only these fields of the report; what they do not need is not worked out. Raises KeyError."""
    return {name: PARTS[name](case) for name in names}


def _situation(case: Diagnosis, at: int) -> SituationReport:
    text, one = _sentence(case, at), case.advice.situations[at].situation
    return case.kept(
        "situation", (at, text), lambda: SituationReport(id=one.id, title=one.title.get(case.lang), text=text)
    )


def _sentence(case: Diagnosis, at: int) -> str:
    """Return what answers a person in this situation; nobody is told of more questions where none is left."""
    if case.advice.situations[at].situation.id == NOTHING_KNOWN and case.outcome == "no_clear_cause":
        return case.texts("summary.no_clear_cause")
    return case.advice.sentence(at, case.standing, case.today).get(case.lang)


def _summary(case: Diagnosis) -> str:
    found, leading = case.assessment, case.held[0]
    text = _sentence(case, leading)
    first, status = found.table.order[found.best]
    if status or not case.advice.situations[leading].situation.about_cause or case.outcome != "cause_found":
        return text
    closed = case.advice.closed_by(leading, case.standing)
    at = closed[0] if closed else first
    cause = found.cause(at)
    if cause.status != "confirmed":  # it closes the person out, and is not established
        return text
    title = case.advice.causes[at].titled.fitting(case.standing.met, case.today)
    named = title.get(case.lang) if title is not None else cause.cause.text(case.lang).title
    return summary(case.texts, text, named, cause.confidence)


def _tree(case: Diagnosis) -> dict[str, list[str]]:
    """Return every group with its causes, strongest first in each."""
    tree: dict[str, list[str]] = {group.id: [] for group in case.knowledge.groups}
    causes = case.assessment.table.causes
    for at in case.assessment.order:
        cause = causes[at].cause
        tree[cause.group].append(cause.id)
    return tree


def _plan(case: Diagnosis) -> list[PlanItem]:
    """Write what to do, in the order to try it; what the network check found goes with the cause that it speaks for."""
    steps = [case.kept("step", (id(step.words), *step[2:]), write_step, step, case.lang) for step in case.steps]
    for result in case.checks or ():
        if result.id != NETWORK:
            continue
        found = write_network_step(case.texts, result)
        if found is not None:
            at = next((at for at, one in enumerate(steps) if one.cause == found.cause), None)
            waiting = (at for at, one in enumerate(steps) if one.urgency == "wait")
            steps.insert(next(waiting, len(steps)) if at is None else at, found)
    return steps


def _observations(case: Diagnosis) -> list[ObservationReport] | msgspec.Raw:
    """Write what was observed, in the order of the questions whatever was answered first; then what checks saw."""
    found = case.assessment
    if not case.encoded:
        place = {id_: at for at, id_ in enumerate(case.knowledge.questions)}
        seen = sorted(found.evidence.all, key=lambda one: place.get(one.id, len(place)))
        return [_observation(case, one) for one in seen]
    values, pieces = found.values, list[bytes]()
    details = {id_: f"{steering}={values[steering]}" for id_, _, steering in found.implied}
    for id_, memo in case.observed:
        value = values.get(id_)
        if value is not None:
            key = (value, details[id_]) if id_ in details else value
            pieces.append(
                memo.get(key) or memo.keep(key, _encode(_observation(case, found.answer(id_, value, details.get(id_)))))
            )
    return _dated(case, pieces)


def _observation(case: Diagnosis, one: Observation) -> ObservationReport:
    return write_observation(one, value_text(case.texts, one))


def _dated(case: Diagnosis, pieces: list[bytes]) -> msgspec.Raw:
    """Return a list of pieces as JSON, the time filled in."""
    return msgspec.Raw((b"[%b]" % b",".join(pieces)).replace(_WHEN, _encode(case.generated_at)))


def _checks(case: Diagnosis) -> list[CheckReport]:
    if case.checks is not None:
        return [write_check(case.texts, one) for one in case.checks]
    from diagnostics.checks.registry import run_pure_checks

    found = case.assessment
    return case.kept(
        "checks", (found.shown.get("wechat.version"), *(case.looked_at[GROUNDS + id_] for id_ in VERSION_FACTS)),
        lambda: [write_check(case.texts, one)
                 for one in run_pure_checks(case.knowledge, found.evidence)],
    )  # fmt: skip


def _contradictions(case: Diagnosis) -> list[ContradictionReport] | msgspec.Raw:
    found = case.assessment
    if not case.encoded:
        return [write_contradiction(case.texts, clash) for clash in found.clashes]
    rows, between, outweighed = ([_clash(case, one) for one in some] for some in found.clash_sources())
    told = {observed for _, observed in rows}
    return _dated(case, [text for text, _ in (*rows, *between, *(one for one in outweighed if one[1] not in told))])


def _clash(case: Diagnosis, source: ClashSource) -> tuple[bytes, frozenset[str]]:
    """Return a contradiction as JSON, without the time, with the ids of what cannot all be right."""
    found = case.assessment
    key = (source.looks, *found.implied, *map(case.looked_at.__getitem__, source.looks))

    def write() -> tuple[bytes, frozenset[str]]:
        clash = source.make()
        return _encode(write_contradiction(case.texts, clash)), clash.observed

    return case.held_as(("clash", source.kind, source.at), key, write)


def _warnings(case: Diagnosis) -> list[Reminder]:
    return case.kept("warnings", ids := reminders(case.assessment.values.get), write_reminders, case.texts, ids)


def _questions(case: Diagnosis) -> Questions:
    """Write where the interview stands, with the reasons in words."""
    asked = case.asked
    skipped = [case.kept("skip", one, write_skip, case.texts, one) for one in asked.skipped]
    return write_questions(asked, skipped)


def _what_if(case: Diagnosis) -> WhatIf | None:
    if not case.tried:
        return None
    tried = [Observation(id=id_, value=value) for id_, value in case.tried.items()]
    kept = [one for one in case.assessment.given.all if one.id not in case.tried]
    after = Diagnosis(assess(case.knowledge, Evidence(kept).plus(*tried)), lang=case.lang)
    return WhatIf(
        answers=dict(case.tried),
        outcome=after.outcome,
        first=after.assessment.first_status[0].id,
        moves=moves(case.assessment, after.assessment),
    )


def may_apply(report: Report) -> bool:
    """Whether somebody is to apply through the entry: not who wants to close it, to repay, or to get out of debt."""
    return report.application is not None and any(step.do == "apply" for step in report.plan)


def strongest(report: Report, knowledge: Knowledge) -> list[CauseReport]:
    """Return the causes that stand at `possible` or above, strongest first.

    The cause that is left where nothing else is found is named only to whoever asks why the entry is missing.
    """
    leading = next(one for one in knowledge.situations if one.id == report.situations[0].id)
    left = set() if leading.about_cause else {one.cause.id for one in table_of(knowledge).later}
    owing = any(one.id == "service.owing" and one.value == "yes" for one in report.observations)
    refused = any(one.id == "not_approved" and one.status in FOR for one in report.causes)
    left |= {"service_closed"} if owing or refused else set()  # whoever closed it owes nothing and is not assessed
    left |= {"entry_withdrawn"} if refused else set()
    return [
        one
        for one in report.causes
        if one.status in FOR
        and not (one.status == "possible" and one.id in left)
        and not (refused and one.id == "not_invited")  # whoever was assessed was asked
    ]


def beside(report: Report, knowledge: Knowledge) -> list[SituationReport]:
    """Return the situations beside the leading one that are worth a sentence.

    That the entry is missing is not said to whoever asks about something else or is answered already.
    """
    leading, *others = report.situations
    by_id = {one.id: one for one in knowledge.situations}
    answered = by_id[leading.id].conclusive or not by_id[leading.id].about_entry
    return [one for one in others if not (answered and by_id[one.id].about_cause)]


_TOOL: Final = Tool()
PARTS: Final[dict[str, Callable[[Diagnosis], Any]]] = {
    "schema": lambda _case: SCHEMA,
    "generated_at": lambda case: case.generated_at,
    "lang": lambda case: case.lang,
    "tool": lambda _case: _TOOL,
    "knowledge": lambda case: case.kept("knowledge", (), lambda: KnowledgeStamp(case.knowledge.version)),
    "outcome": lambda case: case.outcome,
    "situations": lambda case: [_situation(case, at) for at in case.held],  # the leading one first
    "summary": _summary,
    "causes": write_causes,
    "tree": _tree,
    "plan": _plan,
    "observations": _observations,
    "checks": _checks,
    "questions": _questions,
    "contradictions": _contradictions,
    "warnings": _warnings,
    "beliefs": lambda case: case.beliefs,
    "application": lambda case: write_application(case.texts) if case.outcome == "entry_found" else None,
    "limits": lambda case: case.kept(
        "limits", (), lambda: tuple(t.get(case.lang) for t in case.knowledge.guide.limits)
    ),
    "what_if": _what_if,
}
"""How each field of the report is written."""
