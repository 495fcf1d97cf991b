"""The verdict codes and what they mean: `knowledge/verdicts.toml`, read once. Its order is the rank of the codes."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Final, Literal

import msgspec

FILE: Final = Path(__file__).parents[1] / "knowledge" / "verdicts.toml"

Effect = Literal["ok", "unreachable", "unstable", "intercepted", "none"]
Where = Literal["computer", "network", "middlebox", "far_end", "clock", "unknown"]


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One text in both languages."""

    zh: str
    en: str

    def of(self, lang: str) -> str:
        """Return it in `zh` or `en`; anything else means Chinese."""
        return self.en if lang == "en" else self.zh


class Verdict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A verdict code: how bad it is, what it says of the network, where the fault sits, and what to do."""

    id: str
    status: Literal["pass", "warn", "fail", "unknown"]
    effect: Effect
    where: Where
    text: Text
    advice: Text
    source: str


@cache
def verdicts() -> dict[str, Verdict]:
    """Return all verdicts by code, the gravest first. Raises ValueError where the file is damaged."""
    try:
        rows = msgspec.convert(tomllib.loads(FILE.read_text("utf-8"))["verdict"], list[Verdict])
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError, KeyError) as wrong:
        raise ValueError(f"{FILE}: {wrong}") from None
    found = {row.id: row for row in rows}
    if len(found) != len(rows):
        raise ValueError(f"{FILE}: a code stands twice")
    return found


def rank(code: str) -> int:
    """Return the place of a code, 0 for the gravest."""
    return list(verdicts()).index(code)
