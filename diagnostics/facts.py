"""Facts worked out from observations: what the rows of the cause table ask about.

A fact is an answer as it holds, or derived from several (a version against its minimum, the debt ratio). Each knows
the observations it rests on and whether it could still become known.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.rules import NEVER, OPEN, Fact, State, exact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from diagnostics.evidence import Evidence, Value
    from diagnostics.knowledge.model import Knowledge
    from diagnostics.versions import SystemReading, VersionReading

PHONES: Final = ("android", "ios")
"""Platforms whose minimums stand for "every phone minimum" where the platform is unknown."""

NETWORK: Final = "network.reachability"


class Minimums(msgspec.Struct, frozen=True):
    """The minimum version per platform: WeChat's and the system's."""

    wechat: dict[str, str]
    os: dict[str, str]

    @classmethod
    def of(cls, knowledge: Knowledge) -> Minimums:
        """Return the knowledge base's own minimums."""
        rows = knowledge.minimums
        return cls(
            wechat={row.platform: row.version for row in rows if row.what == "wechat"},
            os={row.platform: row.version for row in rows if row.what == "os"},
        )


class Facts(dict[str, Fact]):
    """All facts of one case, each worked out when first asked for. `tried` are answers to suppose instead."""

    def __init__(self, evidence: Evidence, minimums: Minimums, tried: Mapping[str, Value] | None = None) -> None:
        super().__init__()
        self.evidence = evidence
        self.minimums = minimums
        self._tried = tried or {}

    def __missing__(self, id_: str) -> Fact:
        derive = _DERIVED.get(id_)
        fact = derive(self) if derive is not None else self.answer(id_)
        self[id_] = fact
        return fact

    def answer(self, id_: str) -> Fact:
        """Return what is observed under this id itself."""
        if id_ in self._tried:
            return Fact(State.KNOWN, self._tried[id_])
        seen = self.evidence.get(id_)
        if seen is None:
            return OPEN
        return Fact(State.KNOWN, seen.value, (seen,)) if seen.known else Fact(State.NEVER, None, (seen,))


@lru_cache(maxsize=512)
def read_wechat(text: str) -> VersionReading:
    """Read a WeChat version text, once for each text."""
    from diagnostics.versions import parse_wechat_version

    return parse_wechat_version(text)


@lru_cache(maxsize=512)
def read_system(text: str) -> SystemReading:
    """Read a system version text, once for each text."""
    from diagnostics.versions import parse_system_version

    return parse_system_version(text)


READERS: Final[dict[str, Callable[[str], VersionReading | SystemReading]]] = {
    "wechat.version": read_wechat,
    "os.version": read_system,
}
"""How the version texts are read, WeChat's first."""


def platforms_read(facts: Facts) -> Iterator[tuple[str, str]]:
    """Yield each version text that names a platform, with the platform."""
    for id_, read in READERS.items():
        told = facts.answer(id_)
        platform = read(str(told.value)).platform if told.state is State.KNOWN else None
        if platform is not None:
            yield id_, platform


def _platform_in_text(facts: Facts) -> Fact:
    """Which platform the version texts name: WeChat's first, then the system's."""
    for id_, platform in platforms_read(facts):
        return Fact(State.KNOWN, platform, facts.answer(id_).origin)
    return _none(facts, "wechat.version", "os.version")


def _platform(facts: Facts) -> Fact:
    told = facts.answer("client.platform")
    if told.state is State.KNOWN:
        return told
    read = facts["platform.in_text"]
    return read if read.state is State.KNOWN else told


def _wechat_number(facts: Facts) -> Fact:
    told = facts.answer("wechat.version")
    if told.state is not State.KNOWN:
        return told
    version = read_wechat(str(told.value)).version
    return Fact(State.NEVER, None, told.origin) if version is None else Fact(State.KNOWN, version, told.origin)


def _os_number(facts: Facts) -> Fact:
    told = facts.answer("os.version")
    if told.state is not State.KNOWN:
        return told
    reading = read_system(str(told.value))
    platform = facts["client.platform"]
    other = reading.platform is not None and platform.value not in (None, reading.platform)
    if reading.version is None or other:
        return Fact(State.NEVER, None, told.origin)
    return Fact(State.KNOWN, reading.version, told.origin)


def _against(
    number: Fact, platform: Fact, minimums: Mapping[str, str], *, unknown_platform: bool, partial: bool
) -> Fact:
    """Hold a version against its platform's minimum, or against every phone's where the platform is unknown.

    Of a `partial` version ("8.0") the missing parts may decide: then nothing is known.
    """
    if number.state is not State.KNOWN:
        return number
    if platform.state is State.KNOWN:
        bounds = [minimums[str(platform.value)]] if str(platform.value) in minimums else []
    else:
        bounds = [minimums[name] for name in PHONES if name in minimums] if unknown_platform else []
    origin = number.origin + platform.origin if platform.origin != number.origin else number.origin
    if not bounds:
        return Fact(State.NEVER if platform.state is State.KNOWN else platform.state, None, origin)
    from diagnostics.versions import reaches

    met = {reaches(str(number.value), bound, partial=partial) for bound in bounds}
    if len(met) > 1:
        return Fact(platform.state, None, origin)
    reached = met.pop()
    if reached is None:
        return Fact(State.NEVER, None, origin)
    return Fact(State.KNOWN, "met" if reached else "below", origin)


def _wechat_against(facts: Facts) -> Fact:
    told = facts.answer("wechat.version")
    return _against(
        facts["wechat.number"],
        facts["client.platform"],
        facts.minimums.wechat,
        unknown_platform=True,
        partial=told.state is State.KNOWN and read_wechat(str(told.value)).form == "partial",
    )


def _os_against(facts: Facts) -> Fact:
    platform = facts["client.platform"]
    if platform.state is State.KNOWN and platform.value not in facts.minimums.os:
        return Fact(State.NEVER, None, platform.origin)
    return _against(facts["os.number"], platform, facts.minimums.os, unknown_platform=False, partial=True)


def _ratio(facts: Facts) -> Fact:
    """Monthly repayment over monthly income, in percent; there is none without an income or without debts."""
    repayment, loans = facts.answer("debt.monthly_repayment"), facts.answer("debt.open_loans")
    if repayment.value == 0 and loans.value == 0:
        return Fact(State.NEVER, None, repayment.origin + loans.origin)  # no debts: whatever the income is
    income = facts.answer("debt.monthly_income")
    if income.state is not State.KNOWN or repayment.state is not State.KNOWN:
        return NEVER if State.NEVER in (income.state, repayment.state) else OPEN
    origin = income.origin + repayment.origin
    earned, paid = exact(income.value), exact(repayment.value)
    if not earned:
        return Fact(State.NEVER, None, origin)
    from fractions import Fraction  # with decimal 3 ms, and only a ratio needs it

    return Fact(State.KNOWN, Fraction(paid * 100, earned), origin)


def _found(facts: Facts) -> Fact:
    """Whether the entry is seen in WeChat: in 服务, or the account's menu opens the application."""
    menu, account = facts.answer("entry.services_menu"), facts.answer("entry.official_account")
    origin = menu.origin if menu.value == "shown" else ()
    origin += account.origin if account.value == "opens_application" else ()
    if menu.value == "shown" or account.value == "opens_application":
        return Fact(State.KNOWN, "yes", origin)
    return _none(facts, "entry.services_menu", "entry.official_account")


def _in_wechat(facts: Facts) -> Fact:
    found = facts["entry.found"]
    if found.state is State.KNOWN:
        return Fact(State.KNOWN, "shown", found.origin)
    menu = facts.answer("entry.services_menu")
    if menu.value in ("not_shown", "no_services_menu"):
        return Fact(State.KNOWN, "not_shown", menu.origin)
    return menu if menu.state is not State.KNOWN else Fact(State.NEVER, None, menu.origin)


def _computer(facts: Facts) -> Fact:
    """What this computer measured, where the phone shares its network (contract, section 4)."""
    measured, shared = facts.answer(NETWORK), facts.answer("network.same_network")
    if measured.state is not State.KNOWN or shared.value == "no":
        return NEVER
    if shared.state is not State.KNOWN:
        return Fact(shared.state, None, measured.origin)
    return Fact(State.KNOWN, measured.value, measured.origin + shared.origin)


def _shared_path(facts: Facts) -> Fact:
    """The computer's measurement, set aside where the phone itself is known to load pages or not."""
    return NEVER if facts.answer("network.phone_loads_pages").state is State.KNOWN else facts["network.computer"]


def _none(facts: Facts, *ids: str) -> Fact:
    """Nothing is known: still open where one of these is not answered yet."""
    told = [facts.answer(id_) for id_ in ids]
    origin = tuple(seen for fact in told for seen in fact.origin)
    return Fact(State.OPEN if any(fact.state is State.OPEN for fact in told) else State.NEVER, None, origin)


_DERIVED: Final[dict[str, Callable[[Facts], Fact]]] = {
    "client.platform": _platform,
    "platform.in_text": _platform_in_text,
    "wechat.number": _wechat_number,
    "wechat.against_minimum": _wechat_against,
    "os.number": _os_number,
    "os.against_minimum": _os_against,
    "debt.ratio": _ratio,
    "entry.found": _found,
    "entry.in_wechat": _in_wechat,
    "network.computer": _computer,
    "network.shared_path": _shared_path,
}

INPUTS: Final[dict[str, tuple[str, ...]]] = {
    "client.platform": ("client.platform", "wechat.version", "os.version"),
    "platform.in_text": ("wechat.version", "os.version"),
    "wechat.number": ("wechat.version",),
    "wechat.against_minimum": ("wechat.version", "client.platform"),
    "os.against_minimum": ("os.version", "client.platform"),
    "debt.ratio": ("debt.monthly_income", "debt.monthly_repayment"),
    "entry.found": ("entry.services_menu", "entry.official_account"),
    "entry.in_wechat": ("entry.services_menu", "entry.official_account"),
    "network.computer": ("network.same_network",),
    "network.shared_path": ("network.same_network",),
}
"""Which questions are asked to work out a derived fact."""

_VERSIONS: Final = ("wechat.version", "os.version", "client.platform")
_ENTRY: Final = INPUTS["entry.found"]
READS: Final[dict[str, tuple[str, ...]]] = {
    "client.platform": _VERSIONS,
    "platform.in_text": _VERSIONS[:2],
    "wechat.number": _VERSIONS[:1],
    "wechat.against_minimum": _VERSIONS,
    "os.number": _VERSIONS,
    "os.against_minimum": _VERSIONS,
    "debt.ratio": ("debt.monthly_income", "debt.monthly_repayment", "debt.open_loans"),
    "entry.found": _ENTRY,
    "entry.in_wechat": _ENTRY,
    "network.computer": (NETWORK, "network.same_network"),
    "network.shared_path": (NETWORK, "network.same_network", "network.phone_loads_pages"),
}
"""Every observation that a derived fact may look at: with the same of these it is the same fact."""
