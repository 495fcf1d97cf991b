"""What the rule table is made of: a row's bits, facts worked out together, and where causes stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from diagnostics.engine.conditions import MOST, Column, Memo
from diagnostics.engine.facts import Values
from diagnostics.evidence import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnostics.knowledge.derived import Ratio
    from diagnostics.knowledge.model import Knowledge


class Row(NamedTuple):
    """The conditions of one row: all their bits, and each bit with the fact that it asks about."""

    mask: int
    conditions: tuple[tuple[int, str], ...]


class Group(Memo[Any, tuple[int, int]]):
    """Derived facts that share an observation, worked out together for each combination that occurs."""

    def __init__(self, knowledge: Knowledge, observed: tuple[str, ...], columns: dict[str, Column]) -> None:
        super().__init__(4 * MOST)
        self.observed = observed
        self.bits = 0
        for column in columns.values():
            self.bits |= column.bits
        self._knowledge = knowledge
        self._columns = columns

    def __missing__(self, key: Any) -> tuple[int, int]:
        facts = Values(self._knowledge, dict(zip(self.observed, key, strict=True)))
        met = open_ = 0
        for id_, column in self._columns.items():
            more, may = column.masks(facts[id_])
            met |= more
            open_ |= may
        return self.keep(key, (met, open_))


class VersionTexts(Memo[str, str]):
    """Version texts, each with the first one that means the same to every row."""

    def __init__(self, gist: Callable[[str], Any]) -> None:
        super().__init__()
        self._first: dict[Any, str] = {UNKNOWN: UNKNOWN}
        self._gist = gist

    def __missing__(self, text: str) -> str:
        return self.keep(text, self._first.setdefault(text if text == UNKNOWN else self._gist(text), text))


class Shares(Memo[tuple[Any, Any], tuple[Any, Any]]):
    """Two sums of which rows ask for the share, each pair with the first one that means the same to every row."""

    def __init__(self, knowledge: Knowledge, ratio: Ratio, columns: dict[str, Column]) -> None:
        super().__init__()
        self.part, self.whole = ratio.part, ratio.whole
        self._first: dict[Any, tuple[Any, Any]] = {}
        self._asked = [(id_, columns[id_]) for id_ in (ratio.id, ratio.part, ratio.whole) if id_ in columns]
        self._knowledge = knowledge

    def __missing__(self, pair: tuple[Any, Any]) -> tuple[Any, Any]:
        facts = Values(self._knowledge, {self.part: pair[0], self.whole: pair[1]})
        gist = (pair[0] == 0, pair[1] == 0, *(column.masks(facts[id_]) for id_, column in self._asked))
        return self.keep(pair, self._first.setdefault(gist, pair))


Speaker: TypeAlias = tuple[int, int, int]
"""A cause at `possible` or above: its rank at its status, its index, and its status."""


class Verdicts(NamedTuple):
    """Where a few causes stand, and what it comes to: `met` are the bits about them."""

    statuses: tuple[int, ...]
    ranks: tuple[int, ...]
    stopped: bool
    clear: bool
    met: int
    speakers: tuple[Speaker, ...]


class Judged(NamedTuple):
    """Where every cause stands, in the order of `RuleTable.causes`."""

    met: int
    """The bits met, those about the causes among them."""
    statuses: list[int]
    ranks: list[int]
    stopped: bool
    """Whether a requirement is certainly not met."""
    clear: bool
    """Whether nothing else stands in the way, so that the last cause is left."""
    speakers: list[Speaker]
    """The causes at `possible` or above, in their order."""
    parts: list[Verdicts]
    """The same of the few causes each that are judged together; those that look at others last."""
    about: int
    """The bits met about the causes that look at no other."""


class Touched(NamedTuple):
    """What an answer to a question moves."""

    bits: int
    opens: int
    """Of these, the bits that may be open only for want of the answer."""
    column: Column | None
    """Its own conditions."""
    groups: tuple[tuple[Group, int], ...]
    """The facts worked out from it, each lot with the place of the answer in what it looks at."""
    parts: tuple[int, ...]
    """Which of the causes judged together, as their index."""
