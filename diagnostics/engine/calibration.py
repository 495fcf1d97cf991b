"""Learn the weights of the interview from resolved cases, by simulating interviews whose answers are known."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any, Final

import msgspec

from diagnostics.answers import AnswerError, key_name, parse_answers, parse_json
from diagnostics.engine.assessment import assess
from diagnostics.engine.interview import interview
from diagnostics.evidence import UNKNOWN, Evidence, Observation
from diagnostics.i18n import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from diagnostics.engine.interview import Interview
    from diagnostics.evidence import Value
    from diagnostics.knowledge.model import Knowledge, Weights


class Simulation(msgspec.Struct, frozen=True):
    """What asking came to. `cost` is seconds, weighed by how far each question reaches into a person's life."""

    questions: int
    pages: int
    cost: float
    first: str


def own_choice(asked: Interview) -> tuple[str, ...]:
    """Return the page that the interview itself would ask next."""
    return asked.page


def simulate(
    knowledge: Knowledge, answers: Mapping[str, Value], choose: Callable[[Interview], tuple[str, ...]] = own_choice
) -> Simulation:
    """Ask page by page until the interview stops; what is not among the answers is answered `unknown`."""
    evidence, questions, pages, cost = Evidence(), 0, 0, 0.0
    while True:
        assessment = assess(knowledge, evidence)
        asked = interview(knowledge, assessment)
        if asked.stop_reason is not None:
            return Simulation(questions, pages, cost, assessment.first_status[0].id)
        page = choose(asked)
        evidence = evidence.plus(*(Observation(id=id_, value=answers.get(id_, UNKNOWN)) for id_ in page))
        questions += len(page)
        pages += 1
        cost += sum(map(knowledge.weights.cost, page))


LEAST: Final = 30
"""Fewer resolved cases than this teach nothing that would hold tomorrow."""
PRIOR: Final = 20.0
"""How many cases the stated assumptions count for: additive smoothing, so that a rare cause is never impossible."""
HELD_BACK: Final = 5
"""Every fifth case is not learned from, but tried."""


class Resolved(msgspec.Struct, frozen=True):
    """A closed case: its answers and the cause that proved right."""

    answers: dict[str, Any]
    cause: str


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """How the held-back cases went with some weights: mean questions and cost, and right first causes."""

    questions: float
    cost: float
    first_right: int
    cases: int


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """What was learned and from how much; `before` and `after` are trials on cases kept apart."""

    learned_from: int
    held_back: int
    weights: dict[str, Any]
    before: Trial
    after: Trial

    @property
    def is_better(self) -> bool:
        """Whether the cases kept apart did better: more first causes right, or as many for less cost."""
        before, after = self.before, self.after
        return (after.first_right, -after.cost) > (before.first_right, -before.cost)


def read_cases(knowledge: Knowledge, lines: Iterable[bytes], name: str) -> list[Resolved]:
    """Read resolved cases, one JSON object a line with `answers` and `cause`. Raises AnswerError naming the line."""
    cases = []
    for number, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        place = f"{name}:{number}"
        record = parse_json(raw, place)
        if not isinstance(record, dict) or "answers" not in record or "cause" not in record:
            raise AnswerError("no_resolved", place)
        cause = record["cause"]
        if not isinstance(cause, str) or cause not in knowledge.causes:
            name = key_name(cause)
            raise AnswerError("unknown_cause", f"{place}: cause: {name}", near=nearest(name, knowledge.causes))
        try:
            cases.append(Resolved(parse_answers(knowledge, record["answers"]), cause))
        except AnswerError as error:
            raise error.at(f"{place}: {error.place}") from None
    if len(cases) < LEAST:
        raise AnswerError("too_few_cases", name, count=len(cases), least=LEAST)
    return cases


def calibrate(knowledge: Knowledge, cases: Sequence[Resolved]) -> Calibration:
    """Learn shares of causes and answers, smoothed towards the assumptions, and try them on cases kept apart."""
    kept = cases[HELD_BACK - 1 :: HELD_BACK]
    taught = [case for number, case in enumerate(cases, 1) if number % HELD_BACK]
    weights = {
        "chance": _shares(knowledge.weights.chance, [case.cause for case in taught]),
        "spread": _spreads(knowledge, taught),
    }
    learned = with_weights(knowledge, weights)
    return Calibration(
        learned_from=len(taught),
        held_back=len(kept),
        weights=weights,
        before=_try(knowledge, kept),
        after=_try(learned, kept),
    )


def with_weights(knowledge: Knowledge, learned: dict[str, Any]) -> Knowledge:
    """Return the knowledge with these weights over its own; raises msgspec.ValidationError for anything else."""
    parts = msgspec.convert(learned, WeightsFile)
    old: Weights = knowledge.weights
    weights = msgspec.structs.replace(
        old,
        chance=old.chance | {id_: share for id_, share in parts.chance.items() if id_ in old.chance},
        seconds=old.seconds | {id_: one for id_, one in parts.seconds.items() if id_ in old.seconds},
        intrusion=old.intrusion | {id_: one for id_, one in parts.intrusion.items() if id_ in old.intrusion},
        spread=old.spread | {id_: one for id_, one in parts.spread.items() if id_ in old.spread},
    )
    return msgspec.structs.replace(knowledge, weights=weights)


class WeightsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a weights file may replace."""

    chance: dict[str, float] = {}
    seconds: dict[str, float] = {}
    intrusion: dict[str, int] = {}
    spread: dict[str, dict[str, float]] = {}


def as_toml(calibration: Calibration) -> str:
    """Write the weights as a file that the setting `weights` takes."""
    lines = [
        f"# Learned from {calibration.learned_from} resolved cases, tried on {calibration.held_back} others.",
        "[chance]",
        *(f'"{id_}" = {share:.4f}' for id_, share in calibration.weights["chance"].items()),
    ]
    for id_, spread in calibration.weights["spread"].items():
        lines += ["", f'[spread."{id_}"]', *(f'"{value}" = {share:.4f}' for value, share in spread.items())]
    return "\n".join(lines) + "\n"


def _shares(prior: dict[str, float], seen: Sequence[str]) -> dict[str, float]:
    total = sum(prior.values()) or 1.0
    return {name: (PRIOR * share / total + seen.count(name)) / (PRIOR + len(seen)) for name, share in prior.items()}


def _spreads(knowledge: Knowledge, cases: Sequence[Resolved]) -> dict[str, dict[str, float]]:
    """Shares of the values of choice questions; numbers and texts keep their assumptions."""
    spreads = {}
    for id_, question in knowledge.questions.items():
        if question.type == "choice":
            values = {choice.id for choice in question.value}
            seen = [str(case.answers[id_]) for case in cases if case.answers.get(id_) in values]
            spreads[id_] = _shares(knowledge.weights.spread[id_], seen)
    return spreads


def _try(knowledge: Knowledge, cases: Sequence[Resolved]) -> Trial:
    runs = [simulate(knowledge, case.answers) for case in cases]
    return Trial(
        questions=round(statistics.mean(run.questions for run in runs), 2),
        cost=round(statistics.mean(run.cost for run in runs), 1),
        first_right=sum(run.first == case.cause for run, case in zip(runs, cases, strict=True)),
        cases=len(cases),
    )
