"""Answer sheets: numbered questions with lettered answers, and what was chosen of them: 1B 2A 3C."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from diagnostics.reading.normalise import blank

_REPLY: Final = re.compile(r"(?:(?<![\da-z])[1-9] ?[a-e](?![a-z])[ ,、;/]*){2,}")
_ONE: Final = re.compile(r"([1-9]) ?([a-e])")
_HEAD: Final = re.compile(r"(?:^|(?<=[\n;。:]))[ >]*q?([1-9])[.、): ](?!\d)", re.MULTILINE)
_OPTION: Final = re.compile(r"(?<![a-z])([a-e])(?:[.、:)] *| (?=\S)|(?=[\u3400-\u9fff]))")
_BEFORE: Final = 2_000
"""Characters before a reply in which its questions are looked for."""


class Chosen(msgspec.Struct, frozen=True):
    """A question, the words of the answer that was chosen, and where it was."""

    question: str
    words: str
    start: int
    end: int


def read_sheets(text: str) -> tuple[list[Chosen], str]:
    """Return what was chosen, and the text with circles where its sheets stand; neither states anything else."""
    found: list[Chosen] = []
    for reply in _REPLY.finditer(text):
        items = _items(text, max(0, reply.start() - _BEFORE), reply.start())
        chosen = [_chosen(text, one, items[one[1]]) for one in _ONE.finditer(text, *reply.span()) if one[1] in items]
        if known := [one for one in chosen if one]:
            found += known
            start = min(start for start, _ in items.values())
            text = blank(text, start, reply.end())
    return found, text


def _items(text: str, start: int, end: int) -> dict[str, tuple[int, int]]:
    """Return where the body of each numbered question stands."""
    heads = list(_HEAD.finditer(text, start, end))
    ends = [*(head.start() for head in heads[1:]), end]
    return {head[1]: (head.end(), last) for head, last in zip(heads, ends, strict=False)}


def _chosen(text: str, found: re.Match[str], item: tuple[int, int]) -> Chosen | None:
    """Return what one number and letter choose of their question; None where it has no such answer."""
    body = text[slice(*item)]
    options = {option[1]: option for option in _OPTION.finditer(body)}  # the last of each letter
    if not {"a", found[2]} <= options.keys():
        return None
    after = [option.start() for option in options.values() if option.start() > options[found[2]].start()]
    words = body[options[found[2]].end() : min(after, default=len(body))].strip().split("\n")[0]
    return Chosen(body[: options["a"].start()].strip(), words, *found.span())
