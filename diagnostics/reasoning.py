"""From observations to an assessment of every cause: a pure function (contract, section 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeVar

import msgspec

from diagnostics.evidence import Observation
from diagnostics.facts import READERS, READS, Facts, Minimums, platforms_read
from diagnostics.knowledge.model import EFFORTS, KINDS, STATUSES, Cause, Confidence, Rule, Status, Text
from diagnostics.rules import Fact, Outcome, State, check_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from diagnostics.evidence import Evidence
    from diagnostics.knowledge.model import Contradiction, Knowledge

T = TypeVar("T")

OTHERS: Final = ("others.requirement_confirmed", "others.all_clear")
"""Facts about the other causes: a cause that asks for one is judged after all that do not."""

FOR: Final = frozenset({"confirmed", "likely", "possible"})


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Where one cause stands and the rows that put it there; `outweighed` rows spoke against and do not hold."""

    cause: Cause
    status: Status
    holds: tuple[Rule, ...]
    outweighed: tuple[Rule, ...]
    confidence: Confidence


class Clash(msgspec.Struct, frozen=True, kw_only=True):
    """Two or more observations that cannot all be right; `settle` is the question that would decide, where one can."""

    id: str
    text: Text
    observations: tuple[Observation, ...]
    settle: str | None

    @property
    def observed(self) -> frozenset[str]:
        """The ids of what cannot all be right."""
        return frozenset(one.id for one in self.observations)


Outlook = Literal["entry_found", "requirement_confirmed"]


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """Every cause with its verdict, strongest first, and what follows for the search."""

    verdicts: dict[str, Verdict]
    facts: Facts
    clashes: tuple[Clash, ...]
    ends: Outlook | None
    """Why the questions end by themselves, or None."""

    @property
    def first(self) -> Verdict:
        """The verdict that ranks first."""
        return next(iter(self.verdicts.values()))

    def status(self, cause: str) -> Status:
        """Return the status of a cause; raises KeyError for an id that is none."""
        return self.verdicts[cause].status


def assess(knowledge: Knowledge, evidence: Evidence) -> Assessment:
    """Judge every cause by the observations: same input, same result, no clock, no machine."""
    facts = Facts(with_implied(knowledge, evidence), Minimums.of(knowledge))
    verdicts: dict[str, Verdict] = {}
    later = []
    for cause in knowledge.causes.values():
        if looks_at_others(cause):
            later.append(cause)
        else:
            verdicts[cause.id] = judge(knowledge, cause, facts)
    stopping = [verdict for verdict in verdicts.values() if stops(verdict.cause, verdict.status)]
    clear = all(clears(verdict.cause, verdict.status) for verdict in verdicts.values())
    facts.update(about_others(facts, stopping, clear=clear))
    verdicts.update((cause.id, judge(knowledge, cause, facts)) for cause in later)
    ranked = sorted(verdicts.values(), key=lambda verdict: rank_key(verdict.cause, verdict.status))
    return Assessment(
        verdicts={verdict.cause.id: verdict for verdict in ranked},
        facts=facts,
        clashes=tuple(_clashes(knowledge, facts, ranked)),
        ends=outlook(found=facts["entry.found"].state is State.KNOWN, stopped=facts[OTHERS[0]].value == "yes"),
    )


def outlook(*, found: bool, stopped: bool) -> Outlook | None:
    """Say why the questions end by themselves: the entry is found, or a requirement is confirmed not to be met."""
    return "entry_found" if found else "requirement_confirmed" if stopped else None


def looks_at_others(cause: Cause) -> bool:
    """Whether a cause can only be judged after all others."""
    return any(name in rule.when for rule in cause.rule for name in OTHERS)


def reads(cause: Cause) -> dict[str, None]:
    """Return every observation that a cause's rows, and what is said about it, look at."""
    facts = {id_ for rule in cause.rule for id_ in rule.when}
    return dict.fromkeys(id_ for fact in sorted(facts) for id_ in READS.get(fact, (fact,)))


class Move(msgspec.Struct, frozen=True):
    """A cause whose status changed: from what to what."""

    cause: str
    before: Status
    after: Status


def moves(before: Assessment, after: Assessment) -> list[Move]:
    """List the causes that stand elsewhere after than before, in the order after."""
    return [
        Move(id_, before.status(id_), verdict.status)
        for id_, verdict in after.verdicts.items()
        if before.status(id_) != verdict.status
    ]


def with_implied(knowledge: Knowledge, evidence: Evidence) -> Evidence:
    """Return the evidence with the answers that follow from others (the complaint page), where not given themselves."""
    follow: list[Observation] = []
    for steering in knowledge.steering:
        told = evidence.get(steering)
        choice = knowledge.questions[steering].choice(told.value) if told is not None else None
        if told is not None and choice is not None:
            follow += (
                msgspec.structs.replace(told, id=id_, value=value, detail=f"{told.id}={told.value}")
                for id_, value in choice.sets.items()
                if evidence.get(id_) is None
            )
    return evidence.plus(*follow) if follow else evidence


def rows_met(knowledge: Knowledge, cause: Cause, facts: Facts) -> list[Rule]:
    """Return the rows of a cause that apply, the strongest first; a row `unknown` before `ruled_out`."""
    met = [rule for rule in cause.rule if check_all(rule.when, facts, knowledge.limits) is Outcome.MET]
    return sorted(met, key=lambda rule: STATUSES.index(rule.status))


def status_by(met: list[Rule]) -> Status:
    """Return the status that these rows give: the strongest that speaks for one, else ruled out, else unknown."""
    if not met:
        return "unknown"
    return met[0].status if met[0].status in FOR else met[-1].status


def judge(knowledge: Knowledge, cause: Cause, facts: Facts) -> Verdict:
    """Find a cause's status: the strongest row that applies; ruled out only where no row speaks for it."""
    met = rows_met(knowledge, cause, facts)
    status = status_by(met)
    for_ = [rule for rule in met if status not in FOR or rule.status in FOR]
    against = [rule for rule in met if status in FOR and rule.status == "ruled_out"]
    return Verdict(
        cause=cause,
        status=status,
        holds=tuple(for_),
        outweighed=tuple(against),
        confidence=_confidence(knowledge, cause, facts),
    )


def _confidence(knowledge: Knowledge, cause: Cause, facts: Facts) -> Confidence:
    """The cause's own, but for one that rests on a minimum version: then that minimum's."""
    for what in ("wechat", "os"):
        if any(f"{what}.against_minimum" in rule.when for rule in cause.rule):
            row = knowledge.minimum(what, str(facts["client.platform"].value))
            if row is not None:
                return row.confidence
    return cause.confidence


def about_others(facts: Facts, stopping: Iterable[Verdict], *, clear: bool) -> dict[str, Fact]:
    """Return the facts about the other causes.

    They rest on what confirmed those that are `stopping`, or on where the entry was looked for if all is `clear`.
    """
    stopping = list(stopping)
    origin = _unique([facts[id_] for v in stopping for rule in v.holds[:1] for id_ in rule.when])
    looked = _unique([facts["entry.services_menu"], facts["entry.official_account"]]) if clear else ()
    return {
        OTHERS[0]: Fact(State.KNOWN, "yes" if stopping else "no", origin),
        OTHERS[1]: Fact(State.KNOWN, "yes" if clear else "no", looked),
    }


def stops(cause: Cause, status: Status) -> bool:
    """Whether a cause of this status ends the questions: a requirement that is certainly not met."""
    return cause.kind == "requirement" and status == "confirmed"


def clears(cause: Cause, status: Status) -> bool:
    """Whether a cause of this status leaves the way free for the last one, that nobody outside can test."""
    return status == "ruled_out" if cause.kind in ("requirement", "technical", "location") else status not in FOR


def rank_key(cause: Cause, status: Status) -> tuple[int, int, int, str]:
    """Return what a cause of this status is ordered by: status, kind, least effort, id (contract, section 4)."""
    return (
        STATUSES.index(status),
        KINDS.index(cause.kind),
        min(EFFORTS.index(action.effort) for action in cause.action),
        cause.id,
    )


def _clashes(knowledge: Knowledge, facts: Facts, verdicts: list[Verdict]) -> list[Clash]:
    rows = [clash for row in knowledge.contradictions if (clash := row_clash(knowledge, facts, row)) is not None]
    platform = platform_clash(knowledge, facts)
    between = [*_rivals(knowledge, facts), *([platform] if platform is not None else ())]
    outweighed = [outweighed_clash(knowledge, facts, verdict) for verdict in verdicts if verdict.outweighed]
    return each_once(rows, between, outweighed, lambda clash: clash.observed)


def each_once(rows: list[T], between: list[T], outweighed: list[T], observed: Callable[[T], frozenset[str]]) -> list[T]:
    """Name every contradiction once: first those the knowledge base words, then the mechanical ones."""
    told = {observed(one) for one in rows}
    return [*rows, *between, *(one for one in outweighed if observed(one) not in told)]


def row_clash(knowledge: Knowledge, facts: Facts, row: Contradiction) -> Clash | None:
    """Return a contradiction that the knowledge base words, where it is one here."""
    held = [facts[id_] for id_ in row.when]
    known = all(fact.state is State.KNOWN for fact in held)
    if not known or check_all(row.when, facts, knowledge.limits) is not Outcome.MET:
        return None
    return Clash(id=row.id, text=Text(zh=row.zh, en=row.en), observations=_unique(held), settle=row.settle)


def outweighed_clash(knowledge: Knowledge, facts: Facts, verdict: Verdict) -> Clash:
    """Return the contradiction between the row that holds and those that it outweighs."""
    rules = (verdict.holds[0], *verdict.outweighed)
    seen = _unique([facts[id_] for rule in rules for id_ in rule.when])
    return Clash(
        id=f"cause.{verdict.cause.id}",
        text=knowledge.locale["contradiction.rows"],
        observations=seen,
        settle=next((one.id for one in seen if one.id in knowledge.questions), None),
    )


def _rivals(knowledge: Knowledge, facts: Facts) -> Iterator[Clash]:
    for id_ in sorted(facts.evidence.ids()):
        seen = facts.evidence.rivals(id_)
        if len({_meant(one) for one in seen}) > 1:
            settle = id_ if id_ in knowledge.questions else None
            yield Clash(
                id=f"observed.{id_}", text=knowledge.locale["contradiction.rivals"], observations=seen, settle=settle
            )


def _meant(seen: Observation) -> str:
    """What an observation says, however it is written: two texts may name one version, a list has no order."""
    if isinstance(seen.value, list):
        return repr(sorted(seen.value))
    read = READERS.get(seen.id)
    return (read(str(seen.value)).version if read is not None else None) or repr(seen.value)


def platform_clash(knowledge: Knowledge, facts: Facts) -> Clash | None:
    """Return the contradiction between the platform told and one that a version text names, where there is one."""
    held = facts["client.platform"]
    others = [facts.answer(id_) for id_, platform in platforms_read(facts) if platform != held.value]
    if held.state is not State.KNOWN or not others:
        return None
    return Clash(
        id="platform.in_text",
        text=knowledge.locale["contradiction.platform"],
        observations=_unique([held, *others]),
        settle="client.platform",
    )


def _unique(facts: list[Fact]) -> tuple[Observation, ...]:
    return tuple({(one.id, one.source): one for fact in facts for one in fact.origin}.values())
