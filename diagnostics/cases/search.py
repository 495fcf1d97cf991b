"""Words to search in, the same for both databases: Chinese as pairs of characters, everything else as words.

A pair is the shortest thing people search for in Chinese, and a longer word is a row of pairs; neither database's own
parser can cut Chinese, so the cutting is done here and both are given plain tokens.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import BigInteger, Text, cast, column, select, table, text
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from diagnostics.cases.schema import CASES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy import ColumnClause, ColumnElement, Connection, TableClause

_PART: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+|[^\W_\u3400-\u9fff\uf900-\ufaff]+")
_SQLITE: Final = table("case_words", column("rowid", BigInteger), column("case_words", Text))
_POSTGRESQL: Final = table("case_words", column("place", BigInteger), column("words", TSVECTOR))
_LONG_NUMBER: Final = re.compile(r"[0-9]{5,20}")
_MAX_TOKENS: Final = 16_000
"""PostgreSQL counts the places in one document up to 16,383."""


def tokens(words: str) -> Iterator[str]:
    """Cut a text into its tokens, in order."""
    for found in _PART.finditer(unicodedata.normalize("NFKC", words).casefold()):
        part = found[0]
        if "\u3400" <= part[0] <= "\ufaff":
            yield from (part[at : at + 2] for at in range(len(part)))
        else:
            yield part[:60]


def _document(words: str) -> list[str]:
    """Return a document's tokens; the ends of long numbers stand behind them, so that `0299` finds `000299`."""
    cut = list(islice(tokens(words), _MAX_TOKENS))
    ends = (part[at:] for part in cut if _LONG_NUMBER.fullmatch(part) for at in range(1, len(part) - 2))
    return list(islice(chain(cut, dict.fromkeys(ends)), _MAX_TOKENS))


def index(connection: Connection, documents: Mapping[int, str]) -> None:
    """Set the words of cases, which are named by their place in the list."""
    if not documents:
        return
    if connection.dialect.name == "sqlite":
        forget(connection, documents)
        statement, write = "INSERT INTO case_words(rowid, words) VALUES (:place, :words)", " ".join
    else:
        statement, write = _UPSERT, _vector
    rows = [{"place": place, "words": write(_document(words))} for place, words in documents.items()]
    connection.execute(text(statement), rows)


_UPSERT: Final = """
INSERT INTO case_words(place, words) VALUES (:place, CAST(:words AS tsvector))
ON CONFLICT (place) DO UPDATE SET words = excluded.words"""


def _vector(document: Iterable[str]) -> str:
    """Return tokens as PostgreSQL writes a tsvector, each with its place."""
    return " ".join(f"'{token}':{at}" for at, token in enumerate(document, 1))


def missing(dialect: str) -> ColumnElement[bool]:
    """Return the condition that a case has no words to be found by."""
    if dialect == "sqlite":  # the words themselves are read for each case otherwise
        return CASES.c.place.not_in(select(column("id")).select_from(table("case_words_docsize")))
    return CASES.c.place.not_in(select(_POSTGRESQL.c.place))


def forget(connection: Connection, places: Iterable[int]) -> None:
    """Take cases out of the words; PostgreSQL does so by itself when a case goes."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("DELETE FROM case_words WHERE rowid = :place"), [{"place": one} for one in places])


class SearchQuery(NamedTuple):
    """What a search reads: the table of words, its key (a case's `place`), and the condition that all words occur."""

    table: TableClause
    key: ColumnClause[int]
    condition: ColumnElement[bool]
    wanted: str


def occur(words: ColumnElement[Any], wanted: str) -> ColumnElement[bool]:
    """Return the condition that the words of a PostgreSQL search occur in this column."""
    return words.op("@@", is_comparison=True)(cast(wanted, TSQUERY))


def matching(dialect: str, query: str) -> SearchQuery | None:
    """Return how to find the cases in which all the query's words occur; None where it has no word."""
    phrases = [phrase for one in query.split() if (phrase := _phrase(one))]
    if not phrases:
        return None
    if dialect == "sqlite":
        wanted = " AND ".join('"' + " ".join(phrase) + '"' + ("*" if prefix else "") for phrase, prefix in phrases)
        return SearchQuery(_SQLITE, _SQLITE.c.rowid, _SQLITE.c.case_words.match(wanted), wanted)
    wanted = " & ".join(
        "(" + " <-> ".join(f"'{token}'" for token in phrase) + (":*" if prefix else "") + ")"
        for phrase, prefix in phrases
    )
    return SearchQuery(_POSTGRESQL, _POSTGRESQL.c.place, occur(_POSTGRESQL.c.words, wanted), wanted)


def _phrase(word: str) -> tuple[list[str], bool] | None:
    """Return a word's tokens in a row, and whether the last may go on: `微粒` in `微粒贷`, `8.0.4` in `8.0.49`."""
    cut = list(tokens(word))
    if not cut:
        return None
    last = cut[-1]
    chinese = "\u3400" <= last[0] <= "\ufaff"
    if chinese and len(cut) > 1 and len(last) == 1 and len(cut[-2]) == 2 and cut[-2][1] == last:
        cut.pop()  # the lone last character is already the second of the pair before it
        return cut, False
    return cut, not chinese or len(last) == 1
