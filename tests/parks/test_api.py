"""The parks API: lists and filters, allowed actions, timeline and delivery, and what it refuses."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.builders.cell import Cell, fair
from tests.parks.builders import Story, agreement_draft, park_draft


@pytest.fixture
def story(cell: Cell, sichuan: UUID, chongqing: UUID) -> Story:
    return Story(cell, sichuan, chongqing)


def names(client, **filters):
    answer = client.get("/v1/parks", query_string=filters)
    assert answer.status_code == 200, answer.text
    return [item["name_zh"] for item in answer.json["items"]]


def test_lists_come_newest_first_in_pages(cell, sichuan, chongqing):
    client = cell.client(sichuan)
    for number in range(3):
        client.post("/v1/parks", park_draft(sichuan, chongqing, name_zh=f"园区{number}"))
    first = client.get("/v1/parks?limit=2")
    assert [item["name_zh"] for item in first.json["items"]] == ["园区2", "园区1"]
    assert 'rel="next"' in first.headers["Link"]
    assert names(client, limit=2, cursor=first.json["next"]) == ["园区0"]


def test_lists_are_filtered_by_state_kind_party_sector_and_text(cell, sichuan, chongqing):
    client, other = cell.client(sichuan), cell.tenant("guizhou")
    enclave = park_draft(
        sichuan, other, name_zh="成甘工业园", name_en="Chengdu-Garze", kind="enclave", sectors=["锂电"]
    )
    enclave["parties"][1]["role"] = "origin"
    client.post("/v1/parks", park_draft(sichuan, chongqing))
    client.post("/v1/parks", enclave)
    for filters in (
        {"kind": "enclave"}, {"party": str(other)}, {"sector": "锂电"}, {"q": "成甘"}, {"q": "甘"},
        {"q": "工业园 garze"}, {"q": "GARZE", "state": "draft"},
    ):  # fmt: skip
        assert names(client, **filters) == ["成甘工业园"], filters
    for filters in (
        {"state": "active"},
        {"q": "业工"},
        {"q": "'&!|<->()\\:*"},
        {"party": str(chongqing), "kind": "enclave"},
    ):
        assert names(client, **filters) == [], filters
    unknown = client.get("/v1/parks", query_string={"party": "nowhere-1"})
    assert unknown.status_code == 422
    assert "nowhere-1" in unknown.json["errors"][0]["message"]["en"]
    code = client.get(f"/v1/tenants/{other}").json["code"]
    assert names(client, party=code) == ["成甘工业园"]


@pytest.mark.parametrize("text", ["", "  ", "'", "\\", "a'b", "川渝 & !", "😀", "ǅ", "a:*b", "x" * 100, "①²", "İ"])
def test_any_text_can_be_searched_for(cell, sichuan, text):
    assert cell.client(sichuan).get("/v1/parks", query_string={"q": text}).status_code in (200, 422)


NOWHERE = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    ("path", "status"),
    [("?limit=0", 422), ("?cursor=x", 422), ("?unknown=1", 422), ("?state=gone", 422), (f"/{NOWHERE}", 404)],
)
def test_what_does_not_fit_is_refused(cell, sichuan, path, status):
    assert cell.client(sichuan).get(f"/v1/parks{path}").status_code == status


def test_a_tenant_that_is_no_party_finds_nothing(story, cell):
    story.active()
    stranger = cell.client(cell.tenant("yunnan"))
    assert names(stranger) == []
    for path in ("", "/agreements", "/agreements/1", "/timeline", "/delivery"):
        assert stranger.get(story.url + path).status_code == 404, path
    assert stranger.post(f"{story.url}/suspend", {"reason": "x"}).status_code == 404


def test_an_unknown_revision_is_not_found(story, sichuan):
    story.draft()
    for revision in ("0", "7", "2147483648", "x"):
        assert story.people[sichuan].get(f"{story.url}/agreements/{revision}").status_code == 404
    assert story.people[sichuan].post(f"{story.url}/agreements/7/withdraw", {"reason": "试"}).status_code == 404


def test_allowed_actions_are_those_of_this_actor(story, cell, sichuan, chongqing):
    story.draft()
    story.propose()
    story.sign(chongqing, 1)
    assert story.get(sichuan)["allowed_actions"] == ["dissolve", "revise", "set_entry_rules"]
    assert story.get(sichuan, "/agreements/1")["allowed_actions"] == ["amend", "sign"]
    assert story.get(chongqing, "/agreements/1")["allowed_actions"] == ["amend", "refuse"]
    observer = cell.client(sichuan, "observer")
    assert observer.get(story.url).json["allowed_actions"] == []
    assert observer.post(f"{story.url}/dissolve", {"dissolves_on": "2030-01-01"}).status_code == 403


def test_a_new_park_and_a_new_revision_say_where_they_are(story, sichuan, chongqing):
    client = story.people[sichuan]
    park = client.post("/v1/parks", park_draft(sichuan, chongqing))
    assert (park.status_code, park.headers["ETag"]) == (201, '"1.1"')
    revision = client.post(f"{park.headers['Location']}/agreements", agreement_draft(sichuan, chongqing))
    assert revision.status_code == 201
    shown = client.get(revision.headers["Location"])
    assert (shown.json["id"], shown.headers["ETag"]) == (revision.json["id"], revision.headers["ETag"])


def test_a_change_needs_the_version_it_is_based_on(story, sichuan):
    story.draft()
    client = story.people[sichuan]
    assert client.patch(story.url, {"name_en": "A"}, headers={"If-Match": ""}).status_code == 428
    assert client.patch(story.url, {"name_en": "A"}, headers={"If-Match": '"1.9"'}).status_code == 412
    assert client.patch(story.url, {"name_en": "A"}, headers={"If-Match": '"1.1"'}).headers["ETag"] == '"1.2"'


def test_the_timeline_tells_everything_newest_first_and_alike_on_both_sides(story, sichuan, chongqing):
    story.active()
    story.post(chongqing, "/suspend", {"reason": "汛期停工检查"})
    told = [story.get(tenant, "/timeline")["items"] for tenant in story.parties]
    assert told[0] == told[1]
    newest = told[0][0]
    assert (newest["type"], newest["summary"]["zh"]) == ("parks.park.suspended.v1", "暂停园区")
    assert newest["texts"] == {"reason": "汛期停工检查"}
    assert (newest["actor"]["tenant"], newest["via_command"] is not None) == (str(chongqing), True)
    assert newest["change"]["reason"].startswith("sha256:")
    assert [entry["type"].rsplit(".", 2)[1] for entry in reversed(told[0])] == [
        "drafted", "negotiation_opened", "proposed", "signed", "in_force", "activated", "suspended",
    ]  # fmt: skip
    assert [entry["revision"] for entry in told[0]][-2:] == [None, None]


def test_the_timeline_comes_in_pages(story, sichuan):
    story.active()
    whole = story.get(sichuan, "/timeline")["items"]
    paged, cursor = [], ""
    while cursor is not None:
        page = story.get(sichuan, f"/timeline?limit=2{cursor and f'&cursor={cursor}'}")
        paged, cursor = [*paged, *page["items"]], page["next"]
    assert paged == whole
    assert story.people[sichuan].get(f"{story.url}/timeline?cursor=bm9uZQ").status_code == 422


def test_home_sees_how_far_each_party_has_come(story, cell, sichuan, chongqing):
    story.draft()
    before = {party["tenant"]: party for party in story.get(sichuan, "/delivery")["aggregates"][0]["parties"]}
    assert (before[str(chongqing)]["status"], before[str(chongqing)]["lag"]) == ("applied", 0)
    story.people[sichuan].patch(story.url, {"name_en": "A"})
    waiting = story.get(sichuan, "/delivery")["aggregates"][0]
    after = {party["tenant"]: party for party in waiting["parties"]}
    assert (after[str(chongqing)]["status"], after[str(chongqing)]["lag"]) == ("waiting", 1)
    assert [status_at(entry, chongqing) for entry in waiting["recent"]] == ["waiting", "applied"]
    cell.carry(fair)
    assert status_at(story.get(sichuan, "/delivery")["aggregates"][0]["recent"][0], chongqing) == "applied"


def status_at(entry, tenant):
    return next(party["status"] for party in entry["parties"] if party["tenant"] == str(tenant))


def test_a_version_that_came_too_early_is_held_and_home_sees_it(story, cell, sichuan, chongqing):
    story.draft()
    # The cell has heard itself a moment ago: else that would be the reason.
    cell.tick()
    cell.carry()
    for name in ("A", "B"):
        story.people[sichuan].patch(story.url, {"name_en": name})
    lost = cell.take_unsent()
    cell.deliver(lost[1:])
    own = story.get(chongqing, "/delivery")
    assert (own["complete"], own["home"]) == (False, str(sichuan))
    assert [party["tenant"] for party in own["aggregates"][0]["parties"]] == [str(chongqing)]
    assert own["aggregates"][0]["parties"][0] | {"applied_at": None, "reason": None} == {
        "tenant": str(chongqing), "status": "held", "epoch": 1, "version": 1, "lag": 2,
        "applied_at": None, "reason": None, "line": "held",
    }  # fmt: skip
    cell.carry()
    at_home = story.get(sichuan, "/delivery")["aggregates"][0]
    assert status_at(at_home["recent"][0], chongqing) == "applied"


def test_the_delivery_shows_the_agreements_too(story, sichuan):
    story.active()
    shown = story.get(sichuan, "/delivery")
    assert [item["kind"] for item in shown["aggregates"]] == ["parks.park", "parks.agreement"]
    assert all(party["status"] == "applied" for item in shown["aggregates"] for party in item["parties"])
