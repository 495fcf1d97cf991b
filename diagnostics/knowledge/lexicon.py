"""How people say things: phrases with the answer they give, the words that forbid a reading, and who speaks.

The language of a phrase (`say`) is small. Its items are parted by spaces and stand one behind another:

    服务|钱包     one of these words; `?` behind an item makes it optional
    {wld}         the words of this name in words.toml; `{n}` a number
    ~6            at most six characters within the clause, none of them a negation
    ~~6           the same across commas; ~+6 also across negations
    !没|不        not followed by; <没|不 not preceded by
    ^  $          the beginning, the end of a clause
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

Guard: TypeAlias = Literal["question", "condition", "other", "report", "past", "wish", "rule", "negation", "product"]
"""What makes a phrase no statement of the person about himself, now."""


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table of the phrase files; an unknown key is an error."""


class Phrase(Record, frozen=True):
    """One way to say it: a sentence that must be read so, and one that must not."""

    say: str
    yes: str
    no: str = ""


class PhraseGroup(Record, frozen=True):
    """Phrases that give one answer of one question, or name one belief.

    `allow`: guards that do not apply. `ask`: never more than a question back to the person.
    `number`: the answer is the number `{n}`. `beats`: other values of the question that this one replaces.
    `also`: answers of other questions that follow from it.
    """

    phrases: tuple[Phrase, ...]
    question: str = ""
    value: str = ""
    values: tuple[str, ...] = ()
    number: Literal["", "age", "count", "money"] = ""
    belief: str = ""
    allow: tuple[Guard, ...] = ()
    beats: tuple[str, ...] = ()
    also: dict[str, str] = {}
    ask: bool = False


class Asked(Record, frozen=True):
    """How somebody asks for one answer, and what a plain yes and a plain no then say (empty: nothing)."""

    question: str
    say: tuple[str, ...]
    yes: str = ""
    no: str = ""
    answers: dict[str, str] = {}
    """Other short answers: the words that begin the reply, and the value."""


class Lexicon(Record, frozen=True):
    """All phrase files together. `words`: named lists of words. `marks`: the words behind the guards."""

    words: dict[str, tuple[str, ...]] = {}
    marks: dict[str, tuple[str, ...]] = {}
    replies: dict[str, tuple[str, ...]] = {}
    groups: tuple[PhraseGroup, ...] = ()
    asked: tuple[Asked, ...] = ()


class PhraseFile(Record, frozen=True):
    """One file below phrases/."""

    words: dict[str, tuple[str, ...]] = {}
    marks: dict[str, tuple[str, ...]] = {}
    replies: dict[str, tuple[str, ...]] = {}
    group: tuple[PhraseGroup, ...] = ()
    asked: tuple[Asked, ...] = ()


def joined(files: Iterable[PhraseFile]) -> Lexicon:
    """Join phrase files; words of one name add up, so that a later folder only names what it adds."""
    words: dict[str, tuple[str, ...]] = {}
    marks: dict[str, tuple[str, ...]] = {}
    replies: dict[str, tuple[str, ...]] = {}
    groups: list[PhraseGroup] = []
    asked: list[Asked] = []
    for file in files:
        for into, table in ((words, file.words), (marks, file.marks), (replies, file.replies)):
            for name, more in table.items():
                into[name] = (*into.get(name, ()), *more)
        groups += file.group
        asked += file.asked
    return Lexicon(words=words, marks=marks, replies=replies, groups=tuple(groups), asked=tuple(asked))


def phrase_file(raw: dict[str, Any]) -> PhraseFile:
    """Convert one parsed file. Raises msgspec.ValidationError."""
    return msgspec.convert(raw, PhraseFile)
