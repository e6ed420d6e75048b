"""The embedded stack of the test run, and a cell on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import hypothesis
import pytest

from deploy.local.stack import Stack
from services.registry import SERVICES
from shared.core.settings import Settings
from shared.database.migrating import migrate
from tests.builders.cell import Cell, Stock
from tests.builders.databases import databases
from tests.builders.two_cells import TwoCells, two_cells

# How long an example takes says something of the machine, not of the code.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")
STOCK = {"sichuan": 40, "chongqing": 30, "guizhou": 6, "guangan": 3, "hubei": 3}
"""How many tenants of these names wait for the tests of each file: to make one takes a dozen messages."""
ROLES = ("", "APP_", "RELAY_", "WORKER_")
"""As they begin the names of the settings for databases; the owner's has no name."""
MANY = 500
"""Tests from which on a stock pays for itself."""


@pytest.fixture(scope="session")
def stack_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Real PostgreSQL and Kafka for this run, migrated."""
    for name in [name for name in os.environ if name.startswith("XIETONG_")]:
        del os.environ[name]
    stack = Stack(Path(tmp_path_factory.mktemp("stack")), durable=False)
    environment = stack.start()
    try:
        migrate(environment["XIETONG_DATABASE_URL"], SERVICES)
        limits = ("REQUESTS", "CLIENT_REQUESTS", "ADDRESS_REQUESTS", "PUBLIC_REQUESTS")
        unlimited = {f"XIETONG_{name}_PER_MINUTE": "600000" for name in limits}
        # Tests move the clock by years in which no worker says anything.
        quiet = {"XIETONG_SILENCE_SECONDS": "9999999999", "XIETONG_LOG_LEVEL": "error"}
        yield {**environment, **unlimited, **quiet}
    finally:
        stack.remove()


@pytest.fixture(scope="session")
def stocked(stack_environment: dict[str, str], request: pytest.FixtureRequest) -> tuple[Settings, Stock]:
    """A database in which the platform stands and tenants wait in stock, to be copied for each file."""
    first = Settings.load(stack_environment)
    made = Cell(first)
    # It was heard before any moment that a test asks about.
    made.clock.offset = timedelta(days=-36_500)
    made.tick()
    made.carry()
    made.clock.offset = timedelta(0)
    stock = made.put_in_stock(STOCK if len(request.session.items) > MANY else {})
    made.close()
    return first, stock


@pytest.fixture(scope="module")
def settings(stocked: tuple[Settings, Stock]) -> Iterator[Settings]:
    """A database of the file's own."""
    with databases(stocked[0], template=True) as clone:
        yield clone()


@pytest.fixture
def environment(stack_environment: dict[str, str], settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands that read their settings find the file's own database."""
    urls = {f"XIETONG_{role}DATABASE_URL": settings.url(role.strip("_").lower() or "owner") for role in ROLES}
    for name, value in {**stack_environment, **urls}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def the_cell(settings: Settings, stocked: tuple[Settings, Stock]) -> Iterator[Cell]:
    """One application and its connections for the whole file."""
    made = Cell(settings, stock={name: list(tenants) for name, tenants in stocked[1].items()})
    yield made
    made.close()


@pytest.fixture(scope="session")
def cells(stack_environment: dict[str, str]) -> Iterator[TwoCells]:
    """Two cells for the whole run, with databases of their own."""
    with two_cells(Settings.load(stack_environment)) as made:
        yield made


@pytest.fixture
def cell(the_cell: Cell) -> Iterator[Cell]:
    """A cell whose clock a test may move; the database is the file's, so each test takes its own tenants.

    Whatever its answers showed by id they have named.
    """
    the_cell.clock.offset = timedelta(0)
    the_cell.carry()
    the_cell.unnamed.clear()
    yield the_cell
    assert the_cell.unnamed == []


@pytest.fixture
def sichuan(cell: Cell) -> UUID:
    return cell.tenant("sichuan")


@pytest.fixture
def chongqing(cell: Cell) -> UUID:
    return cell.tenant("chongqing")
