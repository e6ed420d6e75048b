"""A database of its own, migrated, in which these tests may put rows that make no sense and drop what protects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from services.registry import SERVICES
from shared.migrating import migrate
from shared.settings import Settings

Clone = Callable[[], Settings]


def elsewhere(settings: Settings, database: str) -> Settings:
    """The same server and roles, another database."""

    def url(role: str) -> str:
        return make_url(settings.url(role)).set(database=database).render_as_string(hide_password=False)

    return replace(
        settings, owner_url=url("owner"), app_url=url("app"), relay_url=url("relay"), worker_url=url("worker")
    )


@pytest.fixture(scope="module")
def new_database(settings: Settings) -> Iterator[Clone]:
    """Makes databases with the tables of every service and no rows."""
    made: list[str] = []

    def make(template: str = "template1") -> str:
        made.append(f"isolation_{uuid4().hex[:12]}")
        with psycopg.connect(settings.url("owner"), autocommit=True) as owner:
            create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            owner.execute(create.format(sql.Identifier(made[-1]), sql.Identifier(template)))
        return made[-1]

    pristine = make()
    migrate(elsewhere(settings, pristine).url("owner"), SERVICES)
    yield lambda: elsewhere(settings, make(pristine))
    with psycopg.connect(settings.url("owner"), autocommit=True) as owner:
        for name in made:
            owner.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
