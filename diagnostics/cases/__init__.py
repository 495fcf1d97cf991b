"""The support desk's cases: kept in SQLite by default, shared by a team in PostgreSQL.

`diagnostics.cases.store.open_store` opens the store (SQLAlchemy is imported then and not before);
`diagnostics.cases.case_sync.CaseFile` stands where a session's draft stands, and makes every run a case.
"""
