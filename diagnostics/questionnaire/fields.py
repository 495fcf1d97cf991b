"""How each kind of answer is packed into bits: every field knows "not asked", "don't know" and its values."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Self

import msgspec

from diagnostics.evidence import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from diagnostics.evidence import Value
    from diagnostics.knowledge.model import Question

MAX_BYTES: Final = 40
"""Most bytes of a text that is no version number."""
_MOST: Final = 2**53
_VERSION: Final = re.compile(r"(?:0|[1-9]\d{0,5})(?:\.(?:0|[1-9]\d{0,5})){0,3}", re.ASCII)


class CannotPack(ValueError):  # noqa: N818 - what happened, to be said again as a CodeError
    """A value has no place in a code, or the bits are no value; the message is the reason's key."""


class Bits:
    """Numbers as bits, the highest of each first: put in at the end, got from the beginning; then come zeros."""

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
        """Add a number of any size: four bits at a time, the lowest first; a set fifth bit says that more follow."""
        while value > 15:
            self.put(16 + value % 16, 5)
            value //= 16
        self.put(value, 5)

    def get_any(self) -> int:
        """Read a number of any size; raises CannotPack beyond what a code may hold."""
        value = power = 0
        piece = 16
        while piece > 15:
            piece = self.get(5)
            value += (piece & 15) << power
            power += 4
            if value > _MOST:
                raise CannotPack("damaged")
        return value

    def symbols(self) -> list[int]:
        """Return five bits at a time, without the zeros at the end: a question not asked costs nothing there."""
        bits = self._bits.rstrip("0")
        return [int(bits[at : at + 5].ljust(5, "0"), 2) for at in range(0, len(bits), 5)]


class Slot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question's place in a code: with the same slots in the same order it can be read.

    First comes whether it was answered (0), or with `unknown` (1), else the number of the value counted from 2. Where
    values are not counted, for a text or an amount, 2 and 3 say in which of two forms it follows.
    """

    id: str
    type: str
    values: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None

    @classmethod
    def of(cls, question: Question) -> Self:
        """Return the slot of a question of today."""
        values = tuple(choice.id for choice in question.value)
        return cls(
            id=question.id, type=question.type, values=values, minimum=question.minimum, maximum=question.maximum
        )

    @property
    def _count(self) -> int:
        """How many values are counted: one of a few, any of them together, or a whole number within bounds."""
        if self.type in ("choice", "choices"):
            return len(self.values) if self.type == "choice" else 2 ** len(self.values)
        return 0 if self.type == "text" or self.maximum is None else self.maximum - (self.minimum or 0) + 1

    def put(self, bits: Bits, value: Value | None) -> None:
        """Add an answer; None: not answered. Raises CannotPack where it has no place in a code."""
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
                _put_text(bits, value)
        elif count:
            bits.put(2 + int(value) - (self.minimum or 0), width)
        else:
            _put_amount(bits, value)

    def get(self, bits: Bits) -> Value | None:
        """Read an answer; None: not answered. Raises CannotPack where the bits are none."""
        count = self._count
        state = bits.get((count + 1).bit_length() if count else 2)
        if state < 2:
            return UNKNOWN if state else None
        if not count:
            return _get_text(bits, state) if self.type == "text" else _get_amount(bits, state)
        number = state - 2
        if number >= count:
            raise CannotPack("damaged")
        if self.type == "choices":
            return [id_ for at, id_ in enumerate(self.values) if number >> at & 1]
        return self.values[number] if self.type == "choice" else (self.minimum or 0) + number


def _put_amount(bits: Bits, value: float) -> None:
    """Add a number without an upper bound: its zeros at the end counted apart (2), or its decimals (3)."""
    exact = Decimal(repr(value)).normalize()
    digits, exponent = int("".join(map(str, exact.as_tuple().digits))), int(exact.as_tuple().exponent)
    zeros = min(exponent, 7)
    if zeros >= 0:
        digits *= 10 ** min(exponent - zeros, 20)
    if digits >= _MOST or zeros < -15:
        raise CannotPack("amount")
    bits.put(2 if zeros >= 0 else 3, 2)
    bits.put(abs(zeros), 3 if zeros >= 0 else 4)
    bits.put_any(digits)


def _get_amount(bits: Bits, form: int) -> int | float:
    if form == 2:
        zeros = bits.get(3)
        return int(bits.get_any() * 10**zeros)
    places = bits.get(4)
    return float(Decimal(bits.get_any()).scaleb(-places))


def _put_text(bits: Bits, text: str) -> None:
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
        raise CannotPack("text")
    bits.put(3, 2)
    bits.put(len(raw), 6)
    for byte in raw:
        bits.put(byte, 8)


def _get_text(bits: Bits, form: int) -> str:
    if form == 2:
        return ".".join(str(bits.get_any()) for _ in range(bits.get(2) + 1))
    raw = bytes(bits.get(8) for _ in range(bits.get(6)))
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise CannotPack("damaged") from None
