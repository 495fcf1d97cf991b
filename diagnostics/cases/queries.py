"""Queries on cases: load, find, list page by page, full-text search, and write.

Chinese is indexed as overlapping pairs of characters, everything else as words. A longer Chinese word is a phrase of
pairs. Neither database's own parser can segment Chinese, so tokens are made here.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import msgspec
from sqlalchemy import BigInteger, Text, and_, cast, column, delete, func, insert, or_, select, table, text, union_all
from sqlalchemy.dialects.postgresql import TSQUERY

from diagnostics.cases.database import is_sqlite
from diagnostics.cases.model import (
    FOUND,
    ID_LENGTH,
    LETTERS,
    Case,
    CasePage,
    CaseRow,
    DeletedError,
    Event,
    Filter,
    NoSuchCaseError,
    Note,
    RefusedError,
    StoreDamagedError,
    clock,
    epoch,
    leading,
    who,
)
from diagnostics.cases.schema import CASES, DELETIONS, EVENTS, MASKED, NOTES, TAGS, WORDS
from diagnostics.engine.rule_table import FOR
from diagnostics.evidence import Evidence, Observation
from diagnostics.questionnaire.message import Sent
from diagnostics.redaction import PLACEHOLDER, Masked
from diagnostics.sanitize import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection, FromClause, Row, Select, Table

    from diagnostics.knowledge.model import Knowledge

Stored = TypeVar("Stored")
DECODERS: Final[dict[str, msgspec.json.Decoder[Any]]] = {
    "observations": msgspec.json.Decoder(tuple[Observation, ...]), "sent": msgspec.json.Decoder(tuple[Sent, ...]),
}  # fmt: skip
"""Columns of a case that hold JSON records."""
_MOST_SENT: Final = 20
"""Most messages that a case keeps, the latest ones."""
SEARCHED: Final = ("outcome", "first_cause", "first_status")
"""Columns that each save may change and that are part of the search index."""
_ROW: Final = tuple(CASES.c[name] for name in CaseRow.__struct_fields__)


def record(kind: type[Stored], row: Any, **values: Any) -> Stored:
    """Return a row as a record of this kind; `values` are members that are no columns."""
    names = kind.__struct_fields__  # type: ignore[attr-defined]
    return kind(**{name: getattr(row, name) for name in names if name not in values}, **values)


def _rows_of(connection: Connection, table: Table, ids: Iterable[str], *order: str) -> dict[str, list[Row[Any]]]:
    """Return the rows of a table by case."""
    rows: dict[str, list[Row[Any]]] = {id_: [] for id_ in ids}
    query = select(table).where(table.c.case_id.in_(rows)).order_by(*(table.c[name] for name in order))
    for row in connection.execute(query):
        rows[row.case_id].append(row)
    return rows


def history_of(connection: Connection, *ids: str) -> dict[str, list[Event]]:
    """Return the events of each of these cases, the oldest first."""
    found = _rows_of(connection, EVENTS, ids, "at", "seq")
    return {id_: [record(Event, row, id=row.uid) for row in rows] for id_, rows in found.items()}


def load_cases(connection: Connection, rows: Sequence[Row[Any]]) -> list[Case]:
    """Return whole cases, with one query per table. Raises StoreDamagedError."""
    ids = [row.id for row in rows]
    notes, tags = _rows_of(connection, NOTES, ids, "at", "seq"), _rows_of(connection, TAGS, ids, "tag")
    masked, history = _rows_of(connection, MASKED, ids, "seq"), history_of(connection, *ids)
    return [
        record(
            Case, row, observations=_decoded(row, "observations"), sent=_decoded(row, "sent"),
            notes=tuple(record(Note, one) for one in notes[row.id]), tags=tuple(one.tag for one in tags[row.id]),
            masked=tuple(record(Masked, one, placeholder=f"<{one.kind}-{one.number}>", places=())
                         for one in masked[row.id]),
            history=tuple(history[row.id]),
        )
        for row in rows
    ]  # fmt: skip


def sent_in(row: Row[Any]) -> tuple[Sent, ...]:
    """Return the sent messages of a case. Raises StoreDamagedError."""
    return tuple(_decoded(row, "sent"))


def with_sent(kept: Iterable[Sent], more: Iterable[Sent]) -> str:
    """Return sent messages as they are stored, `more` as the latest; of two with one tag the later one."""
    told = {one.tag: one for one in more}
    every = [*(one for one in kept if one.tag not in told), *told.values()]
    return msgspec.json.encode(every[-_MOST_SENT:]).decode()


def _decoded(row: Row[Any], name: str) -> Any:
    try:
        return DECODERS[name].decode(getattr(row, name))
    except msgspec.MsgspecError as error:
        raise StoreDamagedError("cases.observations_damaged", id=row.id, why=clean_line(str(error))) from None


def digest_of(id_: str) -> str:
    """Return the digest by which the id of a deleted case is recognised."""
    return hashlib.sha256(f"weilidai-doctor/case/{id_}".encode()).hexdigest()[:32]


def deleted(connection: Connection, ids: Iterable[str]) -> dict[str, Row[Any]]:
    """Return the deletion records of those of these cases that were deleted."""
    known = {digest_of(id_): id_ for id_ in ids}
    rows = connection.execute(select(DELETIONS).where(DELETIONS.c.digest.in_(known)))
    return {known[row.digest]: row for row in rows}


def refuse_deleted(connection: Connection, id_: str) -> None:
    """Raise DeletedError if a case of this id was deleted."""
    for row in deleted(connection, [id_]).values():
        raise DeletedError("cases.case_deleted", id_, who=who(row.operator), at=clock(row.at))


def find(connection: Connection, id_: str, *, lock: bool = False) -> Row[Any]:
    """Return the row with this id, beginning of an id (four characters or more), or label. Raises NoSuchCaseError.

    `lock` locks the row until this transaction ends.
    """
    wanted = id_.strip().lower()
    query = (
        select(CASES).with_for_update() if lock else select(CASES)
    )  # a no-op in SQLite, whose writers exclude each other
    begins = 4 <= len(wanted) < ID_LENGTH and all(char in LETTERS for char in wanted)
    same = CASES.c.id.between(wanted, wanted + "~") if begins else CASES.c.id == wanted
    rows = connection.execute(query.where(same).limit(2)).all()
    rows = rows or connection.execute(query.where(CASES.c.label == id_.strip(), CASES.c.label != "").limit(2)).all()
    if len(rows) == 1:
        return rows[0]
    if rows:
        raise NoSuchCaseError("cases.several_cases", wanted, first=rows[0].id, second=rows[1].id)
    refuse_deleted(connection, wanted)
    raise NoSuchCaseError("cases.no_case", clean_line(wanted, 40))


def judged(knowledge: Knowledge, observations: Sequence[Observation]) -> dict[str, Any]:
    """Return the columns of a case that follow from its observations."""
    from diagnostics.engine.assessment import assess
    from diagnostics.report.diagnosis import Diagnosis

    case = Diagnosis(assess(knowledge, Evidence(observations)))
    first, status = case.assessment.first_status
    return {
        "outcome": case.outcome,
        "first_cause": first.id,
        "first_status": status,
        "answered": len({one.id for one in observations if one.id in knowledge.questions}),
        "knowledge": knowledge.version,
        "observations": msgspec.json.encode(list(observations)).decode(),
    }


def _unnumbered(text: str) -> str:
    """Return a masked text without the numbers of its placeholders, which depend on the key."""
    return PLACEHOLDER.sub(r"<\1>", text)


def add_note(connection: Connection, case_id: str, note: Note) -> bool:
    """Add a note unless it is stored already; returns whether it was added.

    If another note has the same id, in any case, this one gets an id made from its text.
    """
    same = connection.execute(select(NOTES.c.case_id, NOTES.c.text).where(NOTES.c.id == note.id)).first()
    if same is not None:
        if (same.case_id, _unnumbered(same.text)) == (case_id, _unnumbered(note.text)):
            return False
        words = "\0".join((case_id, note.id, _unnumbered(note.text))).encode("utf-8", "surrogatepass")
        note = msgspec.structs.replace(note, id=hashlib.sha256(words).hexdigest()[:24])
        if connection.execute(select(NOTES.c.seq).where(NOTES.c.id == note.id)).first() is not None:
            return False
    connection.execute(insert(NOTES).values(msgspec.structs.asdict(note) | {"case_id": case_id}))
    return True


def add_events(connection: Connection, case_id: str, events: Iterable[Event]) -> None:
    """Add events as they are."""
    rows = [msgspec.structs.asdict(event) | {"case_id": case_id} for event in events]
    if rows:
        connection.execute(insert(EVENTS), [{"uid": row.pop("id"), **row} for row in rows])


def tags_of(connection: Connection, case_id: str) -> set[str]:
    """Return the tags of a case."""
    return set(connection.execute(select(TAGS.c.tag).where(TAGS.c.case_id == case_id)).scalars())


def set_tags(connection: Connection, case_id: str, had: set[str], wanted: set[str]) -> None:
    """Replace the tags that a case had."""
    if had - wanted:
        connection.execute(delete(TAGS).where(TAGS.c.case_id == case_id, TAGS.c.tag.in_(had - wanted)))
    if wanted - had:
        connection.execute(insert(TAGS), [{"case_id": case_id, "tag": tag} for tag in sorted(wanted - had)])


_CHINESE: Final = r"\u3400-\u9fff\uf900-\ufaff"
_PART: Final = re.compile(rf"[{_CHINESE}]+|[^\W_{_CHINESE}]+")
_FTS: Final = table("case_words", column("rowid", BigInteger), column("words", Text), column("case_words", Text))
"""SQLite's FTS5 table; the column of the same name is for MATCH."""
_LONG_NUMBER: Final = re.compile(r"[0-9]{5,20}")
_MAX_TOKENS: Final = 16_000
"""Positions in a tsvector end at 16,383."""
_INDEXED: Final = tuple(
    CASES.c[name]
    for name in ("seq", "id", "place", "label", "owner", "outcome", "first_cause", "first_status", "proven")
)
_BATCH: Final = 500


def tokens(words: str) -> Iterator[str]:
    """Yield the tokens of a text in order."""
    for found in _PART.finditer(unicodedata.normalize("NFKC", words).casefold()):
        part = found[0]
        if _is_chinese(part):
            yield from (part[at : at + 2] for at in range(len(part)))
        else:
            yield part[:60]


def _is_chinese(token: str) -> bool:
    return "\u3400" <= token[0] <= "\ufaff"


def _document(words: str) -> list[str]:
    """Return the tokens of a document, and the suffixes of long numbers, so that `0299` finds `000299`."""
    cut = list(islice(tokens(words), _MAX_TOKENS))
    ends = (part[at:] for part in cut if _LONG_NUMBER.fullmatch(part) for at in range(1, len(part) - 2))
    return list(islice(chain(cut, dict.fromkeys(ends)), _MAX_TOKENS))


def _vector(document: Iterable[str]) -> str:
    """Return tokens as the text of a tsvector, each with its position."""
    return " ".join(f"'{token}':{at}" for at, token in enumerate(document, 1))


def reindex(connection: Connection, knowledge: Knowledge, *which: ColumnElement[bool]) -> int:
    """Update the search index of these cases (label, tags, notes, outcome, causes); returns how many there were."""
    done = seq = 0
    while True:
        query = select(*_INDEXED).where(CASES.c.seq > seq, *which).order_by(CASES.c.seq).limit(_BATCH)
        batch = connection.execute(query).all()
        if batch:
            _index(connection, knowledge, batch)
        done += len(batch)
        if len(batch) < _BATCH:
            return done
        seq = batch[-1].seq


def _index(connection: Connection, knowledge: Knowledge, batch: Sequence[Row[Any]]) -> None:
    ids = [row.id for row in batch]
    tags, notes = _rows_of(connection, TAGS, ids), _rows_of(connection, NOTES, ids, "seq")
    statement, written = (_IN_FILE, " ".join) if is_sqlite(connection) else (_ON_SERVER, _vector)
    rows = []
    for row in batch:
        parts = [*_own_words(knowledge, row), *(one.tag for one in tags[row.id]), *(one.text for one in notes[row.id])]
        rows.append({"place": row.place, "words": written(_document("\n".join(parts)))})
    connection.execute(text(statement), rows)


_IN_FILE: Final = "INSERT OR REPLACE INTO case_words(rowid, words) VALUES (:place, :words)"
_ON_SERVER: Final = (
    "INSERT INTO case_words(place, words) VALUES (:place, CAST(:words AS tsvector)) "
    "ON CONFLICT (place) DO UPDATE SET words = excluded.words"
)


def _own_words(knowledge: Knowledge, row: Row[Any]) -> list[str]:
    first = leading(row)
    parts = [row.id, row.label, row.owner, row.outcome, first, row.proven or ""]
    for cause_id in (first, row.proven):
        cause = knowledge.causes.get(cause_id or "")
        if cause is not None:
            parts += [cause.zh.title, cause.en.title]
    said = knowledge.locale.get(f"cases.outcome.{row.outcome}")
    return parts + ([said.zh, said.en] if said is not None else [])


def without_words(connection: Connection) -> ColumnElement[bool]:
    """Return the condition that a case is missing in the search index."""
    if is_sqlite(connection):  # `case_words` itself would be read whole
        return CASES.c.place.not_in(select(column("id")).select_from(table("case_words_docsize")))
    return CASES.c.place.not_in(select(WORDS.c.place))


def delete_words(connection: Connection, places: Iterable[int]) -> None:
    """Remove cases from SQLite's search index; PostgreSQL's has a cascading foreign key."""
    if is_sqlite(connection):
        connection.execute(text("DELETE FROM case_words WHERE rowid = :place"), [{"place": one} for one in places])


class _Search(NamedTuple):
    """A full-text search: the index table, its key (a case's `place`), and the condition that all words occur."""

    table: FromClause
    key: ColumnElement[int]
    condition: ColumnElement[bool]
    wanted: str


def _contains(words: ColumnElement[Any], wanted: str) -> ColumnElement[bool]:
    """Return the condition that a tsvector column matches a query."""
    return words.op("@@", is_comparison=True)(cast(wanted, TSQUERY))


def _search(connection: Connection, query: str) -> _Search | None:
    """Return the search for cases in which all words of the query occur; None if it has no word."""
    phrases = [phrase for one in query.split() if (phrase := _phrase(one))]
    if not phrases:
        return None
    if is_sqlite(connection):
        wanted = " AND ".join('"' + " ".join(phrase) + '"' + ("*" if prefix else "") for phrase, prefix in phrases)
        return _Search(_FTS, _FTS.c.rowid, _FTS.c.case_words.match(wanted), wanted)
    wanted = " & ".join(
        "(" + " <-> ".join(f"'{token}'" for token in phrase) + (":*" if prefix else "") + ")"
        for phrase, prefix in phrases
    )
    return _Search(WORDS, WORDS.c.place, _contains(WORDS.c.words, wanted), wanted)


def _phrase(word: str) -> tuple[list[str], bool] | None:
    """Return a word as a phrase of tokens, and whether the last is a prefix: `8.0.4` finds `8.0.49`."""
    cut = list(tokens(word))
    if not cut:
        return None
    last = cut[-1]
    if _is_chinese(last) and len(cut) > 1 and len(last) == 1 and len(cut[-2]) == 2 and cut[-2][1] == last:
        cut.pop()  # the lone last character is already the second of the pair before it
        return cut, False
    return cut, not _is_chinese(last) or len(last) == 1


_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?")
_CHUNK: Final = 200
_RECENT: Final = 2000
"""Newest cases that are scanned for a frequent word: some milliseconds."""
MOST: Final = 500
"""Most cases of one page."""


def page(connection: Connection, wanted: Filter, after: int | None, limit: int) -> CasePage:
    """Return the cases below the place `after`, newest first."""
    size = max(1, min(limit, MOST))
    found: Sequence[Row[Any]] = ()
    for query, place in _page_queries(connection, wanted, after, size + 1):
        found = connection.execute(query.order_by(place.desc()).limit(size + 1)).all()
        if len(found) > size:
            break
    listed = tuple(record(CaseRow, row) for row in found[:size])
    return CasePage(rows=listed, next=listed[-1].place if len(found) > size else None)


def _below(place: ColumnElement[int], after: int | None) -> list[ColumnElement[bool]]:
    return [] if after is None else [place < after]


def _causes(id_: str | None) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions that a cause is the `leading` one, and that it is the proven one."""
    first = and_(CASES.c.first_cause == id_, CASES.c.first_status.in_(sorted(FOR)), CASES.c.outcome != FOUND)
    return first, CASES.c.proven == id_


def _page_queries(
    connection: Connection, wanted: Filter, after: int | None, most: int
) -> Iterator[tuple[Select[Any], ColumnElement[int]]]:
    """Yield the queries for a page, the quicker first; only the last one is complete.

    PostgreSQL cannot estimate how frequent a phrase is, and one plan does not suit both: a frequent phrase fills a page
    from the newest cases, a rare one is looked up in the index. Without words, the first and the proven cause are found
    by an index each, and so are dates.
    """
    words = _search(connection, wanted.text)
    if words is not None and not is_sqlite(connection):
        below = _below(words.key, after)
        recent = select(WORDS).where(*below).order_by(words.key.desc()).limit(_RECENT).subquery()
        hits = select(words.key).where(words.condition, *below).cte("hits").prefix_with("MATERIALIZED")
        for found, condition in ((recent, [_contains(recent.c.words, words.wanted)]), (hits, [])):
            joined = select(*_ROW).join_from(found, CASES, CASES.c.place == found.c.place)
            yield _filtered(joined, wanted).where(*condition), found.c.place
    elif (dates := wanted == Filter(since=wanted.since, until=wanted.until) != Filter()) or (
        wanted.cause is not None and not wanted.text.strip()
    ):
        rest = _filtered(select(CASES.c.place), msgspec.structs.replace(wanted, cause=None))
        rest = rest.where(*_below(CASES.c.place, after)).limit(most)
        rest = rest.order_by(
            (CASES.c.place + 0 if dates else CASES.c.place).desc()
        )  # `+ 0` keeps the planner from using the index on places
        parts = [rest] if dates else [rest.where(one) for one in _causes(wanted.cause)]
        places = union_all(*(select(one.subquery()) for one in parts))
        yield select(*_ROW).where(CASES.c.place.in_(places)), CASES.c.place
    else:
        query, place = _where(select(*_ROW), connection, wanted)
        yield query.where(*_below(place, after)), place


def every(connection: Connection, wanted: Filter) -> Iterator[Case]:
    """Yield whole cases, oldest first."""
    query, place = _where(select(CASES), connection, wanted)
    found = connection.execution_options(yield_per=_CHUNK).execute(query.order_by(place))
    for batch in found.partitions(_CHUNK):
        yield from load_cases(connection, batch)


def rows(connection: Connection, wanted: Filter) -> Sequence[Row[Any]]:
    """Return every case as a line of the list."""
    query, _ = _where(select(*_ROW), connection, wanted)
    return connection.execute(query).all()


def counts(connection: Connection, wanted: Filter, *columns: ColumnElement[Any]) -> Sequence[Row[Any]]:
    """Return how many cases have each combination of these values: the values, then the count."""
    query, _ = _where(select(*columns, func.count()).group_by(*columns), connection, wanted)
    return connection.execute(query).all()


def _where(query: Select[Any], connection: Connection, wanted: Filter) -> tuple[Select[Any], ColumnElement[int]]:
    """Return the filtered query, and the column to order it by: the search index's key if there are words."""
    query = _filtered(query, wanted)
    if not wanted.text.strip():
        return query, CASES.c.place
    words = _search(connection, wanted.text)
    if words is None:
        return query.where(text("1 = 0")), CASES.c.place
    return query.join_from(words.table, CASES, CASES.c.place == words.key).where(words.condition), words.key


def _filtered(query: Select[Any], wanted: Filter) -> Select[Any]:
    """Return the query with all of the filter but the words."""
    conditions: list[ColumnElement[bool]] = [
        CASES.c[name] == getattr(wanted, name)
        for name in ("id", "status", "operator", "outcome", "owner") if getattr(wanted, name) is not None
    ]  # fmt: skip
    if wanted.cause is not None:
        conditions.append(or_(*_causes(wanted.cause)))
    if wanted.tag is not None:
        conditions.append(CASES.c.id.in_(select(TAGS.c.case_id).where(TAGS.c.tag == wanted.tag)))
    if wanted.due_by is not None:
        conditions.append(or_(CASES.c.due_on.is_(None), CASES.c.due_on <= wanted.due_by))
    if wanted.since is not None:
        conditions.append(CASES.c.created_at >= moment(wanted.since))
    if wanted.until is not None:
        conditions.append(CASES.c.created_at <= moment(wanted.until, end=True))
    return query.where(*conditions)


def moment(said: str, *, end: bool = False) -> str:
    """Return a date (its first second, or its last) or a time in the stored form. Raises RefusedError."""
    found = _DATE.fullmatch(said)
    if found is None:
        raise RefusedError("cases.not_a_date", clean_line(said, 40))
    whole = said if found[1] else f"{said}T{'23:59:59' if end else '00:00:00'}Z"
    try:
        epoch(whole)
    except RefusedError as error:
        raise error.at(clean_line(said, 40)) from None
    return whole
