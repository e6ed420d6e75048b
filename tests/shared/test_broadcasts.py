"""What is broadcast is heard in every working tenant, after it is in the register, and nobody misses it for good."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from events.tenants import TenantRevised
from shared.commands.handlers import DEFERRED, EVERYWHERE, ReceivedEvent, handles_everywhere
from shared.core.context import PLATFORM
from shared.journal.session import Session
from shared.journal.timers import TimerRow
from shared.keys.directory import DirectoryRow
from tests.builders.cell import Cell


class Heard(NamedTuple):
    """One run of the handler; `known` is where the register stood."""

    tenant: UUID
    version: int
    known: int


class Listener:
    """Writes down in which tenant it ran; fails in one of them as often as it is told."""

    def __init__(self) -> None:
        self.received: list[Heard] = []
        self.fails: dict[UUID, list[Exception]] = {}

    def __call__(self, session: Session, received: Sequence[ReceivedEvent[TenantRevised]]) -> None:
        tenant = session.context.tenant_id
        for entry in (one.entry for one in received):
            if errors := self.fails.get(tenant):
                raise errors.pop()
            known = session.scalar(select(DirectoryRow.version).where(DirectoryRow.id == entry.aggregate))
            self.received.append(Heard(tenant, entry.version, known or 0))

    def versions(self, tenant: UUID) -> list[int]:
        return [item.version for item in self.received if item.tenant == tenant]


@pytest.fixture
def listener() -> Iterator[Listener]:
    handler = Listener()
    handles_everywhere(TenantRevised)(handler)
    yield handler
    del EVERYWHERE[TenantRevised.type]


@pytest.fixture
def platform(cell: Cell) -> Platform:
    return Platform(cell)


class Platform:
    """The platform's administrator, whose entries are broadcast."""

    def __init__(self, cell: Cell) -> None:
        self.client = cell.client(PLATFORM, "system_administrator")

    def revise(self, tenant: UUID, name: str) -> int:
        answer = self.client.patch(f"/v1/tenants/{tenant}", {"name_zh": name})
        assert answer.status_code == 200, answer.json
        return int(answer.headers["ETag"].strip('"').partition(".")[2])

    def act(self, tenant: UUID, action: str) -> None:
        body = {"reason": "test"} if action == "suspend" else {}
        assert self.client.post(f"/v1/tenants/{tenant}/{action}", body).status_code == 200


def defer(cell: Cell, tenant: UUID) -> list[TimerRow]:
    with cell.session(tenant) as session:
        waiting = TimerRow.name == DEFERRED, TimerRow.done_at.is_(None)
        return list(session.scalars(select(TimerRow).where(*waiting)))


def test_every_working_tenant_hears_it_once_and_finds_it_in_the_register(
    cell: Cell, sichuan: UUID, chongqing: UUID, listener: Listener, platform: Platform
) -> None:
    version = platform.revise(sichuan, "四川省")
    cell.carry()
    counts = Counter(item.tenant for item in listener.received)
    assert (counts[sichuan], counts[chongqing], counts[PLATFORM], max(counts.values())) == (1, 1, 0, 1)
    assert {(item.version, item.known) for item in listener.received} == {(version, version)}


def test_entries_of_one_batch_are_heard_in_order_once_each(
    cell: Cell, sichuan: UUID, chongqing: UUID, listener: Listener, platform: Platform
) -> None:
    versions = [platform.revise(sichuan, f"四川{number}") for number in range(3)]
    cell.carry()
    assert listener.versions(chongqing) == versions


def test_what_was_registered_before_a_crash_is_heard_when_it_comes_again(
    cell: Cell, sichuan: UUID, chongqing: UUID, listener: Listener, platform: Platform
) -> None:
    version = platform.revise(sichuan, "四川省")
    messages = cell.take_unsent()
    listener.fails[chongqing] = [OperationalError("the database went away", {}, Exception())]
    with pytest.raises(OperationalError):
        cell.deliver(messages)
    with cell.worker_database.cell_session() as session:
        assert session.scalar(select(DirectoryRow.version).where(DirectoryRow.id == sichuan)) == version
    assert listener.versions(chongqing) == []
    cell.deliver(messages)
    assert listener.versions(chongqing) == [version]


def test_an_old_entry_that_comes_again_ends_where_the_register_stands(
    cell: Cell, sichuan: UUID, chongqing: UUID, listener: Listener, platform: Platform
) -> None:
    first = platform.revise(sichuan, "一")
    old = cell.take_unsent()
    second = platform.revise(sichuan, "二")
    cell.deliver(old)
    cell.carry()
    cell.deliver(old)
    assert listener.versions(chongqing) == [first, second, first, second]


def test_a_tenant_whose_handler_fails_holds_up_nobody_and_is_tried_again(
    cell: Cell, sichuan: UUID, chongqing: UUID, listener: Listener, platform: Platform
) -> None:
    listener.fails[chongqing] = [ZeroDivisionError("poison") for _try in range(5)]
    first = platform.revise(sichuan, "一")
    cell.carry()
    assert (listener.versions(sichuan), listener.versions(chongqing)) == ([first], [])
    assert [row.aggregate_id for row in defer(cell, chongqing)] == [sichuan]
    second = platform.revise(sichuan, "二")
    cell.carry()
    assert listener.versions(chongqing) == [], "what comes later waits for what failed"
    for _round in range(2):
        cell.clock.advance(timedelta(seconds=30))
        cell.run_timers()
    assert listener.versions(chongqing) == [first, second]
    assert defer(cell, chongqing) == []


def test_a_suspended_tenant_hears_what_it_missed_when_it_is_reactivated(
    cell: Cell, sichuan: UUID, chongqing: UUID, listener: Listener, platform: Platform
) -> None:
    platform.act(chongqing, "suspend")
    cell.carry()
    versions = [platform.revise(sichuan, name) for name in ("一", "二")]
    cell.carry()
    cell.clock.advance(timedelta(hours=2))
    cell.run_timers()
    assert listener.versions(chongqing) == []
    platform.act(chongqing, "reactivate")
    cell.carry()
    cell.run_timers()
    assert listener.versions(chongqing) == versions
    assert defer(cell, chongqing) == []


def test_what_nobody_listens_to_costs_no_statement(cell: Cell, sichuan: UUID, platform: Platform) -> None:
    platform.revise(sichuan, "四川省")
    statements: list[str] = []

    def seen(*arguments: object) -> None:
        statements.append(str(arguments[2]))

    event.listen(cell.worker_database.engine, "before_cursor_execute", seen)
    cell.carry()
    event.remove(cell.worker_database.engine, "before_cursor_execute", seen)
    assert [text for text in statements if "shared.timers" in text or "directory.cell =" in text] == []
