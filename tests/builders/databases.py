"""Databases of their own on the server of the run, with the tables of every service and no rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from services.registry import SERVICES
from shared.core.settings import Settings
from shared.database.migrating import migrate

Clone = Callable[[], Settings]


def elsewhere(settings: Settings, database: str) -> Settings:
    """The same server and roles, another database."""

    def url(role: str) -> str:
        return make_url(settings.url(role)).set(database=database).render_as_string(hide_password=False)

    return replace(
        settings, owner_url=url("owner"), app_url=url("app"), relay_url=url("relay"), worker_url=url("worker")
    )


@contextmanager
def databases(settings: Settings, *, template: bool = False) -> Iterator[Clone]:
    """Makes as many as are wanted and drops them at the end: empty, or like the database of `settings` (`template`)."""
    made: list[str] = []

    def make(template: str = "template1") -> str:
        made.append(f"own_{uuid4().hex[:12]}")
        with psycopg.connect(settings.url("owner"), autocommit=True) as owner:
            create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            owner.execute(create.format(sql.Identifier(made[-1]), sql.Identifier(template)))
            # What a migration takes away of a database itself, a copy does not inherit.
            owner.execute(sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(sql.Identifier(made[-1])))
        return made[-1]

    if template:
        pristine = str(make_url(settings.url("owner")).database)
    else:
        pristine = make()
        migrate(elsewhere(settings, pristine).url("owner"), SERVICES)
    yield lambda: elsewhere(settings, make(pristine))
    with psycopg.connect(settings.url("owner"), autocommit=True) as owner:
        for name in made:
            _drop(owner, name)


def _drop(owner: psycopg.Connection, name: str) -> None:
    """Again for a second: another role's connection that is just ending is not the owner's to end by force.

    One that a test has left open keeps its database, until the server of the run goes.
    """
    for _try in range(10):
        with suppress(psycopg.errors.InsufficientPrivilege):
            owner.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
            return
        time.sleep(0.1)
