"""Situations and actions as rows of the rule table: what the person is in, and what to do about it."""

from __future__ import annotations

from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from diagnostics.engine.conditions import Memo
from diagnostics.engine.rule_table import CAUSE, any_met
from diagnostics.knowledge.model import STATUSES, URGENCIES, Cause

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from diagnostics.engine.assessment import Assessment
    from diagnostics.engine.rows import Row, Speaker
    from diagnostics.engine.rule_table import CauseRows, RuleTable
    from diagnostics.knowledge.model import Action, Instruction, Situation, Text, When, Wording

_UNKNOWN = STATUSES.index("unknown")
_POSSIBLE = STATUSES.index("possible")
_KEPT = "advice"


class Standing(NamedTuple):
    """A case as the advice sees it: the bits met, and those met or open."""

    met: int
    may: int
    speakers: Sequence[Speaker]
    """The causes at `possible` or above, in their order."""
    found: bool
    """Whether the entry is seen and no message refuses."""
    known: bool
    """Whether anything is known at all."""


def standing_of(assessment: Assessment) -> Standing:
    """Return an assessment as the advice sees it."""
    advice_of(assessment.table)
    assessment.refresh()  # the advice may only just have been compiled
    standing: Standing | None = assessment.standing
    if standing is None:
        standing = assessment.standing = Standing(
            assessment.bits_met,
            assessment.bits_met | assessment.bits_open,
            assessment.speakers,
            assessment.ends == "entry_found",
            assessment.known,
        )
    return standing


class Step(NamedTuple):
    """An action that fits this person, in the words that fit, with what it is for."""

    action: Action
    words: Instruction
    cause: str | None
    situation: str | None


_Placed: TypeAlias = "tuple[tuple[int, int, float, int], Step]"
_PLACE = itemgetter(0)
_First: TypeAlias = tuple[int, int, float, int, str]
NO_ACTION: _First = (len(URGENCIES), 0, 0.0, 0, "")
"""Comes after every place."""
ALWAYS_VALID = ""
"""A day on which nothing dated is over: what is asked does not depend on the calendar."""


class Words:
    """Texts of which the first that fits is said, each with the masks of its rows."""

    __slots__ = ("texts",)

    def __init__(self, table: RuleTable, name: str, texts: Iterable[Wording]) -> None:
        self.texts = tuple((one, masks_of(table, f"{name} {at}", one.when)) for at, one in enumerate(texts))

    def fitting(self, met: int, today: str) -> Wording | None:
        """Return the first text whose condition is met and whose time is not over, None where there is none."""
        for text, masks in self.texts:
            if (not masks or any_met(masks, met)) and current(text.valid_until, today):
                return text
        return None


class Offer(NamedTuple):
    """An action as its owner offers it; `value` is its chance for its cost at each status of a cause."""

    action: Action
    masks: tuple[int, ...]
    urgency: int
    values: tuple[float, ...]
    chance: float | None

    def words(self, met: int, may: int, today: str) -> Instruction | None:
        """Return its words for this person, None where it is not for them."""
        action = self.action
        if action.valid_until is not None and not current(action.valid_until, today):
            return None
        if not self.masks or any_met(self.masks, met):
            return action
        return action.general if action.general is not None and any_met(self.masks, may) else None


class Offers:
    """The actions of a cause or a situation."""

    def __init__(self, table: RuleTable, owner: Cause | Situation, chances: dict[str, float]) -> None:
        weights = table.knowledge.weights
        found = []
        for action in table.knowledge.actions_of(owner):
            chance = chances.get(action.id, action.chance)
            cost = weights.effort[action.effort]
            values = tuple((weights.status[now] if chance is None else chance) / cost for now in STATUSES)
            masks = masks_of(table, f"action {action.id}", action.when)
            found.append(Offer(action, masks, URGENCIES.index(action.urgency), values, chance))
        self.all = tuple(found)
        self.bits = _union(mask for offer in found for mask in offer.masks)
        self.general = _union(mask for offer in found if offer.action.general is not None for mask in offer.masks)
        """The bits by which an action without its own words may still fit."""
        self.cause = owner.id if isinstance(owner, Cause) else None
        self.situation = None if isinstance(owner, Cause) else owner.id

    def fitting(self, met: int, may: int, today: str) -> list[tuple[Action, Instruction | None]]:
        """Return every action with its words for this person, None where it is not for them."""
        return [(offer.action, offer.words(met, may, today)) for offer in self.all]


class Owner:
    """A cause at a status or a situation, where it leads or not, with its claim on a person and its place among all."""

    def __init__(self, offers: Offers, now: int, claim: int, order: int) -> None:
        self.bits, self.general = offers.bits, offers.general
        self.first: Memo[tuple[int, int], _First] = Memo()
        """The place of its first action, whatever the day, and the action, by the bits met and those met or open."""
        self._offers, self._now, self._claim, self._order = offers, now, claim, order
        self._offered: Memo[tuple[int, int, str], list[_Placed]] = Memo()

    def keep_first(self, met: int, may: int) -> _First:
        """Find the first action and keep it."""
        offered = self.offered(met, may, ALWAYS_VALID)
        found = (*offered[0][0], offered[0][1].action.id) if offered else NO_ACTION
        return self.first.keep((met & self.bits, may & self.general), found)

    def offered(self, met: int, may: int, today: str) -> list[_Placed]:
        """Return its actions by these bits, each with its place.

        A place is the action's urgency, the claim, its value at that status, with the least of those before it, and the
        owner's place. Causes at `likely` or above (claim 0) keep their order, whatever an action is worth.
        """
        key = (met & self.bits, may & self.general, today)
        found = self._offered.get(key)
        if found is None:
            found, least = list["_Placed"](), 0.0
            for offer in self._offers.all:
                words = offer.words(met, may, today)
                if words is not None:
                    value = -offer.values[self._now]
                    least = value if value > least or not least else least
                    place = (offer.urgency, self._claim, least if self._claim else 0.0, self._order)
                    step = Step(offer.action, words, self._offers.cause, self._offers.situation)
                    found.append((place, step))
            found.sort(key=_PLACE)
            self._offered.keep(key, found)
        return found


class _CauseAdvice:
    """What is said and done about a cause."""

    __slots__ = ("offers", "says", "titled", "told_by")

    def __init__(self, table: RuleTable, rows: CauseRows) -> None:
        cause = rows.cause
        self.titled = Words(table, f"titled {cause.id}", cause.titled)
        self.says = Words(table, f"says {cause.id}", cause.says)
        self.offers = Offers(table, cause, {})
        titles = _union(mask for _, masks in self.titled.texts for mask in masks)
        self.told_by = rows.mask | titles
        """The bits that decide what a report says of it, its actions aside."""


class _Asking:
    """Rows of which those that look at no cause say what is asked: each mask with the questions behind each bit."""

    __slots__ = ("bits", "rows")

    def __init__(self, table: RuleTable, rows: Iterable[Row]) -> None:
        self.rows = tuple(
            (row.mask, tuple((bit, table.bits_of(table.inputs(id_))) for bit, id_ in row.conditions))
            for row in rows
            if not any(id_.startswith(CAUSE) for _, id_ in row.conditions)
        )
        self.bits = _union(mask for mask, _ in self.rows)

    def questions(self, met: int, open_: int) -> int:
        """Return the questions, as bits, behind the open conditions of rows that may still come to be met."""
        found, may = 0, met | open_
        if open_ & self.bits:
            for mask, asks in self.rows:
                if may & mask == mask and open_ & mask:
                    for bit, questions in asks:
                        if open_ & bit:
                            found |= questions
        return found


class _SituationAdvice:
    """When a situation holds, what is said, and what is done about it."""

    __slots__ = ("causes", "fits", "masks", "offers", "plain", "situation", "texts")

    def __init__(self, table: RuleTable, situation: Situation) -> None:
        self.situation = situation
        rows = table.rows(f"situation {situation.id}", situation.when)
        self.masks = tuple(row.mask for row in rows)
        self.plain = _Asking(table, rows)
        self.fits = _Asking(table, [
            row for action in table.knowledge.actions_of(situation)
            for row in table.rows(f"action {action.id}", action.when)
        ])  # fmt: skip
        """The rows by which its actions fit."""
        asked = [table.index.get(id_.removeprefix(CAUSE)) for row in rows for _, id_ in row.conditions]
        self.causes = tuple(dict.fromkeys(at for at in asked if at is not None))
        """The causes that it holds by, as their index."""
        self.texts = Words(table, f"situation {situation.id} text", situation.text)
        self.offers = Offers(table, situation, situation.chances)


class Advice:
    """The situations and actions of a knowledge base; made once for its table by `advice_of`."""

    def __init__(self, table: RuleTable) -> None:
        self.causes = tuple(_CauseAdvice(table, one) for one in table.causes)
        self.situations = tuple(_SituationAdvice(table, one) for one in table.knowledge.situations)
        self.bits = _union(mask for one in self.situations for mask in one.masks)
        """The bits that say which situations hold."""
        self._held: Memo[int, tuple[int, ...]] = Memo()
        self._leading = [Owner(one.offers, _POSSIBLE, 1, 0) for one in self.situations]
        self._beside = [Owner(one.offers, _POSSIBLE, 2, at) for at, one in enumerate(self.situations, 1)]
        self._caused = [
            [Owner(one.offers, now, 0 if now < _POSSIBLE else 1, len(self.situations) + 1 + rows.ranks[now])
             for now in range(_UNKNOWN)] for one, rows in zip(self.causes, table.causes, strict=True)
        ]  # fmt: skip
        """Each cause at each status at `possible` or above."""

    def held(self, met: int) -> tuple[int, ...]:
        """Return the situations that hold, as their index, the leading one first."""
        held = self._held.get(met & self.bits)
        if held is None:
            found: list[int] = []
            for at, one in enumerate(self.situations):
                if any_met(one.masks, met) and not (one.situation.alone and found):
                    found.append(at)
            held = self._held.keep(met & self.bits, tuple(found))
        return held

    def watched(self, standing: Standing, held: Sequence[int]) -> int:
        """Return the bits on which the plan rests as long as situations and causes stay where they are."""
        found = self.bits
        for at in held:
            found |= self.situations[at].offers.bits
        for _, at, _ in standing.speakers:
            found |= self.causes[at].offers.bits
        return found

    def open_questions(self, met: int, open_: int) -> int:
        """Return the questions, as bits, behind the situations that may still hold, and the steps of the first."""
        found = self.situations[self.held(met)[0]].fits.questions(met, open_)
        for one in self.situations:
            if open_ & one.plain.bits and not any_met(one.masks, met):
                found |= one.plain.questions(met, open_)
        return found

    def sentence(self, at: int, standing: Standing, today: str) -> Text:
        """Return the sentence that answers a person in this situation on this day (an ISO date).

        The first cause at `likely` or above speaks in its place where the situation lets it and it has words for it.
        """
        one = self.situations[at]
        if one.situation.cause_speaks and standing.speakers:
            _, first, status = standing.speakers[0]
            said = self.causes[first].says.fitting(standing.met, today) if status < _POSSIBLE else None
            if said is not None:
                return said
        return one.texts.fitting(standing.met, today) or one.situation.title

    def closed_by(self, at: int, standing: Standing) -> list[int]:
        """Return the causes at `likely` or above, as their index, that make a situation conclusive, in their order."""
        one = self.situations[at]
        if not one.situation.conclusive:
            return []
        return [cause for _, cause, status in standing.speakers if status < _POSSIBLE and cause in one.causes]

    def plan(self, standing: Standing, held: Sequence[int], today: str) -> list[Step]:
        """Return what to do in the order to try it, each action once; nothing where nothing is known (section 6).

        What is urgent comes first. Within an urgency: what concerns causes at `likely` or above, in their order; then
        what the leading situation and the possible causes call for, the best chance for the least cost first
        (Heckerman, Breese, Rommelse 1995); then the rest. The actions of one owner keep their order.
        """
        found: dict[str, Step] = {}
        for _, step in sorted(chain.from_iterable(self._offered(standing, held, today)), key=_PLACE):
            found.setdefault(step.action.id, step)
        return list(found.values())

    def first(self, standing: Standing, held: Sequence[int]) -> str:
        """Return the id of the first step of the plan on a day on which nothing is over, empty where there is none."""
        met, may = standing[:2]
        return min(
            [
                owner.first.get((met & owner.bits, may & owner.general)) or owner.keep_first(met, may)
                for owner in self.owners(standing, held)
            ],
            default=NO_ACTION,
        )[-1]

    def first_two(self, standing: Standing, held: Sequence[int], today: str) -> tuple[str, str]:
        """Return the ids of the first two steps of the plan, empty where there is none."""
        offered = self._offered(standing, held, today)
        ahead = sorted(chain.from_iterable(placed[:2] for placed in offered), key=_PLACE)  # the others come later
        first = ahead[0][1].action.id if ahead else ""
        return first, next((step.action.id for _, step in ahead if step.action.id != first), "")

    def _offered(self, standing: Standing, held: Sequence[int], today: str) -> list[list[_Placed]]:
        """Return what each owner offers."""
        return [owner.offered(standing.met, standing.may, today) for owner in self.owners(standing, held)]

    def owners(self, standing: Standing, held: Sequence[int]) -> list[Owner]:
        """Return the situations and the causes whose actions count for this person."""
        if not standing.known:
            return []
        leading = self.situations[held[0]].situation
        found = [self._leading[held[0]]]
        if not leading.conclusive:
            found += [self._beside[at] for at in held[1:]]
        if not standing.found and leading.about_entry:
            causes, closed = self._caused, self.closed_by(held[0], standing)
            found += [causes[at][now] for _, at, now in standing.speakers if not closed or at in closed]
        return found


def advice_of(table: RuleTable) -> Advice:
    """Return the advice of a knowledge base, compiled once into its table."""
    kept: Advice | None = table.knowledge.__dict__.get(_KEPT)
    if kept is None:
        kept = table.knowledge.__dict__[_KEPT] = Advice(table)
    return kept


def current(valid_until: str | None, today: str) -> bool:
    """Whether what is valid until a day still is on another; both are ISO dates, None never ends."""
    return valid_until is None or today <= valid_until


def masks_of(table: RuleTable, name: str, whens: Iterable[When]) -> tuple[int, ...]:
    """Compile rows of which any must be met, and return their masks."""
    return tuple(row.mask for row in table.rows(name, whens))


def _union(masks: Iterable[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found
