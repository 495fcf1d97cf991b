"""Lines of a form or a ticket: a label, a colon and what stands behind it, one in a line or several; 账户受限：否."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import islice
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.reading.patterns import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from diagnostics.reading.settle import Hit

_PART: Final = re.compile(r"(?:[^\n;|。!?. ]|\.(?!\s|$)| (?![/—–-] ))+")
"""What stands between the signs that part the fields of a form."""
_BULLET: Final = re.compile(r'(?:"[^"]{1,16}"|q?\d{1,2}[.、) ]|○|[ >*•·()"/—–-])*')
_LABEL: Final = re.compile(r"(?:^|,)([^:=,(]{1,40})(?:[:=](?!//)|\((?=(?:是|否|有|无|没有|yes|no|none)\)))")
_AROUND: Final = re.compile(
    r"^(?:(?:客户(?!端|经理)|用户(?!名)|顾客|您|你|我|的|是否|有无|有没有|当前|目前|现在|是否有|是否为"
    r"|(?:customer|client|user|is|has|any|the|current)\b)[ 's]*)+(?=.)|(?:情况|状态|与否|记录|结果| status| state)$"
)
"""Words around the name of a field that change nothing."""
_ASKS: Final = re.compile("是否|有无|有没有")
_LONE: Final = 34
"""Characters of a line that is nothing but a field."""
_SIGN: Final = re.compile("[:=(]")
_MOST: Final = 200
"""Fields that are looked at in one turn."""


class Field(msgspec.Struct, frozen=True):
    """A label of a form as it is looked up, as it stands, and where it, its value and its end are.

    `lone`: it fills a line, or begins like a question, so that it may be read as one.
    """

    label: str
    shown: str
    start: int
    value: int
    end: int
    lone: bool


def fields(text: str, start: int, end: int) -> Iterator[Field]:
    """Yield what looks like a field between these places of a folded text."""
    found = islice(_found(text, start, end), _MOST) if _SIGN.search(text, start, end) else ()
    yield from (field for field in found if text[field.value : field.end].strip())


def _found(text: str, start: int, end: int) -> Iterator[Field]:
    for part in _PART.finditer(text, start, end):
        if _SIGN.search(part[0]) is None:
            continue
        first = _BULLET.match(text, part.start(), part.end())
        at = first.end() if first else part.start()
        labels = list(_LABEL.finditer(text[at : part.end()]))
        fills = len(labels) == 1 and part.end() - at < _LONE
        before, behind = text[part.start() - 1 : part.start()], text[part.end() : part.end() + 1]
        fills = fills and before in ("", "\n") and behind in ("", "\n")
        for index, found in enumerate(labels):
            value, to = at + found.end(), at + labels[index + 1].start() if found is not labels[-1] else part.end()
            if text[value - 1] == "(":
                to = text.index(")", value)
            shown = found[1].strip(' "')
            lone = fills or _ASKS.match(shown) is not None
            yield Field(plain_label(shown), shown, at + found.start(1), value, to, lone)


def is_of_form(hit: Hit, form: list[tuple[Field, list[Hit]]]) -> bool:
    """Whether a reading rests on a label, which states nothing, or on a field that answers by itself."""
    place = bisect_right(form, hit.start, key=lambda one: one[0].start) - 1
    for field, found in form[max(0, place) : place + 2]:
        overlaps = hit.start < field.end and field.start < hit.end
        if overlaps and (hit.end <= field.value or (found and hit.start < field.value)):
            return True
        if overlaps and any(one.question == hit.question and one.sure for one in found):
            return True
    return False


def plain_label(label: str) -> str:
    """Return a label without what changes nothing in it."""
    before, label = "", label.replace("'", "").strip()
    while before != label:
        before, label = label, _AROUND.sub("", label).strip()
    return label if label.isascii() else label.replace(" ", "")


def label_pattern(label: str, words: Mapping[str, tuple[str, ...]]) -> str:
    """Return the expression of one label of the lexicon: items one behind another, each in one of its words."""
    items = []
    for item in label.split():
        optional = item.endswith("?") and ("|" in item or len(item) > 2)
        forms = words_of(item[:-1] if optional else item, words, label)
        items.append(f"(?: ?(?:{'|'.join(map(re.escape, forms))})){'?' * optional}")
    return "".join(items)
