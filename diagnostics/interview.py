"""What to ask next, what not to ask any more and why, and when to stop. Pure: asked again it says the same."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from diagnostics.facts import INPUTS
from diagnostics.knowledge.model import STATUSES
from diagnostics.reasoning import FOR, rank_key
from diagnostics.rules import Fact, Outcome, State, check, check_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.knowledge.model import Condition, Knowledge, Page, Rule, When
    from diagnostics.reasoning import Assessment, Verdict

SkipReason = Literal["measured", "implied", "asked_directly", "no_effect"]
StopReason = Literal["entry_found", "requirement_confirmed", "settled", "nothing_left"]
"""`settled`: the first cause is confirmed, and no answer that is still to come could put another before it."""

ALWAYS: Final = ("scam.offered_paid_opening",)
"""Asked for the person's safety, though no cause depends on it."""


class Skip(msgspec.Struct, frozen=True, kw_only=True):
    """A question that is not asked.

    `measured`: a machine said it. `implied`: it follows from an answer. `asked_directly`: it only decides where to
    begin, and what it would set is asked by itself. `no_effect`: no answer could change any cause.
    """  # fmt: skip

    id: str
    reason: SkipReason


class Interview(msgspec.Struct, frozen=True, kw_only=True):
    """Where the questions stand. `page` are the ids asked together with `next`, `next` first."""

    answered: tuple[str, ...]
    next: str | None
    page: tuple[str, ...]
    page_id: str | None
    remaining: tuple[str, ...]
    pages_left: int
    skipped: tuple[Skip, ...]
    stop_reason: StopReason | None


def interview(knowledge: Knowledge, assessment: Assessment, *, go_on: bool = False) -> Interview:
    """Choose the next page of questions; `go_on` asks on after a confirmed requirement or a found entry."""
    evidence = assessment.facts.evidence
    worth = _worth(knowledge, assessment)
    answered, remaining, skipped = [], [], []
    for page in knowledge.pages:
        for id_ in page.questions:
            seen = evidence.get(id_)
            if seen is not None and seen.source in ("phone", "computer"):
                skipped.append(Skip(id=id_, reason="measured"))
            elif seen is not None:
                answered.append(id_)
            elif _implied_away(knowledge, assessment, knowledge.questions[id_].only_if):
                skipped.append(Skip(id=id_, reason="implied"))
            elif id_ not in worth:
                skipped.append(Skip(id=id_, reason=_without_worth(knowledge, assessment, id_)))
            else:
                remaining.append(id_)
    stop: StopReason | None = assessment.ends or (None if remaining else "nothing_left")
    if stop is None and settled(knowledge, assessment):
        stop = "settled"
    pages = [(page, [id_ for id_ in page.questions if id_ in remaining]) for page in knowledge.pages]
    pages = [(page, ids) for page, ids in pages if ids]
    best: tuple[Page, list[str]] | None = None
    if pages and (go_on or stop is None):
        best = max(pages, key=lambda one: _value(knowledge, worth, one[1]))
    return Interview(
        answered=tuple(answered),
        next=best[1][0] if best else None,
        page=tuple(best[1]) if best else (),
        page_id=best[0].id if best else None,
        remaining=tuple(remaining),
        pages_left=len(pages),
        skipped=tuple(skipped),
        stop_reason=stop,
    )


def settled(knowledge: Knowledge, assessment: Assessment) -> bool:
    """Whether the first cause is confirmed and stays first whatever is still answered."""
    first = assessment.first
    if first.status != "confirmed":
        return False
    place = rank_key(first.cause, first.status)
    return not any(
        rule.status == "confirmed" and rank_key(verdict.cause, "confirmed") < place
        for verdict in assessment.verdicts.values()
        if verdict.status != "confirmed"
        for rule in _live(knowledge, assessment, verdict)
    )


def _without_worth(knowledge: Knowledge, assessment: Assessment, id_: str) -> SkipReason:
    """Say why a question that nothing depends on any more is left out."""
    if id_ in knowledge.steering:
        return "asked_directly"
    return "implied" if _follows(assessment, id_) else "no_effect"


def _implied_away(knowledge: Knowledge, assessment: Assessment, only_if: When) -> bool:
    return check_all(only_if, assessment.facts, knowledge.limits) is Outcome.UNMET


def _value(knowledge: Knowledge, worth: dict[str, float], ids: list[str]) -> float:
    """Expected change of the ranked result for the cost of a page; the complaint, which steers all, comes first."""
    weights = knowledge.weights
    if any(id_ in knowledge.steering for id_ in ids):
        return float("inf")
    cost = sum(weights.seconds[id_] * (1 + weights.intrusion[id_]) for id_ in ids)
    return sum(worth[id_] for id_ in ids) / cost


def _worth(knowledge: Knowledge, assessment: Assessment) -> dict[str, float]:
    """For each unanswered question that can still change something: how much it is expected to."""
    worth: dict[str, float] = {}
    for verdict in assessment.verdicts.values():
        for rule in _live(knowledge, assessment, verdict):
            open_ = [id_ for id_ in rule.when if _is_open(knowledge, assessment, rule, id_)]
            gain = _gain(knowledge, verdict, rule, open_)
            for question in {q for id_ in open_ for q in INPUTS.get(id_, (id_,))}:
                worth[question] = worth.get(question, 0.0) + gain
    always = INPUTS["entry.found"] if assessment.facts["entry.found"].state is State.OPEN else ()
    for question in (*always, *ALWAYS):
        worth.setdefault(question, 0.0)
    worth.update(_steering(knowledge, assessment, worth))
    known = [id_ for id_ in worth if assessment.facts.evidence.get(id_) or _follows(assessment, id_)]
    return {id_: value for id_, value in worth.items() if id_ not in known and id_ in knowledge.questions}


def _follows(assessment: Assessment, id_: str) -> bool:
    """Whether what this question asks is known from another answer (a version text that names the platform)."""
    return assessment.facts[id_].state is State.KNOWN


def _gain(knowledge: Knowledge, verdict: Verdict, rule: Rule, open_: list[str]) -> float:
    """The chance that a row comes to be met, times what that would change."""
    weights = knowledge.weights
    change = abs(weights.status[rule.status] - weights.status[verdict.status]) * weights.chance[verdict.cause.id]
    if rule.status == "confirmed" and verdict.cause.kind == "requirement":
        change += weights.ending
    for id_ in open_:
        change *= _share(knowledge, rule, id_)
    return change


def _steering(knowledge: Knowledge, assessment: Assessment, worth: dict[str, float]) -> Iterator[tuple[str, float]]:
    """The complaint is worth what it sets, as long as none of that (nor the first look for the entry) is answered."""
    evidence = assessment.facts.evidence
    for question in (knowledge.questions[id_] for id_ in knowledge.steering):
        sets = dict.fromkeys(id_ for choice in question.value for id_ in choice.sets)
        if not any(evidence.get(id_) for id_ in (*sets, "entry.services_menu")):
            yield question.id, sum(worth.get(id_, 0.0) for id_ in sets)


def _live(knowledge: Knowledge, assessment: Assessment, verdict: Verdict) -> Iterator[Rule]:
    """The rows of a cause that are still open and would change its status if they came to be met."""
    now = STATUSES.index(verdict.status)
    for rule in verdict.cause.rule:
        if rule.status in FOR:
            matters = verdict.status not in FOR or STATUSES.index(rule.status) < now
        else:
            matters = rule.status == "ruled_out" and verdict.status == "unknown"
        if matters and check_all(rule.when, assessment.facts, knowledge.limits) is Outcome.OPEN:
            yield rule


def _is_open(knowledge: Knowledge, assessment: Assessment, rule: Rule, id_: str) -> bool:
    return check(rule.when[id_], assessment.facts[id_], knowledge.limits) is Outcome.OPEN


def _share(knowledge: Knowledge, rule: Rule, id_: str) -> float:
    """The share of people whose answer would meet this condition, by the weights; derived facts by even chance."""
    spread = knowledge.weights.spread.get(id_)
    if spread is None:
        return 0.5
    limits = tuple(knowledge.limits.items())
    return _met_by(rule.when[id_], knowledge.questions[id_].type, tuple(spread.items()), limits)


@lru_cache(maxsize=4096)
def _met_by(
    condition: Condition, type_: str, spread: tuple[tuple[str, float], ...], limits: tuple[tuple[str, float], ...]
) -> float:
    bounds = dict(limits)
    told = ((Fact(State.KNOWN, read_literal(type_, value)), share) for value, share in spread)
    return max(0.001, sum(share for fact, share in told if check(condition, fact, bounds) is Outcome.MET))


@lru_cache(maxsize=1024)
def read_literal(type_: str, text: str) -> str | float | list[str]:
    """Read a value as the weights and the command line write it, by the question's type."""
    if type_ in ("integer", "amount"):
        number = float(text)
        return int(number) if number.is_integer() else number
    if type_ == "choices":
        return [part for part in text.split(",") if part]
    return text
