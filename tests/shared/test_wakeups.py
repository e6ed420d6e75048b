"""Whoever waits for an answer is woken by what is applied for its own tenant, and by nothing else."""

from __future__ import annotations

from threading import Event, Thread
from uuid import UUID, uuid4

from shared.http.requests import waiting
from shared.http.requests.waiting import Wakeups
from shared.journal.progress import APPLIED_CHANNEL
from tests.builders.cell import Cell


def test_what_is_applied_for_a_tenant_wakes_whoever_waits_for_it_alone(cell: Cell, monkeypatch: object) -> None:
    monkeypatch.setattr(waiting, "POLL", 60.0)  # type: ignore[attr-defined]
    wakeups, ours, theirs = Wakeups(cell.database), uuid4(), uuid4()
    looks: dict[UUID, int] = {ours: 0, theirs: 0}
    came, looked = Event(), {ours: Event(), theirs: Event()}

    def waits(tenant: UUID) -> Thread:
        def look() -> bool | None:
            looks[tenant] += 1
            looked[tenant].set()
            return True if came.is_set() else None

        thread = Thread(target=wakeups.until, args=(look, 60.0), kwargs={"tenant": tenant}, daemon=True)
        thread.start()
        return thread

    threads = {tenant: waits(tenant) for tenant in (ours, theirs)}
    assert all(event.wait(10) for event in looked.values())
    came.set()
    while threads[ours].is_alive():
        # Said again, for the first may have been said before anybody listened.
        with cell.session(ours) as session:
            session.wake(APPLIED_CHANNEL, str(ours))
        threads[ours].join(0.2)
    assert looks == {ours: 2, theirs: 1}
    wakeups.wake(str(theirs))
    threads[theirs].join(10)
    assert looks[theirs] == 2
    assert not threads[theirs].is_alive()
