"""The tables, as SQLAlchemy Core knows them, and the steps that made them: a new store runs through the same steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

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

CASES: Final = Table(
    "cases",
    METADATA,
    Column("seq", _SERIAL, primary_key=True, autoincrement=True),
    Column("id", String(16), nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("label", Text, nullable=False),
    Column("operator", Text, nullable=False),
    Column("status", String(8), nullable=False),
    Column("created_at", String(24), nullable=False),
    Column("updated_at", String(24), nullable=False),
    Column("outcome", String(24), nullable=False),
    Column("first_cause", String(48), nullable=False),
    Column("first_status", String(16), nullable=False),
    Column("proven", String(48)),
    Column("closed_at", String(24)),
    Column("answered", Integer, nullable=False),
    Column("seconds", Integer, nullable=False),
    Column("lang", String(4), nullable=False),
    Column("knowledge", Text, nullable=False),
    Column("consent_at", String(24)),
    Column("changed_by", Text, nullable=False),
    Column("writer", String(24), nullable=False),
    Column("observations", Text, nullable=False),
    Column("owner", Text, nullable=False, server_default=""),
    Column("due_on", String(10)),
    Column("sent", Text, nullable=False, server_default="[]"),
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
)

NOTES: Final = Table(
    "notes",
    METADATA,
    Column("seq", _SERIAL, primary_key=True, autoincrement=True),
    Column("id", String(24), nullable=False, unique=True),
    Column("case_id", String(16), ForeignKey("cases.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", String(24), nullable=False),
    Column("operator", Text, nullable=False),
    Column("text", Text, nullable=False),
)

TAGS: Final = Table(
    "tags",
    METADATA,
    Column("seq", _SERIAL, primary_key=True, autoincrement=True),
    Column("case_id", String(16), ForeignKey("cases.id", ondelete="CASCADE"), nullable=False),
    Column("tag", Text, nullable=False),
    Index("tags_case", "case_id", "tag", unique=True),
    Index("tags_tag", "tag"),
)

MASKED: Final = Table(
    "masked",
    METADATA,
    Column("seq", _SERIAL, primary_key=True, autoincrement=True),
    Column("case_id", String(16), ForeignKey("cases.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("digest", String(32), nullable=False),
    Column("times", Integer, nullable=False),
    Index("masked_case", "case_id", "kind", "number", unique=True),
)

EVENTS: Final = Table(
    "events",
    METADATA,
    Column("seq", _SERIAL, primary_key=True, autoincrement=True),
    Column("uid", String(24), nullable=False, unique=True),
    Column("case_id", String(16), ForeignKey("cases.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("at", String(24), nullable=False),
    Column("operator", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("detail", Text, nullable=False),
)
"""What was done to a case, when and by whom."""

DELETIONS: Final = Table(
    "deletions",
    METADATA,
    Column("seq", _SERIAL, primary_key=True, autoincrement=True),
    Column("digest", String(32), nullable=False, unique=True),
    Column("at", String(24), nullable=False),
    Column("operator", Text, nullable=False),
    Column("finished", Integer, nullable=False),
)
"""Cases that were deleted, by a digest of the id: nothing of the case, and enough to know it again elsewhere."""

FACTS: Final = Table(
    "store_facts",
    METADATA,
    Column("name", String(48), primary_key=True),
    Column("value", Text, nullable=False),
)
"""What belongs to the store and not to a case or a computer, by name."""

FIGURES: Final = Table("figures", METADATA, Column("day", String(10), primary_key=True), Column("data", Text))
"""What statistics count of the cases of each day; nothing where they changed and are to be counted anew."""
TABLES: Final = (CASES, NOTES, TAGS, MASKED, EVENTS, DELETIONS, FACTS, FIGURES)


def _first(connection: Connection) -> None:
    """Cases, notes and tags."""
    METADATA.create_all(connection, tables=[CASES, NOTES, TAGS])


def _ledger(connection: Connection) -> None:
    """The ledger of what was masked in a case."""
    METADATA.create_all(connection, tables=[MASKED])


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


def _facts(connection: Connection) -> None:
    """What belongs to the store itself."""
    METADATA.create_all(connection, tables=[FACTS])


def _shared(connection: Connection) -> None:
    """History, owner, follow-up date, deletions."""
    METADATA.create_all(connection, tables=[EVENTS, DELETIONS])
    _add_columns(connection, CASES.c.owner, CASES.c.due_on)


def _sent(connection: Connection) -> None:
    """The messages that asked the user something."""
    _add_columns(connection, CASES.c.sent)


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


STEPS: Final[tuple[Callable[[Connection], None], ...]] = (_first, _ledger, _words, _facts, _shared, _sent, _figures)
"""Step n takes a store of version n to version n + 1. Never change one that was published: add another."""
VERSION: Final = len(STEPS)
