"""One view of what does not flow: of every kind with its count, its age, its reason and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner
from sqlalchemy import delete

from deploy.command_line import operating
from shared.journal.outbox import OutboxRow
from shared.journal.reactions import ReactionRow
from shared.journal.timers import TimerRow
from shared.keys.keyring import SigningKey
from shared.messaging import waiting
from shared.messaging.rejecting import Record, Rejects
from shared.messaging.waiting_kinds import KINDS
from shared.replication.progress import RejectRow
from tests.builders.cell import Cell
from tests.builders.officials import drafted
from tests.builders.parks import bare_park
from tests.shared.test_rubbish import hand, head


@pytest.fixture
def tenants(cell: Cell) -> Iterator[tuple[UUID, UUID]]:
    with cell.worker_database.cell_session() as session:
        session.execute(delete(RejectRow))
    yield cell.tenant("sichuan"), cell.tenant("chongqing")
    cell.take_unsent()


def stuck(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    """One of each kind."""
    lagging, late = drafted(cell, sichuan, chongqing), drafted(cell, sichuan, chongqing)
    for number in range(3):
        cell.client(sichuan).patch(lagging, {"sectors": [f"行业{number}"]})
    cell.deliver(cell.take_unsent()[-1:])
    hand(cell, head(cell, sichuan, chongqing, uuid4()))
    cell.client(chongqing).patch(late, {"sectors": ["芯片"]})
    rejects = Rejects(cell.worker_database)
    rejects.keep(Record("cell1.parks.events", 9, 1, b"rubbish"), ValueError("no"))
    with cell.session(sichuan) as session:
        key, now = bare_park(session, [chongqing]).id, cell.clock.now()
        later, failed = now + timedelta(days=1), {"attempts": 3, "error": "ZeroDivisionError()"}
        session.add(TimerRow(name="shared.x", aggregate_id=key, due_at=now, retry_at=later, params={}, **failed))
        session.add(ReactionRow(handler="shared.x", aggregate_id=key, epoch=1, version=1, created_at=now,
                                attempts=0, retry_at=later))  # fmt: skip
        session.add(SigningKey(key="new", algorithm="Ed25519", sealed=b"", created_at=now, active_at=None))
    cell.clock.advance(waiting.SOON * 2)


def test_every_kind_is_counted_with_its_age(cell: Cell, tenants: tuple[UUID, UUID]) -> None:
    before = waiting.what_waits(cell.worker_database, cell.relay_database)
    stuck(cell, *tenants)
    after = waiting.what_waits(cell.worker_database, cell.relay_database)
    more = {name for name in KINDS if after[name].count > before[name].count}
    assert more == {"held", "phantom", "pending", "rejected", "timer", "key", "unsent", "handler"}
    assert all(after[name].age(cell.clock.now()) >= waiting.SOON.total_seconds() for name in more)
    cell.clock.advance(timedelta(seconds=cell.settings.command_seconds))
    assert waiting.what_waits(cell.worker_database, cell.relay_database)["overdue"].count > before["overdue"].count


def test_the_command_line_says_what_waits_why_and_what_to_do(
    cell: Cell, tenants: tuple[UUID, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck(cell, *tenants)
    monkeypatch.setattr(operating.Settings, "load", lambda: cell.settings)
    monkeypatch.setattr(operating, "Database", lambda *_: cell.worker_database)
    monkeypatch.setattr(type(cell.worker_database), "close", lambda _self: None)
    said = CliRunner().invoke(operating.parked, [])
    assert said.exit_code == 0, said.output
    for word in ("等待前序条目 / held", "rejected: proves nothing", "ValueError: no", "shared.x: ZeroDivisionError()",
                 "parks.park.revise → sichuan sichuan (", "→ 系统自动重发"):  # fmt: skip
        assert word in said.output
    code = next(line.split()[0] for line in said.output.splitlines() if line.startswith("  chongqing-"))
    one = CliRunner().invoke(operating.parked, ["--tenant", code])
    assert "rejected" not in one.output
    assert CliRunner().invoke(operating.parked, ["--replay", str(uuid4())]).exit_code == 2


def test_nothing_of_what_is_merely_on_its_way_is_shown(cell: Cell, tenants: tuple[UUID, UUID]) -> None:
    sichuan, chongqing = tenants
    url = drafted(cell, sichuan, chongqing)
    cell.client(chongqing).patch(url, {"sectors": ["芯片"]})
    with cell.worker_database.session(cell.context(chongqing)) as session:
        assert session.query(OutboxRow).count() == 1
        assert waiting.items_of_tenant(session) == []
