"""SQL is built by SQLAlchemy outside migrations: a raw string could set its own tenant."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.tree import modules, name_of, tree_of

ALLOWED = {
    "shared/database/migrating.py": "is what migrations are made of",
    "shared/database/migrations/env.py": "sets the time-outs of migrations",
    "shared/messaging/relay.py": "LISTEN and pipelines are the driver's, and its role sees the outbox of every tenant",
    "shared/http/requests/waiting.py": "LISTEN has no form in SQLAlchemy",
}
RAW = {"text", "literal_column", "exec_driver_sql"}


def _raw_sql(tree: ast.Module) -> Iterator[int]:
    imported = {
        item.asname or item.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy")
        for item in node.names
        if item.name in RAW
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        literal = bool(node.args) and isinstance(node.args[0], ast.Constant | ast.JoinedStr)
        is_raw_function = isinstance(node.func, ast.Name) and node.func.id in imported
        if is_raw_function or method == "exec_driver_sql" or (method == "execute" and literal):
            yield node.lineno


def test_raw_sql_stands_in_migrations_alone() -> None:
    found = [
        f"{name_of(path)}:{line}"
        for path in modules("events", "shared", "services")
        if "/migrations/" not in name_of(path) and name_of(path) not in ALLOWED
        for line in _raw_sql(tree_of(path))
    ]
    assert found == []


def test_every_exception_is_still_needed() -> None:
    needed = {name_of(path) for path in modules("shared") if any(_raw_sql(tree_of(path)))}
    assert set(ALLOWED) <= needed
