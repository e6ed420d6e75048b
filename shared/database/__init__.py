"""Rows, tenant-bound sessions and pages of lists.

Keeps isolation: a session shows one tenant's rows, for PostgreSQL's row-level security is told whose they are in every
transaction, and every migration makes a table's policy with it. Sessions here read and write; what publishes is in
`shared.journal`.
"""
