"""How few questions lead to the right reason: `python -m benchmarks.interview`.

Simulated people are asked until the interview stops, in the tool's order, in the order of the source article, at
random, and (on reduced models) in the best order there is. The stop rule is the same for all.
"""

from __future__ import annotations

import argparse
import itertools
import random
import statistics
import time
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from benchmarks.people import person
from diagnostics.evidence import Evidence, Observation
from diagnostics.interview import interview, read_literal
from diagnostics.knowledge import load
from diagnostics.knowledge.model import Page
from diagnostics.reasoning import assess
from diagnostics.replay import cost_of, first_of_all, own_choice, replay

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from diagnostics.interview import Interview
    from diagnostics.knowledge.model import Knowledge

ARTICLE = ("money", "debts", "identity", "account", "client", "network", "where", "complaint")
"""The order of the source article's eight reasons: credit, income, debts, age, use, identity, system and network."""


def in_order(knowledge: Knowledge, order: Sequence[str]) -> Callable[..., tuple[str, ...]]:
    """Pages in a fixed order."""
    pages = sorted(knowledge.pages, key=lambda page: order.index(page.id) if page.id in order else 99)

    def choose(asked: Interview) -> tuple[str, ...]:
        for page in pages:
            ids = tuple(id_ for id_ in page.questions if id_ in asked.remaining)
            if ids:
                return ids
        return ()

    return choose


def at_random(knowledge: Knowledge, chance: random.Random) -> Callable[..., tuple[str, ...]]:
    """Pages in an order drawn anew each time."""

    def choose(asked: Interview) -> tuple[str, ...]:
        pages = [tuple(id_ for id_ in page.questions if id_ in asked.remaining) for page in knowledge.pages]
        pages = [page for page in pages if page]
        return chance.choice(pages) if pages else ()

    return choose


def whole(knowledge: Knowledge, people: int, seed: int) -> list[str]:
    """Compare the orders on the whole knowledge base."""
    chance = random.Random(seed)
    crowd = [person(knowledge, chance, unknown=0.05) for _ in range(people)]
    lines = [f"{'order':<12}{'questions':>10}{'p90':>6}{'pages':>7}{'p90':>5}{'cost s':>8}{'first = all':>13}"]
    orders = {"by value": own_choice, "article": in_order(knowledge, ARTICLE), "random": at_random(knowledge, chance)}
    for name, choose in orders.items():
        runs = [replay(knowledge, answers, choose) for _, answers in crowd]
        same = sum(run.first == first_of_all(knowledge, answers) for run, (_, answers) in zip(runs, crowd, strict=True))
        questions, pages, costs = [r.questions for r in runs], [r.pages for r in runs], [r.cost for r in runs]
        lines.append(
            f"{name:<12}{statistics.mean(questions):>10.1f}{_p90(questions):>6.0f}{statistics.mean(pages):>7.1f}"
            f"{_p90(pages):>5.0f}{statistics.mean(costs):>8.0f}{same / people:>12.1%}"
        )
    return lines


def _p90(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=10)[-1]


def flipped(knowledge: Knowledge, people: int, seed: int) -> str:
    """The share of people whose true cause stays among the first three with any one answer flipped."""
    chance = random.Random(seed)
    kept = tried = 0
    for _ in range(people):
        reason, answers = person(knowledge, chance)
        for id_, value in answers.items():
            others = [choice.id for choice in knowledge.questions[id_].value if choice.id != value]
            if not others or knowledge.questions[id_].type != "choice":
                continue
            wrong = answers | {id_: chance.choice(others)}
            evidence = Evidence(Observation(id=key, value=v) for key, v in wrong.items())
            kept += reason in list(assess(knowledge, evidence).verdicts)[:3]
            tried += 1
    return f"one answer flipped: the true cause stays among the first three in {kept / tried:.1%} of {tried}"


def reduced(knowledge: Knowledge, chance: random.Random) -> Knowledge:
    """A smaller knowledge base: 7 questions, each on a page of its own, and up to 8 causes that need no other."""
    choices = {id_ for id_, q in knowledge.questions.items() if q.type == "choice" and id_ not in knowledge.steering}
    usable = [
        cause
        for cause in knowledge.causes.values()
        if cause.id != "not_invited" and all(fact in choices for rule in cause.rule for fact in rule.when)
    ]
    while True:
        asked = chance.sample(sorted({fact for cause in usable for rule in cause.rule for fact in rule.when}), 7)
        causes = [cause for cause in usable if all(fact in asked for rule in cause.rule for fact in rule.when)]
        if len(causes) >= 6:
            causes = causes[:8]
            break
    weight = {cause.id: chance.uniform(0.2, 1) * knowledge.weights.chance[cause.id] for cause in causes}
    total = sum(weight.values())
    return msgspec.structs.replace(
        knowledge,
        causes={cause.id: cause for cause in sorted(causes, key=lambda cause: cause.id)},
        questions={id_: knowledge.questions[id_] for id_ in asked},
        steering=(),
        contradictions=(),
        pages=tuple(Page(id=id_, zh=id_, en=id_, questions=(id_,)) for id_ in asked),
        weights=msgspec.structs.replace(knowledge.weights, chance={id_: one / total for id_, one in weight.items()}),
    )


def optimum(knowledge: Knowledge) -> tuple[float, float]:
    """The least expected cost until the stop, over every order there is, and that of the tool's order."""
    ids = list(knowledge.questions)
    spreads = [list(knowledge.weights.spread[id_].items()) for id_ in ids]

    @cache
    def state(answers: tuple[str | None, ...]) -> Interview:
        told = [(id_, v) for id_, v in zip(ids, answers, strict=True) if v is not None]
        evidence = Evidence(Observation(id=id_, value=read_literal("choice", v)) for id_, v in told)
        return interview(knowledge, assess(knowledge, evidence))

    def expect(answers: tuple[str | None, ...], at: int, then: Callable[[tuple[str | None, ...]], float]) -> float:
        with_ = ((share, (*answers[:at], value, *answers[at + 1 :])) for value, share in spreads[at])
        return cost_of(knowledge, ids[at]) + sum(share * then(new) for share, new in with_ if share)

    @cache
    def best(answers: tuple[str | None, ...]) -> float:
        asked = state(answers)
        if asked.stop_reason is not None:
            return 0.0
        return min(expect(answers, ids.index(id_), best) for id_ in asked.remaining if id_ in ids)

    @cache
    def ours(answers: tuple[str | None, ...]) -> float:
        asked = state(answers)
        if asked.stop_reason is not None or asked.next is None:
            return 0.0
        return expect(answers, ids.index(asked.next), ours)

    start = (None,) * len(ids)
    return best(start), ours(start)


def models(knowledge: Knowledge, count: int, seed: int) -> str:
    """Compare the tool's order with the optimum on reduced models."""
    chance = random.Random(seed)
    ratios = []
    for _ in range(count):
        best, ours = optimum(reduced(knowledge, chance))
        ratios.append(ours / best if best else 1.0)
    mean, worst = statistics.mean(ratios), max(ratios)
    return f"{count} reduced models (7 questions): cost / optimum mean {mean:.3f}, worst {worst:.3f}"


def fixes(knowledge: Knowledge, count: int, seed: int) -> str:
    """Compare the order of fixes by chance over cost with brute force over every order of up to 7 actions."""
    chance = random.Random(seed)
    equal = 0
    for _ in range(count):
        actions = [
            (chance.uniform(0.01, 0.6), chance.choice(list(knowledge.weights.effort.values())))
            for _ in range(chance.randint(2, 7))
        ]
        ordered = sorted(actions, key=lambda one: -one[0] / one[1])
        best = min(_expected(order) for order in itertools.permutations(actions))
        equal += abs(_expected(ordered) - best) < 1e-6 * best
    return f"order of fixes by chance over cost: equal to brute force in {equal} of {count}"


def _expected(order: Sequence[tuple[float, float]]) -> float:
    """The expected cost of trying these in turn until one helps; at most one of them is the reason."""
    left, cost = 1.0, 0.0
    for chance, price in order:
        cost += left * price
        left -= chance / 5
    return cost


def step_time(knowledge: Knowledge) -> str:
    """How long choosing the next page takes, mean over the states of an interview."""
    assessment = assess(knowledge, Evidence())
    began = time.perf_counter()
    for _ in range(200):
        interview(knowledge, assessment)
    return f"next page chosen in {(time.perf_counter() - began) * 5:.2f} ms"


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--models", type=int, default=25)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    knowledge = load()
    print("\n".join(whole(knowledge, given.people, given.seed)))
    print(flipped(knowledge, given.people // 40, given.seed))
    print(models(knowledge, given.models, given.seed))
    print(fixes(knowledge, 50, given.seed))
    print(step_time(knowledge))


if __name__ == "__main__":
    main()
