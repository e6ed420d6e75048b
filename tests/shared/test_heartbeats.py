"""A cell that has not heard the platform lately lets the platform's own people only read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.identity.commands.revocations import revoke
from shared.broadcasts.heartbeats import check_received
from shared.core.context import PLATFORM
from shared.core.errors import UnavailableError
from shared.http.requests.tokens import Claims
from shared.messaging.relay import Unsent
from tests.builders.cell import Cell, Weather
from tests.builders.two_cells import TwoCells, lost_on_the_way_to


def claims(cell: Cell) -> Claims:
    return Claims(
        subject="u", tenant_id=PLATFORM, scopes=frozenset(), organisation_id=None, client_id="c",
        issued_at=cell.clock.now(),
    )  # fmt: skip


def may(cell: Cell, scope: str) -> bool:
    with cell.session(PLATFORM) as session:
        try:
            check_received(session, claims(cell).tenant_id, scope=scope)
        except UnavailableError:
            return False
    return True


@pytest.fixture
def away(cells: TwoCells) -> Cell:
    """A cell that hosts tenants but not the platform, and has just heard it."""
    cells.calm()
    return cells.two


def test_the_platforms_people_only_read_where_the_platform_was_not_heard_for_five_seconds(
    cells: TwoCells, away: Cell
) -> None:
    assert may(away, "tenants:manage")
    away.clock.advance(timedelta(seconds=6))
    assert not may(away, "tenants:manage")
    assert may(away, "tenants:read")
    cells.pass_seconds(1)
    assert may(away, "tenants:manage")


@pytest.mark.parametrize("kept", [(), ("manifest",)])
def test_a_beat_counts_only_once_the_revocations_before_it_are_here(
    cells: TwoCells, away: Cell, kept: tuple[str, ...]
) -> None:
    with cells.one.session(PLATFORM) as session:
        revoke(session, ["sub:somebody"])
    cells.one.carry(lost_on_the_way_to(away))
    cells.pass_seconds(1, of_cells_only(away, "beat", *kept))
    away.clock.advance(timedelta(seconds=5))
    cells.pass_seconds(1, of_cells_only(away, "beat", *kept))
    assert not may(away, "tenants:manage")
    cells.calm()
    assert may(away, "tenants:manage")


def of_cells_only(cell: Cell, *kinds: str) -> Weather:
    """Of what is for this cell only documents of these kinds arrive."""

    def weather(messages: list[Unsent]) -> list[Unsent]:
        there = f"{cell.settings.cell}."
        return [row for row in messages if not row.topic.startswith(there) or is_of(row, kinds)]

    return weather


def is_of(row: Unsent, kinds: tuple[str, ...]) -> bool:
    return any(f'"xietong.{kind}.v1"'.encode() in row.value for kind in kinds)


def test_where_the_platform_lives_nobody_waits_for_beats(cells: TwoCells, away: Cell) -> None:
    away.clock.advance(timedelta(days=1))
    assert may(cells.one, "tenants:manage")
    cells.pass_seconds(1)
