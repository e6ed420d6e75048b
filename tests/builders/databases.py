"""Databases of their own on the server of the run, copied from one that stands already."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from shared.core.settings import Settings

Clone = Callable[[], Settings]


def elsewhere(settings: Settings, database: str) -> Settings:
    """The same server and roles, another database."""

    def url(role: str) -> str:
        return make_url(settings.url(role)).set(database=database).render_as_string(hide_password=False)

    return replace(
        settings, owner_url=url("owner"), app_url=url("app"), relay_url=url("relay"), worker_url=url("worker")
    )


class Copies:
    """Copies of the database of `like`: one is made ahead, and what is given back is dropped, while tests run."""

    def __init__(self, like: Settings) -> None:
        self._like, self._pool = like, ThreadPoolExecutor(1)
        self._next = self._ahead()

    def _ahead(self) -> Future[Settings]:
        return self._pool.submit(copied, self._like, name=f"own_{uuid4().hex[:12]}")

    def take(self) -> Settings:
        made, self._next = self._next.result(), self._ahead()
        return made

    def give_back(self, made: Settings) -> None:
        self._pool.submit(dropped, made)

    def close(self) -> None:
        self.give_back(self._next.result())
        self._pool.shutdown()


@contextmanager
def databases(settings: Settings) -> Iterator[Clone]:
    """Makes as many as are wanted, each like the database of `settings`, and drops them at the end."""
    made: list[Settings] = []

    def make() -> Settings:
        made.append(copied(settings, name=f"own_{uuid4().hex[:12]}"))
        return made[-1]

    yield make
    for each in made:
        dropped(each)


def copied(settings: Settings, *, name: str) -> Settings:
    """A database of this name that is like the one of `settings`, to which nobody may be connected."""
    there = elsewhere(settings, name)
    with _maintenance(settings) as owner:
        like = sql.Identifier(_name(settings))
        owner.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), like))
        # What a migration takes away of a database itself, a copy does not inherit.
        owner.execute(sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
    return there


def _maintenance(settings: Settings) -> psycopg.Connection:
    return psycopg.connect(elsewhere(settings, "postgres").url("owner"), autocommit=True)


def dropped(settings: Settings) -> None:
    """Again for a second: another role's connection that is just ending is not the owner's to end by force.

    One that a test has left open keeps its database, until the server of the run goes.
    """
    drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(_name(settings)))
    with _maintenance(settings) as owner:
        for _try in range(10):
            with suppress(psycopg.errors.InsufficientPrivilege):
                owner.execute(drop)
                return
            time.sleep(0.1)


def _name(settings: Settings) -> str:
    return str(make_url(settings.url("owner")).database)
