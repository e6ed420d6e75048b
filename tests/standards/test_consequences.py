"""What follows when something stops counting: found, dealt with, escalated, and undone when it was a mistake."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from events import standards as events
from events.canonical import instant
from events.entry import Actor, Position
from services.standards.commands.propagation import SPREAD
from services.standards.domain import consequences as rules
from services.standards.domain import dependencies as judging
from services.standards.domain.consequences import stopped_at
from services.standards.domain.dependencies import CERTIFICATE, Dependant, Dependencies, Dependency
from services.standards.models import Body, Certificate, Recognition, Standard
from shared.core.calendar import day_of
from shared.core.errors import InvalidError
from shared.journal.entries import JournalRow, read_entry
from tests.builders.cell import Cell
from tests.standards.dependants import (
    Story,
    close,
    correct,
    found,
    key_of,
    only,
    qualified,
    ruled_park,
    settle,
    stop,
)
from tests.standards.given import given_certificate, given_recognition, grant, item

DAY = timedelta(days=1)
TOMORROW = timedelta(days=1, seconds=SPREAD)


@pytest.fixture
def story(cell: Cell, sichuan: UUID, chongqing: UUID) -> Story:
    return Story(cell, chongqing, sichuan)


CAUSES = {"certificate": ("key", "suspended", Certificate), "standard": ("standard", "withdrawn", Standard),
           "body": ("body", "body_suspended", Body)}  # fmt: skip


@pytest.mark.parametrize("what", CAUSES)
def test_whatever_rests_on_a_cause_is_found_and_nothing_else(cell, story, sichuan, chongqing, what):
    attribute, how, _kind = CAUSES[what]
    key, own = qualified(cell, sichuan, story.number), story.derived()
    park = ruled_park(cell, sichuan, chongqing, standard=story.standard).rpartition("/")[2]
    apart = Story(cell, chongqing, sichuan)
    qualified(cell, sichuan, apart.number)
    stop(cell, chongqing, getattr(story, attribute), how=how)
    expected = {key, str(own), *([park] if what == "standard" else [])}
    assert {one["dependant"] for one in found(cell, sichuan, tenant=sichuan)} == expected
    due = str(day_of(cell.clock.now()) + timedelta(days=rules.TERM))
    assert {(one["state"], one["due_on"], one["home"]) for one in found(cell, sichuan)} == {("open", due, str(sichuan))}
    theirs = found(cell, chongqing, tenant=sichuan)
    assert {one["dependant"] for one in theirs} == expected
    assert {tuple(one["allowed_actions"]) for one in theirs} == {()}


def test_an_own_certificate_falls_with_its_standard_at_its_home(cell, story, chongqing):
    stop(cell, chongqing, story.standard, how="withdrawn")
    one = only(found(cell, chongqing))
    assert (one["dependant_kind"], one["dependant"], one["origin"]) == (CERTIFICATE, str(story.key), str(chongqing))


def test_a_certificate_issued_while_its_standard_ends_is_found_by_its_own_event(cell, story, chongqing):
    stop(cell, chongqing, story.standard, how="withdrawn")
    late = given_certificate(cell, chongqing, story.body, standard=story.standard)
    assert str(key_of(chongqing, late)) in {one["dependant"] for one in found(cell, chongqing)}


def test_a_reduced_scope_falls_on_its_day_and_on_what_it_no_longer_covers(cell, story, sichuan, chongqing):
    key = qualified(cell, sichuan, story.number)
    today = day_of(cell.clock.now())
    with cell.session(chongqing) as session:
        body = session.locked(Body, story.body)
        body.grants = [grant(story.standard, today, valid_to=str(today))]
        session.publish(body, events.BodyReduced(grant=1, valid_to=today))
    settle(cell)
    assert found(cell, sichuan) == []
    cell.clock.advance(TOMORROW)
    settle(cell)
    one = only(found(cell, sichuan))
    assert (one["dependant"], one["cause"], one["cause_state"]) == (key, str(story.body), "reduced")


def test_a_recognition_that_ends_reaches_what_counted_by_it_unless_another_one_holds(cell, story, sichuan, chongqing):
    first = given_recognition(cell, sichuan, chongqing, standard=story.standard)
    second = given_recognition(cell, sichuan, chongqing, standard=story.standard)
    key = qualified(cell, sichuan, story.number)
    stop(cell, sichuan, first, how="ended")
    assert found(cell, sichuan) == []
    stop(cell, sichuan, second, how="ended")
    one = only(found(cell, sichuan))
    assert (one["dependant"], one["cause"], one["origin"]) == (key, str(second), str(chongqing))
    correct(cell, sichuan, first, kind=Recognition)
    assert only(found(cell, sichuan))["state"] == "lapsed"


def last_actor(cell, tenant, key) -> Actor:
    """Who did what was done to it last."""
    with cell.session(tenant) as session:
        said = select(JournalRow).where(JournalRow.aggregate_id == UUID(key)).order_by(JournalRow.version.desc())
        return read_entry(session.scalars(said.limit(1)).one()).actor


def test_only_the_dependants_tenant_closes(cell, story, sichuan, chongqing):
    qualified(cell, sichuan, story.number)
    stop(cell, chongqing, story.key, how="suspended")
    key = only(found(cell, chongqing, tenant=sichuan))["id"]
    pending = cell.client(chongqing).post(f"/v1/consequences/{key}/close", {"outcome": "removed"})
    settle(cell)
    problem = cell.client(chongqing).get(pending.headers["Location"]).json["problem"]
    assert (problem["status"], problem["code"]) == (403, "dependants_tenant_only")
    stranger = cell.tenant("guizhou")
    assert cell.client(stranger).get(f"/v1/consequences/{key}").status_code == 404


def test_what_is_kept_needs_a_reason_and_changes_nothing(cell, story, sichuan, chongqing):
    key = qualified(cell, sichuan, story.number)
    stop(cell, chongqing, story.key, how="suspended")
    one = only(found(cell, sichuan))["id"]
    assert close(cell, sichuan, one, outcome="kept").json["code"] == "reason_missing"
    assert close(cell, sichuan, one, outcome="restored").json["code"] == "outcome_invalid"
    done = close(cell, sichuan, one, outcome="kept", reason="另有检测报告")
    assert (done.json["state"], done.json["outcome"], done.json["reason"]) == ("closed", "kept", "另有检测报告")
    assert story.qualification(key) == "valid"
    assert close(cell, sichuan, one, outcome="removed").json["code"] == "action_not_allowed"


@pytest.mark.parametrize(("outcome", "becomes"), [("suspended", "suspended"), ("removed", "withdrawn")])
def test_a_qualification_becomes_what_was_decided_and_is_restored(cell, story, sichuan, chongqing, outcome, becomes):
    key = qualified(cell, sichuan, story.number)
    stop(cell, chongqing, story.key, how="suspended")
    close(cell, sichuan, only(found(cell, sichuan))["id"], outcome=outcome)
    assert story.qualification(key) == becomes
    assert last_actor(cell, sichuan, key) == Actor(sichuan, "official-1")
    correct(cell, chongqing, story.key, kind=Certificate)
    back = only(found(cell, sichuan, state="open"))
    assert (back["purpose"], back["dependant"]) == ("restoration", key)
    close(cell, sichuan, back["id"], outcome="restored")
    assert story.qualification(key) == "valid"
    assert found(cell, sichuan, state="open") == []


def test_renewing_does_not_undo_what_was_decided(cell, story, sichuan, chongqing):
    key = qualified(cell, sichuan, story.number)
    stop(cell, chongqing, story.key, how="suspended")
    close(cell, sichuan, only(found(cell, sichuan))["id"], outcome="suspended")
    body = {"name": "家具检测合格", "number": story.number[-8:], "certificate": story.number, "level": "省级"}
    assert cell.client(sichuan).post(f"/v1/organisations/{key}/qualify", body).status_code == 200
    assert story.qualification(key) == "suspended"


@pytest.mark.parametrize(("outcome", "becomes"), [("suspended", "suspended"), ("removed", "removed")])
def test_an_entry_rule_becomes_what_was_decided_and_is_restored(cell, story, sichuan, chongqing, outcome, becomes):
    url = ruled_park(cell, sichuan, chongqing, standard=story.standard)

    def rule() -> str:
        return str(cell.client(chongqing).get(url).json["entry_rules"][0]["state"])

    stop(cell, chongqing, story.standard, how="withdrawn")
    close(cell, sichuan, only(found(cell, sichuan))["id"], outcome=outcome)
    assert rule() == becomes
    assert last_actor(cell, sichuan, url.rpartition("/")[2]) == Actor(sichuan, "official-1")
    correct(cell, chongqing, story.standard, kind=Standard)
    close(cell, sichuan, only(found(cell, sichuan, state="open"))["id"], outcome="restored")
    assert rule() == "valid"


@pytest.mark.parametrize(("outcome", "becomes"), [("suspended", "suspended"), ("removed", "revoked")])
def test_a_certificate_becomes_what_was_decided_with_what_follows_from_that(
    cell, story, sichuan, chongqing, outcome, becomes
):
    own = story.derived()
    with cell.session(sichuan) as session:
        number = session.one(Certificate, own).number
    qualified(cell, sichuan, number)
    stop(cell, chongqing, story.key, how="suspended")
    first = only(found(cell, sichuan, dependant=own))
    close(cell, sichuan, first["id"], outcome=outcome, reason="依据已失效")
    assert story.certificate(own) == becomes
    assert [one["cause"] for one in found(cell, sichuan, cause=own)] == [str(own)]
    correct(cell, chongqing, story.key, kind=Certificate)
    close(cell, sichuan, only(found(cell, sichuan, dependant=own, state="open"))["id"], outcome="restored")
    assert story.certificate(own) == "valid"
    assert [one["state"] for one in found(cell, sichuan, cause=own)] == ["lapsed"]


def test_what_is_late_escalates_and_again_until_it_is_closed(cell, story, sichuan, chongqing):
    qualified(cell, sichuan, story.number)
    stop(cell, chongqing, story.key, how="suspended")
    key = only(found(cell, sichuan))["id"]

    def escalations() -> int:
        settle(cell)
        return int(only(found(cell, chongqing, tenant=sichuan))["escalations"])

    cell.clock.advance(timedelta(days=rules.TERM))
    assert escalations() == 0
    cell.clock.advance(DAY)
    assert escalations() == 1
    cell.clock.advance(timedelta(days=rules.AGAIN))
    assert escalations() == 2
    late = cell.client(chongqing).get(f"/v1/consequences/summaries/{story.key}").json
    assert (late["complete"], late["open"], late["escalated"]) == (True, 1, 1)
    close(cell, sichuan, key, outcome="removed")
    cell.clock.advance(timedelta(days=rules.AGAIN * 3))
    assert escalations() == 2


def test_it_escalates_ten_times_at_most(cell, story, sichuan, chongqing):
    qualified(cell, sichuan, story.number)
    stop(cell, chongqing, story.key, how="suspended")
    for _week in range(rules.MOST_ESCALATIONS + 3):
        cell.clock.advance(timedelta(days=rules.TERM + 1))
        cell.run_timers()
    assert only(found(cell, sichuan))["escalations"] == rules.MOST_ESCALATIONS


def test_a_summary_is_for_those_whom_the_cause_concerns(cell, story, sichuan, chongqing):
    ask = f"/v1/consequences/summaries/{story.key}"
    assert cell.client(sichuan).get(ask).status_code == 404
    nothing = cell.client(chongqing).get(ask).json
    assert (nothing["complete"], nothing["open"], nothing["closed"]) == (True, 0, {})
    qualified(cell, sichuan, story.number)
    stop(cell, chongqing, story.key, how="suspended")
    mine = cell.client(sichuan).get(ask).json
    assert (mine["complete"], mine["open"], [one["tenant"] for one in mine["tenants"]]) == (False, 1, [str(sichuan)])
    all_of = {one["tenant"]: one["found"] for one in cell.client(chongqing).get(ask).json["tenants"]}
    assert (all_of[str(sichuan)], all_of[str(chongqing)]) == (1, 0)


STATES = {4: "suspended", 3: "suspended", 2: "valid", 1: "suspended"}


def test_a_stop_begins_with_the_first_version_of_its_state() -> None:
    known = [(Position(1, version), {"state": state}) for version, state in STATES.items()]
    assert stopped_at(known, lambda document: document["state"] == "valid") == ((1, 3), "suspended")
    assert stopped_at(known[2:], lambda document: document["state"] == "valid") is None


@pytest.mark.parametrize("kind", judging.STOPPED)
def test_a_document_that_cannot_be_read_counts_for_nothing_and_stops_nobody(kind: str) -> None:
    key, document = uuid4(), {"state": 1, "kind": "local", "tenant": None, "issuers": [{}]}
    here = {"certificates": {key: {}}, "standards": {key: document}, "bodies": {key: {}}, "recognitions": {key: {}}}
    now = datetime(2026, 1, 1, tzinfo=UTC)
    among = Dependencies(here=uuid4(), moment=now, today=date(2026, 1, 1), cited=key, **here)
    assert among.needs() == []
    counts = judging.counts(Dependency(kind, key, {}), among)
    assert counts == (kind == judging.RECOGNITION), "nothing is said to need it"
    unread = [(Position(1, 2), {}), (Position(1, 1), {})]
    assert stopped_at(unread, lambda _document: False) == ((1, 1), "None")
    assert judging.cause_key(kind, {"numbers": {}}) == "None"


def test_outcomes_belong_to_their_purpose() -> None:
    rules.check_outcome("restoration", "restored", has_reason=False)
    with pytest.raises(InvalidError):
        rules.check_outcome("restoration", "removed", has_reason=True)


def test_the_same_review_has_the_same_id_and_another_dependant_another() -> None:
    cause, one = uuid4(), Dependant("parks.park", uuid4(), "standard:x", None)
    other = Dependant("parks.park", uuid4(), "standard:x", None)
    assert rules.consequence_nonce(cause, one, at="1.2") == rules.consequence_nonce(cause, one, at="1.2")
    assert rules.consequence_nonce(cause, one, at="1.2") != rules.consequence_nonce(cause, other, at="1.2")


def test_a_recognition_that_is_only_agreed_on_has_carried_nothing_yet(cell, story, sichuan, chongqing):
    soon = cell.clock.now() + DAY
    periods = [{"state": "agreed", "from": instant(cell.clock.now())}, {"state": "in_force", "from": instant(soon)}]
    items = [item(story.standard, soon)]
    given_recognition(cell, sichuan, chongqing, standard=story.standard, state="agreed", spells=periods, items=items)
    qualified(cell, sichuan, story.number)
    settle(cell)
    assert found(cell, sichuan) == []


def test_a_new_edition_that_drops_a_standard_reaches_what_rested_on_it(cell, story, sichuan, chongqing):
    key = given_recognition(cell, sichuan, chongqing, standard=story.standard)
    firm = qualified(cell, sichuan, story.number)
    with cell.session(sichuan) as session:
        row = session.locked(Recognition, key)
        now = session.clock.now()
        row.items, row.edition = [{**one, "until": instant(now)} for one in row.items], 2
        session.publish(row, events.RecognitionInForce(edition=2, since=now))
    settle(cell)
    one = only(found(cell, sichuan))
    assert (one["dependant"], one["cause_state"]) == (firm, "reduced")
