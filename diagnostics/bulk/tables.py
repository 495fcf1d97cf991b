"""Tables of what the rules see of answers: an entry is worked out when it is first looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from diagnostics.bulk.memo import Memo, picking
from diagnostics.evidence import Evidence
from diagnostics.facts import Facts
from diagnostics.rules import OPEN

if TYPE_CHECKING:
    from diagnostics.bulk.form import Told
    from diagnostics.facts import Minimums
    from diagnostics.rules import Fact

Look: TypeAlias = tuple[Any, ...]
"""What the rules see of each fact of a case: None where it is open, `unknown` where it cannot be known."""

MOST: Final = 4096
"""Looks and observations kept, of each kind."""
LOOKS: Final = 16_384
"""Looks kept at facts that are worked out: amounts of money come in many combinations."""
NOTHING: Final = Evidence()


class Seeing(Protocol):
    """What an entry is worked out by (`diagnostics.bulk.sight.Sight`)."""

    minimums: Minimums
    at: dict[str, int]

    def fact(self, at: int, told: Told) -> Fact:
        """Return what one answer says by itself."""
        ...

    def see_fact(self, id_: str, fact: Fact) -> Any:
        """Return what the rules see of one fact."""
        ...

    def see_answer(self, at: int, told: Told) -> Any:
        """Return what the rules see of one answer."""
        ...


class Own(Memo["Told", Any]):
    """What the rules see of the answers to one question, where that is less than the answer as it is."""

    def __init__(self, sight: Seeing, at: int) -> None:
        super().__init__(MOST)
        self.at = at
        self._sight = sight

    def __missing__(self, told: Told) -> Any:
        return self.keep(told, None if told is None else self._sight.see_answer(self.at, told))


class Cluster(Memo[Any, Look]):
    """Facts that are worked out from the same few questions, and what the rules see of them by the answers."""

    def __init__(self, sight: Seeing, places: tuple[int, ...], facts: tuple[str, ...], start: int) -> None:
        super().__init__(LOOKS)
        self.pick = picking(places)
        self.places = places
        self.start = start
        self.facts = facts
        self._sight = sight

    def __missing__(self, key: Any) -> Look:
        told = dict(zip(self.places, key if len(self.places) > 1 else (key,), strict=True))
        known = _Glance(self._sight, told)
        return self.keep(key, tuple(self._sight.see_fact(id_, known[id_]) for id_ in self.facts))


class _Glance(Facts):
    """Facts from a few answers, to be seen and forgotten: made without evidence, of what each answer says by itself."""

    def __init__(self, sight: Seeing, told: dict[int, Told]) -> None:
        super().__init__(NOTHING, sight.minimums)
        self._sight = sight
        self._told = told

    def answer(self, id_: str) -> Fact:
        """Return what is answered to a question. Raises DoubtError."""
        at = self._sight.at.get(id_, -1)
        told = self._told.get(at)
        return OPEN if told is None else self._sight.fact(at, told)
