"""From observations to an assessment of every cause: a pure function (contract, section 4)."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from diagnostics.engine.advice import Standing, advice_of, table_of
from diagnostics.engine.conditions import once
from diagnostics.engine.facts import Fact, Facts, State, platforms_read, version_texts
from diagnostics.engine.rule_table import BLOCKS, CAUSE, GROUNDS, READ, RULED_OUT, STOPS, UNDECIDED, any_met
from diagnostics.evidence import UNKNOWN, Evidence, Observation
from diagnostics.knowledge.derived import OTHERS
from diagnostics.knowledge.model import STATUSES, Cause, Confidence, Rule, Status, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from diagnostics.engine.rule_table import CauseRows
    from diagnostics.evidence import Source, Value
    from diagnostics.knowledge.model import Knowledge

STRONG: Final = ("confirmed", "likely")
"""Where a cause stands that counts as found."""
DANGER: Final = ("paid_offer", "harm")
"""Complaints after which it is first asked who approached the person, and what was given: they say nothing else."""
Outlook = Literal["entry_found", "requirement_confirmed"]


class CauseAssessment(msgspec.Struct, frozen=True, kw_only=True):
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


class ClashSource(msgspec.Struct, frozen=True):
    """What is a contradiction: which one, the facts that say so, and the names in `looked_at` of all that it shows."""

    kind: str
    at: int
    facts: tuple[str, ...]
    looks: tuple[str, ...]


class Assessment:
    """Every cause with its status, strongest first, and what follows for the search."""

    def __init__(
        self, knowledge: Knowledge, values: dict[str, Any], evidence: Evidence | None = None, *,
        observed: Evidence | None = None, at: str | None = None,
    ) -> None:  # fmt: skip
        """Assess `values`, what holds under each id with lists as tuples; they are answers where no evidence is.

        `evidence` has, beside what was `observed`, what follows from it; `at` is when answers were given.
        """
        self.knowledge = knowledge
        self.advice = advice_of(knowledge)
        self.table = table = self.advice.table
        self.values = values
        self._evidence = evidence
        self._observed = observed
        self._given = len(values)
        self._grounds: dict[str, tuple[bool, tuple[str, ...]]] = {}
        self.at = at
        """When the answers were given that it is assessed by; None where evidence is."""
        implied = table.implied(values) if evidence is None else []
        self.implied = {id_: f"{steering}={values[steering]}" for id_, _, steering in implied}
        """What follows from the answers, and from which."""
        values.update([(id_, value) for id_, value, _ in implied])
        self.read = table.read(values)
        """The values as the rows read them: one version text stands for all that mean the same to them."""
        met, self.bits_open = table.evaluate(self.read)
        self.judged = table.judge(met)
        self.bits_met, self.speakers = self.judged.met, self.judged.speakers
        """The bits met, and who speaks."""
        self.ranks = [rank for few in self.judged.verdicts for rank in few.ranks]
        """Of each cause its rank, in the order of the table."""
        self.stopped, self.clear = bool(self.judged.flags & STOPS), not self.judged.flags & BLOCKS
        """Whether a requirement is not met, and whether nothing stands in the way of the last cause."""
        self.best = min(self.ranks)
        found, refuses = bool(met & table.found.mask), bool(met & table.refused.mask)
        self.refused = found and refuses
        """Whether the entry is seen and its page refuses."""
        self.ends: Outlook | None = (
            "entry_found" if found and not refuses else "requirement_confirmed" if self.stopped else None
        )
        """Why the questions end by themselves, or None."""
        known = any(value != UNKNOWN for value in values.values())
        may = self.bits_met | self.bits_open
        self.standing = Standing(self.bits_met, may, self.speakers, found and not refuses, known)
        """The same as the advice sees it."""

    @once
    def statuses(self) -> list[int]:
        """Where each cause stands, as its index in `STATUSES`."""
        return [self.table.order[rank][1] for rank in self.ranks]

    @once
    def order(self) -> list[int]:
        """The causes, as their index in `table.causes`, the strongest first."""
        return [self.table.order[rank][0] for rank in sorted(self.ranks)]

    @property
    def first_status(self) -> tuple[Cause, Status]:
        """The cause that ranks first, and its status."""
        at, status = self.table.order[self.best]
        return self.table.causes[at].cause, STATUSES[status]

    def status(self, cause: str) -> Status:
        """Return the status of a cause; raises KeyError for an id that is none."""
        return STATUSES[self.statuses[self.table.index[cause]]]

    def cause(self, at: int) -> CauseAssessment:
        """Return a cause (its index in `table.causes`) with the rows that put it where it stands."""
        one, now = self.table.causes[at], self.statuses[at]
        met = [row for row in one.by_status if self.bits_met & row.mask == row.mask]
        speaks = now < UNDECIDED
        holds = tuple(row.rule for row in met if not speaks or row.status < UNDECIDED)
        return CauseAssessment(
            cause=one.cause,
            status=STATUSES[now],
            holds=holds,
            outweighed=tuple(row.rule for row in met if speaks and row.status == RULED_OUT),
            confidence=holds[0].confidence if holds and holds[0].confidence else self.confidence(one),
        )

    def confidence(self, one: CauseRows) -> Confidence:
        """Return a cause's own confidence, but of one that rests on a minimum version that minimum's."""
        for what in one.minimums:
            row = self.knowledge.minimum(what, str(self.fact("client.platform").value))
            if row is not None:
                return row.confidence
        return one.cause.confidence

    @once
    def verdicts(self) -> dict[str, CauseAssessment]:
        """Every cause by its id, the strongest first."""
        return {self.table.causes[at].cause.id: self.cause(at) for at in self.order}

    @once
    def evidence(self) -> Evidence:
        """What was observed, and what follows from it."""
        if self._evidence is not None:
            return self._evidence
        return Evidence(map(self.observation, self.values))

    @property
    def given(self) -> Evidence:
        """What was observed, without what follows from it."""
        return Evidence(self.evidence.all[: self._given]) if self._observed is None else self._observed

    @once
    def shown(self) -> Mapping[str, Any]:
        """What holds under each id as a text shows it: the value, with its source where that is not the user's word."""
        if self._evidence is None:
            return self.values
        return {
            id_: self.values[id_]
            if one.source == "answer" and one.band is None and one.value.__class__ is not float
            else (None, one.value.__class__, self.values[id_], one.source, one.band)
            for id_, one in self._evidence.effective()
        }

    def looked_at(self) -> dict[str, Any]:
        """Return what texts may look at, by name: `shown`, and what each fact rests on."""
        return _LookedAt(self)  # not kept here: it would keep this alive, and this it

    @once
    def measured(self) -> dict[str, Source]:
        """From which machine each value is that a machine measured."""
        if self._evidence is None:
            return {}
        return {id_: one.source for id_, one in self._evidence.effective() if one.source in ("phone", "computer")}

    def observation(self, id_: str) -> Observation:
        """Return what holds under an id that was observed."""
        if self._evidence is not None:
            return next(filter(None, [self._evidence.get(id_)]))
        value = self.values[id_]
        told = list(value) if value.__class__ is tuple else value
        return Observation(id=id_, value=told, observed_at=self.at, detail=self.implied.get(id_))

    def observed(self, *facts: str) -> tuple[Observation, ...]:
        """Return the observations that these facts rest on, each once."""
        return tuple(map(self.observation, dict.fromkeys(id_ for fact in facts for id_ in self.grounds(fact)[1])))

    def witnesses(self, *facts: str) -> list[str]:
        """Return the ids of the observations that these facts rest on and that say anything, each once."""
        ids = dict.fromkeys(id_ for fact in facts for id_ in self.grounds(fact)[1])
        return [id_ for id_ in ids if self.values[id_] != UNKNOWN]

    def fact(self, id_: str) -> Fact:
        """Return a fact that looks at no cause, as the rows read it."""
        return self.table.fact(self.read, id_)

    def grounds(self, fact: str) -> tuple[bool, tuple[str, ...]]:
        """Return whether a fact is known, and the ids of the observations that it rests on."""
        found = self._grounds.get(fact)
        if found is None:
            found = self._grounds[fact] = self._find_grounds(fact)
        return found

    def _find_grounds(self, fact: str) -> tuple[bool, tuple[str, ...]]:
        table = self.table
        if fact == OTHERS[0]:
            stopping = enumerate(table.causes) if self.stopped else ()
            behind = [id_ for at, one in stopping if one.stops and self.statuses[at] == 0 for id_ in self._reasons(at)]
        elif fact == OTHERS[1]:
            behind = list(table.inputs("entry.found")) if self.clear else []
        elif fact.startswith(CAUSE):
            behind = self._reasons(table.index[fact.removeprefix(CAUSE)])
        elif fact not in self.knowledge.derived:
            value = self.values.get(fact)
            return value not in (None, UNKNOWN), () if value is None else (fact,)
        else:
            found = self.fact(fact)
            return found.state is State.KNOWN, found.origin
        return True, tuple(dict.fromkeys(id_ for one in behind for id_ in self.grounds(one)[1]))

    def _reasons(self, at: int) -> list[str]:
        """Return the facts of the strongest row that put a cause where it stands."""
        held = (row.rule for row in self.table.causes[at].by_status if self.bits_met & row.mask == row.mask)
        return list(next((rule.when for rule in held), ()))

    @once
    def clashes(self) -> tuple[Clash, ...]:
        """What cannot all be right, each named once: what the knowledge base words before what is found by rule."""
        rows, platform, outweighed = ([self.clash(source) for source in some] for some in self.clash_sources())
        told = {one.observed for one in rows}
        conflicting = () if self.evidence.undisputed else _conflicting(self.knowledge, self.evidence)
        return (*rows, *conflicting, *platform, *(one for one in outweighed if one.observed not in told))

    def clash_sources(self) -> tuple[list[ClashSource], list[ClashSource], list[ClashSource]]:
        """Return what is a contradiction here: rows of the knowledge base, the platform, rows of causes outweighed."""
        table, met = self.table, self.bits_met
        rows = [self._source("row", at, self.knowledge.contradictions[at].when) for at in table.contradicted(met)]
        named = table.other_platform(self.read)
        platform = [ClashSource("platform", 0, (), table.reads("client.platform"))] if named else []
        outweighed = [
            self._source("cause", at, self._on_both_sides(at))
            for _, at, _ in self.speakers
            if any_met(table.causes[at].out, met)
        ]
        return rows, platform, outweighed

    def _source(self, kind: str, at: int, facts: Iterable[str]) -> ClashSource:
        names = tuple(name for id_ in facts for name in self.table.grounds_names[id_])
        return ClashSource(kind, at, tuple(facts), names)

    def _on_both_sides(self, at: int) -> list[str]:
        """Return the facts of the row that holds of a cause and of those that it outweighs."""
        met = [row for row in self.table.causes[at].by_status if self.bits_met & row.mask == row.mask]
        rules = (row.rule for number, row in enumerate(met) if row.status == RULED_OUT or not number)
        return list(dict.fromkeys(id_ for rule in rules for id_ in rule.when))

    def clash(self, source: ClashSource) -> Clash:
        """Return a contradiction with what was observed."""
        knowledge = self.knowledge
        if source.kind == "platform":
            facts = Facts(knowledge, self.values)
            held = facts["client.platform"]
            others = [id_ for id_, platform in platforms_read(facts) if platform != held.value]
            seen = tuple(map(self.observation, dict.fromkeys((*held.origin, *others))))
            text = knowledge.locale["contradiction.platform"]
            return Clash(id="platform.in_text", text=text, observations=seen, settle="client.platform")
        seen = self.observed(*source.facts)
        if source.kind == "row":
            row = knowledge.contradictions[source.at]
            return Clash(id=row.id, text=row, observations=seen, settle=row.settle)
        settle = next((one.id for one in seen if one.id in knowledge.questions), None)
        id_, text = CAUSE + self.table.causes[source.at].cause.id, knowledge.locale["contradiction.rows"]
        return Clash(id=id_, text=text, observations=seen, settle=settle)


class _LookedAt(dict[str, Any]):
    """See `Assessment.looked_at`; what does not stand in `shown` is worked out when it is first asked for."""

    def __init__(self, assessment: Assessment) -> None:
        super().__init__(assessment.table.nothing)
        self.update(assessment.shown)
        self.update((READ + id_, assessment.read.get(id_)) for id_ in assessment.table.texts)
        self._assessment = assessment

    def __missing__(self, name: str) -> Any:
        found: Any = None
        if name.startswith(GROUNDS):
            found = self._assessment.grounds(name.removeprefix(GROUNDS))
            found += tuple(map(self._assessment.shown.get, found[1]))
        self[name] = found
        return found


def assess(knowledge: Knowledge, evidence: Evidence) -> Assessment:
    """Judge every cause by the observations: same input, same result, no clock, no machine."""
    whole = with_implied(knowledge, evidence)
    return Assessment(knowledge, whole.values(), whole, observed=evidence)


def assess_answers(knowledge: Knowledge, answers: Mapping[str, Value], at: str) -> Assessment:
    """Judge every cause by answers that were checked and are all the user's own; `at` is when they were given."""
    values = {id_: tuple(value) if isinstance(value, list) else value for id_, value in answers.items()}
    return Assessment(knowledge, values, at=at)


def with_implied(knowledge: Knowledge, evidence: Evidence) -> Evidence:
    """Return the evidence with the answers that follow from others (the complaint page), where not given themselves."""
    values = evidence.values()
    follow = [
        msgspec.structs.replace(
            told, id=id_, value=[*value] if isinstance(value, tuple) else value, detail=f"{steering}={told.value}"
        )
        for id_, value, steering in table_of(knowledge).implied(values)
        if (told := evidence.get(steering)) is not None
    ]
    return evidence.plus(*follow) if follow else evidence


class Move(msgspec.Struct, frozen=True):
    """A cause whose status changed: from what to what."""

    cause: str
    before: Status
    after: Status


def moves(before: Assessment, after: Assessment) -> list[Move]:
    """List the causes that stand elsewhere after than before, in the order after."""
    causes = after.table.causes
    return [
        Move(causes[at].cause.id, STATUSES[before.statuses[at]], STATUSES[after.statuses[at]])
        for at in after.order
        if before.statuses[at] != after.statuses[at]
    ]


def _conflicting(knowledge: Knowledge, evidence: Evidence) -> Iterator[Clash]:
    readers = version_texts(knowledge)
    for id_, _ in sorted(evidence.effective(), key=itemgetter(0)):
        seen = evidence.conflicting(id_)
        read = readers.get(id_)
        if len({_meant(one, read) for one in seen}) > 1:
            settle = id_ if id_ in knowledge.questions else None
            yield Clash(
                id=f"observed.{id_}", text=knowledge.locale["contradiction.rivals"], observations=seen, settle=settle
            )


def _meant(seen: Observation, read: Any) -> str:
    """What an observation says, however it is written: two texts may name one version, a list has no order."""
    if isinstance(seen.value, list):
        return repr(sorted(seen.value))
    return (read(str(seen.value)).version if read is not None else None) or repr(seen.value)
