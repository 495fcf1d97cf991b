"""How people say things: phrases with the answer they give, the words that forbid a reading, and who speaks.

The language of a phrase (`say`) is small. Its items are parted by spaces and stand one behind another:

    服务|钱包     one of these words; `?` behind an item makes it optional
    {wld}         the words of this name in words.toml; `{n}` a number
    ~6            at most six characters within the clause, none of them a negation; in English six words
    ~~6           the same across commas; ~+6 also across negations
    !没|不        not followed by; <没|不 not preceded by
    a & b & c     these parts in any order, near each other; &+14 within 14 characters, also across negations
    ^  $          the beginning, the end of a clause
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from msgspec import field

from diagnostics.knowledge import compiled
from diagnostics.knowledge.compiled import HERE
from diagnostics.knowledge.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

FOLDER: Final = "phrases"
COPY: Final = "phrases.msgpack"
"""A compiled copy of the built-in phrases, made when the package is built."""
Guard: TypeAlias = Literal[
    "question", "condition", "other", "report", "past", "wish", "rule", "negation", "product", "recipient"
]
"""What makes a phrase no statement of the person about himself, now. `recipient` lifts the rule that the last person
named counts: people within the phrase are only those who got something."""


class Phrase(Record, frozen=True):
    """One way to say it: a sentence that must be read so, and one that must not."""

    say: str
    yes: str
    no: str = ""


class PhraseGroup(Record, frozen=True):
    """Phrases that give one answer of one question, or name one belief.

    `allow`: guards that do not apply. `ask`: never more than a question back to the person.
    `number`: the answer is the number `{n}`. `beats`: other values of the question that this one replaces.
    `also`: answers of other questions that follow from it. `spoken`: read only in what the other side of a chat says.
    """

    phrases: tuple[Phrase, ...]
    question: str = ""
    value: str = ""
    values: tuple[str, ...] = ()
    number: Literal["", "age", "count", "money"] = ""
    belief: str = ""
    allow: tuple[Guard, ...] = ()
    beats: tuple[str, ...] = ()
    also: dict[str, str] = field(default_factory=dict)
    ask: bool = False
    spoken: bool = False


class Asked(Record, frozen=True):
    """How somebody asks for one answer, and what a plain yes and a plain no then say (empty: nothing)."""

    question: str
    say: tuple[str, ...] = ()
    label: tuple[str, ...] = ()
    """Names of its line in a form, whole: items stand one behind another; `item?` may be missing."""
    yes: str = ""
    no: str = ""
    doubt: tuple[str, ...] = ()
    """Of these values those that may only be asked back."""
    bid: bool = False
    """Asks the person to do something: only the words of `answers`, that it is done, answer it."""
    bare: bool = False
    """Names no place or time: counts only where nothing else is asked for."""
    answers: dict[str, str] = field(default_factory=dict)
    """Other short answers: a phrase within the reply, and the value; the first that is found counts."""


def _is_among(question: str, ids: tuple[str, ...]) -> bool:
    return any(question == one or (one.endswith(".") and question.startswith(one)) for one in ids)


class Objection(Record, frozen=True):
    """What stands against one kind of answer: words, or a kind of mark, that stand (`missing`: do not) around a match.

    `questions`: ids, or their beginnings up to a point (`belief.` and the id for a belief); all answers where there are
    none, but those in `but`. `between`: from where to where it is looked for. `doubt`: the answer is asked back;
    otherwise it is not read. `yes`: a text in which it objects to an answer that would be read without it; `no`:
    one in which that answer is read all the same.
    """

    between: tuple[Literal["text", "turn", "sentence", "clause", "start", "end"],
                   Literal["start", "end", "clause", "sentence", "turn", "text"]]  # fmt: skip
    yes: str
    no: str
    questions: tuple[str, ...] = ()
    but: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    pattern: str = ""
    mark: str = ""
    missing: bool = False
    doubt: bool = False

    def concerns(self, question: str, value: str) -> bool:
        """Whether it may stand against this answer."""
        if not _is_among(question, self.questions) and (self.questions or question.startswith("belief.")):
            return False
        return not _is_among(question, self.but) and (not self.values or value in self.values)


class Lexicon(Record, frozen=True):
    """A file below phrases/, or all of them together.

    `words`: named lists. `marks`: the words behind the guards. `options`: by "question=value" the phrases with which a
    short reply names that value; the one that stands first in the reply counts. `things`: the same for what a list
    holds, as a denial names it: patterns.
    """

    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    marks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    replies: dict[str, tuple[str, ...]] = field(default_factory=dict)
    options: dict[str, tuple[str, ...]] = field(default_factory=dict)
    things: dict[str, tuple[str, ...]] = field(default_factory=dict)
    group: tuple[PhraseGroup, ...] = ()
    asked: tuple[Asked, ...] = ()
    objection: tuple[Objection, ...] = ()


def joined(files: Iterable[Lexicon]) -> Lexicon:
    """Join phrase files; words of one name add up, so that a later folder only names what it adds."""
    found: dict[str, Any] = {}
    for file in files:
        for name in Lexicon.__struct_fields__:
            more = getattr(file, name)
            if isinstance(more, tuple):
                found[name] = (*found.get(name, ()), *more)
            else:
                held = found.setdefault(name, {})
                held.update({key: (*held.get(key, ()), *words) for key, words in more.items()})
    return Lexicon(**found)


@cache
def load_lexicon(folders: tuple[str, ...] = ("",)) -> Lexicon:
    """Return the phrases of these knowledge folders together; "" is the built-in one. Raises KnowledgeError."""
    places = [folder or HERE for folder in folders]
    return joined(compiled.read_copy(place, COPY, Lexicon, (FOLDER,)) or _parsed(place) for place in places)


def write_copy(folder: str) -> None:
    """Write the compiled copy of a folder's phrases; called when the package is built. Raises OSError."""
    compiled.write_copy(folder, _parsed(folder), COPY, (FOLDER,))


def _parsed(folder: str) -> Lexicon:
    """Read the phrase files of one folder; a damaged one is named with its place."""
    from pathlib import Path

    from diagnostics.knowledge.read import convert, read_toml

    return joined(convert(path, read_toml(path), Lexicon) for path in sorted(Path(folder, FOLDER).glob("*.toml")))
