"""Bad weather between two cells: whatever is lost, doubled, late or out of order, their registers end up equal."""

from __future__ import annotations

import random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select

from events import standards as events
from events.text import FreeText
from services.standards.commands.certificates import revoke_certificate
from services.standards.models import Body, certificate_id
from shared.broadcasts.completeness import Gap, KnownCell, KnownHome, Lapse
from shared.broadcasts.heartbeats import LEAST_PAUSE
from shared.database.registers import RegisterEntry
from shared.database.rows import AGGREGATES
from tests.builders.cell import Cell
from tests.builders.sizes import seeds, size, soak
from tests.builders.two_cells import TwoCells
from tests.journeys.test_weather import MakeWeather, delaying, doubling, everything, lossy, shuffling
from tests.standards.given import given_body, given_certificate, given_standard

Home = tuple[Cell, UUID, UUID, UUID]
"""A cell, a tenant of it, a standard of that tenant, and a body."""


@pytest.fixture(scope="module")
def homes(cells: TwoCells) -> list[Home]:
    found = []
    for cell, there in zip(cells.both, (False, True), strict=True):
        tenant = cells.tenant("home", there=there)
        standard = given_standard(cell, tenant)
        found.append((cell, tenant, standard, given_body(cell, tenant, standard)))
    return found


def act(home: Home, rng: random.Random, numbers: list[str]) -> None:
    """Something is broadcast: a certificate is issued or revoked, or a body is renamed."""
    cell, tenant, standard, body = home
    carry, cell.carry = cell.carry, lambda *_given, **_named: 0  # type: ignore[method-assign]
    try:
        if numbers and rng.random() < 0.4:
            with cell.session(tenant) as session:
                key = certificate_id(tenant, numbers.pop())
                revoke_certificate(session, key, reason=FreeText("造假"), since=None)
        elif rng.random() < 0.5:
            with cell.session(tenant) as session:
                row = session.locked(Body, body)
                row.name_zh = f"机构{rng.randrange(1000)}"
                session.publish(row, events.BodyReinstated())
        else:
            numbers.append(given_certificate(cell, tenant, body, standard=standard))
    finally:
        cell.carry = carry  # type: ignore[method-assign]


def registers(cell: Cell) -> dict[str, Any]:
    """All that this cell knows of broadcasts, and when it knows it is complete."""
    kinds: list[Any] = [kind.register for kind in AGGREGATES.values() if kind.register is not None]
    with cell.worker_database.cell_session() as session:
        entries = {(row.id, row.epoch, row.version, row.signature) for row in session.scalars(select(RegisterEntry))}
        rows = {
            (row.id, row.epoch, row.version, row.entry_hash) for kind in kinds for row in session.scalars(select(kind))
        }
        behind = [row.home for row in session.scalars(select(KnownHome)) if row.behind]
        logs = {(row.home, row.position, row.chain) for row in session.scalars(select(KnownHome))}
        waiting = session.scalars(select(Gap.aggregate_id).where(Gap.open)).all()
    return {"entries": entries, "rows": rows, "logs": logs, "behind": behind, "waiting": waiting}


def gapless(cell: Cell) -> bool:
    """Of every aggregate every version from the first one on is here."""
    versions: dict[UUID, list[int]] = {}
    with cell.worker_database.cell_session() as session:
        for key, version in session.execute(select(RegisterEntry.id, RegisterEntry.version)):
            versions.setdefault(key, []).append(version)
    return all(sorted(some) == list(range(1, len(some) + 1)) for some in versions.values())


@soak
@pytest.mark.parametrize("seed", seeds(1, 4))
@pytest.mark.parametrize("make", [lossy, doubling, shuffling, delaying, everything])
def test_registers_are_equal_after_any_weather(
    cells: TwoCells, homes: list[Home], make: MakeWeather, seed: int
) -> None:
    rng = random.Random(f"{make.__name__} {seed}")
    weather, numbers = make(rng), [list[str](), list[str]()]
    for _second in range(size(3, 8)):
        for home, issued in zip(homes, numbers, strict=True):
            for _change in range(rng.randrange(4)):
                act(home, rng, issued)
        cells.pass_seconds(1, weather)
    cells.calm()
    first, second = (registers(cell) for cell in cells.both)
    assert first == second
    assert (first["behind"], first["waiting"]) == ([], [])
    assert gapless(cells.one)


def test_a_cell_that_knows_nothing_yet_learns_everything(cells: TwoCells, homes: list[Home]) -> None:
    act(homes[0], random.Random(1), [])
    cells.calm()
    tables: list[Any] = [kind.register for kind in AGGREGATES.values() if kind.register is not None]
    with cells.two.worker_database.cell_session() as session:
        for table in (RegisterEntry, Gap, KnownCell, KnownHome, Lapse, *tables):
            session.execute(delete(table))
        cells.two.worker_database.directory.refresh(session)
    cells.pass_seconds(int(LEAST_PAUSE.total_seconds()))
    cells.calm()
    first, second = (registers(cell) for cell in cells.both)
    assert first == second
    assert len(second["entries"]) > 10
