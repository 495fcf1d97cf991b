"""How each kind of answer is packed into bits: every field knows "not asked", "don't know" and its values."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Self

import msgspec

from diagnostics.evidence import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diagnostics.evidence import Value
    from diagnostics.knowledge.model import Question

MAX_BYTES: Final = 40
"""Most bytes of a text that is no version number."""
_MOST: Final = 2**53
_VERSION: Final = re.compile(r"(?:0|[1-9]\d{0,5})(?:\.(?:0|[1-9]\d{0,5})){0,3}", re.ASCII)


class CannotPack(ValueError):  # noqa: N818 - what happened, to be said again as a CodeError
    """A value has no place in a code, or the bits are no value; the message is the reason's key."""


class Bits:
    """Bits in the making, the highest of each number first."""

    def __init__(self) -> None:
        self._bits: list[int] = []

    def put(self, value: int, width: int) -> None:
        """Add a number of a fixed width."""
        self._bits += [value >> at & 1 for at in range(width - 1, -1, -1)]

    def number(self, value: int) -> None:
        """Add a number of any size: four bits at a time, the lowest first; a set fifth bit says that more follow."""
        while value > 15:
            self.put(16 + value % 16, 5)
            value //= 16
        self.put(value, 5)

    def symbols(self) -> list[int]:
        """Return five bits at a time, without the zeros at the end: a question not asked costs nothing there."""
        bits = list(self._bits)
        while bits and not bits[-1]:
            bits.pop()
        bits += [0] * (-len(bits) % 5)
        return [int("".join(map(str, bits[at : at + 5])), 2) for at in range(0, len(bits), 5)]


class Reader:
    """Bits to be read again; beyond the end there are zeros."""

    def __init__(self, symbols: Sequence[int]) -> None:
        self._bits = [symbol >> at & 1 for symbol in symbols for at in range(4, -1, -1)]
        self._at = 0

    def get(self, width: int) -> int:
        """Read a number of a fixed width."""
        bits = self._bits[self._at : self._at + width]
        self._at += width
        return int("".join(map(str, bits)).ljust(width, "0"), 2)

    def number(self) -> int:
        """Read a number of any size; raises CannotPack beyond what a code may hold."""
        value = power = 0
        while True:
            piece = self.get(5)
            value += (piece & 15) << power
            if value > _MOST:
                raise CannotPack("damaged")
            if piece < 16:
                return value
            power += 4


class States:
    """One of a few values, or a whole number within bounds: the states counted."""

    def __init__(self, values: Sequence[str | int]) -> None:
        self.values = values
        self.width = (len(values) + 1).bit_length()

    def put(self, bits: Bits, value: Value | None) -> None:
        """Add an answer; None: not answered."""
        bits.put(0 if value is None else 1 if value == UNKNOWN else 2 + self.values.index(value), self.width)

    def get(self, reader: Reader) -> Value | None:
        """Read an answer; None: not answered. Raises CannotPack where the bits are none."""
        state = reader.get(self.width)
        if state < 2:
            return UNKNOWN if state else None
        if state - 2 >= len(self.values):
            raise CannotPack("damaged")
        return self.values[state - 2]


class Set:
    """Any of a few values together: one bit each."""

    def __init__(self, values: Sequence[str]) -> None:
        self.values = values
        self.width = (2 ** len(values) + 1).bit_length()

    def put(self, bits: Bits, value: Value | None) -> None:
        """Add an answer; None: not answered. Raises CannotPack where it has no place in a code."""
        chosen = value if isinstance(value, list) else []
        mask = sum(1 << at for at, one in enumerate(self.values) if one in chosen)
        bits.put(0 if value is None else 1 if value == UNKNOWN else 2 + mask, self.width)

    def get(self, reader: Reader) -> Value | None:
        """Read an answer; None: not answered. Raises CannotPack where the bits are none."""
        state = reader.get(self.width)
        if state < 2:
            return UNKNOWN if state else None
        if state - 2 >= 2 ** len(self.values):
            raise CannotPack("damaged")
        return [one for at, one in enumerate(self.values) if state - 2 >> at & 1]


class Amount:
    """A number without an upper bound: its zeros at the end counted apart, or its decimals."""

    def put(self, bits: Bits, value: Value | None) -> None:
        """Add an answer; None: not answered. Raises CannotPack where it has no place in a code."""
        if not isinstance(value, (int, float)):
            bits.put(0 if value is None else 1, 2)
            return
        exact = Decimal(repr(value)).normalize()
        digits, exponent = int("".join(map(str, exact.as_tuple().digits))), int(exact.as_tuple().exponent)
        zeros = min(exponent, 7)
        if zeros >= 0:
            digits *= 10 ** min(exponent - zeros, 20)
        if digits >= _MOST or zeros < -15:
            raise CannotPack("amount")
        bits.put(2 if zeros >= 0 else 3, 2)
        bits.put(abs(zeros), 3 if zeros >= 0 else 4)
        bits.number(digits)

    def get(self, reader: Reader) -> Value | None:
        """Read an answer; None: not answered. Raises CannotPack where the bits are none."""
        tag = reader.get(2)
        if tag < 2:
            return UNKNOWN if tag else None
        if tag == 2:
            zeros = reader.get(3)
            return int(reader.number() * 10**zeros)
        places = reader.get(4)
        return float(Decimal(reader.number()).scaleb(-places))


class Words:
    """A version as its numbers, or a short text as it is."""

    def put(self, bits: Bits, value: Value | None) -> None:
        """Add an answer; None: not answered. Raises CannotPack where it has no place in a code."""
        if not isinstance(value, str) or value == UNKNOWN:
            bits.put(0 if value is None else 1, 2)
        elif _VERSION.fullmatch(value):
            numbers = value.split(".")
            bits.put(2, 2)
            bits.put(len(numbers) - 1, 2)
            for number in numbers:
                bits.number(int(number))
        else:
            raw = value.encode()
            if len(raw) > MAX_BYTES:
                raise CannotPack("text")
            bits.put(3, 2)
            bits.put(len(raw), 6)
            for byte in raw:
                bits.put(byte, 8)

    def get(self, reader: Reader) -> Value | None:
        """Read an answer; None: not answered. Raises CannotPack where the bits are none."""
        tag = reader.get(2)
        if tag < 2:
            return UNKNOWN if tag else None
        if tag == 2:
            return ".".join(str(reader.number()) for _ in range(reader.get(2) + 1))
        raw = bytes(reader.get(8) for _ in range(reader.get(6)))
        try:
            return raw.decode()
        except UnicodeDecodeError:
            raise CannotPack("damaged") from None


class Slot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a code needs to know of a question: with the same slots in the same order it can be read."""

    id: str
    type: str
    values: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None

    @classmethod
    def of(cls, question: Question) -> Self:
        """Return the slot of a question of today."""
        return cls(
            id=question.id,
            type=question.type,
            values=tuple(choice.id for choice in question.value),
            minimum=question.minimum,
            maximum=question.maximum,
        )


def field_of(slot: Slot) -> States | Set | Amount | Words:
    """Return a question's place in a code."""
    return _field(slot.type, slot.values, slot.minimum, slot.maximum)


@lru_cache(maxsize=256)
def _field(
    type_: str, values: tuple[str, ...], minimum: int | None, maximum: int | None
) -> States | Set | Amount | Words:
    if type_ == "text":
        return Words()
    if type_ == "choices":
        return Set(values)
    if type_ == "choice":
        return States(values)
    return Amount() if maximum is None else States(range(minimum or 0, maximum + 1))
