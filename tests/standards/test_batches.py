"""Many broadcasts at once: none is passed over, none stops the others, and none waits for another in a circle."""

from __future__ import annotations

import json
from datetime import timedelta
from threading import Event
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from events import standards as events
from events.canonical import canonical
from events.text import FreeText
from services.standards import handlers
from services.standards.commands import citations, dependencies
from services.standards.commands.citations import look_at_arrivals, replace_citations
from services.standards.domain.dependencies import BODY, CERTIFICATE
from services.standards.models import Citation, Consequence
from shared.commands import handlers as machine
from shared.core.context import machine_context
from shared.database.registers import RegisterEntry
from tests.builders.cell import Cell
from tests.builders.race import wait_until
from tests.standards.dependants import key_of
from tests.standards.given import given_body, given_certificate, given_standard, period
from tests.standards.test_citations import Paused

SAID = FreeText("试", "salt")


class World:
    """A body of Chongqing and certificates it issued."""

    def __init__(self, cell: Cell) -> None:
        self.cell, self.here, self.home = cell, cell.tenant("sichuan"), cell.tenant("chongqing")
        self.standard = given_standard(cell, self.home)
        self.body = given_body(cell, self.home, self.standard)

    def certificate(self, **changes: object) -> tuple[UUID, str]:
        number = given_certificate(self.cell, self.home, self.body, standard=self.standard, **changes)
        return key_of(self.home, number), number


@pytest.fixture
def world(cell: Cell) -> World:
    return World(cell)


def test_of_many_arrivals_every_citation_is_looked_at(cell, world, monkeypatch):
    monkeypatch.setattr(citations, "STEP", 4)
    revoked = {"state": "revoked", "spells": [period("revoked", cell.clock.now() - timedelta(days=1))]}
    numbers = dict(world.certificate(**revoked) for _certificate in range(3))
    with cell.worker_database.session(machine_context(world.here)) as session:
        for key, number in numbers.items():
            for _citing in range(3):
                session.add(Citation(reference=f"certificate:{number}", citing_kind="parks.park", citing_id=uuid4(),
                                     cited_id=key, since=cell.clock.now()))  # fmt: skip
    with cell.worker_database.session(machine_context(world.here)) as session:
        look_at_arrivals(session, numbers)
    with cell.session(world.here) as session:
        assert len(session.scalars(select(Consequence)).all()) == 9


def test_an_entry_that_cannot_be_read_holds_up_no_other(cell, world, monkeypatch):
    """As one of a type that was unknown here when it came, and is not what the code of today knows by it."""
    (bad, _), (good, _) = world.certificate(), world.certificate()
    with cell.worker_database.cell_session() as session:
        first = session.get_one(RegisterEntry, (bad, 1, 1))
        odd = {**json.loads(first.entry), "version": 2, "type": "standards.certificate.replaced.v1", "change": {"x": 1}}
        kept = {"kind": first.kind, "state": first.state, "signature": first.signature}
        session.add(
            RegisterEntry(id=bad, epoch=1, version=2, entry=canonical(odd), received_at=first.received_at, **kept)
        )
    received: list[tuple[UUID, UUID, int]] = []

    def hear(session, happened):
        received.extend((session.context.tenant_id, one.entry.aggregate, one.entry.version) for one in happened)

    monkeypatch.setitem(machine.EVERYWHERE, events.CertificateIssued.type, [hear])
    cell.worker._react_everywhere({bad: (1, 1), good: (1, 1)})
    assert {(key, version) for tenant, key, version in received if tenant == world.here} == {(bad, 1), (good, 1)}
    with cell.worker_database.cell_session() as session:
        session.delete(session.get_one(RegisterEntry, (bad, 1, 2)))


def test_a_batch_takes_its_locks_as_whoever_registers_does(cell, world, monkeypatch):
    """A body stops, and a certificate of it, while somebody cites the certificate: in neither order a circle."""
    while True:
        key, number = world.certificate()
        if str(key) < str(world.body):
            break
        world.body = given_body(cell, world.home, world.standard)
    received = [
        SimpleNamespace(change=events.BodyWithdrawn(reason=SAID), entry=entry(world.body, BODY)),
        SimpleNamespace(
            change=events.CertificateRevoked(reason=SAID, since=cell.clock.now()), entry=entry(key, CERTIFICATE)
        ),
    ]
    cites = [f"certificate:{number}"]
    held, real = Event(), dependencies._lock

    def lock(session, names, *, with_others):
        real(session, names, with_others=with_others)
        if not with_others and not held.is_set():
            held.set()
            wait_until(lambda: waiting(cell), seconds=20)

    monkeypatch.setattr(dependencies, "_lock", lock)
    propagating = Paused(cell, world.here, lambda session: handlers.propagate_broadcasts(session, received))
    assert held.wait(20)
    citing = Paused(cell, world.here, lambda session: replace_citations(session, "x.y", citing=uuid4(), cites=cites))
    propagating.commit()
    citing.commit()


def entry(key: UUID, kind: str) -> SimpleNamespace:
    return SimpleNamespace(aggregate=key, aggregate_type=kind)


def waiting(cell: Cell) -> bool:
    """Whether a transaction waits for an advisory lock."""
    with cell.worker_database.cell_session() as session:
        return bool(session.connection().exec_driver_sql(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").scalar())  # fmt: skip
