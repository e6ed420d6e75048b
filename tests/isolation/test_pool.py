"""Tenants take turns on the same few connections, some of them failing: nobody ever sees a foreign row."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from shared.core.context import Context
from shared.core.settings import Settings
from shared.journal.entries import TextRow
from shared.journal.session import Database, Session
from tests.builders.sizes import seeds, size, soak

REQUESTS, THREADS = size(1_000, 20_000), 4


class BrokenOffError(Exception):
    """A request that fails on its way."""


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    made = Database(settings, "app", pool=2)
    yield made
    made.close()


def context(tenant: UUID) -> Context:
    return Context(tenant_id=tenant, actor_id="tester")


def note(session: Session) -> TextRow:
    """A row that says whose it is."""
    row = TextRow(aggregate_id=uuid4(), digest="", text=str(session.context.tenant_id), salt="")
    session.add(row)
    session.flush()
    return row


def seen(session: Session) -> set[tuple[UUID, str]]:
    return {(owner, text) for owner, text in session.execute(select(TextRow.tenant_id, TextRow.text).distinct())}


def request(session: Session, kind: str) -> None:
    """One of the things requests do; most read only."""
    if kind == "writes":
        session.delete(note(session))
    elif kind == "breaks off":
        note(session)
        raise BrokenOffError
    elif kind == "fails in the database":
        session.execute(select(1 / func.length("")))
    elif kind == "leaves a transaction within":
        with pytest.raises(BrokenOffError), session.begin_nested():
            raise BrokenOffError


KINDS = ("reads",) * 6 + ("writes", "breaks off", "fails in the database", "leaves a transaction within")


def play(database: Database, tenants: tuple[UUID, UUID], seed: int) -> Counter[str]:
    """A share of all requests; counts those that saw anything but their own tenant's rows."""
    dice, found = random.Random(seed), Counter[str]()
    for _ in range(REQUESTS // THREADS):
        tenant, kind = dice.choice(tenants), dice.choice(KINDS)
        try:
            with database.session(context(tenant)) as session:
                request(session, kind)
                found["foreign"] += seen(session) != {(tenant, str(tenant))}
        except (BrokenOffError, DBAPIError):
            found["failed"] += 1
        found["requests"] += 1
    return found


def two_tenants(database: Database) -> tuple[UUID, UUID]:
    tenants = uuid4(), uuid4()
    for tenant in tenants:
        with database.session(context(tenant)) as session:
            note(session)
    return tenants


@soak
@pytest.mark.timeout(300)
def test_interleaved_requests_on_two_connections_see_no_foreign_row(database: Database) -> None:
    tenants = two_tenants(database)
    with ThreadPoolExecutor(THREADS) as pool:
        found = sum(pool.map(lambda seed: play(database, tenants, seed), seeds(THREADS, THREADS)), Counter[str]())
    assert found["requests"] == REQUESTS
    assert found["failed"] > REQUESTS // 10
    assert found["foreign"] == 0


@pytest.mark.parametrize("ends_well", [True, False])
def test_a_connection_that_comes_back_shows_nothing(settings: Settings, ends_well: bool) -> None:
    database = Database(settings, "app", pool=1)
    tenant, _other = two_tenants(database)
    used: list[object] = []
    with suppress(BrokenOffError), database.session(context(tenant)) as session:
        used.append(session.connection().connection.driver_connection)
        assert seen(session)
        request(session, "reads" if ends_well else "breaks off")
    with database.cell_session() as nobody:
        assert nobody.connection().connection.driver_connection is used[0]
        assert nobody.execute(select(func.count()).select_from(TextRow)).scalar_one() == 0
    database.close()


def test_a_session_that_goes_on_after_a_rollback_is_still_its_tenants(database: Database) -> None:
    tenant, _other = two_tenants(database)
    with Session(database, context(tenant)) as session:
        assert seen(session) == {(tenant, str(tenant))}
        session.rollback()
        assert seen(session) == {(tenant, str(tenant))}
        session.commit()
        assert seen(session) == {(tenant, str(tenant))}
