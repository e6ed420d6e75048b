"""An agreement that all have signed for a day to come holds from that day on, in Beijing, once, and at every party."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from events.parks import AgreementInForce
from services.parks.commands.agreements import AGREEMENTS
from services.parks.models import Agreement
from shared.core.calendar import day_of, start_of
from shared.journal.timers import schedule
from tests.builders.cell import Cell
from tests.parks.builders import Story

DAYS = timedelta(days=1)


@pytest.fixture
def story(cell: Cell, sichuan: UUID, chongqing: UUID) -> Story:
    made = Story(cell, sichuan, chongqing)
    made.draft()
    return made


def in_days(cell, days):
    return (day_of(cell.clock.now()) + days * DAYS).isoformat()


def pass_time(cell, **by):
    cell.clock.advance(timedelta(**by))
    cell.run_timers()
    cell.carry()


def seen(story):
    """State of the park, current revision and state of the first revision, where all parties see the same."""
    views = [story.get(tenant) for tenant in story.parties]
    (state,), (current,) = {one["state"] for one in views}, {one["current_agreement"] for one in views}
    (first,) = set(story.states("/agreements/1"))
    return state, current, first


def test_the_first_agreement_brings_the_park_into_force_on_its_day_and_not_before(story, cell):
    day = in_days(cell, 30)
    story.conclude(effective_from=day)
    assert seen(story) == ("agreed", None, "agreed")
    assert story.get(story.parties[1])["upcoming_agreements"] == [{"revision": 1, "effective_from": day}]
    first_moment = start_of(datetime.fromisoformat(day).date())
    assert first_moment.astimezone(UTC).hour == 16, "midnight of Beijing, not of Greenwich"
    pass_time(cell, seconds=(first_moment - cell.clock.now()).total_seconds() - 60)
    assert seen(story) == ("agreed", None, "agreed")
    pass_time(cell, seconds=61)
    assert seen(story) == ("active", 1, "in_force")


def test_it_begins_once_also_late_and_when_the_timer_runs_again(story, cell, sichuan):
    story.conclude(effective_from=in_days(cell, 2))
    pass_time(cell, days=40)
    assert seen(story) == ("active", 1, "in_force")
    before = story.get(sichuan)["version"], story.get(sichuan, "/agreements/1")["version"]
    with cell.session(sichuan) as session:
        key = UUID(story.get(sichuan, "/agreements/1")["id"])
        schedule(session, AGREEMENTS.takes_effect, aggregate=key, due_at=cell.clock.now())
    pass_time(cell, days=1)
    assert (story.get(sichuan)["version"], story.get(sichuan, "/agreements/1")["version"]) == before


def test_a_party_that_missed_the_day_sees_the_same_after_a_resync(story, cell, chongqing):
    story.conclude(effective_from=in_days(cell, 1))
    cell.clock.advance(DAYS)
    cell.run_timers()
    lost = cell.take_unsent()
    assert lost
    assert story.get(chongqing)["state"] == "agreed"
    for _round in range(12):
        cell.clock.advance(timedelta(seconds=6))
        cell.sweep(*story.parties)
        cell.carry()
    assert seen(story) == ("active", 1, "in_force")


def test_of_two_for_days_to_come_each_has_its_time(story, cell):
    story.conclude(effective_from=in_days(cell, 10))
    story.conclude(effective_from=in_days(cell, 20))
    assert [one["revision"] for one in story.get(story.parties[1])["upcoming_agreements"]] == [1, 2]
    pass_time(cell, days=10)
    assert seen(story) == ("active", 1, "in_force")
    assert story.states("/agreements/2") == ["agreed"] * 2
    pass_time(cell, days=10)
    assert seen(story) == ("active", 2, "superseded")


def test_one_signed_later_for_an_earlier_day_ends_the_one_before_it(story, cell):
    story.conclude(effective_from=in_days(cell, 20))
    story.conclude(effective_from=in_days(cell, 10))
    pass_time(cell, days=10)
    assert seen(story) == ("active", 2, "superseded")
    pass_time(cell, days=10)
    assert seen(story) == ("active", 2, "superseded")


def test_a_suspended_park_stays_so_when_the_day_comes(story, cell, sichuan):
    story.conclude()
    story.conclude(effective_from=in_days(cell, 1))
    story.post(sichuan, "/suspend", {"reason": "汛期"})
    pass_time(cell, days=1)
    assert seen(story) == ("suspended", 2, "superseded")


@pytest.mark.parametrize("later", [timedelta(0), timedelta(days=31)], ids=["now", "dated after the day"])
def test_nothing_is_in_force_before_its_day_by_the_word_of_the_home(story, cell, sichuan, chongqing, later):
    story.conclude(effective_from=in_days(cell, 30))
    key = UUID(story.get(sichuan, "/agreements/1")["id"])
    cell.clock.advance(later)
    with cell.session(sichuan) as session:
        row = session.locked(Agreement, key)
        row.state = "in_force"
        session.publish(row, AgreementInForce(content_hash=row.content_hash))
    cell.clock.offset = timedelta(0)
    cell.carry()
    assert story.get(sichuan, "/agreements/1")["state"] == "in_force", "what the home believes"
    assert story.get(chongqing, "/agreements/1")["state"] == "agreed"


@pytest.mark.parametrize("state", ["proposed", "withdrawn", "refused"])
def test_what_all_have_signed_is_on_the_table_no_more(story, cell, sichuan, chongqing, state):
    story.conclude(effective_from=in_days(cell, 30))
    with cell.session(sichuan) as session:
        row = session.locked(Agreement, UUID(story.get(sichuan, "/agreements/1")["id"]))
        row.state = state
        session.publish(row, AgreementInForce(content_hash=row.content_hash))
    cell.carry()
    assert story.get(chongqing, "/agreements/1")["state"] == "agreed"
