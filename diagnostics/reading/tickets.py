"""Boxes of a form, of which only the ticked ones count, and reports of a fault: what is seen, not what is expected."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from diagnostics.reading.normalise import blank
from diagnostics.reading.sheets import Chosen

if TYPE_CHECKING:
    from collections.abc import Callable

_TICKED: Final = r"[☑☒■✓✔√✅◉]|\[ ?[xX√✓✔vV] ?\]|[(（] ?[√✓✔xX] ?[)）]"
_OPEN: Final = r"[☐□◻▢○◯]|\[ {0,3}\]|[(（] {1,3}[)）]"
_BOX: Final = re.compile(rf"(?P<ticked>{_TICKED})|{_OPEN}")
_UNCHOSEN: Final = re.compile(
    r"(?<=[:：])[ _]*(?:是 ?[/／|] ?否|有 ?[/／|] ?(?:无|没有)|能 ?[/／|] ?不能|男 ?[/／|] ?女|yes ?[/|] ?no)[ _]*$",
    re.IGNORECASE | re.MULTILINE,
)
"""Options of a form of which none is chosen."""
_QUESTION: Final = re.compile(r"[\s:：?？]*$")
_LABEL_END: Final = re.compile(r"[:：?？]|\s(?=\S)")
_EXPECTED: Final = re.compile(
    r"(?:(?<=[\n.;。])|^)[ *#>\"-]*(?:expected|预期|期望|期待|应有)"
    r"(?: ?(?:results?|behaviou?r|outcome|结果|现象|行为))?\"? ?[:=]?"
    r"(?P<expected>[^\n]*?)(?P<between>[\n.;。,][ *#>\"-]*(?:\n[^\n:]*)?)"
    r"(?:actual|实际|现状|observed)(?: ?(?:results?|behaviou?r|outcome|结果|现象|行为|情况))?"
    r"\"? ?[:=]?(?P<actual>[^\n.;。]*)"
)
"""A report of a fault: what was expected there, and what was seen."""
_ENTRY: Final = re.compile(r"微粒贷|入口|图标|(?<![a-z])(?:weilidai|wld|tile|entry|icon|loan)(?![a-z])")
_PLACE: Final = re.compile(r"服务|九宫格|钱包|(?<![a-z])(?:services|wallet)(?![a-z])")
_NONE: Final = re.compile(
    r"[\s\"]*(?:the |it |loan |weilidai |tile |entry |icon |微粒贷|入口|图标|is |was |isn't |完全|根本)*"
    r"(?:none|nothing|missing|absent|not (?:there|shown|present|visible|listed|displayed)|no (?:tile|icon"
    r"|entry|such|loan|weilidai)"
    r"|there$|没有|无|未(?:看|找|显|出|见|展)|[看找见]不|没[看找见]|不(?:显|存|见|在)|缺失)"
)


def only_ticked(shown: str) -> str:
    """Return a text of the same length without the boxes and what is not ticked: 实名 ☑是 ☐否 is 实名:是.

    Boxes say something only where some are ticked and some are not. 是 / 否 with nothing chosen says nothing.
    """
    shown = _UNCHOSEN.sub(lambda found: " " * len(found[0]), shown)
    kinds = {found["ticked"] is not None for found in _BOX.finditer(shown)}
    return "\n".join(map(_line, shown.split("\n"))) if len(kinds) > 1 else shown


def _line(line: str) -> str:
    """Return one line of a form without its boxes."""
    boxes = list(_BOX.finditer(line))
    if not boxes:
        return line
    signs = list(line)
    last = len(line.rstrip())
    behind = boxes[-1].end() == last and (len(boxes) > 1 or line[: boxes[0].start()].strip() != "")
    label = _LABEL_END.search(line)
    start = label.end() if label and behind else 0
    chosen = False
    for index, box in enumerate(boxes):
        before = boxes[index - 1].end() if index else start
        after = boxes[index + 1].start() if index + 1 < len(boxes) else last
        option = range(before, box.start()) if behind else range(box.end(), after)
        if box["ticked"] is None:
            for place in (*option, *range(*box.span())):
                signs[place] = " "
            continue
        for place in range(*box.span()):
            signs[place] = " "
        if not behind and line[: boxes[0].start()].strip(" 0123456789.、)）(（-*·>"):
            signs[box.start()] = "," if chosen else ":"
        if label and behind and not chosen:
            signs[label.start()] = ":"
        chosen = True
    if not behind and (asked := _QUESTION.search(line[: boxes[0].start()])):
        signs[asked.start() : boxes[0].start()] = " " * (boxes[0].start() - asked.start())
    return "".join(signs)


def read_report(text: str) -> tuple[list[Chosen], str]:
    """Return what a report saw of the entry, and the folded text without what it only expected."""
    found = _EXPECTED.search(text)
    if found is None:
        return [], text
    seen: list[Chosen] = []
    named = _ENTRY.search(found["expected"]) or _ENTRY.search(found["actual"])
    if named and _PLACE.search(text) and _NONE.match(found["actual"]):
        seen.append(Chosen("服务里有微粒贷吗", "没有", *found.span("actual")))
    return seen, blank(text, *found.span("expected"))


_BRACKETED: Final = re.compile(r'"(?P<label>[^\n":]{1,20})(?P<sign>")(?! ?[:=])(?= ?[^\s"])')
_BESIDE: Final = re.compile(
    r"^[ >*·•-]*(?:\d{1,2}[.、)] ?)?(?P<label>[^\n:=/|,。!?]{1,24}?)(?P<sign> ?[/|—–-] "
    r"|(?<![a-z]) (?=[^\n ]{1,12}$))(?=[^\n]*\S)",
    re.MULTILINE,
)
"""Labels of a form without a colon: 【实名】是, 年龄 / 41, 学生 否."""
_CLOSES: Final = "】]」)"


def with_colons(text: str, shown: str, is_label: Callable[[str], bool]) -> str:
    """Return a folded text with colons behind the labels of a form that has other signs there, two or more of them."""
    if not any(sign in shown for sign in "】]」\n"):
        return text
    found = [one for one in _BRACKETED.finditer(text) if shown[one.start("sign")] in _CLOSES] if '"' in text else []
    found += _BESIDE.finditer(text) if "\n" in text else ()
    known = [one.start("sign") for one in found if is_label(one["label"])]
    if len(known) < _LEAST:
        return text
    signs = list(text)
    for place in known:
        signs[place] = ":"
        if signs[place + 1] in "/|—–-":
            signs[place + 1] = " "
    return "".join(signs)


_LEAST: Final = 2
"""Labels of which a text is a form."""
