"""Mask personal numbers and names in free text.

Each value is replaced by a placeholder (`<手机号-1>`), the same value by the same one. The ledger lists what was
masked, without the values.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from diagnostics.redaction.kinds import KINDS, SPELLED_OUT, Document, Folded, Kind, Span
from diagnostics.sanitize import NAMED_FILES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = ["KINDS", "PLACEHOLDER", "Kind", "Masked", "Redactor", "leave", "mask_all", "mask_numbers", "mask_within"]
PLACEHOLDER: Final = re.compile(rf"<({'|'.join(KINDS)})-(\d{{1,9}})>")
_MASKED: Final = re.compile(rf"<({'|'.join(KINDS)})(?:-\d{{1,9}})?>")
_PASSES: Final = 3
"""Most passes: masking a value may uncover another one beside it."""
_left: list[re.Pattern[str]] = []
"""Patterns of the desk's own order numbers, which are not masked."""


def leave(shapes: Iterable[str]) -> None:
    """Do not mask numbers of these shapes, such as `GD########` with any digit for `#`, in this process."""
    edges = "(?<![0-9A-Za-z])", "(?![0-9A-Za-z])"
    _left[:] = [re.compile(re.escape(shape).replace(r"\#", "[0-9]").join(edges)) for shape in shapes]


class Masked(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the ledger: kind, placeholder, number of occurrences, and places. Never the value."""

    kind: str
    placeholder: str
    times: int
    places: tuple[str, ...] = ()


class Redactor:
    """Masks texts that belong together (one report, one case, one bundle) and keeps their ledger.

    `taken` are the highest numbers given before, by kind. `recall` returns the number that was given to a value before,
    or None, and `learn` gets each new one, so that a case keeps its placeholders.
    """

    def __init__(
        self,
        *,
        taken: Mapping[str, int] | None = None,
        recall: Callable[[Kind, str], int | None] = lambda _kind, _value: None,
        learn: Callable[[Kind, str, int], None] = lambda _kind, _value, _number: None,
    ) -> None:
        self._last: dict[str, int] = dict(taken or {})
        self._recall, self._learn = recall, learn
        self._given: dict[tuple[Kind, str], int] = {}
        self._places: dict[tuple[int, int], list[str]] = {}
        """The place of each occurrence, by the index of the kind and the number."""

    @property
    def ledger(self) -> list[Masked]:
        """What was masked so far, by kind and number."""
        return [
            Masked(kind=KINDS[kind], placeholder=f"<{KINDS[kind]}-{number}>", times=len(places),
                   places=tuple(dict.fromkeys(filter(None, places))))
            for (kind, number), places in sorted(self._places.items())
        ]  # fmt: skip

    def redact(self, text: str, place: str = "") -> str:
        """Return the text with every personal value masked. `place` (a field, a file) is recorded in the ledger."""
        for given in PLACEHOLDER.finditer(text):
            self._last[given[1]] = max(self._last.get(given[1], 0), int(given[2]))
        return _replaced(text, _ALL, lambda span: self._placeholder(span, place))

    def _placeholder(self, span: Span, place: str) -> str:
        key = (span.kind, span.value)
        number = self._given.get(key) or self._recall(*key)
        if number is None:
            number = self._last.get(span.kind, 0) + 1
            self._learn(*key, number)
        self._given[key] = number
        self._last[span.kind] = max(self._last.get(span.kind, 0), number)
        self._places.setdefault((KINDS.index(span.kind), number), []).append(place)
        return f"<{span.kind}-{number}>"


def _replaced(text: str, kinds: frozenset[Kind], name: Callable[[Span], str], *, by_form: bool = False) -> str:
    """Return the text with values of these kinds replaced by `name`; `by_form`: regardless of words around them."""
    folded, at = Folded(text), 0
    found = [(span, name(span)) for spans in _passes(folded, kinds, by_form=by_form) for span in spans]
    parts: list[str] = []
    for span, placeholder in sorted(found):
        start, end = folded.original(span.start, span.end)
        parts += text[at:start], placeholder
        at = end
    return "".join(parts) + text[at:]


def _passes(folded: Folded, kinds: frozenset[Kind], *, by_form: bool) -> Iterator[list[Span]]:
    """Yield the values of each pass from left to right; of overlapping ones the first found, with the surer pattern."""
    from diagnostics.redaction import patterns  # compiled when first needed

    taken = bytearray(len(folded.text))
    for shape in (_MASKED, *_left):
        for kept in shape.finditer(folded.text):
            taken[kept.start() : kept.end()] = b"\1" * len(kept[0])
    masked = [Span(*kept.span(), cast("Kind", kept[1]), "") for kept in _MASKED.finditer(folded.text)]
    for number in range(_PASSES):
        again = [second for span in masked for second in patterns.again(folded.text, span)]
        folded.text, masked = _blanked(folded.text, masked), []
        for span in chain(again, _spans(folded, kinds, first=not number, by_form=by_form)):
            if span.kind in kinds and taken.find(1, span.start, span.end) < 0:
                taken[span.start : span.end] = b"\1" * (span.end - span.start)
                masked.append(span)
        if not masked:
            break
        masked.sort()
        yield masked


def _spans(folded: Folded, kinds: frozenset[Kind], *, first: bool, by_form: bool) -> Iterator[Span]:
    """Yield values in the text, the surest first; `first`: nothing is masked in it yet."""
    from diagnostics.redaction import numbers, patterns, people

    page = Document(folded.text)
    if by_form:
        yield from numbers.numbers(page.text)
        yield from patterns.emails(page)
        return
    yield from patterns.announced(page)
    yield from numbers.numbers(page.text)
    yield from _spoken(folded, page)
    yield from patterns.announced(page, patterns.LAST)
    yield from patterns.emails(page)
    if "姓名" in kinds and not page.text.isascii():  # in a purely ASCII text such names are technical
        yield from patterns.announced(page, patterns.UNTOLD)
    if first and "IP地址" in kinds:
        yield from patterns.machines(page)
    if "姓名" in kinds:
        yield from people.people(page)
    yield from numbers.strays(page.text)


def _blanked(text: str, masked: list[Span]) -> str:
    """Return the text with masked values replaced by `<`, line ends, `>`, which match no pattern of a label."""
    parts: list[str] = []
    at = 0
    for span in masked:
        parts += text[at : span.start], ("<" + "\n" * (span.end - span.start - 2) + ">")[: span.end - span.start]
        at = span.end
    return "".join(parts) + text[at:]


def _spoken(folded: Folded, whole: Document) -> Iterator[Span]:
    """Yield numbers that are written in numerals or words, wholly or in part."""
    from diagnostics.redaction.numbers import numbers, strays
    from diagnostics.redaction.patterns import LAST, announced

    for told in folded.spoken():
        page = Document(told.text, whole)
        first = (span for span in announced(page) if span.value.isdigit() or span.kind == "证件号")
        for span in chain(first, numbers(told.text), announced(page, LAST), strays(told.text)):
            yield Span(*told.original(span.start, span.end), span.kind, span.value)


_PLAIN: Final = re.compile(r"[\x00-/;<>?A-\x7f]*|[vV]?(?!1[3-9]\d\.\d{4}\.)\d{1,3}(?:\.\d{1,5}){0,4}")
"""Texts without personal values, a shortcut for most texts: no digit, or a version."""


_ALL: Final = frozenset(KINDS)
_NUMBERS: Final = _ALL - {"姓名", "地址", "IP地址", "MAC地址", "WiFi名称", "序列号", "用户名"}
"""The kinds that messages never show: numbers, accounts, codes and passwords of a person."""


def _unnumbered(span: Span) -> str:
    """Return a placeholder without a number, which cannot collide with those of a ledger."""
    return f"<{span.kind}>"


_IS_PATH: Final = re.compile(r"(?=.*\w)(?!.*(?:://|[@=])).*[./\\].*", re.DOTALL)
"""A path, not an address, a setting or a single word."""


@cache
def _paths(named: frozenset[str]) -> re.Pattern[str] | None:
    """Return a pattern of these paths."""
    names = filter(_IS_PATH.fullmatch, named)
    either = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return re.compile(rf"(?<![0-9A-Za-z])({either})(?![0-9A-Za-z])") if either else None


def mask_all(text: str) -> str:
    """Return a text masked like those of a case, with placeholders without numbers."""
    return _replaced(text, _ALL, _unnumbered)


def mask_numbers(text: str, *, files: bool = True) -> str:
    """Return a text with a person's numbers, accounts, codes and passwords masked, and nothing else changed.

    With `files`, in paths named on the command line only numbers are masked, regardless of words in them.
    """
    lowered = text.lower()
    told = " dot " in text or ("_" in text and "wechat" in lowered) or SPELLED_OUT.search(lowered)
    if _PLAIN.fullmatch(text) and not told:
        return text
    paths = _paths(frozenset(NAMED_FILES)) if files and NAMED_FILES else None
    parts = paths.split(text) if paths is not None else [text]
    return "".join(_replaced(part, _NUMBERS, _unnumbered, by_form=bool(at % 2)) for at, part in enumerate(parts))


def mask_within(value: Any) -> Any:
    """Return a value of plain data and structs with every text in it masked like `mask_numbers` does; keys stay."""
    mask = cache(mask_numbers)  # results of checks repeat their texts

    def masked(value: Any) -> Any:
        if isinstance(value, str):
            return mask(value)
        if isinstance(value, dict):
            return {key: masked(part) for key, part in value.items()}
        if isinstance(value, (list, tuple)):
            return list(map(masked, value)) if isinstance(value, list) else tuple(map(masked, value))
        if isinstance(value, msgspec.Struct):
            fields = {name: getattr(value, name) for name in value.__struct_fields__}
            changed = {name: new for name, old in fields.items() if (new := masked(old)) != old}
            return msgspec.structs.replace(value, **changed) if changed else value
        return value

    return masked(value)
