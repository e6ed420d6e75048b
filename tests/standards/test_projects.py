"""Drafts: who opens one, what may be changed when, and what a draft still lacks before it can be signed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.standards.commands import standards
from services.standards.commands.projects import sign_project
from services.standards.domain.lifecycles import PROJECT_LIFECYCLE
from services.standards.domain.numbering import check_number
from shared.core.context import PLATFORM
from shared.core.errors import ConflictError, InvalidError
from tests.standards.drafting import Drafting, line, number, project_draft, released, today
from tests.standards.given import given_standard

REASON = {"reason": "项目取消"}


@pytest.fixture
def two(cell, sichuan, chongqing):
    return Drafting(cell, sichuan, chongqing)


@pytest.mark.parametrize("state", PROJECT_LIFECYCLE.states)
def test_a_project_can_do_in_each_state_exactly_what_its_table_says(state):
    for action in {step.action for step in PROJECT_LIFECYCLE.steps}:
        if action in PROJECT_LIFECYCLE.actions(state):
            PROJECT_LIFECYCLE.target(state, action)
        else:
            with pytest.raises(ConflictError):
                PROJECT_LIFECYCLE.target(state, action)


def test_an_opened_project_is_the_same_for_every_issuer_and_unknown_to_others(two, cell, sichuan, chongqing):
    opened = two.open()
    home, party = two.get(sichuan), two.get(chongqing)
    assert {**home, "allowed_actions": []} == {**party, "allowed_actions": []}
    assert (party["etag"], party["state"], party["home"]) == (opened["etag"], "drafting", str(sichuan))
    assert set(home["allowed_actions"]) - set(party["allowed_actions"]) == {"abandon"}
    stranger = cell.client(cell.tenant("hubei"))
    assert stranger.get(two.url).status_code == 404
    assert stranger.get("/v1/projects").json["items"] == []


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"kind": "national"}, "kind_not_yours", "/kind"),
        ({"issuers": []}, "invalid", "/issuers"),
        ({"issuers": [str(PLATFORM)]}, "issuers_invalid", "/issuers"),
        ({"sheet": [line(limit="1e3")]}, "sheet_invalid", "/sheet/0/limit"),
        ({"sheet": [line(), line()]}, "sheet_invalid", "/sheet/1/parameter"),
        ({"sheet": [line(comparison="~")]}, "invalid", "/sheet/0/comparison"),
    ],
)
def test_a_faulty_draft_is_refused_with_its_place(two, cell, changes, code, pointer):
    answer = two.post(two.lead, "/v1/projects", project_draft(cell, *two.issuers, **changes))
    assert (answer["status"], answer["code"], answer["errors"][0]["pointer"]) == (422, code, pointer)


def test_an_issuer_must_be_a_tenant_at_work(two, cell):
    answer = two.post(two.lead, "/v1/projects", project_draft(cell, two.lead, uuid4()))
    assert (answer["status"], answer["code"], answer["errors"][0]["pointer"]) == (422, "invalid", "/issuers/1")


def test_the_platform_alone_issues_what_holds_in_the_whole_country(cell, sichuan):
    drafting = Drafting(cell, PLATFORM)
    drafting.numbers = {PLATFORM: number("GB/T")}
    drafting.open(kind="national")
    drafting.present()
    standard = drafting.conclude()
    assert (standard["kind"], standard["tenant"], standard["state"]) == ("national", str(PLATFORM), "in_force")
    people = cell.client(PLATFORM)
    for issuers, kind in (([PLATFORM], "local"), ([PLATFORM, sichuan], "national")):
        answer = people.post("/v1/projects", project_draft(cell, *issuers, kind=kind))
        assert (answer.status_code, answer.json["code"]) == (422, "kind_not_yours")


def test_a_sheet_too_large_for_the_state_is_refused_with_a_sentence(two, cell):
    sheet = [line(f"参数 {index}", "text", "限" * 200, clause="条" * 40) for index in range(100)]
    answer = two.post(two.lead, "/v1/projects", project_draft(cell, *two.issuers, sheet=sheet))
    assert (answer["status"], answer["code"]) == (422, "sheet_too_large")


def test_a_text_nobody_uploaded_is_refused(two, cell):
    file = {"sha256": "ab" * 32, "name": "标准.pdf", "media_type": "application/pdf", "size": 5}
    answer = two.post(two.lead, "/v1/projects", project_draft(cell, *two.issuers, text=[file]))
    assert (answer["status"], answer["code"]) == (422, "file_unknown")


def test_any_issuer_revises_the_draft_through_its_home(two, sichuan, chongqing):
    before = two.open()
    assert two.patch(chongqing, {"title_zh": "家具有害物质限量"})["status"] == 200
    seen = two.get(sichuan)
    assert (seen["title_zh"], seen["version"]) == ("家具有害物质限量", 2)
    assert seen["content_hash"] != before["content_hash"]
    assert two.patch(chongqing, {"title_zh": "家具有害物质限量"})["status"] == 200
    assert two.get(sichuan)["version"] == 2


def test_issuers_change_until_the_draft_is_laid_open(two, cell, sichuan, chongqing):
    third = cell.tenant("guizhou")
    two.open()
    two.number(chongqing)
    joined = {"issuers": [str(sichuan), str(chongqing), str(third)]}
    assert two.patch(sichuan, joined)["status"] == 200
    numbers = {item["tenant"]: item["number"] for item in cell.client(third).get(two.url).json["issuers"]}
    assert numbers == {str(sichuan): None, str(chongqing): two.numbers[chongqing], str(third): None}
    two.post(sichuan, "/consult", {"closes_on": today(cell, 1)})
    cell.clock.advance(timedelta(days=2))
    cell.run_timers()
    refused = two.patch(sichuan, {"issuers": [str(sichuan)]})
    assert (refused["status"], refused["code"]) == (409, "issuers_fixed")


def test_an_issuer_enters_its_own_number_and_no_other(two, cell, sichuan, chongqing):
    two.open()
    two.number(chongqing)
    entered = {item["tenant"]: item["number"] for item in two.get(sichuan)["issuers"]}
    assert entered == {str(sichuan): None, str(chongqing): two.numbers[chongqing]}
    same = two.post(sichuan, "/number", {"number": two.numbers[chongqing], "project": "P"})
    assert (same["status"], same["code"]) == (409, "number_taken")
    taken = {"number": released(cell, sichuan)["numbers"][0], "project": "P"}
    assert two.post(sichuan, "/number", taken)["code"] == "number_taken"


@pytest.mark.parametrize(
    ("kind", "wrong", "right"),
    [
        ("local", "GB/T 36200-2026", "DB51 1-2026"),
        ("local", "DB50/T 1-2026", "DB51/T 1-2026"),
        ("local", "DB5116/T 1-2026", "DB51/T 2-2026"),
        ("local", "DB51/T", "DB51/T 1.2-2026"),
        ("group", "GB/T 1-2026", "T/CAS 1-2026"),
        ("enterprise", "T/CAS 1-2026", "Q/ABC 1-2026"),
    ],
)
def test_an_issuer_numbers_with_what_its_kind_and_division_give_it_and_is_told_so(cell, kind, wrong, right):
    sichuan = cell.tenant("sichuan", division_codes=["510000"])
    drafting = Drafting(cell, sichuan)
    drafting.open(kind=kind)
    refused = drafting.post(sichuan, "/number", {"number": wrong, "project": "P"})
    assert (refused["status"], refused["code"]) == (422, "number_not_yours")
    assert right.split(" ")[0][:2] in refused["message"]["en"]
    assert drafting.post(sichuan, "/number", {"number": right, "project": "P"})["status"] == 200


@pytest.mark.parametrize(
    ("kind", "divisions", "given", "is_right"),
    [
        ("national", [], "GB 1-2026", True),
        ("national", [], "GB/Z 1-2026", True),
        ("national", [], "QB/T 1-2026", False),
        ("industry", [], "QB/T 1-2026", True),
        ("industry", [], "JG 1-2026", True),
        ("industry", [], "GB 1-2026", False),
        ("industry", [], "DB/T 1-2026", False),
        ("local", ["511600"], "DB5116/T 1-2026", True),
        ("local", ["511600"], "DB51/T 1-2026", False),
        ("local", ["510000", "500000"], "DB50/T 虚-0001", True),
        ("local", ["511602"], "DB5116/T 1-2026", False),
    ],
)
def test_what_stands_before_a_number_follows_from_kind_and_division(kind, divisions, given, is_right):
    with nullcontext() if is_right else pytest.raises(InvalidError):
        check_number(given, kind, divisions=divisions)


def test_a_region_numbers_with_the_divisions_of_its_members(cell):
    hunan = cell.tenant("hunan", division_codes=["430000"])
    with cell.session(hunan) as session:
        code = session.directory.listing(session, hunan).code
    members = [{"tenant": code, "division": "431200", "since": None, "until": None}]
    region = cell.tenant("region", tenant_kind="region", division_codes=[], members=members)
    drafting = Drafting(cell, region)
    drafting.open()
    assert drafting.post(region, "/number", {"number": "DB43/T 1", "project": "P"})["code"] == "number_not_yours"
    assert drafting.post(region, "/number", {"number": "DB4312/T 1", "project": "P"})["status"] == 200


def test_what_a_stranger_says_of_a_number_occupies_none_of_ones_own(cell, sichuan, chongqing):
    mine = number()
    given_standard(cell, sichuan, numbers=[mine])
    drafting = Drafting(cell, chongqing)
    drafting.numbers = {chongqing: mine}
    drafting.open()
    drafting.present()
    assert drafting.conclude()["numbers"] == [mine]


def test_of_two_that_sign_at_once_under_one_number_the_second_is_refused(cell, sichuan, monkeypatch):
    first, second = Drafting(cell, sichuan), Drafting(cell, sichuan)
    second.numbers = first.numbers
    for drafting in (first, second):
        drafting.open()
        drafting.present()
    both = Barrier(2)
    monkeypatch.setattr(standards, "replaced", lambda *_: (both.wait(10) and []) or [])

    def sign(drafting: Drafting) -> Any:
        key, content_hash = UUID(drafting.url.rsplit("/", 1)[1]), drafting.get(sichuan)["content_hash"]
        with cell.session(sichuan) as session:
            return sign_project(session, key, content_hash=content_hash).state

    with ThreadPoolExecutor(2) as pool:
        signing = [pool.submit(sign, drafting) for drafting in (first, second)]
        errors = [found.exception() for found in signing]
    cell.carry()
    assert [getattr(error, "code", None) for error in errors if error] == ["number_taken"]
    assert len(first.resolved(sichuan, first.numbers[sichuan])) == 1


def test_the_lead_says_who_issues_and_another_issuer_can_only_leave(two, cell, sichuan, chongqing):
    third = cell.tenant("guizhou")
    trio = Drafting(cell, sichuan, chongqing, third)
    trio.open()
    without_third, without_itself = [str(sichuan), str(chongqing)], [str(sichuan), str(third)]
    refused = trio.patch(chongqing, {"issuers": without_third})
    assert (refused["status"], refused["code"]) == (403, "lead_only")
    assert trio.patch(chongqing, {"issuers": without_itself})["status"] == 200
    assert {item["tenant"] for item in trio.get(third)["issuers"]} == set(without_itself)
    assert trio.patch(sichuan, {"issuers": [str(sichuan)]})["status"] == 200


def test_what_is_on_the_table_cannot_be_amended_to_nothing(two, sichuan, chongqing):
    two.open()
    two.present()
    refused = two.patch(chongqing, {"sheet": []})
    assert (refused["status"], refused["code"]) == (409, "content_missing")
    assert two.get(sichuan)["sheet"] == [line()]


def test_a_number_that_another_text_got_first_stops_the_release(two, cell, sichuan, chongqing):
    two.open()
    two.present()
    other = Drafting(cell, chongqing)
    other.numbers = {chongqing: two.numbers[chongqing]}
    other.open()
    other.present()
    assert two.sign(sichuan)["status"] == 200
    other.conclude()
    assert two.sign(chongqing)["code"] == "number_taken"
    assert two.states() == ["signing"] * 2


def test_a_draft_without_numbers_is_not_presented_and_the_missing_issuer_is_named(two, sichuan, chongqing):
    two.open()
    two.number(sichuan)
    answer = two.post(sichuan, "/present")
    assert (answer["status"], answer["code"]) == (409, "numbers_missing")
    assert "chongqing" in answer["message"]["en"]
    assert "sichuan" not in answer["message"]["en"]


def test_an_empty_draft_is_neither_laid_open_nor_presented(two, cell, sichuan):
    two.open(sheet=[])
    two.number()
    for action, body in (("present", {}), ("consult", {"closes_on": today(cell, 3)})):
        assert two.post(sichuan, f"/{action}", body)["code"] == "content_missing"


def test_what_is_to_come_into_force_in_the_past_is_neither_presented_nor_signed(two, cell, sichuan):
    two.open(effective_from=today(cell, 1))
    two.present()
    cell.clock.advance(timedelta(days=2))
    assert two.sign(sichuan)["code"] == "effective_from_past"
    assert two.post(sichuan, "/refuse", {"reason": "日期已过"})["status"] == 200
    assert two.post(sichuan, "/present")["code"] == "effective_from_past"


def test_an_amendment_that_changes_nothing_keeps_the_signatures(two, sichuan, chongqing):
    title = two.open()["title_zh"]
    two.present()
    two.sign(sichuan)
    assert two.patch(chongqing, {"title_zh": title})["code"] == "terms_unchanged"
    assert [item["tenant"] for item in two.get(chongqing)["signatures"]] == [str(sichuan)]


def test_only_the_lead_abandons_and_nothing_can_be_done_after(two, sichuan, chongqing):
    two.open()
    assert two.post(chongqing, "/abandon", REASON)["code"] == "lead_only"
    assert two.post(sichuan, "/abandon", REASON)["status"] == 200
    seen = two.get(chongqing)
    assert (seen["state"], seen["reason"], seen["allowed_actions"]) == ("abandoned", "项目取消", [])
    assert two.patch(chongqing, {"title_zh": "新"})["code"] == "action_not_allowed"


def test_signing_needs_the_right_to_sign(two, cell, sichuan):
    two.open()
    two.present()
    content = {"content_hash": two.get(sichuan)["content_hash"]}
    refused = cell.client(sichuan, "official").post(f"{two.url}/sign", content)
    assert (refused.status_code, refused.json["code"]) == (403, "scope_missing")
    assert "sign" in two.get(sichuan)["allowed_actions"]
    assert "sign" not in cell.client(sichuan, "official").get(two.url).json["allowed_actions"]


def test_the_list_shows_ones_own_projects_by_state_kind_subject_and_issuer(two, cell, sichuan, chongqing):
    opened = two.open()
    alone = Drafting(cell, sichuan)
    alone.open(kind="group")
    client = two.people[sichuan]
    for filters, count in (
        ({}, 2), ({"subject": opened["subject"]}, 1), ({"kind": "group"}, 1), ({"issuer": str(chongqing)}, 1),
        ({"state": "released"}, 0),
    ):  # fmt: skip
        assert len(client.get("/v1/projects", query_string=filters).json["items"]) == count, filters
    first = client.get("/v1/projects", query_string={"limit": 1}).json
    rest = client.get("/v1/projects", query_string={"limit": 1, "cursor": first["next"]}).json
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (1, 1, None)
