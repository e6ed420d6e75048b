"""The sweep: whatever is due in a tenant is found by the one look over the cell, and nobody else is opened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, delete, event, insert

from shared.commands.execution import KEPT, ExecutedCommand
from shared.commands.forwarding import PENDING, PendingCommand
from shared.core.context import PLATFORM
from shared.database.answers import KEPT as ANSWERS_KEPT
from shared.database.answers import IdempotencyRow
from shared.database.rows import TenantRow
from shared.evidence.audit import AuditInbox
from shared.files.files import KEPT_UNCITED, FileRow
from shared.journal.broadcasts import BroadcastRow
from shared.journal.heads import HeadRow
from shared.journal.progress import HELD, IN_STEP, PARKED, ProgressRow
from shared.keys.directory import DirectoryRow
from shared.messaging import sweeping
from shared.messaging.sweeping import ANNOUNCE, ASK, FORGET, NUMBER, SEND_AGAIN, SEQUENCE, look
from tests.builders.cell import Cell

SECOND = timedelta(seconds=1)


def waits(now: datetime) -> dict[str, list[TenantRow]]:
    """A row of each kind, by the part of the sweep whose turn it is."""
    key = {"aggregate_id": uuid4(), "epoch": 1, "version": 1}
    progress = {**key, "kind": "parks.park", "home_id": uuid4(), "entry_hash": "", "since_version": 1,
                "applied_at": now, "wanted_version": 2, "asks": 0}  # fmt: skip
    head = {"kind": "parks.park", "waiting": {str(uuid4()): [1, 1]}, "attempts": 0}
    return {
        ASK: [ProgressRow(**progress, status=HELD, ask_at=now - SECOND)],
        f"{ASK} at once": [ProgressRow(**progress, status=HELD, ask_at=None)],
        ANNOUNCE: [HeadRow(**head, aggregate_id=uuid4(), next_at=now - SECOND)],
        SEND_AGAIN: [
            PendingCommand(
                id=uuid4(),
                name="x",
                kind="parks.park",
                aggregate_id=uuid4(),
                home_id=uuid4(),
                actor_id="x",
                state=PENDING,
                sent_at=now,
                expires_at=now,
                attempts=0,
                next_at=now - SECOND,
            )
        ],
        SEQUENCE: [AuditInbox(record={})],
        NUMBER: [BroadcastRow(**key)],
        "nothing": [
            ProgressRow(**progress, status=HELD, ask_at=now + SECOND),
            ProgressRow(**{**progress, "aggregate_id": uuid4()}, status=PARKED, ask_at=None),
            ProgressRow(**{**progress, "aggregate_id": uuid4()}, status=IN_STEP, ask_at=None),
            HeadRow(**head, aggregate_id=uuid4(), next_at=now + SECOND),
            HeadRow(**{**head, "waiting": {}}, aggregate_id=uuid4(), next_at=now - SECOND),
            BroadcastRow(**key, position=1, chain=""),
        ],
    }


def old(now: datetime) -> list[TenantRow]:
    """A row of each kind that is kept no longer."""
    answer = {"client_id": "c", "route": "r", "key": "k", "request_hash": "", "answer": {}}
    return [
        IdempotencyRow(**answer, created_at=now - ANSWERS_KEPT),
        ExecutedCommand(id=uuid4(), sender_id=uuid4(), answer={"problem": None}, executed_at=now - KEPT),
        FileRow(
            sha256=uuid4().hex,
            size=1,
            media_type="x",
            origin_id=uuid4(),
            received_at=now - KEPT_UNCITED,
            organisation_id=UUID(int=0),
            cited_at=None,
        ),
    ]


@pytest.fixture
def many(cell: Cell) -> Iterator[list[UUID]]:
    """Tenants of this cell in which nothing waits."""
    made = [uuid4() for _tenant in range(50)]
    rows = [
        {"id": tenant, "epoch": 1, "version": 1, "entry_hash": "", "entry": b"", "signature": "",
         "received_at": cell.clock.now(), "state": {"code": tenant.hex, "cell": cell.settings.cell, "kind": "province",
                                                    "state": "active"}} for tenant in made
    ]  # fmt: skip
    with cell.worker_database.cell_session() as session:
        session.execute(insert(DirectoryRow), rows)
    yield made
    with cell.worker_database.cell_session() as session:
        session.execute(delete(DirectoryRow).where(DirectoryRow.id.in_(made)))


def statements(cell: Cell) -> Counter[str]:
    """What one second asks of the database, and how often."""
    asked: Counter[str] = Counter()

    def note(*called: Any) -> None:
        asked[called[2]] += 1

    engines: list[Engine] = [cell.worker_database.engine, cell.relay_database.engine]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    cell.tick()
    cell.run_timers()
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)
    cell.carry()
    return asked


def test_an_idle_second_costs_the_same_however_many_tenants_there_are(
    cell: Cell, request: pytest.FixtureRequest
) -> None:
    for _second in range(3):
        cell.tick()
        cell.carry()
        cell.clock.advance(SECOND)
    few = statements(cell)
    request.getfixturevalue("many")
    cell.clock.advance(SECOND)
    assert statements(cell) == few
    assert few.total() < 40


def test_one_tenants_trouble_is_not_anothers(
    cell: Cell, sichuan: UUID, chongqing: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbered = []

    def number(session: Any) -> tuple[int, str]:
        if session.context.tenant_id == min(sichuan, chongqing):
            raise RuntimeError("in trouble")
        numbered.append(session.context.tenant_id)
        return 0, ""

    monkeypatch.setattr(sweeping, "number_broadcasts", number)
    for tenant in (sichuan, chongqing):
        with cell.worker_database.session(cell.context(tenant)) as session:
            session.add(BroadcastRow(aggregate_id=uuid4(), epoch=1, version=1))
    cell.tick()
    assert max(sichuan, chongqing) in numbered


def looked(cell: Cell, tenant: UUID, *, before: timedelta = timedelta(0), **options: Any) -> set[str]:
    with cell.relay_database.cell_session() as session:
        return look(session, now=cell.clock.now() - before, **options).get(tenant, set())


@pytest.mark.parametrize("part", waits(datetime.now(UTC)))
def test_what_is_due_in_a_tenant_is_seen_and_nothing_else(cell: Cell, part: str) -> None:
    tenant = uuid4()
    with cell.worker_database.session(cell.context(tenant)) as session:
        session.add_all(waits(cell.clock.now())[part])
    assert looked(cell, tenant) == ({part.split(maxsplit=1)[0]} - {"nothing"})


@pytest.mark.parametrize("which", range(3))
def test_what_is_kept_no_longer_is_seen_once_a_minute(cell: Cell, which: int) -> None:
    tenant = uuid4()
    with cell.worker_database.session(cell.context(tenant)) as session:
        session.add(old(cell.clock.now())[which])
    assert (looked(cell, tenant), looked(cell, tenant, forgetting=True)) == (set(), {FORGET})
    assert looked(cell, tenant, forgetting=True, before=timedelta(minutes=1)) == set()


def test_the_platform_is_a_tenant_like_others(cell: Cell) -> None:
    with cell.worker_database.session(cell.context(PLATFORM)) as session:
        session.add(AuditInbox(record={}))
    assert SEQUENCE in looked(cell, PLATFORM)
    with cell.worker_database.session(cell.context(PLATFORM)) as session:
        session.execute(delete(AuditInbox))
