"""Facts: what the rows of the rule table ask about.

A fact is an answer as it holds, or derived from several (a version against its minimum, a ratio). Each knows the
observations it rests on and whether it could still become known. Which facts are derived, and how, is data
(`knowledge/derived_facts.toml`); here stands what each operator does.
"""

from __future__ import annotations

import re
from collections import defaultdict
from enum import IntEnum
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

import msgspec

from diagnostics.evidence import UNKNOWN
from diagnostics.knowledge import derived

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from fractions import Fraction

    from diagnostics.knowledge.model import Knowledge
    from diagnostics.versions import SystemReading, VersionReading

Known = Any
"""A text, a number (int, float or an exact Fraction) or a list of texts."""
PHONES: Final = ("android", "ios")
"""Platforms whose minimums stand for "every phone minimum" where the platform is unknown."""
NETWORK: Final = "network.reachability"
EXACT: Final = 2**53
"""Below it a float that is whole is the number that is written."""


class State(IntEnum):
    """How far a fact is known. `NEVER`: answered `unknown` or not to be had, so it meets no row."""

    OPEN = 0
    NEVER = 1
    KNOWN = 2


class Fact(msgspec.Struct, frozen=True):
    """A fact as it stands: its value where known, and the ids of the observations it rests on."""

    state: State
    value: Known = None
    origin: tuple[str, ...] = ()


OPEN = Fact(State.OPEN)
NEVER = Fact(State.NEVER)


class Facts(dict[str, Fact]):
    """All facts of one case by what holds under each id, each worked out when first asked for."""

    def __init__(self, knowledge: Knowledge, values: Mapping[str, Known]) -> None:
        self.knowledge = knowledge
        self._values = values

    def __missing__(self, id_: str) -> Fact:
        one = self.knowledge.derived.get(id_)
        fact = self[id_] = self.answer(id_) if one is None else _OPERATORS[type(one)](self, one)
        return fact

    def read(self, reader: str, id_: str) -> Fact:
        """Return a fact that the fact `reader` is worked out from; of its own id what is observed."""
        return self.answer(id_) if id_ == reader else self[id_]

    def answer(self, id_: str) -> Fact:
        """Return what is observed under this id itself."""
        value = self._values.get(id_)
        if value is None:
            return OPEN
        return Fact(State.NEVER, None, (id_,)) if value == UNKNOWN else Fact(State.KNOWN, value, (id_,))


def exact(number: float | Fraction) -> int | Fraction:
    """Return a number exactly as it is written: 0.1 is one tenth."""
    if not isinstance(number, float):
        return number
    return int(number) if number.is_integer() and abs(number) < EXACT else _as_written(number)


@lru_cache(maxsize=4096)
def _as_written(number: float) -> Fraction:
    from fractions import Fraction  # with decimal 3 ms, and only broken numbers need it

    return Fraction(repr(number))


@lru_cache(maxsize=512)
def read_wechat(text: str) -> VersionReading:
    """Read a WeChat version text, once for each text; a version that may only be asked back counts as none."""
    from diagnostics.versions import parse_wechat_version

    reading = parse_wechat_version(text)
    return reading if reading.sure else msgspec.structs.replace(reading, version=None)


@lru_cache(maxsize=512)
def read_system(text: str) -> SystemReading:
    """Read a system version text, once for each text."""
    from diagnostics.versions import parse_system_version

    return parse_system_version(text)


class ReadText(msgspec.Struct, frozen=True):
    """What a fact takes from a version text."""

    version: str | None
    platform: str | None
    form: str | None


_BARE: Final = {"wechat": r"[78]\.0\.(?:0|[1-9][0-9]?)", "os": r"1[0-9]|[5-9]\.[0-9]"}
"""Numbers that need no parser, which takes 60 ms to load: the answers that the interview supposes are such."""


def _read_text(what: str, text: str) -> ReadText:
    """Read a version text of WeChat or of the system; a bare number is left as it is."""
    if re.fullmatch(_BARE[what], text):
        return ReadText(text, None, "number")
    found = read_wechat(text) if what == "wechat" else read_system(text)
    return ReadText(found.version, found.platform, getattr(found, "form", None))


def version_texts(knowledge: Knowledge) -> dict[str, Callable[[str], ReadText]]:
    """Return the questions for version texts and how each is read, WeChat's first."""
    return {
        id_: partial(_read_text, what)
        for one in knowledge.derived.values() if isinstance(one, derived.PlatformOfText)
        for what, id_ in (("wechat", one.wechat), ("os", one.os))
    }  # fmt: skip


def gists(knowledge: Knowledge, named: Collection[str]) -> dict[str, Callable[[str], tuple[Any, ...]]]:
    """Return the version texts that facts look at, each with what says all that facts and rows make of one.

    The rows ask for no other texts and versions than those `named`.
    """
    bounds = defaultdict[str, set[str]](set)
    for one in knowledge.derived.values():
        if isinstance(one, derived.CompareVersion):
            for id_ in (one.text, *derived.reads(knowledge.derived, one.number)):
                bounds[id_] |= {*_minimums(knowledge, one.what).values()}
    return {id_: partial(_gist, read, sorted(bounds[id_]), named) for id_, read in version_texts(knowledge).items()}


def _gist(read: Callable[[str], ReadText], bounds: list[str], named: Collection[str], text: str) -> tuple[Any, ...]:
    said = read(str(text))
    version = said.version
    told = [text in named and text, said.platform, said.form, version in named and version, version is None]
    if version is not None and bounds:
        from diagnostics.versions import reaches

        told += (reaches(version, bound, partial=part) for bound in bounds for part in (False, True))
    return tuple(told)


def platforms_read(facts: Facts) -> Iterator[tuple[str, str]]:
    """Yield each version text that names a platform, with the platform."""
    for id_, read in version_texts(facts.knowledge).items():
        told = facts.answer(id_)
        platform = read(str(told.value)).platform if told.state is State.KNOWN else None
        if platform is not None:
            yield id_, platform


def _first_known(facts: Facts, one: derived.FirstKnown) -> Fact:
    found = [facts.read(one.id, id_) for id_ in one.facts]
    return next((fact for fact in found if fact.state is State.KNOWN), found[0])


def _platform_of_text(facts: Facts, one: derived.PlatformOfText) -> Fact:
    for id_, platform in platforms_read(facts):
        return Fact(State.KNOWN, platform, facts.answer(id_).origin)
    return _none(facts, one.wechat, one.os)


def _version_of_text(facts: Facts, one: derived.VersionOfText) -> Fact:
    told = facts[one.text]
    if told.state is not State.KNOWN:
        return told
    reading = _read_text(one.what, str(told.value))
    known = facts[one.platform].value if one.platform is not None else None
    if reading.version is None or (known is not None and reading.platform not in (None, known)):
        return Fact(State.NEVER, None, told.origin)
    return Fact(State.KNOWN, reading.version, told.origin)


def _compare_version(facts: Facts, one: derived.CompareVersion) -> Fact:
    """Hold a version against its platform's minimum, or against every phone's where the platform is unknown.

    Of a partial version ("8.0") the missing parts may decide: then nothing is known.
    """
    platform, minimums = facts[one.platform], _minimums(facts.knowledge, one.what)
    known = platform.state is State.KNOWN
    if known and not one.any_phone and platform.value not in minimums:
        return Fact(State.NEVER, None, platform.origin)
    number = facts[one.number]
    if number.state is not State.KNOWN:
        return number
    names = (str(platform.value),) if known else PHONES if one.any_phone else ()
    bounds = [minimums[name] for name in names if name in minimums]
    origin = number.origin + platform.origin if platform.origin != number.origin else number.origin
    if not bounds:
        return Fact(State.NEVER if known else platform.state, None, origin)
    from diagnostics.versions import reaches

    lacks_parts = not one.any_phone or _read_text(one.what, str(facts.answer(one.text).value)).form == "partial"
    met = {reaches(str(number.value), bound, partial=lacks_parts) for bound in bounds}
    if len(met) > 1:
        return Fact(platform.state, None, origin)
    reached = met.pop()
    if reached is None:
        return Fact(State.NEVER, None, origin)
    return Fact(State.KNOWN, "met" if reached else "below", origin)


def _minimums(knowledge: Knowledge, what: str) -> dict[str, str]:
    """Return the minimum version of each platform."""
    return {row.platform: row.version for row in knowledge.minimums if row.what == what}


def _ratio(facts: Facts, one: derived.Ratio) -> Fact:
    none = [facts[id_] for id_ in one.unless_zero]
    if none and all(fact.value == 0 for fact in none):
        return Fact(State.NEVER, None, sum((fact.origin for fact in none), ()))  # whatever the whole is
    whole, part = facts[one.whole], facts[one.part]
    if whole.state is not State.KNOWN or part.state is not State.KNOWN:
        return NEVER if State.NEVER in (whole.state, part.state) else OPEN
    origin = whole.origin + part.origin
    of, share = exact(whole.value), exact(part.value)
    if not of:
        return Fact(State.NEVER, None, origin)
    from fractions import Fraction  # with decimal 3 ms, and only a ratio needs it

    return Fact(State.KNOWN, Fraction(share * 100, of), origin)


def _any_of(facts: Facts, one: derived.AnyOf) -> Fact:
    seen = [fact for id_, value in one.facts.items() if (fact := facts.read(one.id, id_)).value == value]
    if seen:
        return Fact(State.KNOWN, one.gives, sum((fact.origin for fact in seen), ()))
    return _none(facts, *one.facts)


def _first_match(facts: Facts, one: derived.FirstMatch) -> Fact:
    fact = NEVER
    for match in one.match:
        fact = facts.read(one.id, match.fact)
        if fact.state is State.KNOWN and fact.value in match.any:
            return Fact(State.KNOWN, match.gives, fact.origin)
    return fact if fact.state is not State.KNOWN else Fact(State.NEVER, None, fact.origin)


def _take(facts: Facts, one: derived.Take) -> Fact:
    if any(facts[id_].state is State.KNOWN for id_ in one.unless_known):
        return NEVER
    taken = facts.read(one.id, one.fact)
    if not one.where:
        return taken
    held = [(facts[id_], values) for id_, values in one.where.items()]
    if taken.state is not State.KNOWN or any(f.state is State.KNOWN and f.value not in values for f, values in held):
        return NEVER
    doubt = next((fact for fact, _ in held if fact.state is not State.KNOWN), None)
    if doubt is not None:
        return Fact(doubt.state, None, taken.origin)
    return Fact(State.KNOWN, taken.value, sum((fact.origin for fact, _ in held), taken.origin))


def _none(facts: Facts, *ids: str) -> Fact:
    """Nothing is known: still open where one of these is not answered yet."""
    told = [facts[id_] for id_ in ids]
    origin = tuple(seen for fact in told for seen in fact.origin)
    return Fact(State.OPEN if any(fact.state is State.OPEN for fact in told) else State.NEVER, None, origin)


_OPERATORS: Final[dict[type, Callable[[Facts, Any], Fact]]] = {
    derived.FirstKnown: _first_known,
    derived.PlatformOfText: _platform_of_text,
    derived.VersionOfText: _version_of_text,
    derived.CompareVersion: _compare_version,
    derived.Ratio: _ratio,
    derived.AnyOf: _any_of,
    derived.FirstMatch: _first_match,
    derived.Take: _take,
}
