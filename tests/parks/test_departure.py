"""A party of a park leaves the platform: the others complete every act that needs all, and it hears of nothing more."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from events.parks import AgreementInForce
from services.organisations.commands import departing as organisations
from services.parks.commands import departing as parks
from services.parks.models import Agreement, Park
from shared.core.calendar import day_of
from shared.journal.entries import JournalRow
from shared.journal.progress import ProgressRow
from shared.keys.directory import Directory
from tests.builders.leaving import follow, leave
from tests.organisations.builders import registered
from tests.parks.builders import Story, agreement_draft, park_draft

REASON = {"reason": "试验"}


@pytest.fixture
def guizhou(cell):
    return cell.tenant("guizhou")


@pytest.fixture
def story(cell, sichuan, chongqing, guizhou):
    return Story(cell, sichuan, chongqing, guizhou)


def entries(cell, tenant, kind=Park):
    with cell.session(tenant) as session:
        return session.scalar(select(func.count()).select_from(JournalRow).where(JournalRow.kind == kind.kind))


def left_and_parties(cell, tenant, key):
    with cell.session(tenant) as session:
        rows = session.scalars(select(JournalRow).where(JournalRow.aggregate_id == key).order_by(JournalRow.version))
        read = [json.loads(row.entry) for row in rows]
    return [entry["left"] for entry in read if entry["left"]], read[-1]["parties"]


@pytest.mark.parametrize("action", ["resume", "dissolve", "call-off"])
@pytest.mark.parametrize("before", [0, 1, 2], ids=["nobody", "one", "all others"])
def test_consent_does_not_wait_for_who_has_left(story, cell, action, before):
    sichuan, chongqing, guizhou = story.parties
    story.active()
    day = day_of(cell.clock.now()) + timedelta(days=200)
    body = {"dissolves_on": day.isoformat(), "reason": "试验"} if action == "dissolve" else None
    if action == "resume":
        assert story.post(sichuan, "/suspend", REASON)["status"] == 200
    if action == "call-off":
        for tenant in story.parties:
            assert story.dissolve(tenant, day)["status"] == 200
    for tenant in (chongqing, sichuan)[:before]:
        assert story.post(tenant, f"/{action}", body)["status"] == 200
    leave(cell, guizhou)
    for tenant in (chongqing, sichuan)[before:]:
        assert story.post(tenant, f"/{action}", body)["status"] == 200
    seen = [story.get(tenant) for tenant in (sichuan, chongqing)]
    expected = "active", day.isoformat() if action == "dissolve" else None
    assert [(one["state"], one["dissolves_on"]) for one in seen] == [expected] * 2
    assert [party["tenant"] for party in story.get(chongqing)["parties"]] == [str(sichuan), str(chongqing)]


def test_a_day_that_is_set_stays_set_when_a_party_leaves_and_the_park_ends_on_it(story, cell):
    sichuan, chongqing, guizhou = story.parties
    story.active()
    day = day_of(cell.clock.now()) + timedelta(days=200)
    for tenant in story.parties:
        assert story.dissolve(tenant, day)["status"] == 200
    leave(cell, guizhou)
    assert [story.get(tenant)["dissolves_on"] for tenant in (sichuan, chongqing)] == [day.isoformat()] * 2
    cell.clock.advance(timedelta(days=200))
    follow(cell)
    assert [story.get(tenant)["state"] for tenant in (sichuan, chongqing)] == ["dissolved"] * 2


@pytest.mark.parametrize("before", [0, 1, 2], ids=["nobody", "one", "all others"])
def test_signing_does_not_wait_for_who_has_left(story, cell, before):
    sichuan, chongqing, guizhou = story.parties
    story.draft()
    revision = story.propose()
    for tenant in (chongqing, sichuan)[:before]:
        assert story.sign(tenant, revision)["status"] == 200
    leave(cell, guizhou)
    for tenant in (chongqing, sichuan)[before:]:
        assert story.sign(tenant, revision)["status"] == 200
    for tenant in (sichuan, chongqing):
        assert story.get(tenant, f"/agreements/{revision}")["state"] == "in_force"
        assert story.get(tenant)["state"] == "active"
    answer = story.post(chongqing, "/agreements", agreement_draft(sichuan, chongqing))
    assert answer["status"] == 200, answer


def test_terms_that_name_who_has_left_are_amended_before_they_are_signed(story, cell):
    sichuan, chongqing, guizhou = story.parties
    story.draft()
    terms = agreement_draft(sichuan, guizhou)
    assert story.post(sichuan, "/agreements", terms)["status"] == 201
    for tenant in (sichuan, chongqing):
        assert story.sign(tenant, 1)["status"] == 200
    leave(cell, guizhou)
    assert story.get(chongqing, "/agreements/1")["state"] == "proposed"
    assert (
        story.patch(chongqing, "/agreements/1", {"terms": agreement_draft(sichuan, chongqing)["terms"]})["status"]
        == 200
    )
    for tenant in (sichuan, chongqing):
        assert story.sign(tenant, 1)["status"] == 200
    assert story.get(chongqing, "/agreements/1")["state"] == "in_force"


def test_a_signature_under_terms_that_name_who_has_left_is_refused_with_what_to_do(story, cell):
    sichuan, _chongqing, guizhou = story.parties
    story.draft()
    assert story.post(sichuan, "/agreements", agreement_draft(sichuan, guizhou))["status"] == 201
    leave(cell, guizhou)
    answer = story.sign(sichuan, 1)
    assert (answer["status"], answer["code"]) == (409, "party_left")
    assert "(guizhou)" in answer["message"]["en"]


def test_who_has_left_is_named_in_one_entry_and_addressed_by_none_after_it(story, cell):
    sichuan, chongqing, guizhou = story.parties
    story.active()
    leave(cell, guizhou)
    key = story.url.rpartition("/")[2]
    for tenant in (sichuan, chongqing, guizhou):
        left, parties = left_and_parties(cell, tenant, key)
        assert left == [[str(guizhou)]]
        assert parties == sorted([str(sichuan), str(chongqing)])
    known = entries(cell, guizhou), entries(cell, guizhou, Agreement)
    for step in ("/suspend", "/resume"):
        for tenant in (sichuan, chongqing):
            if step == "/resume" or tenant == sichuan:
                assert story.post(tenant, step, REASON if step == "/suspend" else None)["status"] == 200
    cell.clock.advance(timedelta(hours=2))
    follow(cell)
    assert (entries(cell, guizhou), entries(cell, guizhou, Agreement)) == known
    assert story.get(sichuan)["version"] == story.get(chongqing)["version"]


def test_what_a_tenant_that_left_was_home_of_stays_as_it_is_and_says_so(story, cell):
    sichuan, chongqing, _guizhou = story.parties
    story.active()
    leave(cell, sichuan)
    answer = story.people[chongqing].post(f"{story.url}/suspend", REASON)
    assert (answer.status_code, answer.json["code"]) == (409, "home_left")
    assert "退出" in answer.json["message"]["zh"]
    assert story.get(chongqing)["state"] == "active"


def test_a_card_is_held_no_longer_by_who_has_left(cell, sichuan, chongqing):
    official = cell.client(sichuan)
    made = registered(official)
    url = f"/v1/organisations/{made['id']}"
    assert official.post(f"{url}/introduce", {"tenant": str(chongqing)}).status_code == 200
    cell.carry()
    leave(cell, chongqing)
    assert official.get(url).json["parties"] == [str(sichuan)]


def test_what_does_not_fit_into_one_transaction_follows_in_the_next(cell, sichuan, chongqing, monkeypatch):
    for departing in (parks, organisations):
        monkeypatch.setattr(departing, "AT_ONCE", 2)
    official, urls = cell.client(sichuan), []
    for _one in range(5):
        made = registered(official)
        assert official.post(f"/v1/organisations/{made['id']}/introduce", {"tenant": str(chongqing)}).status_code == 200
        urls.append(f"/v1/organisations/{made['id']}")
        draft = official.post("/v1/parks", park_draft(sichuan, chongqing))
        urls.append(f"/v1/parks/{draft.json['id']}")
    cell.carry()
    leave(cell, chongqing)
    assert [len(official.get(url).json["parties"]) for url in urls] == [1] * 10


def test_nobody_who_is_there_is_left_out_of_a_signature_by_the_word_of_the_home(story, cell):
    sichuan, chongqing, guizhou = story.parties
    story.draft()
    revision = story.propose()
    assert story.sign(sichuan, revision)["status"] == 200
    with cell.session(sichuan) as session:
        agreement = session.locked(Agreement, UUID(story.get(sichuan, f"/agreements/{revision}")["id"]))
        agreement.party_ids, agreement.state = [sichuan, guizhou], "in_force"
        session.publish(agreement, AgreementInForce(content_hash=agreement.content_hash))
    cell.carry()
    assert story.get(chongqing, f"/agreements/{revision}")["state"] == "proposed"
    with cell.session(chongqing) as session:
        progress = session.scalars(select(ProgressRow).where(ProgressRow.kind == Agreement.kind)).one()
        assert (progress.status, progress.version) == ("held", 2)
        assert "not known to have left" in progress.reason


def test_an_entry_that_comes_before_word_of_the_departure_waits_for_it(story, cell, monkeypatch):
    sichuan, chongqing, guizhou = story.parties
    story.draft()
    revision = story.propose()
    for tenant in (chongqing, sichuan):
        assert story.sign(tenant, revision)["status"] == 200
    known = Directory.staying

    def unheard(self, session, tenants):
        return [guizhou] if tenants == [guizhou] else known(self, session, tenants)

    with monkeypatch.context() as patched:
        patched.setattr(Directory, "staying", unheard)
        leave(cell, guizhou)
        assert progress_of_agreement(cell, guizhou).status == "held"
    cell.clock.advance(timedelta(minutes=1))
    cell.sweep(guizhou)
    cell.carry()
    here, there = (progress_of_agreement(cell, tenant) for tenant in (guizhou, sichuan))
    assert (here.status, here.version, here.entry_hash) == ("in_step", there.version, there.entry_hash)


def progress_of_agreement(cell, tenant):
    with cell.session(tenant) as session:
        return session.scalars(select(ProgressRow).where(ProgressRow.kind == Agreement.kind)).one()


def test_a_command_that_comes_after_its_home_has_left_is_refused(story, cell):
    sichuan, chongqing, _guizhou = story.parties
    story.active()
    sent = story.people[chongqing].post(f"{story.url}/suspend", REASON)
    late = cell.take_unsent()
    leave(cell, sichuan)
    cell.deliver(late)
    cell.carry()
    answer = story.people[chongqing].get(sent.headers["Location"]).json
    assert (answer["state"], answer["problem"]["code"]) == ("refused", "home_left")
    assert story.get(chongqing)["state"] == "active"
