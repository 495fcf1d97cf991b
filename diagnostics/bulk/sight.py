"""What the rules can tell apart in a case: two cases that look the same here are judged the same.

Of a choice that is the choice, of a number on which side of each bound that a row names it lies, of a list whether it
is empty (`diagnostics.rules` asks for nothing else), of a fact worked out from several answers what it comes to.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any, Final

from diagnostics.answers import parse_answer
from diagnostics.bulk.memo import Memo
from diagnostics.bulk.tables import MOST, Cluster, Own
from diagnostics.evidence import UNKNOWN, Evidence, Observation
from diagnostics.facts import READS, Facts, Minimums
from diagnostics.knowledge.lint import DERIVED
from diagnostics.reasoning import OTHERS
from diagnostics.rules import Fact, State, exact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from fractions import Fraction

    from diagnostics.bulk.form import Told
    from diagnostics.bulk.tables import Look
    from diagnostics.knowledge.model import Knowledge, When

_MANY: Final = 40
"""What a fact counts for that may come to anything (a version's number)."""
_EXACT: Final = 2**53
"""From here on the decoder may read a number otherwise than it is written."""


class DoubtError(ValueError):
    """This answer cannot be used, or not surely; the plain way says which."""


class Sight:
    """Turns the answers of a case into what the rules see of it."""

    def __init__(self, knowledge: Knowledge, ids: tuple[str, ...]) -> None:
        self._knowledge = knowledge
        self._ids = ids
        self.minimums = Minimums.of(knowledge)
        self._bounds = _bounds(knowledge)
        self._named = _named(knowledge)
        self._seen: Memo[tuple[int, Told], Observation] = Memo(MOST)
        self._answers: Memo[tuple[int, Told], Fact] = Memo(MOST)
        self.at = raw = {id_: at for at, id_ in enumerate(ids)}
        self._own = [Own(self, raw[one.id]) for one in knowledge.questions.values() if one.type != "choice"]
        self.place = raw | {ids[own.at]: len(ids) + at for at, own in enumerate(self._own)}
        self.clusters: list[Cluster] = []
        width = len(ids) + len(self._own)
        for inputs, facts in _clustered(knowledge):
            places = tuple(raw[id_] for id_ in inputs)
            self.clusters.append(Cluster(self, places, facts, width))
            self.place |= {fact: width + at for at, fact in enumerate(facts)}
            width += len(facts)
        self.place |= {name: width + at for at, name in enumerate(OTHERS)}
        self._tables = [(own.at, own) for own in self._own]
        self._picks = [(cluster.pick, cluster) for cluster in self.clusters]

    def look(self, values: tuple[Told, ...]) -> Look:
        """Return what the rules see of these answers. Raises DoubtError."""
        own = [table[values[at]] for at, table in self._tables]
        for pick, table in self._picks:
            own += table[pick(values)]
        return (*values, *own)

    def supposing(self, look: Look, values: tuple[Told, ...], at: int, told: Told) -> Look:
        """Return what the rules would see with another answer to one question."""
        seen = list(look)
        seen[at] = told
        for number, own in enumerate(self._own):
            if own.at == at:
                seen[len(self._ids) + number] = own[told]
        for cluster in self.clusters:
            if at in cluster.places:
                found = cluster[cluster.pick((*values[:at], told, *values[at + 1 :]))]
                seen[cluster.start : cluster.start + len(found)] = found
        return tuple(seen)

    def see_answer(self, at: int, told: Told) -> Any:
        """Return what the rules see of one answer. Raises DoubtError."""
        return self.see_fact(self._ids[at], self.fact(at, told))

    def see_fact(self, id_: str, fact: Fact) -> Any:
        """Return what the rules see of one fact."""
        if fact.state is State.KNOWN:
            return self._see(id_, fact.value)
        return None if fact.state is State.OPEN else UNKNOWN

    def _see(self, id_: str, value: Any) -> Any:
        if isinstance(value, str):
            return value if id_ in self._named else True
        if isinstance(value, list):
            return bool(value)
        bounds, number = self._bounds.get(id_, ()), exact(value)
        if not isinstance(number, int) and all(isinstance(bound, int) for bound in bounds):
            number, rest = divmod(number.numerator, number.denominator)  # whole numbers are compared ten times as fast
            if rest:
                return 2 * bisect_right(bounds, number)
        at = bisect_left(bounds, number)
        return 2 * at + (at < len(bounds) and bounds[at] == number)

    def size(self, id_: str) -> int:
        """Return about how many looks a fact can have."""
        question = self._knowledge.questions.get(id_)
        if id_ in self._bounds:
            return 2 * len(self._bounds[id_]) + 3
        if question is not None and question.type != "text":
            return len(question.value) + 2 if question.type == "choice" else 4
        return len(DERIVED.get(id_, ())) + 2 if DERIVED.get(id_) else _MANY if id_ in self._named else 3

    def facts(self, values: tuple[Told, ...], places: Iterable[int]) -> Facts:
        """Return the facts that follow from these questions' answers alone. Raises DoubtError."""
        return Facts(self.evidence(values, places), self.minimums)

    def evidence(self, values: tuple[Told, ...], places: Iterable[int]) -> Evidence:
        """Return the answers to these questions as observations without a time. Raises DoubtError."""
        return Evidence(self.observation(at, values[at]) for at in places if values[at] is not None)

    def observation(self, at: int, told: Told) -> Observation:
        """Return one answer as an observation without a time. Raises DoubtError."""
        found = self._seen.get((at, told))
        return found if found is not None else self._seen.keep((at, told), self._observed(self._ids[at], told))

    def fact(self, at: int, told: Told) -> Fact:
        """Return what one answer says by itself. Raises DoubtError."""
        found = self._answers.get((at, told))
        if found is None:
            alone = Facts(Evidence([self.observation(at, told)]), self.minimums)
            found = self._answers.keep((at, told), alone.answer(self._ids[at]))
        return found

    def _observed(self, id_: str, told: Told) -> Observation:
        if isinstance(told, (int, float)) and not -_EXACT < told < _EXACT:
            raise DoubtError(id_)
        try:
            value = parse_answer(self._knowledge, id_, list(told) if isinstance(told, tuple) else told)
        except ValueError:
            raise DoubtError(id_) from None
        return Observation(id=id_, value=value)


def about(*, stopped: bool, clear: bool) -> tuple[str, ...]:
    """Return what the rules of the last causes see of the others."""
    return ("yes" if stopped else "no", "yes" if clear else "no")


def _whens(knowledge: Knowledge) -> Iterator[When]:
    yield from (rule.when for cause in knowledge.causes.values() for rule in cause.rule)
    yield from (row.when for row in knowledge.contradictions)
    yield from (question.only_if for question in knowledge.questions.values())


def _named(knowledge: Knowledge) -> set[str]:
    """Return the facts of which a row names a value, and the platform, whose minimum holds."""
    when = (pair for when in _whens(knowledge) for pair in when.items())
    return {id_ for id_, one in when if one.any is not None or one.not_ is not None} | {"client.platform"}


def _bounds(knowledge: Knowledge) -> dict[str, tuple[int | Fraction, ...]]:
    """Return, for each fact that is a number, every bound that a row holds it against, the least first."""
    named: dict[str, set[int | Fraction]] = {}
    for when in _whens(knowledge):
        for id_, condition in when.items():
            for bound in (condition.below, condition.above, condition.at_least, condition.at_most):
                if bound is not None:
                    limit = knowledge.limits[bound[1:]] if isinstance(bound, str) else bound
                    named.setdefault(id_, set()).add(exact(limit))
    return {id_: tuple(sorted(bounds)) for id_, bounds in named.items()}


def _clustered(knowledge: Knowledge) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Group the facts that share a question: the questions they are worked out from, and the facts."""
    used = {id_ for when in _whens(knowledge) for id_ in when} | {"entry.found"}
    groups: list[tuple[set[str], set[str]]] = []
    for id_ in [one for one in READS if one in used]:
        inputs = {one for one in READS[id_] if one in knowledge.questions}
        joined = [group for group in groups if group[0] & inputs]
        groups = [group for group in groups if group not in joined]
        groups.append((inputs.union(*(one for one, _ in joined)), {id_}.union(*(one for _, one in joined))))
    order = list(knowledge.questions)
    return [(tuple(sorted(inputs, key=order.index)), tuple(sorted(facts))) for inputs, facts in groups]
