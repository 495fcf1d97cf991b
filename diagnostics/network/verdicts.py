"""The verdict codes and what they mean: `knowledge/verdicts.toml`, read once. Its order is the rank of the codes."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from diagnostics.knowledge.record import Record, Text

if TYPE_CHECKING:
    from diagnostics.checks.base import CheckResult

FILE: Final = Path(__file__).parents[1] / "knowledge" / "verdicts.toml"

CHECK: Final = "network.reachability"

Effect = Literal["ok", "unreachable", "unstable", "intercepted", "none"]
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
    status: Literal["pass", "warn", "fail", "unknown"]
    effect: Effect
    where: Where
    source: str
    here: Words | None = None


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """What to do about a finding: `id` is its verdict code, `place` says in words where the fault lies."""

    id: str
    where: Where
    place: Text
    text: Text
    short: Text


class _File(Record, frozen=True):
    inspection_products: tuple[str, ...]
    place: dict[Where, Text]
    verdict: tuple[VerdictText, ...]


@cache
def _file() -> _File:
    try:
        return msgspec.convert(tomllib.loads(FILE.read_text("utf-8")), _File)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as wrong:
        raise ValueError(f"{FILE}: {wrong}") from None


def inspection_products() -> tuple[str, ...]:
    """Return names, in lower case, by which products that inspect traffic sign."""
    return _file().inspection_products


@cache
def verdicts() -> dict[str, VerdictText]:
    """Return all verdicts by code, the gravest first. Raises ValueError where the file is damaged."""
    rows = _file().verdict
    found = {row.id: row for row in rows}
    if len(found) != len(rows):
        raise ValueError(f"{FILE}: a code stands twice")
    return found


def words(code: str, *, here: bool = False) -> Words:
    """Return the words of a code; `here` where a program of this computer is at fault."""
    verdict = verdicts()[code]
    return (verdict.here if here else None) or verdict


def network_advice(result: CheckResult) -> Advice | None:
    """Return what to do about the network, going by a result of `network.reachability`; None where nothing is."""
    if result.id != CHECK or result.status not in ("warn", "fail", "unknown") or result.verdict not in verdicts():
        return None
    told = words(result.verdict, here=bool(result.data.get("here")))
    unknown: Where = "unknown"
    where = next((one for one in _file().place if one == result.data.get("where")), unknown)
    return Advice(id=result.verdict, where=where, place=_file().place[where], text=told.advice, short=told.short)


def rank(code: str) -> int:
    """Return the place of a code, 0 for the gravest."""
    return list(verdicts()).index(code)
