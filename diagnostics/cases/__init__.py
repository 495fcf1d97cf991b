"""The support desk's cases: kept in SQLite by default, shared by a team in PostgreSQL.

In go observations, notes and edits, out come cases, lists, figures and bundles; `store.open_store` opens a store.
To read in this order: `model`; `schema` and `migrations`; `database`; `edits` and `store`, which write, with `masking`;
`queries`, `search` and `stats`, which read; `bundle`; `deletion`, `retention` and `repair`; `setup`. A run with a user
is `case_sync`, which keeps in `journal` what the store could not take yet.
"""
