"""What a later sentence says of a list that is answered already: it adds, and removes only what it plainly takes back.

Who paid and then tells of a code gave both; 其他什么都没给 speaks of something else, and leaves what was said.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

from diagnostics.knowledge.lexicon import load_lexicon
from diagnostics.reading import Finding
from diagnostics.reading.corrections import IN_FACT
from diagnostics.reading.normalise import fold
from diagnostics.reading.reply import read_reply
from diagnostics.reading.settle import LISTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diagnostics.knowledge.model import Knowledge
    from diagnostics.reading import Reading, Value

_GIVEN: Final = "safety.given"
_TO_THEM: Final = re.compile(
    r"[给发转付报念说填扫交借][^,。!?;]{0,8}(?:[他她]|对方|骗子|客服|人家|过去)|[他她][^,。!?;]{0,10}[,我]{1,2}[报念说发给转填照]"
    r"|[他她][^,。!?;]{0,4}用我|少了|被[转刷扣]|[转刷]走"
    r"|(?:gave|sent|told|paid|showed|read) (?:him|her|them|the (?:man|woman|scammer|caller))|money is gone"
)
"""Words that tell of something given to those who were told of before; it is asked back."""
_LOAN_KEPT: Final = re.compile(
    r"(?<![没不未])(?:[借贷套提]出来?的|[借贷]的(?=[\d一二两三四五六七八九十几那钱款])|[借贷]了)[^,。!?;]{0,10}[,]?[^,。!?;]{0,6}"
    r"(?:[还都]在|没(?:有|敢)?[转打汇动]|[卡账]上|[卡户]里)"
    r"|(?:loan|borrowed)[^.!?;]{0,30}(?:still (?:in|on|there|have)|(?:haven't|not|never) (?:sent|moved|transferred))"
)
"""Words of borrowed money that is still there: to who was told of a fraud, a loan at its bidding."""
_OF_OTHERS: Final = re.compile(
    r"(?:其[他它余]|别的|另外|剩下|余下)[^,。!?;]{0,8}[没不无]|[没不无][^,。!?;]{0,4}(?:其[他它余]|别的)"
    r"|(?:nothing|no ?one|nobody|anything|something|not .{0,16}) else|other(?:wise| than)"
)
"""A denial of everything else: it says nothing against what was told."""
_DENIES: Final = re.compile(r"[没未无]|不是|并非|(?<![a-z])(?:no|not|never|nothing|none|nobody)(?![a-z])|n't(?![a-z])")
_ALL: Final = re.compile(
    r"(?:什么|啥|谁|一样|全|都)[^,。!?;]{0,3}[没无未不]|没(?:有)?人|[没未](?:有)?(?:给|做|转|发|遇到|碰到)?过?(?:什么|啥|任何)"
    r"|没有?(?:的|过)?[了啊呢的]*(?=$|[,。!])|误会|(?<![a-z])(?:nothing|none|nobody|no one|never)(?![a-z])"
)
"""A denial of all of it."""


def added(knowledge: Knowledge, reading: Reading, known: Mapping[str, object]) -> Reading:
    """Return a reading in which every list that is `known` already holds what was said before and what is said now."""
    readings: list[Finding] = []
    lists = {
        id_: [*map(str, had)] for id_, had in known.items() if id_ in LISTS and isinstance(had, list | tuple) and had
    }
    met = not {_GIVEN, "safety.contact"}.isdisjoint(lists)
    for one in reading.readings:
        had = lists.pop(one.id, None)
        sure = one.sure or (met and one.id == _GIVEN and one.value != [])  # to whom it was given is known by now
        value = one.value if had is None else together(knowledge, one.id, reading.input, _listed(one.value), had)
        readings.append(msgspec.structs.replace(one, value=value, sure=sure))
    if met and _TO_THEM.search(fold(reading.input)) and all(one.id != _GIVEN for one in readings):
        reply = read_reply(knowledge, _GIVEN, reading.input)
        value = together(knowledge, _GIVEN, reading.input, _listed(reply.value), had := lists.get(_GIVEN, []))
        if reply.value and value != had:
            lists.pop(_GIVEN, None)
            readings.append(Finding(_GIVEN, value, reply.quote, 0, len(reading.input), sure=False))
    told = next((one for one in readings if one.id == _GIVEN), None)
    if met and _LOAN_KEPT.search(fold(reading.input)) and (told is None or "loan" not in _listed(told.value)):
        had = _listed(told.value) if told is not None else lists.get(_GIVEN, [])
        value = together(knowledge, _GIVEN, reading.input, ["loan"], had)
        if value != lists.pop(_GIVEN, None):
            readings = [one for one in readings if one.id != _GIVEN]
            readings.append(Finding(_GIVEN, value, reading.input, 0, len(reading.input), sure=True))
    for id_, had in lists.items():  # 其实没给钱: nothing was read but that
        if (left := together(knowledge, id_, reading.input, [], had)) != had:
            readings.append(Finding(id_, left, reading.input, 0, len(reading.input), sure=True))
    return msgspec.structs.replace(reading, readings=readings)


def _listed(value: Value | None) -> list[str]:
    return [*value] if isinstance(value, list) else []


def together(knowledge: Knowledge, question: str, text: str, now: list[str], had: list[str]) -> list[str]:
    """Return what a list holds after a later text of which `now` was read: all of it, less what it takes back."""
    gone = _taken_back(knowledge, question, fold(text)) - {*now}
    ids = [one.id for one in knowledge.questions[question].value]
    return [id_ for id_ in ids if id_ in now or (id_ in had and id_ not in gone)]


def _taken_back(knowledge: Knowledge, question: str, folded: str) -> set[str]:
    """Return what a text says not to be so after all; never what it only leaves unsaid."""
    if not IN_FACT.search(folded) or _OF_OTHERS.search(folded):
        return set()
    clauses = [clause for clause in re.split(r"[,。!?;\n]|但|不过|just|only|but", folded) if _DENIES.search(clause)]
    things = _things(knowledge, question)
    named = {id_ for id_, words in things.items() for clause in clauses if re.search(words, clause)}
    return named or ({*things} if any(_ALL.search(clause) for clause in clauses) else set())


def _things(knowledge: Knowledge, question: str) -> dict[str, str]:
    """Return by value what a list of this question holds is called."""
    start = f"{question}="
    things = load_lexicon(knowledge.phrases).things
    return {key.removeprefix(start): "|".join(words) for key, words in things.items() if key.startswith(start)}
