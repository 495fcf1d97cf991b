"""How short the way to the advice is: `python -m benchmarks.short_way`.

People are drawn from the stories of the tests and from what customers of the bank ask (F18 in the sources), completed
by the knowledge's starting values with one "don't know" in ten. Each is asked until the tool stops, in the tool's
order, the first 200 also in a fixed order and by what moves a cause alone, and then to the end: what changes after the
stop is the error.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from benchmarks.__main__ import shown
from benchmarks.figures import Row, timed
from diagnostics.engine.assessment import assess_answers
from diagnostics.engine.interview import interview, worths
from diagnostics.engine.trials import Trials, answers_of
from diagnostics.knowledge import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from diagnostics.engine.assessment import Assessment
    from diagnostics.engine.interview import Interview
    from diagnostics.engine.trials import Advised
    from diagnostics.knowledge.model import Knowledge

    Choose = Callable[[Assessment, Interview], tuple[str, ...]]

STORIES = Path(__file__).parents[1] / "tests" / "data" / "stories.jsonl"
TOPICS: list[tuple[int, dict[str, Any]]] = [
    (553, {"complaint.what": "never_had", "entry.services_menu": "not_shown"}),
    (430, {"complaint.what": "page_message", "entry.official_account": "refused",
           "entry.page_message": "not_approved"}),
    (353, {"complaint.what": "friends_have_it", "entry.services_menu": "not_shown"}),
    (286, {"complaint.what": "qq_has_it", "entry.qq_wallet": "shown", "entry.services_menu": "not_shown"}),
    (139, {"complaint.what": "use", "entry.services_menu": "shown", "service.wish": "use"}),
    (129, {"complaint.what": "page_message", "entry.page_message": "identity_error"}),
    (117, {"complaint.what": "was_there", "entry.services_menu": "not_shown"}),
    (101, {"complaint.what": "never_had", "client.kind": "phone", "entry.services_menu": "not_shown"}),
    (62, {"complaint.what": "page_message", "entry.page_message": "no_limit", "entry.services_menu": "shown"}),
    (52, {"complaint.what": "close", "service.wish": "close"}),
    (43, {"complaint.what": "friends_have_it", "entry.services_menu": "not_shown"}),
    (23, {"complaint.what": "never_had", "person.residency": "hk_mo_tw"}),
    (11, {"complaint.what": "never_had", "person.age": 17}),
]  # fmt: skip
"""How many of some 2,300 questions to the bank were about what."""
UNSURE = 0.1
COMPARED = 200
"""How many of the people also go the other ways, and answer once wrongly."""
PHONE = {"client.kind": "phone", "client.platform": "android"}
ORDERED = ("entry_found", "requirement_confirmed")
"""The stops that the contract orders, without a look at what the answers that are left could change."""
SETS = {"was_there": "yes", "never_had": "no"}


class Way(msgspec.Struct, frozen=True):
    """What asking came to, and what the person was told first at the stop and at the end."""

    questions: int
    answers: int
    """The same with all lines of a checklist as one, which they are for the person."""
    pages: int
    cost: float
    ordered: bool
    """Whether the contract ended the questions, whatever the answers that were left could still change."""
    at_stop: Any
    at_end: Any


class Person(msgspec.Struct, frozen=True):
    """What a person says when asked, and what they see once they have looked where they had not."""

    answers: dict[str, Any]
    seen: dict[str, Any]


def person(knowledge: Knowledge, stories: list[dict[str, Any]], draw: random.Random) -> Person:
    """Draw a person: what they bring, and every other answer by the starting values."""
    topics = draw.choices([own for _, own in TOPICS], [count for count, _ in TOPICS])
    own = draw.choice(stories if draw.random() < 0.5 else topics)
    answers = {"complaint.what": _card(own)} | own
    seen: dict[str, Any] = {}
    for id_, question in knowledge.questions.items():
        if not question.asked or answers.get(id_, "not_looked") != "not_looked":
            continue
        values = answers_of(knowledge, id_, answers | seen)
        value = answers.get(id_) or draw.choices([value for value, _ in values], [share for _, share in values])[0]
        if id_ == "account.had_entry_before":
            value = SETS.get(str(answers["complaint.what"]), value)
        elif id_ in ("safety.contact", "safety.given"):
            value = () if draw.random() < 0.97 else value
        elif value == "not_looked":
            there = [one for one in values if one[0] != value]
            seen[id_] = draw.choices([one for one, _ in there], [share for _, share in there])[0]
        answers[id_] = (
            "unknown"
            if id_ not in own and draw.random() < UNSURE
            else list(value)
            if isinstance(value, tuple)
            else value
        )
    return Person(answers, seen)


def _card(own: dict[str, Any]) -> str:
    """Return the card that somebody with these answers would choose."""
    wish = own.get("service.wish")
    by_wish = {
        "close": "close",
        "limit_family": "close",
        "use": "use",
        "cancel_request": "use",
        "repay": "owing",
        "postpone": "owing",
    }
    if own.get("safety.given") or own.get("safety.contact"):
        return "harm" if own.get("safety.given") else "paid_offer"
    if own.get("service.owing") == "yes" or wish in by_wish:
        return by_wish.get(str(wish), "owing")
    if own.get("entry.page_message", "none") != "none":
        return "page_message"
    if own.get("entry.qq_wallet") == "shown":
        return "qq_has_it"
    return "was_there" if own.get("account.had_entry_before") == "yes" else "never_had"


def walk(knowledge: Knowledge, one: Person, choose: Choose) -> Way:
    """Ask a person until the tool stops, then to the end."""
    told: dict[str, Any] = {}
    pages, lines, cost, answers = 0, 0, 0.0, one.answers
    checklist = {id_ for page in knowledge.pages if page.line for id_ in page.questions}
    while True:
        assessment = assess_answers(knowledge, told, "")
        asked = interview(knowledge, assessment)
        if asked.stop_reason == "look_first":  # the person looks on a phone, and the session goes on from there
            answers = answers | {id_: value for id_, value in one.seen.items() if told.get(id_) == "not_looked"}
            answers = answers | PHONE if assessment.status("wrong_client") == "confirmed" else answers
            told |= {id_: answers[id_] for id_ in told}
            continue
        page = () if asked.stop_reason is not None else choose(assessment, asked)
        if not page:
            break
        pages += 1
        lines += len(checklist.intersection(page)) - 1 if not checklist.isdisjoint(page) else 0
        cost += sum(map(knowledge.weights.cost, page))
        told |= {id_: answers.get(id_, "unknown") for id_ in page}
    questions, at_stop, ordered = len(told), advised(assessment), asked.stop_reason in ORDERED
    while True:
        assessment = assess_answers(knowledge, told, "")
        page = interview(knowledge, assessment, go_on=True).page
        if not page:
            return Way(questions, questions - lines, pages, cost, ordered, at_stop, advised(assessment))
        told |= {id_: answers.get(id_, "unknown") for id_ in page}


def advised(assessment: Assessment) -> Advised:
    """Return what a person is told first."""
    return Trials(assessment).now


def own_order(_assessment: Assessment, asked: Interview) -> tuple[str, ...]:
    """Take the page that the tool chooses."""
    return asked.page


def fixed_order(assessment: Assessment, asked: Interview) -> tuple[str, ...]:
    """Take the pages as the knowledge base lists them."""
    pages = ([id_ for id_ in page.questions if id_ in asked.remaining] for page in assessment.knowledge.pages)
    return tuple(next((ids for ids in pages if ids), ()))


def cause_order(assessment: Assessment, asked: Interview) -> tuple[str, ...]:
    """Take the page whose answers move causes most for their cost, whatever the advice."""
    knowledge = assessment.knowledge
    worth = worths(assessment)
    pages = [[id_ for id_ in page.questions if id_ in asked.remaining] for page in knowledge.pages]

    def value(ids: tuple[str, ...]) -> float:
        if knowledge.steering[0] in ids:
            return float("inf")
        return sum(worth.get(id_, 0.0) for id_ in ids) / sum(map(knowledge.weights.cost, ids))

    return max((tuple(ids) for ids in pages if ids), key=value, default=())


def rows(*, quick: bool = False) -> Iterator[Row]:
    """Yield every figure."""
    knowledge, draw = load(), random.Random(1)
    stories = [json.loads(line)["facts"] for line in STORIES.read_text(encoding="utf-8").splitlines()]
    crowd = [person(knowledge, stories, draw) for _ in range(10 if quick else 2000)]
    whole = sum(knowledge.weights.cost(id_) for id_, one in knowledge.questions.items() if one.asked)
    ways = [walk(knowledge, one, own_order) for one in crowd]
    others = {
        ("fixed order", "固定顺序"): [walk(knowledge, one, fixed_order) for one in crowd[:COMPARED]],
        ("what moves causes", "只看原因"): [walk(knowledge, one, cause_order) for one in crowd[:COMPARED]],
    }
    for (name, zh), theirs in others.items():
        for part, said in (("questions", "问题数"), ("answers", "要答的次数（清单算一次）"), ("pages", "页数")):
            for place, tail, word in ((0.5, "median", "中位"), (0.9, "90 % within", "90% 的人不超过")):
                goal = {0.5: 8, 0.9: 14}[place] if part != "pages" else None
                yield Row(
                    name=f"{part}, {tail}, beside {name}", zh=f"{said}，{word}（对{zh}）",
                    value=_at([getattr(way, part) for way in ways], place), goal=goal,
                    reference=name, reference_zh=zh, reference_value=_at([getattr(way, part) for way in theirs], place),
                )  # fmt: skip
    cost = statistics.mean(way.cost for way in ways) / whole
    yield Row(name="cost of asking all", zh="代价占全部问题的比例", value=cost, goal=0.40)
    for part, said, zh, least in (
        ("first", "first step", "第一步", 98), ("leading", "leading situation", "情况", 98),
        ("speaks", "first cause, where it speaks in the advice,", "首要原因（建议里说到它的）", 97),
        ("cause", "first cause of any strength", "首要原因（不论强弱）", None),
    ):  # fmt: skip
        whose = ways if part != "cause" else [w for w in ways if knowledge.situations[w.at_end.leading].about_entry]
        if part == "speaks":
            whose = [way for way in ways if knowledge.situations[way.at_end.leading].cause_speaks]
        same = sum(getattr(way.at_stop, part) == getattr(way.at_end, part) for way in whose) / max(1, len(whose)) * 100
        yield Row(name=f"same {said} as after all questions", zh=f"{zh}与全部问完相同", value=same, unit="%",
                  goal=least, at_least=True)  # fmt: skip
    own = [way for way in ways if not way.ordered]
    same = sum(way.at_stop.first == way.at_end.first for way in own) / max(1, len(own)) * 100
    yield Row(name="same first step, of those not stopped by contract", zh="不是按约定停下的：第一步相同",
              value=same, unit="%")  # fmt: skip
    yield Row(name="first step right with one wrong answer planted", zh="有一个答错时第一步仍对",
              value=_noisy(knowledge, crowd[:COMPARED], draw), unit="%")  # fmt: skip
    times = [t for one in crowd[:100] for t in _choosing(knowledge, one.answers)]
    yield Row(name="next page chosen, 95 % within", zh="选出下一页，95% 不超过",
              value=_at(times, 0.95) * 1000, unit="ms", goal=5)  # fmt: skip


def _noisy(knowledge: Knowledge, crowd: list[Person], draw: random.Random) -> float:
    """Return the share of people whose first step is the same at the stop with one other answer of theirs wrong."""
    kept = 0
    for one in crowd:
        before = walk(knowledge, one, own_order).at_stop.first
        said, questions = one.answers, knowledge.questions
        id_ = draw.choice([id_ for id_ in said if questions[id_].type == "choice" and id_ != "complaint.what"])
        others = [choice.id for choice in questions[id_].value if choice.id != said[id_]]
        wrong = Person(said | {id_: draw.choice(others)}, {id_: said[id_]} | one.seen)  # who looks after all sees it
        kept += walk(knowledge, wrong, own_order).at_stop.first == before
    return kept / len(crowd) * 100


def _choosing(knowledge: Knowledge, answers: dict[str, Any]) -> Iterator[float]:
    told: dict[str, Any] = {}
    while True:
        assessment = assess_answers(knowledge, told, "")
        yield from timed(lambda: interview(knowledge, assessment), 1)  # noqa: B023 - called at once
        page = interview(knowledge, assessment).page
        if not page:
            return
        told |= {id_: answers.get(id_, "unknown") for id_ in page}


def _at(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


if __name__ == "__main__":
    sys.exit(shown("short_way", rows()))
