"""What to ask next, what not to ask any more and why, and when to stop. Pure: asked again it says the same."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from diagnostics.facts import INPUTS
from diagnostics.knowledge.model import STATUSES
from diagnostics.reasoning import FOR
from diagnostics.rules import Fact, Outcome, State, check, check_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagnostics.knowledge.model import Knowledge, Page, Rule, When
    from diagnostics.reasoning import Assessment, Verdict

SkipReason = Literal["measured", "implied", "no_effect"]
StopReason = Literal["entry_found", "requirement_confirmed", "nothing_left"]

ALWAYS: Final = ("scam.offered_paid_opening",)
"""Asked for the person's safety, though no cause depends on it."""


class Skip(msgspec.Struct, frozen=True, kw_only=True):
    """A question that is not asked.

    `measured`: a machine said it. `implied`: it follows from an answer. `no_effect`: no answer could change any cause.
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
    worth = dict(_worth(knowledge, assessment))
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
                skipped.append(Skip(id=id_, reason="no_effect"))
            else:
                remaining.append(id_)
    stop: StopReason | None = assessment.ends or (None if remaining else "nothing_left")
    pages = [(page, [id_ for id_ in page.questions if id_ in remaining]) for page in knowledge.pages]
    pages = [(page, ids) for page, ids in pages if ids]
    best: tuple[Page, list[str]] | None = None
    if pages and (go_on or assessment.ends is None):
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


def _implied_away(knowledge: Knowledge, assessment: Assessment, only_if: When) -> bool:
    return check_all(only_if, assessment.facts, knowledge.limits) is Outcome.UNMET


def _value(knowledge: Knowledge, worth: dict[str, float], ids: list[str]) -> float:
    """Expected change of the ranked result for the cost of a page; the complaint, which steers all, comes first."""
    weights = knowledge.weights
    if any(id_ in knowledge.steering for id_ in ids):
        return float("inf")
    cost = sum(weights.seconds[id_] * (1 + weights.intrusion[id_]) for id_ in ids)
    return sum(worth[id_] for id_ in ids) / cost


def _worth(knowledge: Knowledge, assessment: Assessment) -> Iterator[tuple[str, float]]:
    """For each unanswered question that can still change something: how much it is expected to."""
    evidence = assessment.facts.evidence
    worth: dict[str, float] = {}
    for verdict in assessment.verdicts.values():
        for rule in _live(knowledge, assessment, verdict):
            open_ = [id_ for id_ in rule.when if _is_open(knowledge, assessment, rule, id_)]
            chance = knowledge.weights.chance[verdict.cause.id]
            for id_ in open_:
                chance *= _share(knowledge, rule, id_)
            change = abs(knowledge.weights.status[rule.status] - knowledge.weights.status[verdict.status])
            for question in {q for id_ in open_ for q in INPUTS.get(id_, (id_,))}:
                worth[question] = worth.get(question, 0.0) + chance * change
    if assessment.facts["entry.found"].state is State.OPEN:
        for question in INPUTS["entry.found"]:
            worth.setdefault(question, 0.0)
    for question in ALWAYS:
        worth.setdefault(question, 0.0)
    for question in (knowledge.questions[id_] for id_ in knowledge.steering):
        sets = dict.fromkeys(id_ for choice in question.value for id_ in choice.sets)
        if not any(evidence.get(id_) for id_ in sets) and evidence.get("entry.services_menu") is None:
            worth[question.id] = sum(worth.get(id_, 0.0) for id_ in sets)
    for id_, value in worth.items():
        if evidence.get(id_) is None and id_ in knowledge.questions:
            yield id_, value


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
    condition = rule.when[id_]
    question = knowledge.questions[id_]
    met = 0.0
    for value, share in spread.items():
        told = read_literal(question.type, value)
        if check(condition, Fact(State.KNOWN, told), knowledge.limits) is Outcome.MET:
            met += share
    return max(met, 0.001)


@lru_cache(maxsize=1024)
def read_literal(type_: str, text: str) -> str | float | list[str]:
    """Read a value as the weights and the command line write it, by the question's type."""
    if type_ in ("integer", "amount"):
        number = float(text)
        return int(number) if number.is_integer() else number
    if type_ == "choices":
        return [part for part in text.split(",") if part]
    return text
