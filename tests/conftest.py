"""The servers of the test run, a database for each file, and a cell on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from shared.core.settings import Settings
from tests.builders import scheduling, servers
from tests.builders.cell import Cell, Stock
from tests.builders.databases import Copies
from tests.builders.rsa_keys import sharing
from tests.builders.scheduling import (
    pytest_addoption,  # noqa: F401 - hooks of pytest
    pytest_collection_finish,  # noqa: F401
    pytest_collection_modifyitems,  # noqa: F401
    pytest_xdist_make_scheduler,  # noqa: F401
)
from tests.builders.sizes import FULL, SEED
from tests.builders.two_cells import TwoCells, two_cells

ROLES = ("", "APP_", "RELAY_", "WORKER_")
"""As they begin the names of the settings for databases; the owner's has no name."""


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        servers.open_run()
        if config.getoption("measure"):
            config.pluginmanager.register(scheduling.Measuring())


def pytest_report_header() -> str | None:
    return f"full size, repeat with: make soak seed={SEED}" if FULL else None


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        servers.close_run()


@pytest.fixture(scope="session")
def stack_environment() -> dict[str, str]:
    """Real PostgreSQL, one for all processes of this run."""
    for name in [name for name in os.environ if name.startswith("XIETONG_")]:
        del os.environ[name]
    environment = servers.start_postgres()
    limits = ("REQUESTS", "CLIENT_REQUESTS", "ADDRESS_REQUESTS", "PUBLIC_REQUESTS")
    unlimited = {f"XIETONG_{name}_PER_MINUTE": "600000" for name in limits}
    # Tests move the clock by years in which no worker says anything.
    quiet = {"XIETONG_SILENCE_SECONDS": "9999999999", "XIETONG_LOG_LEVEL": "error"}
    return {**environment, **unlimited, **quiet}


@pytest.fixture(scope="session")
def migrated(stack_environment: dict[str, str]) -> Iterator[Settings]:
    """A database with the tables of every service and no rows, to be copied."""
    with sharing(servers.primes()):
        yield servers.migrated(Settings.load(stack_environment))


@pytest.fixture(scope="session")
def stocked(migrated: Settings, request: pytest.FixtureRequest) -> tuple[Settings, Stock]:
    """A database in which the platform stands and tenants wait in stock, to be copied for each file."""
    return servers.stocked(migrated, wanted=servers.needed(request.session.items))


@pytest.fixture(scope="session")
def copies(stocked: tuple[Settings, Stock]) -> Iterator[Copies]:
    made = Copies(stocked[0])
    yield made
    made.close()


@pytest.fixture(scope="session")
def kafka() -> str:
    """The address of real Kafka, started now."""
    return servers.start_kafka()


@pytest.fixture(scope="module")
def settings(copies: Copies, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """A database and a folder of files of the file's own, and Kafka where the file uses it."""
    made = copies.take()
    made = replace(made, files=f"{made.files}/{uuid4().hex}")
    if scheduling.uses_kafka(request.node.nodeid):
        made = replace(made, kafka=replace(made.kafka, servers=(request.getfixturevalue("kafka"),)))
    yield made
    copies.give_back(made)


@pytest.fixture
def environment(stack_environment: dict[str, str], settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands that read their settings find the file's own database."""
    urls = {f"XIETONG_{role}DATABASE_URL": settings.url(role.strip("_").lower() or "owner") for role in ROLES}
    kafka = {"XIETONG_KAFKA": settings.kafka.servers[0]}
    for name, value in {**stack_environment, **urls, **kafka, "XIETONG_FILES": settings.files}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def the_cell(settings: Settings, stocked: tuple[Settings, Stock]) -> Iterator[Cell]:
    """One application and its connections for the whole file."""
    made = Cell(settings, stock={name: list(tenants) for name, tenants in stocked[1].items()})
    yield made
    made.close()


@pytest.fixture(scope="session")
def cells(migrated: Settings) -> Iterator[TwoCells]:
    """Two cells for the whole run, with databases of their own."""
    with two_cells(migrated) as made:
        yield made


@pytest.fixture
def cell(the_cell: Cell) -> Iterator[Cell]:
    """A cell whose clock a test may move; the database is the file's, so each test takes its own tenants.

    Whatever its answers showed by id they have named.
    """
    the_cell.clock.offset = timedelta(0)
    the_cell.carry()
    the_cell.unnamed.clear()
    taken = len(the_cell.taken)
    yield the_cell
    the_cell.give_back(taken)
    assert the_cell.unnamed == []


@pytest.fixture
def sichuan(cell: Cell) -> UUID:
    return cell.tenant("sichuan")


@pytest.fixture
def chongqing(cell: Cell) -> UUID:
    return cell.tenant("chongqing")
