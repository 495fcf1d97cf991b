"""The verdict codes and what they mean: `knowledge/verdicts.toml`, read once. Its order is the rank of the codes."""

from __future__ import annotations

import threading
import tomllib
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Final, Literal

import msgspec

from diagnostics.knowledge.record import Record, Text

FILE: Final = Path(__file__).parents[1] / "knowledge" / "verdicts.toml"
_ONE_AT_A_TIME: Final = threading.Lock()

Effect = Literal["ok", "unreachable", "unstable", "intercepted", "none"]
Status = Literal["pass", "warn", "fail", "unknown", "cancelled"]
Where = Literal["computer", "network", "middlebox", "far_end", "clock", "unknown"]


class Words(Record, frozen=True):
    """What is wrong, what to do about it, and the same in one short sentence."""

    text: Text
    advice: Text
    short: Text


class VerdictText(Words, frozen=True):
    """A verdict code: how bad it is, what it says of the network, where the fault sits, and what to do.

    `here` are the words where a program of this computer is at fault in the place of the network.
    """

    id: str
    status: Status
    effect: Effect
    where: Where
    source: str
    here: Words | None = None


class Signs(Record, frozen=True):
    """What verdicts are read off: `causes` gives for each step what it said and the code that means.

    `codes` are sets of codes that have something in common.
    """

    inspection_products: tuple[str, ...]
    transient: frozenset[str]
    dns_transient: frozenset[str]
    addresses: dict[str, tuple[str, ...]]
    codes: dict[str, frozenset[str]]
    causes: dict[str, dict[str, str]]


class _File(Record, frozen=True):
    signs: Signs
    place: dict[Where, Text]
    verdict: tuple[VerdictText, ...]


def _file() -> _File:
    with _ONE_AT_A_TIME:  # all targets ask at once, and msgspec crashes where two threads make one type
        return _read()


@cache
def _read() -> _File:
    return msgspec.convert(tomllib.loads(FILE.read_text("utf-8")), _File)


@cache
def signs() -> Signs:
    """Return what verdicts are read off."""
    return _file().signs


@cache
def networks(kind: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Return the networks of addresses that no public host has: `fake_ip` or `bogon`."""
    return tuple(ip_network(text) for text in signs().addresses[kind])


@cache
def verdicts() -> dict[str, VerdictText]:
    """Return all verdicts by code, the gravest first."""
    return {row.id: row for row in _file().verdict}


def words(code: str, *, here: bool = False) -> Words:
    """Return the words of a code; `here` where a program of this computer is at fault."""
    verdict = verdicts()[code]
    return (verdict.here if here else None) or verdict


def place(where: Where) -> Text:
    """Return the words for where a fault lies."""
    return _file().place[where]


def rank(code: str) -> int:
    """Return the place of a code, 0 for the gravest."""
    return list(verdicts()).index(code)
