"""The support desk's cases: kept in SQLite by default, shared by a team in PostgreSQL.

In go observations, notes and edits, out come cases, lists, figures and bundles; `store.open_store` opens a store.
To read in this order: `model`; `database` and `schema`; `queries`, which reads and searches; `opened`, `deletion` and
`store`, one upon the other, with `masking`; `bundle`, `stats` and `repair`. A run with a user is `case_sync`, which
keeps in `journal` what the store could not take yet.
"""
