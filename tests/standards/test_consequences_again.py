"""What stops more than once, counts again in part, or is written by somebody who writes nonsense."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from events import standards as events
from events.catalog import Change
from services.standards.commands import consequences, stops
from services.standards.commands.propagation import EARLY, LOOK_DAILY, SPREAD
from services.standards.models import Body, Certificate, Consequence, Recognition, Standard
from shared.core.calendar import day_of, start_of
from shared.journal.progress import ProgressRow
from shared.journal.timers import TimerRow
from shared.rules.periods import with_period
from tests.builders.cell import Cell
from tests.standards.dependants import (
    SAID,
    Story,
    close,
    correct,
    found,
    only,
    qualified,
    ruled_park,
    settle,
    stop,
)
from tests.standards.given import given_body, given_certificate, given_recognition, given_standard

TOMORROW = timedelta(days=1, seconds=SPREAD)


@pytest.fixture
def story(cell: Cell, sichuan: UUID, chongqing: UUID) -> Story:
    return Story(cell, chongqing, sichuan)


def opened(cell: Cell, tenant: UUID) -> list[dict[str, Any]]:
    return found(cell, tenant, tenant=tenant, state="open")


def troubles(cell: Cell, tenant: UUID) -> list[Any]:
    """What is parked here, and timers that fail."""
    with cell.session(tenant) as session:
        parked = session.scalars(select(ProgressRow.reason).where(ProgressRow.status != "in_step")).all()
        failing = session.scalars(select(TimerRow.error).where(TimerRow.error.is_not(None))).all()
    return [*parked, *failing]


def said(cell: Cell, home: UUID, key: UUID, *, kind: Any, change: Change, **fields: Any) -> None:
    """The home says this of its own thing, and everybody hears it."""
    with cell.session(home) as session:
        row = session.locked(kind, key)
        for name, value in fields.items():
            setattr(row, name, value)
        session.publish(row, change)
    settle(cell)


def turned(cell: Cell, home: UUID, key: UUID, *, state: str, change: Change) -> None:
    with cell.session(home) as session:
        periods = with_period(session.one(Recognition, key).spells, state, since=session.clock.now())
    said(cell, home, key, kind=Recognition, change=change, state=state, spells=periods)
    cell.clock.advance(timedelta(minutes=1))


@pytest.mark.parametrize("issuers", [[{}], [{"tenant": "nobody"}], [{"tenant": None}]])
def test_a_standard_that_cannot_be_read_stops_none_who_cite_it(cell, sichuan, chongqing, issuers, monkeypatch):
    # The register asks who agreed to what it says; whatever else gets in stops nobody either.
    monkeypatch.setattr(Standard, "commands_in", lambda _entry, _state: ())
    standard = given_standard(cell, chongqing)
    ruled_park(cell, sichuan, chongqing, standard=standard)
    change = events.StandardRestored(reason=SAID)
    said(cell, chongqing, standard, kind=Standard, change=change, issuers=issuers)
    ruled_park(cell, sichuan, chongqing, standard=standard)
    cell.clock.advance(TOMORROW)
    settle(cell)
    assert troubles(cell, sichuan) == []
    assert [one["cause_state"] for one in opened(cell, sichuan)] == ["reduced", "reduced"]


def test_a_recognition_that_cannot_be_read_stops_nobody_and_counts_for_nothing(cell, story, sichuan, chongqing):
    key = given_recognition(cell, sichuan, chongqing, standard=story.standard)
    qualified(cell, sichuan, story.number)
    guizhou = cell.tenant("guizhou")
    other = Story(cell, guizhou, sichuan)
    qualified(cell, sichuan, other.number)
    change = events.RecognitionInForce(edition=2, since=cell.clock.now())
    said(cell, sichuan, key, kind=Recognition, change=change, items=[{}])
    cell.clock.advance(TOMORROW)
    settle(cell)
    assert [one["cause"] for one in opened(cell, sichuan)] == [str(key)]
    assert troubles(cell, sichuan) == []


def test_nothing_is_restored_while_another_dependency_is_gone(cell, story, sichuan, chongqing):
    firm = qualified(cell, sichuan, story.number)
    stop(cell, chongqing, story.body, how="body_suspended")
    close(cell, sichuan, only(opened(cell, sichuan))["id"], outcome="suspended")
    stop(cell, chongqing, story.key, how="suspended")
    correct(cell, chongqing, story.body, kind=Body)
    back = only(opened(cell, sichuan))
    refused = close(cell, sichuan, back["id"], outcome="restored")
    assert (refused.status_code, refused.json["code"]) == (409, "ground_gone")
    assert story.number in refused.json["title"] + refused.json["detail"]
    assert story.qualification(firm) == "suspended"
    correct(cell, chongqing, story.key, kind=Certificate)
    assert close(cell, sichuan, back["id"], outcome="restored").status_code == 200
    assert story.qualification(firm) == "valid"


def test_an_own_certificate_is_not_restored_while_its_body_is_suspended(cell, story, sichuan, chongqing):
    own = story.derived()
    with cell.session(sichuan) as session:
        body = session.one(Certificate, own).body_id
    stop(cell, chongqing, story.key, how="suspended")
    close(cell, sichuan, only(opened(cell, sichuan))["id"], outcome="suspended")
    stop(cell, sichuan, body, how="body_suspended")
    correct(cell, chongqing, story.key, kind=Certificate)
    back = only(one for one in opened(cell, sichuan) if one["purpose"] == "restoration")
    assert close(cell, sichuan, back["id"], outcome="restored").json["code"] == "ground_gone"
    assert story.certificate(own) == "suspended"


def test_a_further_qualification_on_a_certificate_that_was_dealt_with_is_reviewed(cell, story, sichuan, chongqing):
    firm = qualified(cell, sichuan, story.number)
    stop(cell, chongqing, story.key, how="suspended")
    close(cell, sichuan, only(opened(cell, sichuan))["id"], outcome="suspended")
    body = {"name": "另一资质", "number": "N2", "certificate": story.number}
    assert cell.client(sichuan).post(f"/v1/organisations/{firm}/qualify", body).status_code == 200
    settle(cell)
    assert only(opened(cell, sichuan))["dependant"] == firm


def test_a_rule_that_was_dealt_with_is_reviewed_when_it_is_set_again(cell, story, sichuan, chongqing):
    url = ruled_park(cell, sichuan, chongqing, standard=story.standard)
    stop(cell, chongqing, story.standard, how="withdrawn")
    close(cell, sichuan, only(opened(cell, sichuan))["id"], outcome="removed")
    rule = {"standard": str(story.standard), "text_zh": "须符合本标准。"}
    for rules in ([], [rule]):
        assert cell.client(sichuan).post(f"{url}/entry-rules", {"entry_rules": rules}).status_code == 200
        settle(cell)
    assert len(opened(cell, sichuan)) == 1


def test_what_counts_again_by_another_dependency_twice_is_to_be_restored_each_time(cell, story, sichuan, chongqing):
    first = given_recognition(cell, sichuan, chongqing, standard=story.standard)
    qualified(cell, sichuan, story.number)
    suspended, resumed = events.RecognitionSuspended(reason=SAID), events.RecognitionResumed()
    turned(cell, sichuan, first, state="suspended", change=suspended)
    close(cell, sichuan, only(opened(cell, sichuan))["id"], outcome="suspended")
    second = given_recognition(cell, sichuan, chongqing, standard=story.standard)
    settle(cell)
    offered = only(opened(cell, sichuan))
    turned(cell, sichuan, second, state="suspended", change=suspended)
    assert opened(cell, sichuan) == []
    turned(cell, sichuan, second, state="in_force", change=resumed)
    assert troubles(cell, sichuan) == []
    assert (only(opened(cell, sichuan))["id"], offered["purpose"]) == (offered["id"], "restoration")


def test_what_is_closed_while_its_cause_is_corrected_is_to_be_restored(cell, story, sichuan, chongqing, monkeypatch):
    firm = qualified(cell, sichuan, story.number)
    stop(cell, chongqing, story.key, how="suspended")
    lapse = consequences._lapse

    def raced(session: Any, key: UUID) -> None:
        monkeypatch.setattr(consequences, "_lapse", lapse)
        body = {"outcome": "suspended"}
        assert cell.client(sichuan).post(f"/v1/consequences/{key}/close", body).status_code == 200
        lapse(session, key)

    monkeypatch.setattr(consequences, "_lapse", raced)
    correct(cell, chongqing, story.key, kind=Certificate)
    assert story.qualification(firm) == "suspended"
    assert only(opened(cell, sichuan))["purpose"] == "restoration"


def test_a_restoration_that_nobody_offered_is_found_by_the_daily_look(cell, story, sichuan, chongqing, monkeypatch):
    qualified(cell, sichuan, story.number)
    stop(cell, chongqing, story.key, how="suspended")
    close(cell, sichuan, only(opened(cell, sichuan))["id"], outcome="suspended")
    with monkeypatch.context() as quiet:
        quiet.setattr(consequences, "_settled", lambda *_arguments, **_options: [])
        correct(cell, chongqing, story.key, kind=Certificate)
    assert opened(cell, sichuan) == []
    cell.clock.advance(TOMORROW)
    settle(cell)
    assert only(opened(cell, sichuan))["purpose"] == "restoration"


def test_a_cause_that_comes_and_goes_makes_no_more_of_them_each_time(cell, story, sichuan, chongqing):
    for _firm in range(2):
        qualified(cell, sichuan, story.number)
    for _cycle in range(3):
        stop(cell, chongqing, story.key, how="suspended")
        correct(cell, chongqing, story.key, kind=Certificate)
    stop(cell, chongqing, story.key, how="suspended")
    with cell.session(sichuan) as session:
        assert session.scalar(select(func.count()).select_from(Consequence)) == 2
        stood_at = session.scalars(select(Consequence.cause_at)).all()
    assert ({one["state"] for one in found(cell, sichuan)}, set(stood_at)) == ({"open"}, {"1.8"})


def test_what_does_not_rest_on_it_is_not_looked_at(cell, story, sichuan, chongqing, monkeypatch):
    qualified(cell, sichuan, story.number)
    story.derived()
    apart = given_body(cell, chongqing, given_standard(cell, chongqing))
    looked_at: list[Any] = []
    real = consequences.broken_dependencies

    def seen(dependants: Any, *rest: Any, **options: Any) -> Any:
        looked_at.extend(dependants)
        return real(dependants, *rest, **options)

    monkeypatch.setattr(consequences, "broken_dependencies", seen)
    stop(cell, chongqing, apart, how="body_suspended")
    assert looked_at == []


def test_a_certificate_that_arrives_after_what_it_rests_on_stopped_is_noticed(cell, sichuan, chongqing, monkeypatch):
    standard = given_standard(cell, chongqing)
    body = given_body(cell, chongqing, standard)
    with monkeypatch.context() as quiet:
        quiet.setattr(cell, "carry", lambda: 0)
        late = given_certificate(cell, chongqing, body, standard=standard)
    held_back = cell.take_unsent()
    firm = qualified(cell, sichuan, late)
    stop(cell, chongqing, body, how="body_suspended")
    assert opened(cell, sichuan) == []
    cell.deliver([*held_back, *held_back])
    cell.carry()
    assert [(one["cause"], one["dependant"]) for one in opened(cell, sichuan)] == [(str(body), firm)]


def test_tenants_are_looked_at_within_an_hour_each_at_its_own_second(cell, story, sichuan, chongqing):
    qualified(cell, sichuan, story.number)
    begin = start_of(day_of(cell.clock.now()) + timedelta(days=1)) + EARLY
    seconds = []
    for tenant in (sichuan, chongqing):
        with cell.session(tenant) as session:
            due = session.get_one(TimerRow, (tenant, LOOK_DAILY, tenant)).due_at
        seconds.append((due - begin).total_seconds())
    assert seconds == [tenant.int % SPREAD for tenant in (sichuan, chongqing)]


def test_more_versions_than_are_looked_at_are_one_stop(cell, story, sichuan, chongqing, monkeypatch):
    monkeypatch.setattr(stops, "MOST_VERSIONS", 2)
    qualified(cell, sichuan, story.number)
    stop(cell, chongqing, story.body, how="body_suspended")
    reduced = events.BodyReduced(grant=1, valid_to=day_of(cell.clock.now()))
    for _version in range(2):
        said(cell, chongqing, story.body, kind=Body, change=reduced)
    close(cell, sichuan, only(opened(cell, sichuan))["id"], outcome="kept", reason="另有报告")
    for _version in range(2):
        said(cell, chongqing, story.body, kind=Body, change=reduced)
    assert opened(cell, sichuan) == []
