"""Organisations through the API: registered, revised, qualified, decided about, merged."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from services.organisations.domain.qualifications import years_after
from services.organisations.models import Organisation
from shared.evidence.audit import AuditInbox
from shared.keys.directory import DirectoryRow
from tests.organisations.builders import credit_code, draft, registered, representative

ALL = "/v1/organisations"


@pytest.fixture
def official(cell, sichuan):
    return cell.client(sichuan)


def url_of(organisation, *rest):
    return "/".join([ALL, organisation["id"], *rest])


def test_a_registered_organisation_is_shown_with_what_may_be_done_to_it(official):
    code = credit_code()
    answer = official.post(ALL, draft(code=code, name_zh="广安示例机械有限公司"))
    assert answer.status_code == 201, answer.json
    assert (answer.json["code"], answer.json["state"], answer.headers["ETag"]) == (code, "active", '"1.1"')
    assert answer.json["allowed_actions"] == [
        "close", "disqualify", "introduce", "join", "leave", "merge", "publish", "qualify", "revise", "suspend",
    ]  # fmt: skip
    assert official.get(answer.headers["Location"]).json == answer.json
    assert [item["id"] for item in official.get(ALL).json["items"]] == [answer.json["id"]]


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"code": "91110000600037341K"}, "/code", "invalid"),
        ({"code": "9111"}, "/code", "invalid"),
        ({"division": "999999"}, "/division", "unknown_division"),
        ({"sectors": ["C36", "C99"]}, "/sectors/1", "sectors_invalid"),
        ({"kind": "bank"}, "/kind", "invalid"),
        ({"name_zh": " "}, "/name_zh", "invalid"),
        ({"owner": "x"}, "/owner", "invalid"),
    ],
)
def test_a_wrong_draft_is_refused_where_it_is_wrong(official, changes, pointer, code):
    answer = official.post(ALL, draft(**changes))
    assert (answer.status_code, answer.json["code"]) == (422, code), answer.json
    assert [fault["pointer"] for fault in answer.json["errors"]] == [pointer]


def test_a_second_registration_in_the_same_tenant_names_the_first(official):
    first = registered(official)
    answer = official.post(ALL, draft(code=first["code"]))
    assert (answer.status_code, answer.json["code"]) == (409, "code_taken")
    assert first["id"] in answer.json["message"]["en"]


def test_a_change_of_name_keeps_the_one_before_and_both_find_it(official):
    made = registered(official, name_zh="鑫达老厂有限公司")
    answer = official.patch(url_of(made), {"name_zh": "鑫达新能源有限公司", "sectors": ["C38", "M"]})
    assert (answer.status_code, answer.json["former_names"]) == (200, ["鑫达老厂有限公司"])
    for term in ("鑫达老厂", "新能源", "xinnengyuan", "lc"):
        assert [item["id"] for item in official.get(f"{ALL}?q={term}").json["items"]] == [made["id"]], term
    assert official.patch(url_of(made), {"name_zh": "鑫达新能源有限公司"}).json["version"] == 2
    stale = official.patch(url_of(made), {"name_en": "X"}, headers={"If-Match": '"1.1"'})
    assert (stale.status_code, stale.json["code"]) == (412, "version_changed")


def test_a_qualification_expires_with_its_last_day(cell, official):
    made = registered(official)
    begins = cell.clock.now().date() - timedelta(days=200)
    body = {"name": "专精特新中小企业", "number": "1", "valid_from": begins.isoformat()}
    shown = official.post(url_of(made, "qualify"), body).json["qualifications"]
    assert shown[0]["valid_to"] == years_after(begins, 3).isoformat()
    assert shown[0]["state"] == "valid"
    cell.run_timers()
    assert len(official.get(f"{ALL}?qualification=专精特新中小企业").json["items"]) == 1
    cell.clock.offset = timedelta(days=3 * 365)
    cell.run_timers()
    after = official.get(url_of(made)).json
    assert (after["qualifications"][0]["state"], after["version"]) == ("expired", 3)
    assert official.get(f"{ALL}?qualification=专精特新中小企业").json["items"] == []
    assert official.post(url_of(made, "disqualify"), {"name": "专精特新中小企业"}).json["code"] == "not_qualified"
    gone = official.post(url_of(made, "disqualify"), {"name": "专精特新中小企业", "number": "1"})
    assert gone.json["qualifications"] == []


def test_a_member_of_an_alliance_is_named_or_pointed_to(official):
    alliance = registered(official, kind="alliance", name_zh="川渝汽车产业联盟")
    made = registered(official)
    joined = official.post(url_of(made, "join"), {"kind": "alliance", "organisation": alliance["id"]})
    assert joined.json["memberships"][0]["name"] == "川渝汽车产业联盟"
    both = official.post(url_of(made, "join"), {"kind": "cluster", "name": "甲", "organisation": alliance["id"]})
    assert both.status_code == 422
    left = official.post(url_of(made, "leave"), {"kind": "alliance", "name": "川渝汽车产业联盟", "until": "2026-06-30"})
    assert left.json["memberships"][0]["until"] == "2026-06-30"


def test_the_life_of_an_organisation_is_decided_and_written_down(cell, sichuan, official):
    made = registered(official)
    suspended = official.post(url_of(made, "suspend"), {"reason": "年报逾期"})
    assert (suspended.json["state"], suspended.json["reason"]) == ("suspended", "年报逾期")
    again = official.post(url_of(made, "suspend"), {"reason": "再次"})
    assert (again.status_code, again.json["code"]) == (409, "action_not_allowed")
    assert official.post(url_of(made, "reactivate")).json["reason"] is None
    closed = official.post(url_of(made, "close"), {"reason": "注销"})
    assert (closed.json["state"], closed.json["allowed_actions"]) == ("closed", [])
    assert official.patch(url_of(made), {"name_en": "X"}).json["code"] == "organisation_ended"
    with cell.session(sichuan) as session:
        records = list(session.scalars(select(AuditInbox.record).order_by(AuditInbox.id)))
    acts = [(item["act"].rsplit(".", 1)[1], item["outcome"], item["subject"]) for item in records]
    assert acts == [
        ("registered", "done", made["id"]), ("suspended", "done", made["id"]),
        ("suspended", "refused", made["id"]), ("reactivated", "done", made["id"]),
        ("closed", "done", made["id"]), ("revised", "refused", made["id"]),
    ]  # fmt: skip
    assert (records[1]["before"]["state"], records[1]["after"]["state"]) == ("active", "suspended")
    assert "年报" not in str(records)


def test_after_a_merger_the_old_code_and_name_find_the_successor(official):
    old, new = registered(official, name_zh="渝北旧厂"), registered(official, name_zh="渝北新厂")
    contact = official.post(url_of(old, "contacts"), {"name": "张三"}).json
    answer = official.post(url_of(old, "merge"), {"into": new["id"]})
    assert answer.status_code == 200, answer.json
    assert (answer.json["state"], answer.json["successor"], answer.json["successor_code"]) == (
        "merged", new["id"], new["code"],
    )  # fmt: skip
    assert official.get(f"{ALL}/by-code/{old['code']}").json["id"] == new["id"]
    for term in (old["code"], "渝北旧厂", "jiuchang"):
        assert [item["id"] for item in official.get(f"{ALL}?q={term}").json["items"]] == [new["id"]], term
    assert official.get(url_of(new)).json["predecessors"][0]["code"] == old["code"]
    alone = official.get(url_of(new, "contacts", contact["id"])).json
    assert {**official.get(url_of(new, "contacts")).json["items"][0], "names": alone["names"]} == alone
    taken = official.post(ALL, draft(code=old["code"]))
    assert (taken.status_code, new["id"] in taken.json["message"]["en"]) == (409, True)
    assert official.post(url_of(new, "merge"), {"into": old["id"]}).status_code == 409


def test_mergers_chain_to_the_last_successor(official):
    one, two, three = (registered(official) for _ in range(3))
    official.post(url_of(one, "merge"), {"into": two["id"]})
    official.post(url_of(two, "merge"), {"into": three["id"]})
    for former in (one, two, three):
        assert official.get(f"{ALL}/by-code/{former['code']}").json["id"] == three["id"]
    assert official.get(f"{ALL}/by-code/{credit_code()}").status_code == 404
    assert official.post(url_of(three, "merge"), {"into": three["id"]}).json["code"] == "merger_invalid"


def test_a_quota_stops_registering_and_says_whom_to_ask(cell, official, sichuan):
    registered(official)
    with cell.worker_database.cell_session() as session:
        row = session.get(DirectoryRow, sichuan)
        row.state = {**row.state, "quotas": {"organisations": 2}}
    cell.database.directory._read_at = float("-inf")
    registered(official)
    answer = official.post(ALL, draft())
    assert (answer.status_code, answer.json["code"]) == (409, "quota_reached")
    assert "2" in answer.json["message"]["en"]


def test_a_representative_sees_and_revises_one_organisation_alone(cell, sichuan, official):
    mine, other = registered(official, name_zh="甲方机械"), registered(official, name_zh="乙方机械")
    person = representative(cell, sichuan, organisation=mine["id"])
    assert [item["id"] for item in person.get(ALL).json["items"]] == [mine["id"]]
    assert [item["id"] for item in person.get(f"{ALL}?q=机械").json["items"]] == [mine["id"]]
    assert person.get(url_of(other)).status_code == 404
    assert person.get(f"{ALL}/by-code/{other['code']}").status_code == 404
    revised = person.patch(url_of(mine), {"name_en": "Mine"})
    assert (revised.status_code, revised.json["allowed_actions"]) == (200, ["revise"])
    assert person.patch(url_of(other), {"name_en": "Mine"}).status_code == 404
    assert person.post(url_of(other, "contacts"), {"name": "李四"}).status_code == 404
    for rule, body in (
        ("", draft()), (f"/{mine['id']}/qualify", {"name": "小巨人"}),
        (f"/{mine['id']}/join", {"kind": "cluster", "name": "甲"}),
    ):  # fmt: skip
        refused = person.post(f"{ALL}{rule}", body)
        assert (refused.status_code, refused.json["code"]) == (403, "organisation_scope"), rule
    assert person.post(url_of(mine, "suspend"), {"reason": "x"}).status_code == 403


def test_a_representative_of_a_public_organisation_renews_its_card(cell, sichuan, chongqing, official):
    mine = registered(official, public=True)
    person = representative(cell, sichuan, organisation=mine["id"])
    assert person.patch(url_of(mine), {"name_zh": "改名后的机构"}).status_code == 200
    cell.carry()
    found = cell.client(chongqing).get(f"{ALL}/cards?code={mine['code']}").json["items"]
    assert [item["name_zh"] for item in found] == ["改名后的机构"]


def test_another_tenant_finds_nothing(cell, chongqing, official):
    made = registered(official)
    contact = official.post(url_of(made, "contacts"), {"name": "张三"}).json["id"]
    stranger = cell.client(chongqing)
    assert stranger.get(ALL).json["items"] == []
    for url in (
        url_of(made), f"{ALL}/by-code/{made['code']}", url_of(made, "contacts"), url_of(made, "contacts", contact),
        url_of(made, "contacts", contact, "export"), f"{ALL}/imports/{uuid4()}",
    ):  # fmt: skip
        assert stranger.get(url).status_code == 404, url
    assert stranger.patch(url_of(made), {"name_en": "X"}).status_code == 404
    assert stranger.post(url_of(made, "suspend"), {"reason": "x"}).status_code == 404


def test_what_is_written_belongs_to_the_tenant_and_to_the_organisation(cell, sichuan, official):
    made = registered(official)
    with cell.session(sichuan, scope="organisation", organisation_id=UUID(made["id"])) as session:
        assert session.one(Organisation, UUID(made["id"])).organisation_id == UUID(made["id"])
    with cell.session(sichuan, scope="organisation", organisation_id=uuid4()) as session:
        assert list(session.scalars(select(Organisation))) == []
