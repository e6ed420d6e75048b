"""One sheet of several tenants: signed by all, followed by the item of each, and what differs shown field by field."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from events.requests import ItemFollowed
from services.requests.domain.common import check_reasons, content_hash, differences, effective
from services.requests.models import Item
from shared.core.errors import InvalidError
from tests.builders.cell import Cell
from tests.builders.working import actions
from tests.requests.given import SHEET, filed, opened

COMMON: dict[str, Any] = {
    **SHEET, "fee": None, "answer": {"days": 20, "unit": "working", "extension": 10, "silence": "none"},
}  # fmt: skip
FASTER = {"answer": {"days": 15, "unit": "working", "extension": 10, "silence": "none"}, "fee": "不收费"}
REASONS = [{"field": "answer", "reason": "本省已压缩办理期限"}, {"field": "fee", "reason": "本省免费"}]


def test_each_field_that_differs_is_told_with_its_reason_and_terms_part_by_part() -> None:
    assert differences(COMMON, COMMON, reasons={}) == []
    sheet = effective(COMMON, FASTER)
    assert (sheet["answer"]["days"], sheet["basis"]) == (15, COMMON["basis"])
    given = check_reasons(FASTER, REASONS)
    assert differences(COMMON, sheet, reasons=given) == [
        {"path": "/answer/days", "common": 20, "local": 15, "reason": "本省已压缩办理期限"},
        {"path": "/fee", "common": None, "local": "不收费", "reason": "本省免费"},
    ]


def test_a_difference_has_its_reason_and_a_reason_its_difference() -> None:
    with pytest.raises(InvalidError) as raised:
        check_reasons(FASTER, [REASONS[0], {"field": "form", "reason": "试"}])
    assert [fault.pointer for fault in raised.value.faults] == ["/local/fee", "/reasons/1/field"]


def test_the_hash_is_of_the_sheet_and_its_day() -> None:
    signed = content_hash(COMMON, effective_from="2027-01-01")
    assert signed != content_hash({**COMMON, "fee": "1"}, effective_from="2027-01-01")
    assert signed != content_hash(COMMON, effective_from="2027-01-02")


def begun(cell: Cell, *parties: UUID) -> str:
    """The address of a common sheet whose home is the first party."""
    body = {"name_zh": "检验检测机构能力核验", "category": "testing", "parties": [str(one) for one in parties[1:]]}
    made = cell.client(parties[0]).post("/v1/common-sheets", body)
    assert made.status_code == 201, made.json
    cell.carry()
    return f"/v1/common-sheets/{made.json['id']}"


def proposed(cell: Cell, tenant: UUID, url: str, **sheet: Any) -> None:
    body = {"sheet": {**COMMON, **sheet}, "effective_from": "2026-01-01"}
    answer = cell.client(tenant).post(f"{url}/revisions", body)
    assert answer.status_code in (201, 202), answer.json
    cell.carry()


def signed(cell: Cell, url: str, number: int, *parties: UUID) -> None:
    for party in parties:
        one = f"{url}/revisions/{number}"
        content = cell.client(party).get(one).json["content_hash"]
        assert cell.client(party).post(f"{one}/sign", {"content_hash": content}).status_code in (200, 202)
        cell.carry()


def follow(cell: Cell, tenant: UUID, item: str, url: str, **local: Any) -> Any:
    answer = cell.client(tenant).post(f"/v1/service-items/{item}/follow", {"common": url.rpartition("/")[2], **local})
    cell.carry()
    return answer


def test_a_service_of_two_tenants_goes_by_one_sheet_and_a_case_by_that_of_whom_the_applicant_chose(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    hunan = cell.tenant("hunan")
    url = begun(cell, sichuan, chongqing)
    here, there = opened(cell, sichuan), opened(cell, chongqing)
    assert follow(cell, sichuan, here, url).json["code"] == "common_sheet_missing"
    assert cell.client(sichuan, "reviewer").get(url).json["allowed_actions"] == ["propose_revision"]
    proposed(cell, chongqing, url)
    signed(cell, url, 1, sichuan)
    assert (f"{url}/revisions/1", "sign") in actions(cell.client(chongqing))
    assert follow(cell, sichuan, here, url).json["code"] == "common_sheet_missing"
    signed(cell, url, 1, chongqing)
    assert follow(cell, sichuan, here, url).status_code == 200
    without = follow(cell, chongqing, there, url, local=FASTER, reasons=REASONS[:1])
    assert (without.status_code, without.json["errors"][0]["pointer"]) == (422, "/local/fee")
    followed = follow(cell, chongqing, there, url, local=FASTER, reasons=REASONS)
    assert (followed.json["sheet"]["answer"]["days"], followed.json["follows"]["revision"]) == (15, 1)
    shown = cell.client(sichuan).get(url).json
    found = {one["tenant"]: one for one in shown["followers"]}
    assert (shown["in_force"], shown["common"]["answer"]["days"]) == (1, 20)
    assert (found[str(sichuan)]["differences"], found[str(sichuan)]["effective"]["fee"]) == ([], None)
    assert [(one["path"], one["common"], one["local"]) for one in found[str(chongqing)]["differences"]] == [
        ("/answer/days", 20, 15), ("/fee", None, "不收费"),
    ]  # fmt: skip
    # An applicant elsewhere chooses one of the two.
    case = filed(cell, hunan, found[str(chongqing)]["item"])
    mine = cell.client(chongqing).get(case).json
    assert (mine["handler"], mine["sheet"]["answer"]["days"], mine["sheet"]["fee"]) == (str(chongqing), 15, "不收费")
    assert cell.client(sichuan).get(case).status_code == 404
    assert cell.client(hunan).get(url).status_code == 404


def test_a_later_revision_is_followed_by_itself_and_what_differs_stays(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    url = begun(cell, sichuan, chongqing)
    item = opened(cell, chongqing)
    proposed(cell, sichuan, url)
    signed(cell, url, 1, sichuan, chongqing)
    follow(cell, chongqing, item, url, local=FASTER, reasons=REASONS)
    proposed(cell, chongqing, url, delivery={"days": 3, "unit": "working"})
    signed(cell, url, 2, chongqing, sichuan)
    shown = cell.client(sichuan).get(f"/v1/service-items/{item}").json
    assert (shown["follows"]["revision"], shown["sheet"]["delivery"]["days"]) == (2, 3)
    assert (shown["sheet"]["answer"]["days"], shown["sheet"]["fee"]) == (15, "不收费")
    official = cell.client(chongqing)
    alone = official.patch(f"/v1/service-items/{item}", {"sheet": {**SHEET, "fee": "1"}})
    assert alone.json["code"] == "item_follows"
    assert official.patch(f"/v1/service-items/{item}", {"name_en": "Testing"}).status_code == 200
    left = official.post(f"/v1/service-items/{item}/unfollow", {}).json
    assert (left["follows"], left["sheet"]["answer"]["days"]) == (None, 15)
    assert "unfollow" not in left["allowed_actions"]
    assert official.post(f"/v1/service-items/{item}/unfollow", {}).json["code"] == "item_follows_none"
    assert official.patch(f"/v1/service-items/{item}", {"sheet": {**SHEET, "fee": "1"}}).status_code == 200
    cell.carry()
    assert cell.client(sichuan).get(url).json["followers"] == []


def test_whoever_is_no_party_neither_sees_nor_follows_it(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    yunnan = cell.tenant("yunnan")
    url = begun(cell, sichuan, chongqing)
    proposed(cell, sichuan, url)
    signed(cell, url, 1, sichuan, chongqing)
    item = opened(cell, yunnan)
    assert follow(cell, yunnan, item, url).status_code == 404
    assert cell.client(yunnan).get(f"{url}/revisions/1").status_code == 404
    alone = {"name_zh": "试", "category": "testing", "parties": [str(sichuan)]}
    assert cell.client(sichuan).post("/v1/common-sheets", alone).json["code"] == "common_sheet_alone"


def test_who_only_says_that_it_follows_is_not_shown_among_those_who_offer_it(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    yunnan = cell.tenant("yunnan")
    url = begun(cell, sichuan, chongqing)
    proposed(cell, sichuan, url)
    signed(cell, url, 1, sichuan, chongqing)
    key, common = UUID(opened(cell, yunnan)), url.rpartition("/")[2]
    with cell.session(yunnan) as session:
        row = session.locked(Item, key)
        row.follows = {"common": common, "revision": 1, "local": {}, "reasons": {}}
        session.publish(row, ItemFollowed(common=UUID(common), revision=1, differs=(), edition=row.edition))
    cell.carry()
    assert cell.client(sichuan).get(f"/v1/service-items/{key}").json["follows"]["revision"] == 1
    assert cell.client(sichuan).get(url).json["followers"] == []
