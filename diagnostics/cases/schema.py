"""The tables, as SQLAlchemy Core knows them, and the steps that made them: a new store runs through the same steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    inspect,
    text,
)
from sqlalchemy.schema import CreateColumn

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

METADATA: Final = MetaData()
_SERIAL: Final = BigInteger().with_variant(Integer(), "sqlite")

COUNTED: Final = (
    "created_at", "status", "outcome", "first_cause", "first_status", "proven", "answered", "seconds", "operator",
)  # fmt: skip
"""What statistics count: read from the index alone, without the cases themselves."""


def _table(name: str, *columns: Column[Any] | Index) -> Table:
    """Return a table whose rows are numbered in the order in which they came."""
    return Table(name, METADATA, Column("seq", _SERIAL, primary_key=True, autoincrement=True), *columns)


def _case_id(**more: Any) -> Column[str]:
    """Return the column of what belongs to a case and goes with it."""
    return Column("case_id", String(16), ForeignKey("cases.id", ondelete="CASCADE"), nullable=False, **more)


def _text(name: str, length: int | None = None, **more: Any) -> Column[str]:
    return Column(name, Text() if length is None else String(length), **{"nullable": False, **more})


def _number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


CASES: Final = _table(
    "cases",
    _text("id", 16, unique=True), _number("version"), Column("place", BigInteger, nullable=False),
    _text("label"), _text("operator"), _text("status", 8), _text("created_at", 24), _text("updated_at", 24),
    _text("outcome", 24), _text("first_cause", 48), _text("first_status", 16), _text("proven", 48, nullable=True),
    _text("closed_at", 24, nullable=True), _number("answered"), _number("seconds"),
    _text("lang", 4), _text("knowledge"), _text("consent_at", 24, nullable=True), _text("changed_by"),
    _text("writer", 24), _text("observations"),
    _text("owner", server_default=""), _text("due_on", 10, nullable=True), _text("sent", server_default="[]"),
    Index("cases_place", "place", unique=True),
    Index("cases_status", "status", "place"),
    Index("cases_operator", "operator", "place"),
    Index("cases_outcome", "outcome", "place"),
    Index("cases_first", "first_cause", "place"),
    Index("cases_proven", "proven", "place"),
    Index("cases_owned", "owner", "place"),
    Index("cases_owned_status", "owner", "status", "place"),
    Index("cases_touched", "updated_at", "status", "place"),
    Index("cases_counted", *COUNTED, "place"),
)  # fmt: skip
NOTES: Final = _table(
    "notes", _text("id", 24, unique=True), _case_id(index=True), _text("at", 24), _text("operator"), _text("text")
)
TAGS: Final = _table(
    "tags", _case_id(), _text("tag"), Index("tags_case", "case_id", "tag", unique=True), Index("tags_tag", "tag")
)
MASKED: Final = _table(
    "masked", _case_id(), _text("kind"), _number("number"), _text("digest", 32), _number("times"),
    Index("masked_case", "case_id", "kind", "number", unique=True),
)  # fmt: skip
EVENTS: Final = _table(
    "events", _text("uid", 24, unique=True), _case_id(index=True), _number("version"), _text("at", 24),
    _text("operator"), _text("kind", 16), _text("detail"),
)  # fmt: skip
"""What was done to a case, when and by whom."""
DELETIONS: Final = _table(
    "deletions", _text("digest", 32, unique=True), _text("at", 24), _text("operator"), _number("finished")
)
"""Cases that were deleted, by a digest of the id: nothing of the case, and enough to know it again elsewhere."""
FACTS: Final = Table("store_facts", METADATA, _text("name", 48, primary_key=True), _text("value"))
"""What belongs to the store and not to a case or a computer, by name."""
FIGURES: Final = Table("figures", METADATA, Column("day", String(10), primary_key=True), Column("data", Text))
"""What statistics count of the cases of each day; nothing where they changed and are to be counted anew."""
TABLES: Final = (CASES, NOTES, TAGS, MASKED, EVENTS, DELETIONS, FACTS, FIGURES)


def _make(*tables: Table) -> Callable[[Connection], None]:
    """Return the step that makes these tables."""
    return lambda connection: METADATA.create_all(connection, tables=tables)


def _words(connection: Connection) -> None:
    """The words of each case, in the order of the list, so that a page of a search is read off and never sorted."""
    if connection.dialect.name == "sqlite":
        connection.execute(
            text("CREATE VIRTUAL TABLE case_words USING fts5(words, tokenize='unicode61 remove_diacritics 0')")
        )
    else:
        connection.execute(
            text(
                "CREATE TABLE case_words "
                "(place BIGINT PRIMARY KEY REFERENCES cases(place) ON DELETE CASCADE, words TSVECTOR)"
            )
        )
        connection.execute(text("CREATE INDEX case_words_index ON case_words USING gin (words)"))


def _shared(connection: Connection) -> None:
    """History, owner, follow-up date, deletions."""
    METADATA.create_all(connection, tables=[EVENTS, DELETIONS])
    _add_columns(connection, CASES.c.owner, CASES.c.due_on)


def _figures(connection: Connection) -> None:
    """What is counted by day, forgotten by a trigger when a case of that day changes; an index for each filter."""
    for name in ("cases_owner", "cases_updated", "cases_figures"):
        connection.execute(text(f"DROP INDEX IF EXISTS {name}"))
    for index in CASES.indexes:
        index.create(connection, checkfirst=True)
    METADATA.create_all(connection, tables=[FIGURES])
    connection.execute(text("DELETE FROM figures"))
    connection.execute(text("INSERT INTO figures (day) SELECT DISTINCT substr(created_at, 1, 10) FROM cases"))
    if connection.dialect.name == "sqlite":
        for name, when, row in (
            ("made", "INSERT", "NEW"), ("changed", f"UPDATE OF {', '.join(COUNTED)}", "NEW"), ("gone", "DELETE", "OLD"),
        ):  # fmt: skip
            connection.execute(text(_SQLITE_TRIGGER.format(name=name, when=when, row=row)))
    else:
        connection.exec_driver_sql(_POSTGRESQL_FUNCTION)
        connection.execute(text("DROP TRIGGER IF EXISTS figures_changed ON cases"))
        connection.execute(text(_POSTGRESQL_TRIGGER))
        quoted = connection.dialect.identifier_preparer.quote_identifier
        for agent in connection.execute(text(_AGENTS)).scalars().all():  # who worked on cases goes on doing so
            connection.execute(text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON figures TO {quoted(agent)}"))


_SQLITE_TRIGGER: Final = (
    "CREATE TRIGGER IF NOT EXISTS figures_{name} AFTER {when} ON cases BEGIN INSERT INTO figures "
    "VALUES (substr({row}.created_at, 1, 10), NULL) ON CONFLICT (day) DO UPDATE SET data = NULL; END"
)
_AGENTS: Final = (
    "SELECT DISTINCT grantee FROM information_schema.role_table_grants WHERE table_name = 'cases' "
    "AND table_schema = current_schema() AND privilege_type = 'UPDATE' AND grantee NOT IN (current_user, 'PUBLIC')"
)
_POSTGRESQL_FUNCTION: Final = """
CREATE OR REPLACE FUNCTION figures_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE changed text := substr(CASE TG_OP WHEN 'DELETE' THEN OLD.created_at ELSE NEW.created_at END, 1, 10);
BEGIN
  UPDATE figures SET data = NULL WHERE day = changed AND data IS NOT NULL;
  INSERT INTO figures (day) VALUES (changed) ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$"""
"""A day that is to be counted already is left alone: agents who save at the same time do not wait for each other."""
_POSTGRESQL_TRIGGER: Final = (
    f"CREATE TRIGGER figures_changed AFTER INSERT OR DELETE OR UPDATE OF {', '.join(COUNTED)} ON cases "
    "FOR EACH ROW EXECUTE FUNCTION figures_changed()"
)


def _add_columns(connection: Connection, *columns: Column[str]) -> None:
    """Add columns at the end of the cases, where the table was not made with them."""
    had = {column["name"] for column in inspect(connection).get_columns("cases")}
    for column in columns:
        if column.name not in had:
            connection.execute(text(f"ALTER TABLE cases ADD COLUMN {CreateColumn(column).compile(connection)}"))


STEPS: Final[tuple[Callable[[Connection], None], ...]] = (
    _make(CASES, NOTES, TAGS),
    _make(MASKED),
    _words,
    _make(FACTS),
    _shared,
    lambda connection: _add_columns(connection, CASES.c.sent),
    _figures,
)
"""Step n takes a store of version n to version n + 1. Never change one that was published: add another."""
VERSION: Final = len(STEPS)
