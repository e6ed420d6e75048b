"""What may be done to parks and agreements, by whom, and what everybody sees of it afterwards."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from shared.core.calendar import day_of
from tests.builders.cell import Cell
from tests.parks.builders import Story, agreement_draft, park_draft

REASON = {"reason": "汛期停工检查"}


@pytest.fixture
def story(cell: Cell, sichuan: UUID, chongqing: UUID) -> Story:
    return Story(cell, sichuan, chongqing)


def test_a_drafted_park_is_seen_by_every_party_in_the_same_version(story, sichuan, chongqing):
    drafted = story.draft()
    home, party = story.get(sichuan), story.get(chongqing)
    assert drafted["etag"] == home["etag"] == party["etag"] == "1.1"
    assert {**home, "allowed_actions": []} == {**party, "allowed_actions": []}
    assert set(home["allowed_actions"]) - set(party["allowed_actions"]) == {"withdraw"}
    assert (party["state"], party["home"], party["area_km2"]) == ("draft", str(sichuan), "262")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"location": "999999"}, "unknown_division"),
        ({"parties": []}, "parties_invalid"),
        ({"starts_on": "2022-01-01", "ends_on": "2021-01-01"}, "invalid"),
    ],
)
def test_a_faulty_draft_is_refused(story, changes, code):
    answer = story.post(story.parties[0], "/v1/parks", park_draft(*story.parties, **changes))
    assert (answer["status"], answer["code"]) == (422, code)


def test_a_party_must_be_in_the_directory(story, sichuan):
    answer = story.post(sichuan, "/v1/parks", park_draft(sichuan, uuid4()))
    assert (answer["status"], answer["code"]) == (422, "invalid")
    assert answer["errors"][0]["pointer"] == "/parties/1/tenant"


def test_a_party_that_is_not_home_revises_through_home(story, sichuan, chongqing):
    story.draft()
    answer = story.patch(chongqing, "", {"name_en": "Gaozhu", "area_km2": "266.5", "kind": "cooperation"})
    assert answer["state"] == "done"
    seen = story.get(sichuan)
    assert (seen["name_en"], seen["area_km2"], seen["kind"], seen["version"]) == ("Gaozhu", "266.5", "cooperation", 2)
    assert {**story.get(chongqing), "allowed_actions": []} == {**seen, "allowed_actions": []}


def test_a_revision_that_changes_nothing_makes_no_version(story, sichuan):
    story.draft()
    assert story.patch(sichuan, "", {"area_km2": "262.0", "sectors": ["新能源汽车配套"]})["version"] == 1


def test_a_party_that_is_left_out_learns_it_and_can_no_longer_act(story, cell, sichuan, chongqing):
    other = cell.tenant("guizhou")
    drafted = story.draft(parties=park_draft(sichuan, chongqing, other)["parties"])
    outsider = cell.client(other)
    assert outsider.get(story.url).json["etag"] == drafted["etag"]
    story.patch(sichuan, "", {"parties": park_draft(sichuan, chongqing)["parties"]})
    left = outsider.get(story.url).json
    assert (left["version"], left["allowed_actions"]) == (2, [])
    refused = outsider.patch(story.url, {"name_zh": "新名"})
    cell.carry()
    assert outsider.get(refused.headers["Location"]).json["problem"]["status"] == 404


def test_the_agreement_is_in_force_exactly_when_the_last_party_has_signed(story, sichuan, chongqing):
    story.draft()
    revision = story.propose()
    assert story.states() == ["negotiating"] * 2
    story.sign(chongqing, revision)
    assert story.states(f"/agreements/{revision}") == ["proposed"] * 2
    assert story.get(chongqing, f"/agreements/{revision}")["missing_signatures"] == [str(sichuan)]
    story.sign(sichuan, revision)
    assert story.states(f"/agreements/{revision}") == ["in_force"] * 2
    assert story.states() == ["active"] * 2
    assert story.get(chongqing)["current_agreement"] == revision


def test_an_amendment_voids_every_signature(story, sichuan, chongqing):
    story.draft()
    revision = story.propose()
    before = story.get(sichuan, f"/agreements/{revision}")["content_hash"]
    story.sign(sichuan, revision)
    story.patch(chongqing, f"/agreements/{revision}", {"effective_from": "2022-01-01"})
    seen = story.get(sichuan, f"/agreements/{revision}")
    assert (seen["signatures"], set(seen["missing_signatures"])) == ([], {str(sichuan), str(chongqing)})
    late = story.post(chongqing, f"/agreements/{revision}/sign", {"content_hash": before})
    assert (late["status"], late["code"]) == (409, "content_changed")


def test_an_amendment_that_changes_nothing_is_refused(story, sichuan):
    story.draft()
    revision = story.propose()
    same = story.patch(sichuan, f"/agreements/{revision}", {"effective_from": "2021-12-27"})
    assert (same["status"], same["code"]) == (409, "terms_unchanged")


def test_ratios_that_do_not_sum_to_one_are_refused_with_their_line(story, sichuan, chongqing):
    story.draft()
    draft = agreement_draft(sichuan, chongqing)
    draft["terms"]["shares"][0]["ratios"][str(chongqing)] = "0.4"
    answer = story.post(sichuan, "/agreements", draft)
    assert answer["status"] == 422
    assert [fault["pointer"] for fault in answer["errors"]] == ["/terms/shares/0/ratios"]


def test_an_attachment_nobody_uploaded_is_refused(story, sichuan, chongqing):
    story.draft()
    file = {"sha256": "ab" * 32, "name": "附件.pdf", "media_type": "application/pdf", "size": 5}
    answer = story.post(sichuan, "/agreements", agreement_draft(sichuan, chongqing, attachments=[file]))
    assert (answer["status"], answer["code"]) == (422, "file_unknown")


def test_one_proposal_is_on_the_table_at_a_time(story, sichuan, chongqing):
    story.draft()
    story.propose()
    second = story.post(chongqing, "/agreements", agreement_draft(sichuan, chongqing))
    assert (second["status"], second["code"]) == (409, "proposal_open")


def test_a_refusal_keeps_its_reason_and_makes_room_for_the_next_proposal(story, sichuan, chongqing):
    story.draft()
    first = story.propose()
    assert story.post(chongqing, f"/agreements/{first}/refuse", {"reason": "比例不妥"})["status"] == 200
    for tenant in (sichuan, chongqing):
        seen = story.get(tenant, f"/agreements/{first}")
        assert (seen["state"], seen["reason"], seen["refused_by"]) == ("refused", "比例不妥", str(chongqing))
    second = story.propose(chongqing)
    assert (second, story.get(sichuan, f"/agreements/{second}")["proposer"]) == (first + 1, str(chongqing))


def test_only_the_proposer_withdraws_and_only_others_refuse(story, sichuan, chongqing):
    story.draft()
    revision = story.propose()
    assert story.post(chongqing, f"/agreements/{revision}/withdraw", REASON)["code"] == "proposer_only"
    assert story.post(sichuan, f"/agreements/{revision}/refuse", REASON)["code"] == "not_for_proposer"
    assert story.post(sichuan, f"/agreements/{revision}/withdraw", REASON)["state"] == "withdrawn"
    for tenant in story.parties:
        seen = story.get(tenant, f"/agreements/{revision}")
        assert (seen["state"], seen["reason"]) == ("withdrawn", REASON["reason"])


def test_what_another_has_signed_is_not_withdrawn_until_it_is_amended(story, sichuan, chongqing):
    story.draft()
    story.propose(chongqing)
    story.sign(sichuan, 1)
    refused = story.post(chongqing, "/agreements/1/withdraw", REASON)
    assert (refused["status"], refused["code"]) == (409, "signed_by_others")
    story.patch(chongqing, "/agreements/1", {"effective_from": "2022-01-01"})
    story.sign(chongqing, 1)
    assert story.post(chongqing, "/agreements/1/withdraw", REASON)["status"] == 200
    assert story.states("/agreements/1") == ["withdrawn"] * 2


def test_whoever_drafted_a_park_withdraws_it_while_it_is_a_draft(story, sichuan, chongqing):
    story.draft()
    assert story.post(chongqing, "/withdraw", REASON)["code"] == "drafter_only"
    assert "withdraw" in story.get(sichuan)["allowed_actions"]
    assert "withdraw" not in story.get(chongqing)["allowed_actions"]
    assert story.post(sichuan, "/withdraw", REASON)["status"] == 200
    for tenant in story.parties:
        seen = story.get(tenant)
        assert (seen["state"], seen["reason"], seen["allowed_actions"]) == ("withdrawn", REASON["reason"], [])
    assert story.post(chongqing, "/agreements", agreement_draft(sichuan, chongqing))["code"] == "park_closing"
    story.url = ""
    story.draft()
    story.propose()
    assert story.post(sichuan, "/withdraw", REASON)["code"] == "action_not_allowed"


def test_the_same_park_is_drafted_twice_only_on_purpose(story, sichuan, chongqing):
    first, (home, other) = story.draft(), story.people.values()
    same = park_draft(sichuan, chongqing, name_zh="川渝高竹新區 ", confirm_duplicate=False)
    warned = home.post("/v1/parks", same)
    assert (warned.status_code, warned.json["code"]) == (409, "duplicate")
    for text in warned.json["message"].values():
        assert first["id"] in text
        assert first["name_zh"] in text
        assert "confirm_duplicate" in text
    theirs = park_draft(chongqing, sichuan, confirm_duplicate=False)
    assert other.post("/v1/parks", theirs).status_code == 409
    assert home.post("/v1/parks", {**same, "name_zh": "另一新区"}).status_code == 201
    again = home.post("/v1/parks", {**same, "confirm_duplicate": True})
    assert again.status_code == 201
    for url in (f"/v1/parks/{again.json['id']}", story.url):
        assert home.post(f"{url}/withdraw", REASON).status_code == 200
    assert home.post("/v1/parks", same).status_code == 201, "a withdrawn one is none"


def test_the_same_agreement_is_proposed_twice_only_on_purpose(story, sichuan, chongqing):
    story.active()
    same = agreement_draft(sichuan, chongqing, confirm_duplicate=False)
    warned = story.post(chongqing, "/agreements", same)
    assert (warned["status"], warned["code"]) == (409, "duplicate")
    assert story.get(sichuan, "/agreements/1")["id"] in warned["message"]["en"]
    other = {**same, "effective_from": "2022-01-01"}
    assert story.post(chongqing, "/agreements", other)["status"] == 200
    story.post(chongqing, "/agreements/2/withdraw", REASON)
    assert story.post(chongqing, "/agreements", other)["status"] == 200, "what was withdrawn may be proposed anew"


def test_a_later_revision_that_is_due_supersedes_at_once(story):
    story.active()
    second = story.conclude()
    assert story.states("/agreements/1") == ["superseded"] * 2
    assert [story.get(tenant)["current_agreement"] for tenant in story.parties] == [second] * 2


def test_a_later_revision_supersedes_on_its_effective_day_by_timer(story, cell, chongqing):
    story.active()
    tomorrow = day_of(cell.clock.now()) + timedelta(days=1)
    second = story.conclude(effective_from=tomorrow.isoformat())
    cell.run_timers()
    assert (story.states("/agreements/1"), story.states("/agreements/2")) == (["in_force"] * 2, ["agreed"] * 2)
    seen = story.get(chongqing)
    assert (seen["state"], seen["current_agreement"]) == ("active", 1)
    assert seen["upcoming_agreements"] == [{"revision": second, "effective_from": tomorrow.isoformat()}]
    cell.clock.advance(timedelta(days=1))
    assert cell.run_timers() >= 1
    cell.carry()
    assert (story.states("/agreements/1"), story.states("/agreements/2")) == (["superseded"] * 2, ["in_force"] * 2)
    seen = story.get(chongqing)
    assert (seen["current_agreement"], seen["upcoming_agreements"]) == (second, [])


def test_a_revision_for_later_gives_way_to_one_signed_after_it(story, cell, chongqing):
    story.active()
    story.conclude(effective_from=(day_of(cell.clock.now()) + timedelta(days=1)).isoformat())
    third = story.conclude()
    cell.clock.advance(timedelta(days=2))
    cell.run_timers()
    cell.carry()
    assert story.states("/agreements/2") == ["superseded"] * 2
    assert story.get(chongqing)["current_agreement"] == third


def test_any_party_suspends_alone_and_all_must_agree_to_resume(story, sichuan, chongqing):
    story.active()
    story.post(chongqing, "/suspend", REASON)
    assert [story.get(tenant)["reason"] for tenant in story.parties] == [REASON["reason"]] * 2
    again = story.post(sichuan, "/suspend", REASON)
    assert (again["status"], again["code"]) == (409, "action_not_allowed")
    story.post(chongqing, "/resume")
    assert story.states() == ["suspended"] * 2
    assert story.get(sichuan)["consents"]["resume"] == [str(chongqing)]
    assert story.post(chongqing, "/resume")["code"] == "already_consented"
    story.post(sichuan, "/resume")
    assert story.states() == ["active"] * 2
    assert (story.get(chongqing)["reason"], story.get(chongqing)["consents"]["resume"]) == (None, [])


def test_a_change_based_on_an_old_version_is_refused_at_home_also_for_others(story, sichuan, chongqing):
    story.draft()
    story.patch(sichuan, "", {"name_en": "A"})
    answer = story.people[chongqing].patch(story.url, {"name_en": "B"}, headers={"If-Match": '"1.1"'})
    story.cell.carry()
    problem = story.people[chongqing].get(answer.headers["Location"]).json["problem"]
    assert (problem["status"], story.get(chongqing)["name_en"]) == (412, "A")
