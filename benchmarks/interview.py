"""How few questions lead to the right reason: `python -m benchmarks.interview`.

Simulated people are asked until the interview stops, in the tool's order, in the order of the source article, at
random, and (on reduced models) in the best order there is. The stop rule is the same for all.
"""

from __future__ import annotations

import itertools
import random
import statistics
import sys
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from benchmarks.__main__ import main
from benchmarks.figures import Row, timed
from benchmarks.people import person
from diagnostics.answers import read_literal
from diagnostics.engine.assessment import assess
from diagnostics.engine.calibration import own_choice, simulate
from diagnostics.engine.interview import SENSITIVE, interview, sensible_now
from diagnostics.evidence import Evidence, Observation
from diagnostics.knowledge import load
from diagnostics.knowledge.model import Page
from diagnostics.knowledge.read import encoded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from diagnostics.engine.interview import Interview
    from diagnostics.knowledge.model import Cause, Knowledge, Situation

ARTICLE = ("money", "debts", "identity", "account", "client", "network", "message", "where", "qq", "complaint")
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


def whole(knowledge: Knowledge, people: int, seed: int) -> Iterator[Row]:
    """Compare the orders on the whole knowledge base."""
    chance = random.Random(seed)
    crowd = [person(knowledge, chance, unknown=0.05) for _ in range(people)]
    orders = {"ours": own_choice, "article": in_order(knowledge, ARTICLE), "random": at_random(knowledge, chance)}
    runs = {name: [simulate(knowledge, answers, choose) for _, answers in crowd] for name, choose in orders.items()}
    for other, zh in (("article", "来源文章的顺序"), ("random", "随机顺序")):
        for part, said, unit in (("questions", "问题数", ""), ("pages", "页数", ""), ("cost", "代价", "s")):
            ours, theirs = ([getattr(run, part) for run in runs[name]] for name in ("ours", other))
            for measure, tail, word in ((statistics.mean, "mean", "平均"), (_p90, "90 % within", "90% 的人不超过")):
                yield Row(
                    name=f"{part}, {tail}, beside {other} order", zh=f"{said}，{word}（对{zh}）", value=measure(ours),
                    unit=unit, reference=f"{other} order", reference_zh=zh, reference_value=measure(theirs),
                )  # fmt: skip


def _p90(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=10)[-1]


def flipped(knowledge: Knowledge, people: int, seed: int) -> Row:
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
    return Row(
        name=f"{tried} answers flipped one at a time: true cause still among the first three",
        zh=f"{tried} 次各改错一个回答：真正的原因仍在前三",
        value=kept / tried * 100,
        unit="%",
        goal=95,
        at_least=True,
    )


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
    owners: tuple[Cause | Situation, ...] = (*causes, *knowledge.situations)
    known = {action.id for owner in owners for action in owner.action}
    also = {owner.id: tuple(id_ for id_ in owner.also if id_ in known) for owner in owners}
    weight = {cause.id: chance.uniform(0.2, 1) * knowledge.weights.chance[cause.id] for cause in causes}
    total = sum(weight.values())
    situations = tuple(msgspec.structs.replace(one, also=also[one.id]) for one in knowledge.situations)
    pages = tuple(Page(id=id_, zh=id_, en=id_, questions=(id_,)) for id_ in asked)
    return msgspec.structs.replace(
        knowledge,
        causes={
            cause.id: msgspec.structs.replace(cause, also=also[cause.id])
            for cause in sorted(causes, key=lambda cause: cause.id)
        },
        questions={id_: knowledge.questions[id_] for id_ in asked},
        steering=(),
        contradictions=(),
        later=knowledge.later | encoded({"situations": situations, "pages": pages}),
        weights=msgspec.structs.replace(knowledge.weights, chance={id_: one / total for id_, one in weight.items()}),
    )


def optimum(knowledge: Knowledge) -> tuple[float, float]:
    """The least expected cost until the stop, over every order that people can be asked in, and that of the tool.

    Nobody is asked what makes no sense by now, nor what is sensitive while anything else is worth asking.
    """
    ids = list(knowledge.questions)
    spreads = [list(knowledge.weights.spread[id_].items()) for id_ in ids]

    @cache
    def state(answers: tuple[str | None, ...]) -> tuple[Interview, list[str]]:
        told = [(id_, v) for id_, v in zip(ids, answers, strict=True) if v is not None]
        evidence = Evidence(Observation(id=id_, value=read_literal("choice", v)) for id_, v in told)
        assessment = assess(knowledge, evidence)
        asked = interview(knowledge, assessment)
        if asked.stop_reason is not None or asked.next is None:
            return asked, []
        most = max(SENSITIVE - 1, knowledge.weights.intrusion[asked.next])
        remaining = [id_ for id_ in asked.remaining if knowledge.weights.intrusion[id_] <= most]
        return asked, sensible_now(assessment, remaining) or remaining

    def expect(answers: tuple[str | None, ...], at: int, then: Callable[[tuple[str | None, ...]], float]) -> float:
        with_ = ((share, (*answers[:at], value, *answers[at + 1 :])) for value, share in spreads[at])
        return knowledge.weights.cost(ids[at]) + sum(share * then(new) for share, new in with_ if share)

    @cache
    def best(answers: tuple[str | None, ...]) -> float:
        _, asks = state(answers)
        return min((expect(answers, ids.index(id_), best) for id_ in asks), default=0.0)

    @cache
    def ours(answers: tuple[str | None, ...]) -> float:
        asked, asks = state(answers)
        return expect(answers, ids.index(asked.next), ours) if asks and asked.next else 0.0

    start = (None,) * len(ids)
    return best(start), ours(start)


def models(knowledge: Knowledge, count: int, seed: int) -> Iterator[Row]:
    """Compare the tool's order with the optimum on reduced models."""
    chance = random.Random(seed)
    ratios = []
    for _ in range(count):
        best, ours = optimum(reduced(knowledge, chance))
        ratios.append(ours / best if best else 1.0)
    for name, zh, value, goal in (
        ("mean", "平均", statistics.mean(ratios), 1.10), ("worst", "最差", max(ratios), None)
    ):  # fmt: skip
        yield Row(
            name=f"cost over the optimum, {count} reduced models, {name}",
            zh=f"代价与最优之比，{count} 个缩小的模型，{zh}",
            value=value,
            unit="×",
            reference="exhaustive search",
            reference_zh="穷举",
            reference_value=1,
            goal=goal,
        )


def fixes(knowledge: Knowledge, count: int, seed: int) -> Row:
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
    return Row(
        name=f"orders of fixes equal to brute force, of {count}",
        zh=f"处理顺序与穷举相同的次数，共 {count}",
        value=equal,
        reference="brute force",
        reference_zh="穷举",
        reference_value=count,
        goal=1,
        of="ratio",
        at_least=True,
    )


def _expected(order: Sequence[tuple[float, float]]) -> float:
    """The expected cost of trying these in turn until one helps; at most one of them is the reason."""
    left, cost = 1.0, 0.0
    for chance, price in order:
        cost += left * price
        left -= chance / 5
    return cost


def step_time(knowledge: Knowledge) -> Row:
    """How long choosing the next page takes, before anything is answered."""
    assessment = assess(knowledge, Evidence())
    taken = timed(lambda: interview(knowledge, assessment), 200)
    return Row(name="next page chosen", zh="选出下一页", value=statistics.median(taken) * 1000, unit="ms")


def rows(*, quick: bool = False) -> Iterator[Row]:
    """Yield every figure."""
    knowledge, seed = load(), 1
    yield from whole(knowledge, 20 if quick else 2000, seed)
    yield flipped(knowledge, 2 if quick else 50, seed)
    yield from models(knowledge, 1 if quick else 25, seed)
    yield fixes(knowledge, 5 if quick else 50, seed)
    yield step_time(knowledge)


if __name__ == "__main__":
    sys.exit(main(["--only", "interview", *sys.argv[1:]]))
