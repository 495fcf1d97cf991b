"""Mask a text: every personal value becomes a placeholder, the same value always the same one, with a ledger."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from diagnostics.redaction.folding import Folded
from diagnostics.redaction.kinds import KINDS, Kind, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

PLACEHOLDER: Final = re.compile(rf"<({'|'.join(KINDS)})-(\d{{1,9}})>")


class Masked(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the ledger: the kind of value, its new name, how often and where it stood. Never the value."""

    kind: str
    placeholder: str
    times: int
    places: tuple[str, ...] = ()


class Redactor:
    """Masks texts that belong together (one report, one case, one bundle) and keeps their ledger.

    `known` are values to mask wherever they stand, by kind: the user name of this computer, a name the desk knows.
    `taken` are the numbers already given by an earlier sitting, by kind; `recall` finds the number that an earlier
    sitting gave this value, or None, and `learn` is told each new one: so a case keeps its placeholders.
    """

    def __init__(
        self,
        *,
        known: Mapping[Kind, Iterable[str]] | None = None,
        taken: Mapping[str, int] | None = None,
        recall: Callable[[Kind, str], int | None] | None = None,
        learn: Callable[[Kind, str, int], None] | None = None,
    ) -> None:
        self._known = [(kind, one) for kind, values in (known or {}).items() for one in values if len(one) > 2]
        self._last: dict[str, int] = dict(taken or {})
        self._recall, self._learn = recall, learn
        self._given: dict[tuple[Kind, str], int] = {}
        self._times: dict[tuple[Kind, int], int] = {}
        self._places: dict[tuple[Kind, int], list[str]] = {}

    @property
    def ledger(self) -> list[Masked]:
        """What was masked by this redactor so far, by kind and number."""
        return [
            Masked(kind=kind, placeholder=f"<{kind}-{number}>", times=times, places=tuple(self._places[kind, number]))
            for (kind, number), times in sorted(
                self._times.items(), key=lambda one: (KINDS.index(one[0][0]), one[0][1])
            )
        ]

    def redact(self, text: str, place: str = "") -> str:
        """Return the text with every personal value masked. `place` is noted in the ledger: a field, a file.

        Placeholders that already stand in the text stay as they are, so masking twice changes nothing.
        """
        for found in PLACEHOLDER.finditer(text):
            self._last[found[1]] = max(self._last.get(found[1], 0), int(found[2]))
        folded = Folded(text)
        parts: list[str] = []
        at = 0
        for span in self._spans(folded.text):
            start, end = folded.original(span.start, span.end)
            parts += text[at:start], self._placeholder(span, place)
            at = end
        return "".join(parts) + text[at:] if parts else text

    def redact_all(self, value: Any, place: str = "") -> Any:
        """Mask every text inside lists and tables of plain JSON values; keys and numbers stay."""
        if isinstance(value, str):
            return self.redact(value, place)
        if isinstance(value, dict):
            return {key: self.redact_all(one, f"{place}.{key}" if place else str(key)) for key, one in value.items()}
        if isinstance(value, list):
            return [self.redact_all(one, place) for one in value]
        return value

    def _spans(self, text: str) -> list[Span]:
        """Find what to mask, from left to right; of two that overlap, the one that a stronger sign found."""
        taken = bytearray(len(text))
        for found in PLACEHOLDER.finditer(text):
            taken[found.start() : found.end()] = b"\1" * len(found[0])
        spans = []
        for span in self._found(text):
            if taken.find(1, span.start, span.end) < 0:
                taken[span.start : span.end] = b"\1" * (span.end - span.start)
                spans.append(span)
        return sorted(spans)

    def _found(self, text: str) -> Iterator[Span]:
        from diagnostics.redaction.addresses import machines
        from diagnostics.redaction.announced import announced
        from diagnostics.redaction.numbers import numbers
        from diagnostics.redaction.people import people
        from diagnostics.redaction.triggers import Page

        page = Page.of(text)
        for kind, value in self._known:
            for found in re.finditer(re.escape(value), text):
                yield Span(*found.span(), kind, value)
        yield from announced(page)
        yield from numbers(text)
        yield from machines(page)
        yield from people(page)

    def _placeholder(self, span: Span, place: str) -> str:
        key = (span.kind, span.value)
        number = self._given.get(key)
        if number is None and self._recall is not None:
            number = self._recall(*key)
        if number is None:
            number = self._last.get(span.kind, 0) + 1
            if self._learn is not None:
                self._learn(*key, number)
        self._given[key] = number
        self._last[span.kind] = max(self._last.get(span.kind, 0), number)
        slot = (span.kind, number)
        self._times[slot] = self._times.get(slot, 0) + 1
        places = self._places.setdefault(slot, [])
        if place and place not in places:
            places.append(place)
        return f"<{span.kind}-{number}>"


class _Numbers(Redactor):
    """Masks only what checksum and layout give away: a version or an address of a network is left as it is.

    Its placeholders bear no number (`<手机号>`): no ledger knows them, and none of a case's may mean two values.
    """

    def _found(self, text: str) -> Iterator[Span]:
        from diagnostics.redaction.numbers import numbers

        return numbers(text)

    def _placeholder(self, span: Span, _place: str) -> str:
        return f"<{span.kind}>"


def mask_numbers(text: str) -> str:
    """Return a text with its personal numbers masked (resident id, bank card, phone, IMEI), and nothing else."""
    return _Numbers().redact(text)
