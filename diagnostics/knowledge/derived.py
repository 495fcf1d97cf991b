"""Derived facts: what is worked out from answers and measurements, declared as data with one of a few operators.

`diagnostics.engine.facts` says what each operator does. Which questions are asked for a fact, and which observations it
looks at, follows from its declaration (`inputs`, `reads`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

from diagnostics.knowledge.record import Record

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

MEASUREMENTS: Final[dict[str, frozenset[str]]] = {
    "network.reachability": frozenset({"ok", "unreachable", "unstable", "intercepted"})
}
"""What checks observe that is no question, and the values it has."""


OTHERS: Final = ("others.requirement_confirmed", "others.all_clear")
"""Facts about the other causes, `yes` or `no`: a cause that asks for one is judged after all that do not."""


class _Operator(Record, frozen=True, tag_field="operator"):
    """What every derived fact has."""

    id: str

    def asks(self) -> tuple[str, ...]:
        """Return the facts that it is worked out from, in the order in which their questions are named."""
        return ()

    def looks_at(self) -> tuple[str, ...]:
        """Return the facts that may set it aside; nobody is asked for these on its account."""
        return ()

    def values(self) -> frozenset[str]:
        """Return the values it may have by its own declaration; none where it is a number or takes another's."""
        return frozenset()


class FirstKnown(_Operator, frozen=True, tag="first_known"):
    """The first of these facts that is known; its own id stands for the answer itself."""

    facts: tuple[str, ...]

    def asks(self) -> tuple[str, ...]:
        """Return the facts in their order."""
        return self.facts


class PlatformOfText(_Operator, frozen=True, tag="platform_of_text"):
    """The platform that a version text names, the first text that names one."""

    wechat: str
    os: str
    platforms: tuple[str, ...]

    def asks(self) -> tuple[str, ...]:
        """Return the questions for the texts, WeChat's first."""
        return (self.wechat, self.os)

    def values(self) -> frozenset[str]:
        """Return the platforms that a text may name."""
        return frozenset(self.platforms)


class VersionOfText(_Operator, frozen=True, tag="version_of_text"):
    """The version number that a text names; none where the text names another platform than the one known."""

    what: Literal["wechat", "os"]
    text: str
    platform: str | None = None

    def asks(self) -> tuple[str, ...]:
        """Return the question for the text."""
        return (self.text,)

    def looks_at(self) -> tuple[str, ...]:
        """Return the platform that the text must not contradict."""
        return (self.platform,) if self.platform is not None else ()


class CompareVersion(_Operator, frozen=True, tag="compare_version"):
    """A version held against its platform's minimum: `met` or `below`.

    Where the platform is not known, `any_phone` holds it against the minimum of every phone; else nothing is said.
    Without `any_phone` a platform that has no minimum settles that nothing can be said, and every number may lack its
    last parts.
    """

    what: Literal["wechat", "os"]
    number: str
    text: str
    platform: str
    any_phone: bool = False

    def asks(self) -> tuple[str, ...]:
        """Return the version, then the platform."""
        return (self.number, self.platform)

    def looks_at(self) -> tuple[str, ...]:
        """Return the text, whose form says whether parts of the number are missing."""
        return (self.text,)

    def values(self) -> frozenset[str]:
        """Return the two ends of a comparison."""
        return frozenset({"met", "below"})


class Ratio(_Operator, frozen=True, tag="ratio"):
    """A part in percent of a whole, exactly. There is none of nothing, nor where all of `unless_zero` are zero."""

    part: str
    whole: str
    unless_zero: tuple[str, ...] = ()

    def asks(self) -> tuple[str, ...]:
        """Return the whole, then the part."""
        return (self.whole, self.part)

    def looks_at(self) -> tuple[str, ...]:
        """Return what settles, where it is all zero, that there is no ratio."""
        return self.unless_zero


class AnyOf(_Operator, frozen=True, tag="any_of"):
    """One value where any of these facts has the value named for it."""

    facts: dict[str, str]
    gives: str

    def asks(self) -> tuple[str, ...]:
        """Return the facts in their order."""
        return tuple(self.facts)

    def values(self) -> frozenset[str]:
        """Return the one value."""
        return frozenset({self.gives})


class Match(Record, frozen=True):
    """Where a fact has one of these values, another fact has the value `gives`."""

    fact: str
    any: tuple[str, ...]
    gives: str


class FirstMatch(_Operator, frozen=True, tag="first_match"):
    """The value that the first match gives; where none matches and the last fact is not known, that is still open."""

    match: tuple[Match, ...]

    def asks(self) -> tuple[str, ...]:
        """Return the facts in their order."""
        return tuple(one.fact for one in self.match)

    def values(self) -> frozenset[str]:
        """Return what the matches give."""
        return frozenset(one.gives for one in self.match)


class Take(_Operator, frozen=True, tag="take"):
    """Another fact as it stands, set aside where one of `unless_known` is known.

    With `where` it is taken only where each of these facts has one of its values; without a value to take nobody is
    asked for them.
    """

    fact: str
    where: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    unless_known: tuple[str, ...] = ()

    def asks(self) -> tuple[str, ...]:
        """Return the fact taken, then the conditions."""
        return (self.fact, *self.where)

    def looks_at(self) -> tuple[str, ...]:
        """Return what sets it aside."""
        return self.unless_known


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
