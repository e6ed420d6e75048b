"""The machine every service stands on, in rooms; it knows no service.

From the bottom: `core`, `rules`, `text`, `database`, `keys`, `journal`, `evidence`, `files`, `commands`, `replication`,
`countersigned`, `broadcasts`, `server`, `messaging`, `http`. A room imports rooms before it in this list, never one
after it (`make check`). Beside them stand `reference` (facts everybody shares), `tables` (foreign spreadsheets) and
`pdf`.
"""
