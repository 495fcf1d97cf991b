"""Which questions are asked next, and what an answer could change."""

from __future__ import annotations

from functools import cache, partial
from math import prod
from operator import itemgetter
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from diagnostics.engine.assessment import DANGER
from diagnostics.engine.conditions import Memo, Truth, check
from diagnostics.engine.facts import Fact, State
from diagnostics.engine.rule_table import FOR, FOUND, POSSIBLE, any_met
from diagnostics.engine.trials import CERTAIN, NONE, Chance, Trials

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from diagnostics.engine.assessment import Assessment
    from diagnostics.engine.rule_table import RuleTable
    from diagnostics.evidence import Value
    from diagnostics.knowledge.model import Knowledge, Page, Question


SkipReason = Literal["measured", "implied", "asked_directly", "no_effect"]
StopReason = Literal["entry_found", "look_first", "requirement_confirmed", "settled", "enough", "nothing_left"]
"""`look_first`: the person has not looked yet. `settled`: the first cause is confirmed, and no answer that is still to
come could put another before it. `enough`: all that is left hardly changes what the person is told first.
"""

ENOUGH: Final = 0.05
"""From this chance on an answer may still change the first step or the leading situation (contract, section 5)."""
SPARED: Final = 0.03
"""Under this chance all questions that are not asked for may together change what a person is told first."""
LOOK_FIRST: Final = ("not_looked", "wrong_place")
"""The situations that send a person to look, or to look on a phone, before anything else is asked."""
NOT_ENTRY: Final = ("owing", "protect_family", "closing", "using")
"""Situations of people who come for something else than the entry: the look for it waits for what matters more."""
GAINS: Final = (1.0, 0.6, 0.3, 0.5)
"""What it is worth that the first step or the situation changes, the cause that speaks alone, the second step alone,
and the first cause."""
CAUSE_SHARE: Final = 0.02
"""What it is worth that a cause moves, beside that: it breaks ties."""
NEARER: Final = ("requirement", "technical", "location")
"""The kinds of cause that a person sees or settles, unlike what the bank assesses."""
SENSITIVE: Final = 2
"""The intrusion from which on a question touches income, credit or debts."""
GIVEN: Final = "safety.given"
"""What was given: asked of whoever was approached, whatever else is settled."""
IN_DANGER: Final = ("safety.contact", GIVEN)

ALWAYS: Final = ("safety.contact", "safety.given", "account.stolen")
"""Asked for the person's safety, though no cause depends on it; their `only_if` says of whom."""
STEERED: Final = (
    "entry.services_menu", "entry.page_message", "safety.given", "account.stolen", "scam.offered_paid_opening",
)  # fmt: skip
"""Once one of these is answered, the complaint has nothing left to steer."""


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
    useful: int
    """How many of the remaining questions have a chance of `ENOUGH` to change the first step or the situation."""
    skipped: tuple[Skip, ...]
    stop_reason: StopReason | None


def worths(assessment: Assessment) -> dict[str, float]:
    """Return each question that can still change something, with how much it is expected to; none is answered."""
    table, left = assessment.table, _left(assessment)
    found = {id_: 0.0 for id_, bit in table.question_bits.items() if left.asked & bit}
    for at in assessment.order:
        for question, gain in table.causes[at].moving(assessment.bits_met, assessment.bits_open).gains:
            if question in found:
                found[question] += gain
    return found | {id_: 0.0 for id_, _ in left.steering if id_ in found}


class _Turn(msgspec.Struct, frozen=True):
    """What becomes of the questions of a page."""

    answered: list[str]
    left: list[str]
    """Those that are still to be asked."""
    sensible: list[str]
    """Of these, those that it makes sense to ask by now."""
    skipped: list[Skip]


class _Sets:
    """Questions of a knowledge base, as bits."""

    def __init__(self, table: RuleTable) -> None:
        bits_of, knowledge = table.bits_of, table.knowledge
        self.steering = [
            (id_, bits_of([id_]), bits_of((id_, *STEERED, *(one for ids in sets.values() for one in ids))))
            for id_, sets in table.steering
        ]
        """Those that decide where to begin (the complaint), each with what leaves it nothing to steer."""
        self.unasked = [id_ for id_, one in knowledge.questions.items() if not one.asked]
        self.steers = bits_of(knowledge.steering)
        self.always = bits_of(ALWAYS)
        self.entry = bits_of(table.inputs(FOUND))
        """Those by which the entry is looked for."""
        self.sensitive = bits_of(id_ for id_, how in knowledge.weights.intrusion.items() if how >= SENSITIVE)
        """Those that touch income, credit or debts."""
        self.paged = bits_of(id_ for page in knowledge.pages for id_ in page.questions)
        self.only_if = [(table.question_bits[id_], masks) for id_, masks in table.only_if.items()]
        self._table, self._width = table, len(knowledge.questions)
        self.pages = [(page, self.lanes(*[bits_of(page.questions)] * 6), Memo(make=partial(self._turn, page)))
                      for page in knowledge.pages]  # fmt: skip
        """The pages with what becomes of their questions, by those of `lanes` that are theirs."""

    def lanes(self, *sets: int) -> int:
        """Return several sets as one number."""
        found = 0
        for some in sets:
            found = found << self._width | some
        return found

    def _turn(self, page: Page, lanes: int) -> _Turn:
        answered, left, sensible, skipped = list[str](), list[str](), list[str](), list[Skip]()
        steering = self._table.knowledge.steering
        for id_ in page.questions:
            at = lanes >> self._table.question_bits[id_].bit_length() - 1
            known, measured, asked, later, away, implied = (at >> lane * self._width & 1 for lane in reversed(range(6)))
            if measured:
                skipped.append(_skip(id_, "measured"))
            elif known:
                answered.append(id_)
            elif asked:
                left.append(id_)
                if not later:
                    sensible.append(id_)
            elif away or id_ not in steering:
                skipped.append(_skip(id_, "implied" if implied else "no_effect"))
            else:
                skipped.append(_skip(id_, "asked_directly"))
        return _Turn(answered, left, sensible, skipped)


def _sets(table: RuleTable) -> _Sets:
    """Return the questions of a knowledge base as bits, made when they are first asked for."""
    kept: _Sets | None = table.knowledge.__dict__.get("question_sets")
    if kept is None:
        kept = table.knowledge.__dict__["question_sets"] = _Sets(table)
    return kept


class _Left:
    """Questions of a case, as bits."""

    def __init__(self, assessment: Assessment) -> None:
        table, met, open_ = assessment.table, assessment.bits_met, assessment.bits_open
        self.sets = sets = _sets(table)
        self.known = sum(filter(None, map(table.question_bits.get, assessment.values)))
        self.follow = table.bits_of(id_ for id_, row in table.follows.items() if met & row.mask)
        """Those whose answer follows from others."""
        self.steering = [(id_, bit) for id_, bit, behind in sets.steering if not self.known & behind]
        """Those that have something to steer."""
        asked = assessment.advice.open_questions(met, open_) & ~sets.steers | table.asked_for(met, open_) | sets.always
        if open_ & table.found.mask:
            asked |= sets.entry
        for _, bit in self.steering:
            asked |= bit
        self.asked = asked & ~self.known & ~self.follow
        """Those whose answers can still change something: none is answered, none follows."""
        may, self.later = met | open_, 0
        """Those that there is no sense in asking by now; of those that are not answered, as below."""
        self.away = sets.sensitive if _nearer(assessment) else 0
        """Those that there is no sense in asking by what is known."""
        for bit, masks in sets.only_if:
            if not self.known & bit and not any_met(masks, met):
                self.later |= bit
                if not any_met(masks, may):
                    self.away |= bit


def _left(assessment: Assessment) -> _Left:
    """Return the questions of a case as bits, made when they are first asked for."""
    kept: _Left | None = assessment.__dict__.get("left")
    if kept is None:
        kept = assessment.__dict__["left"] = _Left(assessment)
    return kept


def _nearer(assessment: Assessment) -> bool:
    """Whether something nearer than the bank's assessment is to be put right first, or closes the person out.

    Nobody is asked about income, credit and debts before that; who is in debt or comes for something else may be.
    """
    leading, causes = assessment.advice.leading(assessment.bits_met), assessment.table.causes
    return leading.about_cause and (leading.conclusive or any(
        status < POSSIBLE and causes[at].cause.kind in NEARER for _, at, status in assessment.speakers
    ))  # fmt: skip


def more_to_ask(assessment: Assessment) -> bool:
    """Whether `interview` would leave a question to ask."""
    left = _left(assessment)
    return bool(left.asked & ~left.away & left.sets.paged)


def interview(
    knowledge: Knowledge, assessment: Assessment, *, go_on: bool = False, doubts: Iterable[str] = ()
) -> Interview:
    """Choose the page of questions that is worth most for its cost.

    `go_on` asks on after a confirmed requirement or a found entry. `doubts`: what the person's words may have said and
    was not sure; where it can change what is told it is asked before all but the dangers.
    """
    values, measured, all_ = assessment.values, assessment.measured, _left(assessment)
    answered = [id_ for id_ in all_.sets.unasked if id_ in values]
    remaining, skipped = list[str](), list[Skip]()
    turns: list[tuple[Page, list[str], list[str]]] = []
    lanes = all_.sets.lanes(
        all_.known, assessment.table.bits_of(measured) if measured else 0, all_.asked & ~all_.away, all_.later,
        all_.away, all_.away | all_.follow,
    )  # fmt: skip
    for page, own, kept in all_.sets.pages:
        turn = kept[lanes & own]
        answered += turn.answered
        skipped += turn.skipped
        if turn.left:
            remaining += turn.left
            turns.append((page, turn.left, turn.sensible))
    trials = Trials(assessment)
    chances = dict.fromkeys(remaining, NONE) | {
        id_: CERTAIN if id_ in knowledge.steering else trials.chance(id_)
        for _, _, sensible in turns
        for id_ in sensible
    }
    doubted = {id_ for id_ in doubts if chances.get(id_, NONE).told}
    chances |= dict.fromkeys(doubted, CERTAIN)
    stop = _stop(assessment, remaining)
    telling: set[str] = set()
    if go_on or stop in (None, "enough"):
        telling = _telling(knowledge, trials, chances, [(page, sensible) for page, _, sensible in turns])
        stop = None if stop == "enough" and telling else stop
    page_id, ids = None, list[str]()
    if turns and (go_on or stop is None):
        first = [one for one in turns if not telling.isdisjoint(one[2])] or [one for one in turns if one[2]] or turns
        places = [_turn(assessment, page, left, doubted.intersection(sensible)) for page, left, sensible in first]
        first = [one for one, place in zip(first, places, strict=True) if place == max(places)]
        chances |= {id_: trials.with_second(id_, chances[id_]) for _, left, _ in first for id_ in left}
        worth = worths(assessment) if len(first) > 1 else {}
        page, left, sensible = max(first, key=lambda one: _value(knowledge, worth, chances, one[1]) if worth else 0.0)
        asked_back = [id_ for id_ in sensible if id_ in doubted]
        page_id, ids = page.id, asked_back or _asked_now(page, sensible or left, chances, telling)
    return Interview(
        answered=tuple(answered),
        next=ids[0] if ids else None,
        page=tuple(ids),
        page_id=page_id,
        remaining=tuple(remaining),
        useful=sum(chance.first >= ENOUGH for chance in chances.values()),
        skipped=tuple(skipped),
        stop_reason=stop,
    )


def _stop(assessment: Assessment, remaining: list[str]) -> StopReason | None:
    """Say why the questions end by themselves, the first reason of the contract that applies; None where they go on.

    `enough` says that nothing else ends them: whether they do is left to what the answers may still change.
    """
    values = assessment.values
    in_danger = any(values.get(id_) in DANGER for id_ in assessment.knowledge.steering)
    if in_danger and not {*IN_DANGER}.isdisjoint(remaining):
        return None
    if GIVEN in remaining and sensible_now(assessment, [GIVEN]):
        return None
    if assessment.ends == "entry_found":
        return "entry_found"
    if assessment.advice.leading(assessment.bits_met).id in LOOK_FIRST:
        return "look_first"
    if assessment.ends is not None:
        return assessment.ends
    if _settled(assessment):
        return "settled"
    return "enough" if remaining else "nothing_left"


def sensible_now(assessment: Assessment, ids: list[str]) -> list[str]:
    """Return the questions that it makes sense to ask by now; others may come to, once more is known."""
    only_if, met = assessment.table.only_if, assessment.bits_met
    return [id_ for id_ in ids if id_ not in only_if or any_met(only_if[id_], met)]


def _telling(
    knowledge: Knowledge, trials: Trials, chances: dict[str, Chance], pages: list[tuple[Page, list[str]]]
) -> set[str]:
    """Return the questions worth asking for what a person is told first.

    The others are spared, the least chance for its cost before the others, the last page before all: as many as
    together hardly matter. A checklist is asked as a whole or not at all.
    """
    lots: list[tuple[bool, float, float, list[str]]] = []
    cost, told = knowledge.weights.cost, {id_: chance.told for id_, chance in chances.items()}
    for page, sensible in pages:
        ids = [id_ for id_ in sensible if told[id_] > 0] if page.line else sensible
        alone = 1 - prod([1 - told[id_] for id_ in ids])
        whole = trials.together(ids) if page.together and len(ids) > 1 and alone < ENOUGH else 0.0
        some = [(max(whole, alone), ids)] if whole > alone or page.line else [(told[id_], [id_]) for id_ in ids]
        lots += [(not page.last, chance / sum(map(cost, own)), chance, own) for chance, own in some if chance > 0]
    same, asked = 1.0, set[str]()
    for _, _, chance, ids in sorted(lots, key=itemgetter(0, 1)):
        if 1 - same * (1 - chance) < SPARED:
            same *= 1 - chance
        else:
            asked.update(ids)
    return asked


def _asked_now(page: Page, ids: list[str], chances: dict[str, Chance], telling: set[str]) -> list[str]:
    """Return what is asked of a page: what may change the first step; of a checklist of several lines, anything."""
    own = [id_ for id_ in ids if id_ in telling]
    any_ = [id_ for id_ in ids if sum(chances[id_]) > 0]
    return (any_ if page.line and len(own) > 1 else own) or any_ or ids


@cache
def _skip(id_: str, reason: SkipReason) -> Skip:
    """Return the one record of this question and reason; there are as many as questions and reasons."""
    return Skip(id=id_, reason=reason)


def _settled(assessment: Assessment) -> bool:
    """Whether the first cause is confirmed and stays first whatever is still answered."""
    table, best = assessment.table, assessment.best
    return table.order[best][1] == 0 and not any(
        row.status == 0
        for cause in table.causes if cause.ranks[0] < best
        for row in cause.moving(assessment.bits_met, assessment.bits_open).rows
    )  # fmt: skip


def _turn(assessment: Assessment, page: Page, ids: list[str], doubted: Collection[str]) -> int:
    """Say which pages come before which, whatever their worth.

    First, of somebody who may be harmed, what was given; then what is `doubted`, and the complaint, which steers all;
    by whom they were approached; of everybody whether anybody did, of who misses the entry the look for it; then what
    touches no income, credit or debt; what is most personal last of all.
    """
    table, met = assessment.table, assessment.bits_met
    endangered = {id_ for id_ in ALWAYS if id_ in table.only_if and any_met(table.only_if[id_], met)}
    if not endangered.isdisjoint(ids):
        return 5
    if doubted:
        return 4
    if any(id_ in assessment.knowledge.steering for id_ in ids):
        return 3
    if ALWAYS[0] in ids:
        return 2 if endangered else 1
    if page.look:
        return 0 if assessment.advice.leading(met).id in NOT_ENTRY else 1
    intrusion = assessment.knowledge.weights.intrusion
    return -2 if page.last else -1 if any(intrusion[id_] >= SENSITIVE for id_ in ids) else 0


def _value(knowledge: Knowledge, worth: dict[str, float], chances: dict[str, Chance], ids: list[str]) -> float:
    """Expected change of what is told, for the cost of a page; what moves a cause without that breaks ties."""
    cost = sum(map(knowledge.weights.cost, ids))
    gains = (sum(weight * chance for weight, chance in zip(GAINS, chances[id_], strict=True)) for id_ in ids)
    return (sum(gains) + CAUSE_SHARE * sum(worth[id_] for id_ in ids)) / cost


def clear_answers(knowledge: Knowledge, ids: Iterable[str]) -> dict[str, Value]:
    """Return the answers of these questions that speak for no cause and help to rule one out: "all as it should be"."""
    found: dict[str, Value] = {}
    for id_ in ids:
        values = list(_clearing(knowledge, knowledge.questions[id_]))
        if len(values) == 1:
            found[id_] = values[0]
    return found


def _clearing(knowledge: Knowledge, question: Question) -> Iterator[Value]:
    rules = [rule for cause in knowledge.causes.values() for rule in cause.rule if question.id in rule.when]
    tried: list[Value] = []
    if question.type == "choice":
        tried = [choice.id for choice in question.value]
    elif question.type in ("integer", "amount"):
        tried = [0]
    for value in tried:
        fact = Fact(State.KNOWN, value)
        met = {rule.status for rule in rules if check(rule.when[question.id], fact, knowledge.limits) is Truth.MET}
        if met.isdisjoint(FOR) and "ruled_out" in met:
            yield value
