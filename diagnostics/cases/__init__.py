"""The support desk's cases: kept in SQLite by default, shared by a team in PostgreSQL.

`store.open_store` opens a store. Read in this order: `model`; `database` and `schema`; `queries`; `opened`, `deletion`
and `store`, each a subclass of the one before, with `masking`; `bundle`, `stats` and `repair`. `case_sync` stores a
session as a case, and keeps in `journal` what the store could not take yet.
"""
