"""Answers as a short code to type or to paste into a chat, and back.

A code is `WLD1-` and blocks of five signs: four of data and one that checks them, in Crockford's 32 signs without
I, L, O and U. A block's check finds every single wrong sign and every two that changed places, and says which block;
the last block is marked, so a cut code is found; a checksum over the whole finds the rest. The order of the bits
follows the questions of the knowledge base; a fingerprint of them refuses a code made by other questions. The tables
of earlier versions are kept as data, so that their codes are still read.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
import zlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import msgspec

from diagnostics.answers import AnswerError, parse_answers
from diagnostics.i18n import error_text
from diagnostics.questionnaire.fields import Bits, CannotPack, Reader, Slot, field_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from diagnostics.evidence import Value
    from diagnostics.knowledge.model import Knowledge

MARK: Final = "WLD1"
"""What a code begins with: its kind, and the version of this layout of signs."""
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LAST: Final = 21
"""Joined to the check of the last block, so that a code cut between two blocks is found."""
MAX_CODE: Final = 2_000
"""Characters looked at: ten times the longest code."""

_ALIKE: Final = str.maketrans({"I": "1", "L": "1", "O": "0"})
_MARKED: Final = re.compile(r"W[LI1]D[1IL][\s\-‐-―−_:~—一]*", re.IGNORECASE)
_OTHER: Final = re.compile(r"\bW[LI1]D[02-9](?![0-9A-Z])")
"""The mark of another layout of signs."""
_SEPARATOR: Final = re.compile(r"[\s\-‐-―−_~—一]+")
_EXP: Final = [1]
for _ in range(30):
    _EXP.append(_EXP[-1] << 1 ^ (0x25 if _EXP[-1] & 16 else 0))


class CodeError(AnswerError):
    """An answers code cannot be used, or cannot carry an answer. `block` counts from 1, None where none is at fault."""

    def __init__(self, reason: str, block: int | None = None, place: str = "", **values: object) -> None:
        super().__init__(f"code.{reason}", place, **values)
        self.block = block

    def text(self, lang: str) -> str:
        """Return the place and what is wrong, on one line, in this language."""
        if self.place:
            return super().text(lang)
        where = "place" if self.block is None else "block"
        return f"{error_text(f'code.{where}', lang, number=self.block)}: {self.message(lang)}"

    def at(self, place: str) -> Self:
        """Return the same fault at another place."""
        return type(self)(self.key.removeprefix("code."), self.block, place, **self.values)


def layout(knowledge: Knowledge) -> int:
    """Return the 15-bit fingerprint of the questions and their values: a code fits one such layout only."""
    return _fingerprint(_slots(knowledge))


def _slots(knowledge: Knowledge) -> tuple[Slot, ...]:
    return tuple(Slot.of(question) for question in knowledge.questions.values())


def _fingerprint(slots: tuple[Slot, ...]) -> int:
    rows = [f"{one.id} {one.type} {one.minimum} {one.maximum} {','.join(one.values)}" for one in slots]
    return zlib.crc32("\n".join(rows).encode()) & 0x7FFF


def encode(answers: Mapping[str, object], knowledge: Knowledge | None = None) -> str:
    """Write checked answers as a code; a list comes back in the order of the question's values.

    Raises AnswerError for an answer that is none, and CodeError for what a code cannot carry: a text beyond 40 bytes
    that is no bare version number, an amount of more than 15 digits.
    """
    base = knowledge or _load()
    checked = parse_answers(base, dict(answers))
    bits = Bits()
    for slot in _slots(base):
        try:
            field_of(slot).put(bits, checked.get(slot.id))
        except CannotPack as error:
            raise CodeError(str(error), place=slot.id) from None
    symbols = bits.symbols()
    data = [*_three(layout(base)), *_three(_crc(symbols)), *symbols]
    data += [0] * (-len(data) % 4)
    blocks = [data[at : at + 4] for at in range(0, len(data), 4)]
    signs = [
        "".join(ALPHABET[symbol] for symbol in (*block, _check(block, index, index == len(blocks) - 1)))
        for index, block in enumerate(blocks)
    ]
    return "-".join([MARK, *signs])


def decode(code: str, knowledge: Knowledge | None = None) -> dict[str, Value]:
    """Read a code back into answers. Words around it, small letters, spaces and other dashes do not matter.

    A code of an earlier version is read by that version's questions. Raises CodeError, with the block at fault, for a
    code that was mistyped, cut, lengthened or made by other questions.
    """
    base = knowledge or _load()
    data = _data(code)
    made_by = _number(data[:3]) if len(data) >= 6 else None
    slots = _slots(base) if made_by == layout(base) else _old_layouts().get(made_by)
    if slots is None:
        raise CodeError("other_questions")
    symbols = data[6:]
    while symbols and not symbols[-1]:
        symbols.pop()
    if _crc(symbols) != _number(data[3:6]):
        raise CodeError("damaged")
    reader = Reader(symbols)
    try:
        found = {slot.id: field_of(slot).get(reader) for slot in slots}
    except CannotPack:
        raise CodeError("damaged") from None
    given = {id_: value for id_, value in found.items() if value is not None}
    try:
        return parse_answers(base, given)
    except AnswerError:  # a knowledge base of one's own that lacks a question of that version
        raise CodeError("other_questions") from None


class _Layout(msgspec.Struct, forbid_unknown_fields=True):
    """The questions of one earlier version."""

    version: str
    questions: tuple[Slot, ...]


@cache
def _old_layouts() -> dict[int | None, tuple[Slot, ...]]:
    """Return the questions of earlier versions by their fingerprint."""
    rows = tomllib.loads(Path(__file__).with_name("old_layouts.toml").read_text(encoding="utf-8"))["layout"]
    return {_fingerprint(one.questions): one.questions for one in msgspec.convert(rows, list[_Layout])}


def _data(code: str) -> list[int]:
    """Return the data symbols of every block, each block checked."""
    blocks = list(_blocks(code))
    if not blocks:
        raise CodeError("empty")
    data: list[int] = []
    for index, block in enumerate(blocks):
        last = index == len(blocks) - 1
        if len(block) < 5:
            raise CodeError("cut", index + 1, signs=len(block))
        if block[4] == _check(block[:4], index, last):
            data += block[:4]
        elif last and block[4] == _check(block[:4], index, False):
            raise CodeError("ends_early", index + 1)
        elif not last and block[4] == _check(block[:4], index, True):
            raise CodeError("goes_on", index + 2)
        else:
            raise CodeError("mistyped", index + 1, signs="".join(ALPHABET[one] for one in block))
    return data


def _blocks(code: str) -> Iterator[list[int]]:
    """Yield the symbols of each block, five signs at a time, whatever separates them."""
    text = unicodedata.normalize("NFKC", code[:MAX_CODE]).upper()
    marked = _MARKED.search(text)
    if marked is None and _OTHER.search(text):
        raise CodeError("other_questions")
    text = text[marked.end() :] if marked else text
    signs = _SEPARATOR.sub("", re.sub(r"[^0-9A-Z]+$", "", text)).translate(_ALIKE)
    for start in range(0, len(signs), 5):
        block = signs[start : start + 5]
        wrong = next((sign for sign in block if sign not in ALPHABET), None)
        if wrong is not None:
            raise CodeError("no_sign", start // 5 + 1, sign=wrong if wrong.isprintable() else "?")
        yield [ALPHABET.index(sign) for sign in block]


def _check(block: list[int], index: int, last: bool) -> int:
    """Return the check symbol: a weighted sum over GF(32), different for every place of the block in the code."""
    total = _EXP[index % 31] ^ (LAST if last else 0)
    for place, symbol in enumerate(block, 1):
        total ^= _EXP[(_EXP.index(symbol) + place) % 31] if symbol else 0
    return total


def _crc(symbols: list[int]) -> int:
    """Return CRC-15 (polynomial 0x4599) over the symbols."""
    total = 0x5A5A
    for symbol in symbols:
        for bit in range(4, -1, -1):
            top = (total >> 14 ^ symbol >> bit) & 1
            total = (total << 1 & 0x7FFF) ^ (0x4599 if top else 0)
    return total


def _three(number: int) -> list[int]:
    return [number >> 10 & 31, number >> 5 & 31, number & 31]


def _number(symbols: list[int]) -> int:
    return sum(symbol << 5 * place for place, symbol in enumerate(reversed(symbols)))


def _load() -> Knowledge:
    from diagnostics.knowledge import load

    return load()
