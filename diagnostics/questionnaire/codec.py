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
from decimal import Decimal
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self, TypeAlias

import msgspec

from diagnostics.answers import AnswerError, parse_answers
from diagnostics.evidence import UNKNOWN
from diagnostics.i18n import error_text
from diagnostics.knowledge import load
from diagnostics.redaction import mask_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from diagnostics.evidence import Value
    from diagnostics.knowledge.model import Knowledge

MARK: Final = "WLD1"
"""The prefix of a code: its kind and format version."""
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LAST: Final = 21
"""Added to the check of the last block, so that a code truncated between blocks is detected."""
MAX_BYTES: Final = 40
"""Most bytes of a text answer that is not a version number."""
MOST: Final = 20_000
"""Most characters searched for a code: a whole pasted chat."""

MOST_BLOCKS: Final = 100
"""Most blocks for which a correction is searched: four times the longest code."""
ALIKE: Final = str.maketrans("ILO", "110")
"""Letters that are not in the alphabet, as misread digits."""
_GAP: Final = r"\s\-‐-―−_~—一·•・.,|>*\"'`“”‘’:"
"""Characters allowed between the signs of a code: spaces, dashes, and what chats insert."""
_HIDDEN: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_MARKED: Final = re.compile(rf"W[{_GAP}]*[LI1][{_GAP}]*D[{_GAP}]*[1IL][{_GAP}]*")
_OTHER: Final = re.compile(r"\bW[LI1]D[02-9](?![0-9A-Z])")
"""The prefix of another format version."""
_RUN: Final = re.compile(rf"[0-9A-Z](?:[{_GAP}]*[0-9A-Z])*")
_SIGN: Final = re.compile(rf"([{_GAP}]*)([0-9A-Z])")
_EXP: Final = [1]
for _ in range(30):
    _EXP.append(_EXP[-1] << 1 ^ (0x25 if _EXP[-1] & 16 else 0))
_LOG: Final = {power: exponent for exponent, power in enumerate(_EXP)}
_LARGEST: Final = 2**53
_VERSION: Final = re.compile(r"(?:0|[1-9]\d{0,5})(?:\.(?:0|[1-9]\d{0,5})){0,3}", re.ASCII)


class CodeError(AnswerError):
    """An answers code is unusable, or cannot hold an answer. `block` at fault counts from 1, None if unknown.

    `suggestion` is a likely correction: the only valid code that differs by one wrong, missing, doubled or swapped
    sign. It is computed on first use.
    """

    def __init__(self, reason: str, block: int | None = None, place: str = "", **values: object) -> None:
        super().__init__(f"code.{reason}", place, **values)
        self.block = block
        self.look_for: Callable[[], str | None] = lambda: None

    @cached_property
    def suggestion(self) -> str | None:
        """The only likely correction, None if there is none or more than one."""
        return self.look_for()

    def text(self, lang: str) -> str:
        """Return the place and the error on one line."""
        if self.place:
            return super().text(lang)
        where = "place" if self.block is None else "block"
        fault = f"{error_text(f'code.{where}', lang, number=self.block)}: {self.message(lang)}"
        return fault + (error_text("code.suggestion", lang, code=self.suggestion) if self.suggestion else "")

    def at(self, place: str) -> Self:
        """Return the same error with another place."""
        return type(self)(self.key.removeprefix("code."), self.block, place, **self.values)


class Bits:
    """A bit string: numbers are appended and read in order, the highest bit first; past the end come zeros."""

    def __init__(self, symbols: Iterable[int] = ()) -> None:
        self._bits = "".join(f"{symbol:05b}" for symbol in symbols)
        self._at = 0

    def put(self, value: int, width: int) -> None:
        """Add a number of a fixed width."""
        self._bits += f"{value:0{width}b}"

    def get(self, width: int) -> int:
        """Read a number of a fixed width."""
        bits = self._bits[self._at : self._at + width]
        self._at += width
        return int(bits.ljust(width, "0"), 2)

    def put_any(self, value: int) -> None:
        """Add a number of any size in groups of four bits, the lowest first, each with a continuation bit."""
        while value > 15:
            self.put(16 + value % 16, 5)
            value //= 16
        self.put(value, 5)

    def get_any(self) -> int:
        """Read a number of any size. Raises CodeError if it is too large."""
        value = power = 0
        piece = 16
        while piece > 15:
            piece = self.get(5)
            value += (piece & 15) << power
            power += 4
            if value > _LARGEST:
                raise CodeError("damaged")
        return value

    def symbols(self) -> list[int]:
        """Return groups of five bits without trailing zeros, so that unanswered questions at the end cost nothing."""
        bits = self._bits.rstrip("0")
        return [int(bits[at : at + 5].ljust(5, "0"), 2) for at in range(0, len(bits), 5)]


class Slot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The encoding of a question in a code; a code is read with the same slots in the same order.

    A slot holds 0 for unanswered, 1 for `unknown`, else the number of the value from 2 on. For a text or an amount, 2
    and 3 are two forms of the value that follows.
    """

    id: str
    type: str
    values: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None

    @property
    def _count(self) -> int:
        """The number of values for a choice, choices, or a bounded integer; 0 for a text or an amount."""
        if self.type in ("choice", "choices"):
            return len(self.values) if self.type == "choice" else 2 ** len(self.values)
        return 0 if self.type == "text" or self.maximum is None else self.maximum - (self.minimum or 0) + 1

    def put(self, bits: Bits, value: Value | None) -> None:
        """Add an answer; None: not answered. Raises CodeError if a code cannot hold it."""
        count = self._count
        width = (count + 1).bit_length() if count else 2
        if value is None or value == UNKNOWN:
            bits.put(0 if value is None else 1, width)
        elif isinstance(value, list):
            bits.put(2 + sum(1 << at for at, id_ in enumerate(self.values) if id_ in value), width)
        elif isinstance(value, str):
            if count:
                bits.put(2 + self.values.index(value), width)
            else:
                self._put_text(bits, value)
        elif count:
            bits.put(2 + int(value) - (self.minimum or 0), width)
        else:
            self._put_amount(bits, value)

    def get(self, bits: Bits) -> Value | None:
        """Read an answer; None: not answered. Raises CodeError for invalid bits."""
        count = self._count
        state = bits.get((count + 1).bit_length() if count else 2)
        if state < 2:
            return UNKNOWN if state else None
        if not count:
            return _get_text(bits, state) if self.type == "text" else _get_amount(bits, state)
        number = state - 2
        if number >= count:
            raise CodeError("damaged")
        if self.type == "choices":
            return [id_ for at, id_ in enumerate(self.values) if number >> at & 1]
        return self.values[number] if self.type == "choice" else (self.minimum or 0) + number

    def _put_amount(self, bits: Bits, value: float) -> None:
        """Add an unbounded number, as its trailing zeros (2) or its decimals (3), and its digits."""
        exact = Decimal(repr(value)).normalize()
        digits, exponent = int("".join(map(str, exact.as_tuple().digits))), int(exact.as_tuple().exponent)
        zeros = min(exponent, 7)
        if zeros >= 0:
            digits *= 10 ** min(exponent - zeros, 20)
        if digits >= _LARGEST or zeros < -15:
            raise CodeError("amount", place=self.id)
        bits.put(2 if zeros >= 0 else 3, 2)
        bits.put(abs(zeros), 3 if zeros >= 0 else 4)
        bits.put_any(digits)

    def _put_text(self, bits: Bits, text: str) -> None:
        """Add a version as its numbers (2), or a short text as it is (3)."""
        if _VERSION.fullmatch(text):
            numbers = text.split(".")
            bits.put(2, 2)
            bits.put(len(numbers) - 1, 2)
            for number in numbers:
                bits.put_any(int(number))
            return
        raw = text.encode()
        if len(raw) > MAX_BYTES:
            raise CodeError("text", place=self.id)
        bits.put(3, 2)
        bits.put(len(raw), 6)
        for byte in raw:
            bits.put(byte, 8)


def _get_amount(bits: Bits, form: int) -> int | float:
    if form == 2:
        zeros = bits.get(3)
        return int(bits.get_any() * 10**zeros)
    places = bits.get(4)
    return float(Decimal(bits.get_any()).scaleb(-places))


def _get_text(bits: Bits, form: int) -> str:
    if form == 2:
        return ".".join(str(bits.get_any()) for _ in range(bits.get(2) + 1))
    raw = bytes(bits.get(8) for _ in range(bits.get(6)))
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise CodeError("damaged") from None


def layout(knowledge: Knowledge) -> int:
    """Return the 15-bit fingerprint of the questions and their values, which a code holds."""
    return _fingerprint(_slots(knowledge))


def _slots(knowledge: Knowledge) -> tuple[Slot, ...]:
    return tuple(
        Slot(
            id=one.id, type=one.type, values=tuple(choice.id for choice in one.value), minimum=one.minimum,
            maximum=one.maximum,
        )
        for one in knowledge.questions.values()
    )  # fmt: skip


@cache
def _fingerprint(slots: tuple[Slot, ...]) -> int:
    rows = [f"{slot.id} {slot.type} {slot.minimum} {slot.maximum} {','.join(slot.values)}" for slot in slots]
    return zlib.crc32("\n".join(rows).encode()) & 0x7FFF


def encode(answers: Mapping[str, object], knowledge: Knowledge | None = None) -> str:
    """Write checked answers as a code; a list comes back in the order of the question's values.

    Raises AnswerError for an answer that is none, and CodeError for what a code cannot carry: a text beyond 40 bytes
    that is no bare version number, an amount of more than 15 digits.
    """
    base = knowledge or load()
    checked = parse_answers(base, dict(answers))
    bits = Bits()
    for slot in _slots(base):
        slot.put(bits, checked.get(slot.id))
    symbols = bits.symbols()
    data = [*_three(layout(base)), *_three(_crc(symbols)), *symbols]
    return _with_checks(data + [0] * (-len(data) % 4))


def decode(text: str, knowledge: Knowledge | None = None) -> dict[str, Value]:
    """Return the answers of the code in a text, whatever surrounds it and however it is spaced.

    Codes of earlier versions are read by their own questions. Raises CodeError, with the block at fault, for a code
    that was mistyped, truncated, lengthened or made by unknown questions, and if a text holds two different codes.
    """
    base = knowledge or load()
    plain = unicodedata.normalize("NFKC", _HIDDEN.sub("", text[:MOST])).upper()
    found: list[dict[str, Value]] = []
    fault: CodeError | None = None
    for signs in _codes(plain):
        try:
            answers = _answers(base, _data(signs))
        except CodeError as error:
            if fault is None:
                fault = error
                fault.look_for = partial(_suggestion, base, signs)
        else:
            if answers not in found:
                found.append(answers)
    if len(found) > 1:
        raise CodeError("several")
    if found:
        return found[0]
    raise fault or CodeError("other_questions" if _OTHER.search(plain) else "empty")


def _answers(base: Knowledge, data: list[int]) -> dict[str, Value]:
    """Return the answers in the data symbols of a code. Raises CodeError."""
    layouts = (_slots(base), *_old_layouts())
    slots = next((slots for slots in layouts if _three(_fingerprint(slots)) == data[:3] and len(data) >= 6), None)
    if slots is None:
        raise CodeError("other_questions")
    symbols = data[6:]
    while symbols and not symbols[-1]:
        symbols.pop()
    if _three(_crc(symbols)) != data[3:6]:
        raise CodeError("damaged")
    bits = Bits(symbols)
    found = {slot.id: slot.get(bits) for slot in slots}
    given = {id_: value for id_, value in found.items() if value is not None}
    try:
        return parse_answers(base, given)
    except AnswerError:  # a custom knowledge base may lack a question
        raise CodeError("other_questions") from None


def _with_checks(data: list[int]) -> str:
    """Return data symbols, a multiple of four, as a code with checks."""
    blocks = [data[at : at + 4] for at in range(0, len(data), 4)]
    signs = [
        "".join(ALPHABET[symbol] for symbol in (*block, _check(block, index, index == len(blocks) - 1)))
        for index, block in enumerate(blocks)
    ]
    return "-".join([MARK, *signs])


@cache
def _old_layouts() -> list[tuple[Slot, ...]]:
    """Return the slots of each earlier version."""
    rows = tomllib.loads(Path(__file__).with_name("old_layouts.toml").read_text(encoding="utf-8"))["layout"]
    return [msgspec.convert(row["questions"], tuple[Slot, ...]) for row in rows]


Signs: TypeAlias = "list[tuple[str, str]]"
"""The signs of a code, each with the gap before it."""


def _codes(text: str) -> Iterator[Signs]:
    """Yield possible codes: what follows each prefix, or without any prefix the longest run of signs."""
    marks = list(_MARKED.finditer(text))
    if marks:
        for mark, after in zip(marks, [*(one.start() for one in marks[1:]), len(text)], strict=True):
            found = _RUN.match(text, mark.end(), after)
            yield _signs(found[0] if found else "")
    elif not _OTHER.search(text):
        run = max(_RUN.findall(mask_numbers(text)), key=len, default="")
        if any(sign.isalpha() for sign in run):  # a phone number is not a mistyped code
            yield _signs(run)


def _signs(run: str) -> Signs:
    return [(gap, sign.translate(ALIKE)) for gap, sign in _SIGN.findall(run)]


def _data(signs: Signs) -> list[int]:
    """Return the data symbols of all blocks; each is checked. Raises CodeError."""
    if not signs:
        raise CodeError("empty")
    data: list[int] = []
    for at in range(0, len(signs), 5):
        number, block, ends = at // 5 + 1, signs[at : at + 5], len(signs) <= at + 5
        wrong = next((sign for _, sign in block if sign not in ALPHABET), None)
        if wrong is not None:
            raise CodeError("no_sign", number, sign=wrong)
        if len(block) < 5:
            raise CodeError("cut", number, signs=len(block))
        *symbols, check = (ALPHABET.index(sign) for _, sign in block)
        data += symbols
        if check == _check(symbols, number - 1, True):
            if not ends and _goes_on(signs, at + 5):
                raise CodeError("goes_on", number + 1)
            return data
        if check != _check(symbols, number - 1, False):
            raise CodeError("mistyped", number, signs="".join(sign for _, sign in block))
        if ends:
            raise CodeError("ends_early", number)
    raise AssertionError("the last block ends the loop")


def _goes_on(signs: Signs, at: int) -> bool:
    """Whether what follows a last block belongs to the code rather than to the text around it.

    It does if it is attached, or separated like the blocks before and made of the alphabet's signs.
    """
    gap, before = signs[at][0], signs[at - 5][0]
    if not any(sign.isspace() for sign in gap):
        return True
    return at > 5 and gap == before and all(sign in ALPHABET for _, sign in signs[at : at + 5])


def _suggestion(base: Knowledge, signs: Signs) -> str | None:
    """Return the only valid code that differs from a damaged one by one sign, or by what was attached to its end."""
    plain = [sign for _, sign in signs][: 5 * MOST_BLOCKS]
    first = next((at for at in range(0, len(plain), 5) if not _sound(plain[at : at + 5], at // 5)), len(plain))
    tries: list[list[str]] = [plain[: at + 5] for at in range(0, len(plain) - 5, 5)]
    for at in range(max(0, first - 5), min(first + 5, len(plain))):
        tries.append([*plain[:at], *plain[at + 1 :]])
        tries += ([*plain[:at], sign, *plain[at + more :]] for sign in ALPHABET for more in (0, 1))
        if at + 1 < len(plain):
            tries.append([*plain[:at], plain[at + 1], plain[at], *plain[at + 2 :]])
    found = set()
    for one in tries:
        if all(_sound(one[at : at + 5], at // 5) for at in range(first, min(first + 5, len(one)), 5)):
            try:
                data = _data([("", sign) for sign in one])
                _answers(base, data)
            except CodeError:
                continue
            found.add(_with_checks(data))
    return found.pop() if len(found) == 1 else None


def _sound(block: list[str], index: int) -> bool:
    """Whether a block's check is right, as the last block or another."""
    if len(block) < 5 or any(sign not in ALPHABET for sign in block):
        return False
    *symbols, check = (ALPHABET.index(sign) for sign in block)
    return check in (_check(symbols, index, False), _check(symbols, index, True))


def _check(block: list[int], index: int, last: bool) -> int:
    """Return the check symbol: a weighted sum over GF(32), different for every place of the block in the code."""
    total = _EXP[index % 31] ^ (LAST if last else 0)
    for place, symbol in enumerate(block, 1):
        total ^= _EXP[(_LOG[symbol] + place) % 31] if symbol else 0
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
