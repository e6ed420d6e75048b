"""A cell that has not heard the platform lately lets the platform's own people only read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from services.identity.commands.revocations import revoke
from shared.auth import Claims
from shared.context import PLATFORM
from shared.errors import UnavailableError
from shared.heartbeats import HeartbeatRow, beat, check_heard
from shared.relay import Unsent
from tests.builders.cell import Cell


def claims(cell: Cell) -> Claims:
    return Claims(
        subject="u", tenant_id=PLATFORM, scopes=frozenset(), organisation_id=None, client_id="c",
        issued_at=cell.clock.now(),
    )  # fmt: skip


@contextmanager
def settings_of(where: Cell, **changes: Any) -> Iterator[None]:
    """Let this cell take itself for another one."""
    before = where.settings
    databases = (where.database, where.worker_database, where.relay_database)
    try:
        for database in databases:
            database.settings = replace(before, **changes)
        yield
    finally:
        for database in databases:
            database.settings = before


def beats(cell: Cell) -> list[Unsent]:
    """What the platform's cell would send to `cell9` within a second."""
    keys = {**cell.settings.cell_keys, "cell9": next(iter(cell.settings.cell_keys.values()))}
    with settings_of(cell, cell_keys=keys), cell.session(PLATFORM) as session:
        beat(session)
    return [item for item in cell.take_unsent() if item.topic == "cell9.identity.events"]


def may(cell: Cell, scope: str) -> bool:
    with cell.session(PLATFORM) as session:
        try:
            check_heard(session, claims(cell), scope=scope)
        except UnavailableError:
            return False
    return True


@pytest.fixture
def away(cell: Cell) -> Iterator[Cell]:
    """A cell that hosts tenants but not the platform, and has heard nothing yet."""
    with cell.worker_database.cell_session() as session:
        session.execute(delete(HeartbeatRow))
    yield cell
    with cell.worker_database.cell_session() as session:
        session.execute(delete(HeartbeatRow))


def test_the_platforms_people_only_read_where_the_platform_was_not_heard_for_five_seconds(away: Cell) -> None:
    sent = beats(away)
    assert sent
    with settings_of(away, cell="cell9"):
        assert may(away, "tenants:read")
        assert not may(away, "tenants:manage")
        away.deliver(sent)
        assert may(away, "tenants:manage")
        away.clock.advance(timedelta(seconds=6))
        assert not may(away, "tenants:manage")
        assert may(away, "tenants:read")


def test_a_beat_counts_only_once_the_revocations_before_it_are_here(away: Cell) -> None:
    with away.session(PLATFORM) as session:
        revoke(session, ["sub:somebody"])
    revocations = away.take_unsent()
    sent = beats(away)
    with settings_of(away, cell="cell9"):
        away.deliver(sent)
        assert not may(away, "tenants:manage")
        away.deliver(revocations)
        away.deliver(sent)
        assert may(away, "tenants:manage")


def test_a_beat_for_another_cell_is_not_ours(away: Cell) -> None:
    sent = beats(away)
    with settings_of(away, cell="cell8", platform_cell="cell1"):
        away.deliver(sent)
        assert not may(away, "tenants:manage")


def test_where_the_platform_lives_nobody_waits_for_beats(away: Cell) -> None:
    assert may(away, "tenants:manage")
