"""Derived facts: what is worked out from answers and measurements, declared as data with one of a few operators.

`diagnostics.engine.facts` says what each operator does. Which questions are asked for a fact, and which observations it
looks at, follows from its declaration (`inputs`, `reads`).
"""

from collections.abc import Container, Mapping
from typing import ClassVar, Final, Literal

import msgspec

from diagnostics.knowledge.record import Record

MEASUREMENTS: Final[dict[str, frozenset[str]]] = {
    "network.reachability": frozenset({"ok", "unreachable", "unstable", "intercepted"})
}
"""What checks observe that is no question, and the values it has."""


OTHERS: Final = ("others.requirement_confirmed", "others.all_clear")
"""Facts about the other causes, `yes` or `no`: a cause that asks for one is judged after all that do not."""


class Match(Record, frozen=True):
    """Where a fact has one of these values, another fact has the value `gives`."""

    fact: str
    any: tuple[str, ...]
    gives: str


class _Operator(Record, frozen=True, tag_field="operator"):
    """What every derived fact has."""

    ASKS: ClassVar[tuple[str, ...]] = ()
    """The fields that name the facts it is worked out from, in the order in which their questions are named."""
    LOOKS_AT: ClassVar[tuple[str, ...]] = ()
    """The fields that name facts which may set it aside; nobody is asked for these on its account."""
    id: str

    def asks(self) -> tuple[str, ...]:
        """Return the facts that it is worked out from."""
        return self._facts(self.ASKS)

    def looks_at(self) -> tuple[str, ...]:
        """Return the facts that may set it aside."""
        return self._facts(self.LOOKS_AT)

    def _facts(self, fields: tuple[str, ...]) -> tuple[str, ...]:
        found: list[str] = []
        for held in (getattr(self, name) for name in fields):
            several = (held,) if isinstance(held, str) else held or ()
            found += (one.fact if isinstance(one, Match) else one for one in several)
        return tuple(found)

    def values(self) -> frozenset[str]:
        """Return the values it may have by its own declaration; none where it is a number or takes another's."""
        return frozenset()

    def named(self) -> tuple[tuple[str, str], ...]:
        """Return each value that it names of another fact: the fact and the value."""
        return ()


class FirstKnown(_Operator, frozen=True, tag="first_known"):
    """The first of these facts that is known; its own id stands for the answer itself."""

    ASKS = ("facts",)
    facts: tuple[str, ...]


class PlatformOfText(_Operator, frozen=True, tag="platform_of_text"):
    """The platform that a version text names, the first text that names one: WeChat's before the system's."""

    ASKS = ("wechat", "os")
    wechat: str
    os: str
    platforms: tuple[str, ...]

    def values(self) -> frozenset[str]:
        """Return the platforms that a text may name."""
        return frozenset(self.platforms)


class VersionOfText(_Operator, frozen=True, tag="version_of_text"):
    """The version number that a text names; none where the text names another platform than the one known."""

    ASKS = ("text",)
    LOOKS_AT = ("platform",)
    what: Literal["wechat", "os"]
    text: str
    platform: str | None = None


class CompareVersion(_Operator, frozen=True, tag="compare_version"):
    """A version held against its platform's minimum: `met` or `below`.

    Where the platform is not known, `any_phone` holds it against the minimum of every phone; else nothing is said.
    Without `any_phone` a platform that has no minimum settles that nothing can be said, and every number may lack its
    last parts. The form of the `text` says whether parts of the number are missing.
    """

    ASKS = ("number", "platform")
    LOOKS_AT = ("text",)
    what: Literal["wechat", "os"]
    number: str
    text: str
    platform: str
    any_phone: bool = False

    def values(self) -> frozenset[str]:
        """Return the two ends of a comparison."""
        return frozenset({"met", "below"})


class Ratio(_Operator, frozen=True, tag="ratio"):
    """A part in percent of a whole, exactly. There is none of nothing, nor where all of `unless_zero` are zero."""

    ASKS = ("whole", "part")
    LOOKS_AT = ("unless_zero",)
    part: str
    whole: str
    unless_zero: tuple[str, ...] = ()


class AnyOf(_Operator, frozen=True, tag="any_of"):
    """One value where any of these facts has the value named for it."""

    ASKS = ("facts",)
    facts: dict[str, str]
    gives: str

    def values(self) -> frozenset[str]:
        """Return the one value."""
        return frozenset({self.gives})

    def named(self) -> tuple[tuple[str, str], ...]:
        """Return the facts, each with its value."""
        return tuple(self.facts.items())


class FirstMatch(_Operator, frozen=True, tag="first_match"):
    """The value that the first match gives; where none matches and the last fact is not known, that is still open."""

    ASKS = ("match",)
    match: tuple[Match, ...]

    def values(self) -> frozenset[str]:
        """Return what the matches give."""
        return frozenset(one.gives for one in self.match)

    def named(self) -> tuple[tuple[str, str], ...]:
        """Return what the matches look for."""
        return tuple((one.fact, value) for one in self.match for value in one.any)


class Take(_Operator, frozen=True, tag="take"):
    """Another fact as it stands, set aside where one of `unless_known` is known.

    With `where` it is taken only where each of these facts has one of its values; without a value to take nobody is
    asked for them.
    """

    ASKS = ("fact", "where")
    LOOKS_AT = ("unless_known",)
    fact: str
    where: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    unless_known: tuple[str, ...] = ()

    def named(self) -> tuple[tuple[str, str], ...]:
        """Return the values that the conditions ask for."""
        return tuple((id_, value) for id_, values in self.where.items() for value in values)


DerivedFact = FirstKnown | PlatformOfText | VersionOfText | CompareVersion | Ratio | AnyOf | FirstMatch | Take
"""A fact with its operator, which `operator` names in the file."""


def inputs(derived: Mapping[str, DerivedFact], questions: Container[str], fact: str) -> tuple[str, ...]:
    """Return the questions that are asked to learn a fact, each once; of one that is not derived the fact itself."""
    if fact not in derived:
        return (fact,)
    found: dict[str, None] = {}
    for id_ in derived[fact].asks():
        for one in (id_,) if id_ == fact or id_ in questions else inputs(derived, questions, id_):
            if one in questions:
                found[one] = None
    return tuple(found)


def reads(derived: Mapping[str, DerivedFact], fact: str) -> tuple[str, ...]:
    """Return every observation that a fact may look at: with the same of these it is the same fact."""
    if fact not in derived:
        return (fact,)
    one = derived[fact]
    found: dict[str, None] = {}
    for id_ in (*one.asks(), *one.looks_at()):
        found |= dict.fromkeys((id_,) if id_ == fact else reads(derived, id_))
    return tuple(found)
