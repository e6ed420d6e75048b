"""Consequences over time: taken back, arising again, propagated in steps, and the same in whatever weather."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from events import standards as events
from services.standards.commands import propagation
from services.standards.commands.propagation import propagate
from services.standards.domain import consequences as rules
from services.standards.domain.dependencies import CERTIFICATE
from services.standards.models import Certificate, Standard
from shared.journal.entries import JournalRow
from tests.builders.cell import Cell
from tests.standards.dependants import Story, close, correct, found, only, own_consequences, qualified, settle, stop

DAY = timedelta(days=1)


@pytest.fixture
def story(cell: Cell, sichuan: UUID, chongqing: UUID) -> Story:
    return Story(cell, chongqing, sichuan)


def test_a_correction_before_anybody_acted_leaves_nothing_to_do(cell, story, sichuan, chongqing):
    key = qualified(cell, sichuan, story.number)
    stop(cell, chongqing, story.key, how="suspended")
    correct(cell, chongqing, story.key, kind=Certificate)
    assert only(found(cell, sichuan))["state"] == "lapsed"
    cell.clock.advance(timedelta(days=rules.TERM * 2))
    settle(cell)
    assert (only(found(cell, sichuan))["escalations"], story.qualification(key)) == (0, "valid")
    stop(cell, chongqing, story.key, how="suspended")
    # The same one, opened again: a cause that comes and goes makes no more of them.
    assert [one["state"] for one in found(cell, sichuan)] == ["open"]


def test_a_second_stop_takes_back_the_restoration_of_the_first(cell, story, sichuan, chongqing):
    qualified(cell, sichuan, story.number)
    stop(cell, chongqing, story.key, how="suspended")
    close(cell, sichuan, only(found(cell, sichuan))["id"], outcome="suspended")
    correct(cell, chongqing, story.key, kind=Certificate)
    stop(cell, chongqing, story.key, how="suspended")
    states = [(one["purpose"], one["state"]) for one in found(cell, sichuan)]
    # The qualification is suspended already, so there is nothing to review.
    assert states == [("review", "closed"), ("restoration", "lapsed")]
    correct(cell, chongqing, story.key, kind=Certificate)
    assert [(one["purpose"]) for one in found(cell, sichuan, state="open")] == ["restoration"]


def test_what_is_removed_and_cited_again_is_to_be_dealt_with_again(cell, story, sichuan, chongqing):
    key = qualified(cell, sichuan, story.number)
    stop(cell, chongqing, story.key, how="suspended")
    close(cell, sichuan, only(found(cell, sichuan))["id"], outcome="removed")
    gone = {"name": "家具检测合格", "number": story.number[-8:]}
    again = {**gone, "certificate": story.number}
    for path, body in (("disqualify", gone), ("qualify", again)):
        assert cell.client(sichuan).post(f"/v1/organisations/{key}/{path}", body).status_code == 200
        settle(cell)
    assert [one["state"] for one in found(cell, sichuan)] == ["closed", "open"]


def test_many_dependants_are_reached_in_steps_that_go_on_where_they_were(cell, story, sichuan, chongqing, monkeypatch):
    monkeypatch.setattr(propagation, "STEP", 2)
    for _one in range(5):
        qualified(cell, sichuan, story.number)
    stop(cell, chongqing, story.key, how="suspended", carry=False)
    cell.carry()
    assert len(found(cell, sichuan)) == 2
    settle(cell)
    assert len({one["dependant"] for one in found(cell, sichuan)}) == 5
    correct(cell, chongqing, story.key, kind=Certificate)
    assert {one["state"] for one in found(cell, sichuan)} == {"lapsed"}


def test_propagating_again_changes_nothing(cell, story, sichuan, chongqing):
    qualified(cell, sichuan, story.number)
    stop(cell, chongqing, story.key, how="suspended")

    def entries() -> int:
        with cell.session(sichuan) as session:
            return int(session.scalar(select(func.count()).select_from(JournalRow)) or 0)

    before = entries()
    for _time in range(3):
        with cell.worker_database.session(cell.context(sichuan)) as session:
            propagate(session, CERTIFICATE, cause=story.key)
    assert entries() == before


def test_the_daily_look_finds_what_nobody_heard_of(cell, story, sichuan, chongqing, monkeypatch):
    qualified(cell, sichuan, story.number)
    monkeypatch.setattr(cell.worker, "_react_everywhere", lambda _entries: None)
    stop(cell, chongqing, story.key, how="suspended")
    assert found(cell, sichuan) == []
    cell.clock.advance(DAY)
    settle(cell)
    assert only(found(cell, sichuan))["state"] == "open"
    correct(cell, chongqing, story.key, kind=Certificate)
    cell.clock.advance(DAY)
    settle(cell)
    assert only(found(cell, sichuan))["state"] == "lapsed"


def told(cell: Cell, sichuan: UUID, chongqing: UUID, *, weather: Any) -> list[tuple[str, ...]]:
    """One story of two stops, one of them corrected, with messages as the weather brings them; ids made comparable."""
    one, other = Story(cell, chongqing, sichuan), Story(cell, chongqing, sichuan)
    for number in (one.number, other.number, one.number):
        qualified(cell, sichuan, number)
    stop(cell, chongqing, one.key, how="suspended", carry=False)
    stop(cell, chongqing, other.body, how="body_suspended", carry=False)
    cell.carry(weather)
    with cell.session(chongqing) as session:
        row = session.locked(Certificate, one.key)
        row.state, row.spells = "valid", row.spells[:-1]
        session.publish(row, events.CertificateRestored(reason=None))
        row = session.locked(Standard, other.standard)
        row.state = "withdrawn"
        session.publish(row, events.StandardEnded(state="withdrawn"))
    cell.carry(weather)
    settle(cell)
    names = {str(key): name for name, key in vars(one).items()} | {str(key): f"2{n}" for n, key in vars(other).items()}
    return sorted((names[cause], names[ref[12:]], *rest) for cause, _who, ref, *rest in own_consequences(cell, sichuan))


def test_doubled_and_shuffled_messages_give_the_same_consequences_once_each(cell, sichuan, chongqing):
    rng, seen = random.Random(5), []

    def wild(messages: list[Any]) -> list[Any]:
        seen.extend(messages)
        more = [*messages, *rng.sample(seen, min(3, len(seen)))]
        return rng.sample(more, len(more))

    fair = told(cell, sichuan, chongqing, weather=lambda messages: messages)
    assert len(fair) == 4
    assert told(cell, cell.tenant("sichuan"), cell.tenant("chongqing"), weather=wild) == fair
