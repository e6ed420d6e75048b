"""What cites is counted, and neither a citation nor a stop that happen at once miss each other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.standards.commands import dependencies
from services.standards.commands.citations import replace_citations
from services.standards.commands.propagation import propagate
from services.standards.domain.dependencies import CERTIFICATE, STANDARD
from shared.core.context import machine_context
from tests.builders.cell import Cell
from tests.builders.race import wait_until
from tests.standards.dependants import citations, found, key_of, qualified, ruled_park, stop
from tests.standards.given import given_body, given_certificate, given_standard

DAY = timedelta(days=1)
LONGEST = 20
ORGANISATION = "organisations.organisation"


class Causes:
    """A standard, a body and a certificate of one tenant."""

    def __init__(self, cell: Cell, home: UUID) -> None:
        self.standard = given_standard(cell, home)
        self.body = given_body(cell, home, self.standard)
        self.number = given_certificate(cell, home, self.body, standard=self.standard)
        self.key = key_of(home, self.number)


@pytest.fixture
def given(cell: Cell, chongqing: UUID) -> Causes:
    return Causes(cell, chongqing)


def test_a_qualification_cites_its_certificate_until_it_is_withdrawn(cell, sichuan, given):
    key = qualified(cell, sichuan, given.number)
    assert citations(cell, sichuan) == {(f"certificate:{given.number}", ORGANISATION)}
    gone = {"name": "家具检测合格", "number": given.number[-8:]}
    assert cell.client(sichuan).post(f"/v1/organisations/{key}/disqualify", gone).status_code == 200
    cell.carry()
    assert citations(cell, sichuan) == set()


def test_a_qualification_without_a_certificate_cites_nothing(cell, sichuan, given):
    key = qualified(cell, sichuan, given.number)
    assert cell.client(sichuan).post(f"/v1/organisations/{key}/qualify", {"name": "小巨人"}).status_code == 200
    cell.carry()
    assert len(citations(cell, sichuan)) == 1


def test_a_closed_organisation_rests_on_nothing(cell, sichuan, given):
    key = qualified(cell, sichuan, given.number)
    assert cell.client(sichuan).post(f"/v1/organisations/{key}/close", {"reason": "注销"}).status_code == 200
    cell.carry()
    assert citations(cell, sichuan) == set()


def test_a_parks_entry_rules_cite_their_standards_at_its_home_alone(cell, sichuan, chongqing, given):
    url = ruled_park(cell, sichuan, chongqing, standard=given.standard)
    assert citations(cell, sichuan) == {(f"standard:{given.standard}", "parks.park")}
    assert citations(cell, chongqing) == set()
    assert cell.client(sichuan).post(f"{url}/entry-rules", {"entry_rules": []}).status_code == 200
    cell.carry()
    assert citations(cell, sichuan) == set()


def test_the_same_event_twice_counts_once(cell, sichuan, given):
    qualified(cell, sichuan, given.number, carry=False)
    messages = cell.take_unsent()
    cell.deliver([*messages, *messages])
    cell.carry()
    assert len(citations(cell, sichuan)) == 1
    assert found(cell, sichuan) == []


def test_what_does_not_count_already_is_noticed_when_it_is_cited(cell, sichuan, chongqing, given):
    stop(cell, chongqing, given.key, how="suspended")
    qualified(cell, sichuan, given.number)
    assert [(one["purpose"], one["cause_key"]) for one in found(cell, sichuan)] == [("review", given.number)]


class Paused:
    """A transaction of its own in a thread, held open between its work and its commit."""

    def __init__(self, cell: Cell, tenant: UUID, work: Any) -> None:
        self.cell, self.tenant, self.work = cell, tenant, work
        self.worked, self.may_commit = Event(), Event()
        self.pool = ThreadPoolExecutor(1)
        self.running = self.pool.submit(self._run)

    def _run(self) -> None:
        with self.cell.worker_database.session(machine_context(self.tenant)) as session:
            self.work(session)
            session.flush()
            self.worked.set()
            assert self.may_commit.wait(LONGEST)

    def commit(self) -> None:
        self.may_commit.set()
        self.running.result(LONGEST)
        self.pool.shutdown()


def cites(number: str, citing: UUID) -> Any:
    return lambda session: replace_citations(session, ORGANISATION, citing=citing, cites=[f"certificate:{number}"])


def stopped_unpropagated(cell: Cell, home: UUID, key: UUID, *, how: str) -> None:
    """The stop is in the register; nobody has propagated it, as between the worker's two steps."""
    stop(cell, home, key, how=how, carry=False)
    unpropagated, cell.worker._react_everywhere = cell.worker._react_everywhere, lambda _entries: None
    cell.carry()
    cell.worker._react_everywhere = unpropagated


STOP_OF = {
    "certificate": ("key", "suspended", CERTIFICATE),
    "standard": ("standard", "withdrawn", STANDARD),
    "body": ("body", "body_suspended", "standards.body"),
}
each_cause = pytest.mark.parametrize("what", STOP_OF)


def raced_citation_first(cell: Cell, sichuan: UUID, chongqing: UUID, given: Causes, *, what: str) -> list[Any]:
    """A citation has read the register and is not committed; then the stop comes and is propagated at once."""
    attribute, how, kind = STOP_OF[what]
    cause = getattr(given, attribute)
    given_certificate(cell, sichuan, given_body(cell, sichuan, given.standard), standard=given.standard)
    citing = Paused(cell, sichuan, cites(given.number, uuid4()))
    assert citing.worked.wait(LONGEST)
    stopped_unpropagated(cell, chongqing, cause, how=how)
    propagating = Paused(cell, sichuan, lambda session: propagate(session, kind, cause=cause))
    propagating.may_commit.set()
    wait_until(propagating.running.done, seconds=1)
    citing.commit()
    propagating.commit()
    return [one for one in found(cell, sichuan) if one["dependant_kind"] == ORGANISATION]


@each_cause
def test_a_citation_that_read_too_early_is_found_by_who_propagates_the_stop(cell, sichuan, chongqing, given, what):
    assert len(raced_citation_first(cell, sichuan, chongqing, given, what=what)) == 1


@each_cause
def test_without_the_lock_that_citation_would_be_missed(cell, sichuan, chongqing, given, what, monkeypatch):
    monkeypatch.setattr(dependencies, "_lock", lambda *_arguments, **_options: None)
    assert raced_citation_first(cell, sichuan, chongqing, given, what=what) == []


@each_cause
def test_a_citation_that_comes_while_the_stop_is_propagated_finds_it_itself(cell, sichuan, chongqing, given, what):
    attribute, how, kind = STOP_OF[what]
    cause = getattr(given, attribute)
    stopped_unpropagated(cell, chongqing, cause, how=how)
    propagating = Paused(cell, sichuan, lambda session: propagate(session, kind, cause=cause))
    assert propagating.worked.wait(LONGEST)
    citing = Paused(cell, sichuan, cites(given.number, uuid4()))
    citing.may_commit.set()
    assert not wait_until(citing.running.done, seconds=0.5), "it waits for who propagates"
    propagating.commit()
    citing.commit()
    assert [one["cause"] for one in found(cell, sichuan)] == [str(cause)]


def test_two_that_cite_one_certificate_do_not_wait_for_each_other(cell, sichuan, given):
    qualified(cell, sichuan, given.number)
    first = Paused(cell, sichuan, cites(given.number, uuid4()))
    assert first.worked.wait(LONGEST)
    second = Paused(cell, sichuan, cites(given.number, uuid4()))
    second.commit()
    first.commit()
    assert len(citations(cell, sichuan)) == 1
