"""The application page of the official account refused: its message was seen there, as the words beside it say.

Or as somebody answers who told of the message and is then asked where it stood.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnostics.reading.settle import Hit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from diagnostics.knowledge.lexicon import Asked
    from diagnostics.reading.normalise import Marks, Turn

_QUESTION: Final = "entry.official_account"
_ASKS_WHERE: Final = re.compile(
    r"(?:哪个?|什么|啥)(?:页面?|界面|地方|位置|里|儿|块)|[在从]哪|\b(?:where|(?:which|what) page)\b"
)
"""Words that ask where a message stood."""
_ELSEWHERE: Final = re.compile(r"不是|[没不]|客服|\b(?:not|n't|no)\b")
"""Words of an answer by which it did not stand in the official account's own pages."""


def refusals(
    marks: Marks,
    turn: Turn,
    said: Iterable[Hit],
    earlier: Iterable[Hit],
    asked: Sequence[tuple[Asked, bool]],
    words: str,
) -> Iterator[Hit]:
    """Yield that the application page refused, from what one turn says and what was told `earlier`.

    `asked`: what was asked before the turn, in these `words`.
    """
    there = any(row.question == _QUESTION for row, _ in asked)
    for hit in said:
        if _is_message(hit) and (there or _is_on_application_page(marks, turn, hit.start)):
            yield Hit(_QUESTION, "refused", hit.start, hit.end, hit.sure, ("opens_application",))
    named = marks.between(turn.start, turn.end, "account_page") if _ASKS_WHERE.search(words) else []
    if named and any(map(_is_message, earlier)) and not marks.has(turn.start, turn.end, "page"):
        start, end, _ = named[0]
        if not _ELSEWHERE.search(marks.text, turn.start, turn.end):
            yield Hit(_QUESTION, "refused", start, end, turn.certain, ("opens_application",))


def _is_message(hit: Hit) -> bool:
    return hit.question == "entry.page_message" and hit.value != "none"


def _is_on_application_page(marks: Marks, turn: Turn, at: int) -> bool:
    """Whether a message stood on the application page of the official account: the last place named before it."""
    places = marks.between(marks.sentence(at, turn.start)[0], at, "account_page", "page")
    return bool(places) and places[-1][2] == "account_page" and "客服" not in marks.text[places[-1][1] : at]
