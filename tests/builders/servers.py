"""PostgreSQL and Kafka, once for all processes of a test run, and the databases that files copy for themselves."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from deploy.local.files import only_one
from deploy.local.stack import Stack
from services.registry import MIGRATED
from shared.core.settings import Settings
from shared.database.migrating import migrate
from tests.builders.cell import Cell, Stock
from tests.builders.databases import copied, elsewhere
from tests.builders.rsa_keys import made_primes

FOLDER = "TEST_RUN_FOLDER"
"""The variable by which the processes of one run find their servers."""
NOWHERE = "127.0.0.1:1"
"""The address of Kafka for files that do without."""
STOCK = {"sichuan": 40, "chongqing": 30, "guizhou": 6, "guangan": 3, "hubei": 3}
"""How many tenants of these names wait at most for the tests of each file: to make one takes a dozen messages."""
MANY = 60
"""Tests of a cell from which on a stock pays for itself."""


def open_run() -> None:
    """Name the folder of the run; its servers start when the first test asks for them."""
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="xietong-tests-")
    Path(os.environ[FOLDER]).chmod(0o711)


def close_run() -> None:
    """Stop and delete whatever was started."""
    if _stack().home.exists():
        _stack().remove()
    shutil.rmtree(_folder(), ignore_errors=True)


def _folder() -> Path:
    return Path(os.environ[FOLDER])


def _stack() -> Stack:
    return Stack(_folder() / "stack", durable=False)


def start_postgres() -> dict[str, str]:
    """The environment of the platform with real PostgreSQL, and Kafka nowhere."""
    os.environ["XIETONG_KAFKA"] = NOWHERE
    try:
        return _stack().start()
    finally:
        del os.environ["XIETONG_KAFKA"]


def start_kafka() -> str:
    """The address of real Kafka."""
    return _stack().start()["XIETONG_KAFKA"]


def _once(name: str, make: Callable[[], Mapping[str, object]]) -> dict[str, Any]:
    """What the first of the run's processes made; the others wait for it."""
    kept = _folder() / f"{name}.json"
    with only_one(_folder(), name):
        if not kept.exists():
            kept.write_text(json.dumps(make(), default=str), "utf-8")
    return dict(json.loads(kept.read_text("utf-8")))


def migrated(settings: Settings) -> Settings:
    """The database of `settings`, with the tables of every service and no rows."""

    def make() -> Mapping[str, object]:
        migrate(settings.url("owner"), MIGRATED)
        return {}

    _once("migrated", make)
    return settings


def primes() -> list[int]:
    """Of which the RSA keys of the run are made."""
    return list(_once("primes", lambda: {"primes": made_primes()})["primes"])


def needed(items: Sequence[pytest.Item]) -> dict[str, int]:
    """The stock for these tests: as many of each name as the file with most of them may take."""
    files = Counter(item.location[0] for item in items if "cell" in getattr(item, "fixturenames", ()))
    if files.total() < MANY:
        return {}
    return {name: min(most, max(files.values())) for name, most in STOCK.items()}


def stocked(settings: Settings, *, wanted: Mapping[str, int]) -> tuple[Settings, Stock]:
    """A database in which the platform stands and `wanted` tenants wait, to be copied for each file."""
    kept = _once("stocked", lambda: _put_in_stock(copied(settings, name="stocked"), wanted))
    stock = {name: [UUID(tenant) for tenant in tenants] for name, tenants in kept.items()}
    return elsewhere(settings, "stocked"), stock


def _put_in_stock(settings: Settings, wanted: Mapping[str, int]) -> Stock:
    made = Cell(settings)
    # It was heard before any moment that a test asks about.
    made.clock.offset = timedelta(days=-36_500)
    made.tick()
    made.carry()
    made.clock.offset = timedelta(0)
    stock = made.put_in_stock(wanted)
    made.close()
    return stock
