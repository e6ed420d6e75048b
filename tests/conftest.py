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
from shared.migrating import migrate
from shared.settings import Settings
from tests.builders.cell import Cell
from tests.builders.two_cells import TwoCells, two_cells

# How long an example takes says something of the machine, not of the code.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")
MADE: list[Cell] = []
"""The cell of the run, once a test has asked for it."""


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
def settings(stack_environment: dict[str, str]) -> Settings:
    return Settings.load(stack_environment)


@pytest.fixture(scope="session")
def the_cell(settings: Settings) -> Iterator[Cell]:
    """One application and its connections for the whole run."""
    made = Cell(settings)
    # It was heard before any moment that a test asks about.
    made.clock.offset = timedelta(days=-36_500)
    made.tick()
    made.carry()
    made.clock.offset = timedelta(0)
    MADE.append(made)
    yield made
    made.close()


@pytest.fixture(scope="session")
def cells(settings: Settings) -> Iterator[TwoCells]:
    """Two cells for the whole run, with databases of their own."""
    with two_cells(settings) as made:
        yield made


@pytest.fixture(scope="module", autouse=True)
def _tenants_of_other_files_have_left() -> None:
    for made in MADE:
        made.clock.offset = timedelta(0)
        made.dismiss()


@pytest.fixture
def cell(the_cell: Cell) -> Iterator[Cell]:
    """A cell whose clock a test may move; the database is the run's, so each test makes its own tenants.

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
