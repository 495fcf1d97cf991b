"""The support desk's cases: kept in SQLite by default, shared by a team in PostgreSQL.

In go observations, notes and edits, out come cases, lists, figures and bundles; `store.open_store` opens a store.
"""
