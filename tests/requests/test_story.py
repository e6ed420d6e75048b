"""A case from its draft to its end, as the jurisdictions see it where it was filed and where it is handled."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from tests.builders.cell import Cell
from tests.builders.working import actions
from tests.requests.given import ANSWERS, REASON, done, drafted, filed, opened, refused


@pytest.fixture
def guizhou(cell: Cell) -> UUID:
    return cell.tenant("guizhou")


@pytest.fixture
def item(cell: Cell, guizhou: UUID) -> str:
    return opened(cell, guizhou)


def types(cell: Cell, tenant: UUID, url: str) -> list[str]:
    items = cell.client(tenant).get(f"{url}/timeline?limit=100").json["items"]
    return [one["type"].removeprefix("requests.case.").removesuffix(".v1") for one in reversed(items)]


def entries(cell: Cell, tenant: UUID, url: str) -> list[tuple[int, str]]:
    items = cell.client(tenant).get(f"{url}/timeline?limit=100").json["items"]
    return [(one["version"], one["entry_hash"]) for one in items]


def test_one_case_is_filed_here_forwarded_once_decided_there_and_both_see_the_same(
    cell: Cell, sichuan: UUID, chongqing: UUID, guizhou: UUID, item: str
) -> None:
    url = drafted(cell.client(sichuan), item)
    cell.carry()
    assert cell.client(guizhou).get(url).status_code == 404
    assert cell.client(sichuan).post(f"{url}/file", {}).status_code == 200
    cell.carry()
    there = cell.client(guizhou).get(url).json
    assert (there["state"], there["handler"], there["home"]) == ("filed", str(guizhou), str(sichuan))
    assert there["number"] == cell.client(sichuan).get(url).json["number"]
    assert {"accept", "return", "forward"} <= set(there["allowed_actions"])
    (answer,) = there["answers"]
    assert answer == {**ANSWERS[0], "label": {"zh": "核验范围", "en": "核验范围"}}
    returned = done(cell, guizhou, url, "return", missing=["scope"], **REASON)
    assert (returned["state"], returned["allowed_actions"]) == ("returned", ["claim"])
    supplied = done(cell, sichuan, url, "supplement", answers=[{"name": "scope", "value": "食品和农产品"}])
    assert (supplied["state"], supplied["answers"][0]["value"]) == ("filed", "食品和农产品")
    assert cell.client(guizhou).post(f"{url}/forward", {"to": str(chongqing), **REASON}).status_code == 202
    cell.carry()
    assert cell.client(chongqing).get(url).json["handler"] == str(chongqing)
    assert done(cell, chongqing, url, "accept")["state"] == "accepted"
    assert done(cell, chongqing, url, "pause", ground="expert_review", owner="handler", **REASON)["due_on"] is None
    assert done(cell, chongqing, url, "resume")["due_on"] is not None
    done(cell, chongqing, url, "extend", days=5, **REASON)
    decided = done(cell, chongqing, url, "decide", outcome="approved", **REASON)
    assert (decided["decision"]["outcome"], decided["decision"]["reason"]) == ("approved", "试")
    done(cell, chongqing, url, "deliver")
    closed = done(cell, sichuan, url, "close")
    assert (closed["state"], closed["due_on"]) == ("closed", None)
    assert types(cell, sichuan, url) == [
        "drafted", "filed", "returned", "supplemented", "forwarded", "accepted", "paused", "resumed", "extended",
        "decided", "delivered", "closed",
    ]  # fmt: skip
    ours, theirs = entries(cell, sichuan, url), entries(cell, chongqing, url)
    assert theirs == ours[: len(theirs)]
    # Who handled it before knows how it left, and nothing after.
    left = cell.client(guizhou).get(url).json
    assert (left["state"], left["allowed_actions"], left["number"]) == ("filed", [], closed["number"])
    assert types(cell, guizhou, url)[-1] == "forwarded"


def test_what_is_missing_is_named_all_at_once_and_papers_are_asked_for_once(
    cell: Cell, sichuan: UUID, guizhou: UUID, item: str
) -> None:
    url = drafted(cell.client(sichuan), item, answers=[{"name": "since", "value": "昨天"}, {"name": "x", "value": "1"}])
    answer = cell.client(sichuan).post(f"{url}/file", {})
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json["errors"]] == ["/answers", "/answers/0/value", "/answers/1/name"]
    url = filed(cell, sichuan, item)
    done(cell, guizhou, url, "return", missing=["scope"], **REASON)
    done(cell, sichuan, url, "supplement", answers=ANSWERS)
    assert "return" not in cell.client(guizhou).get(url).json["allowed_actions"]
    assert refused(cell, guizhou, url, "return", missing=["scope"], **REASON) == "returned_once"


def test_nobody_does_what_is_the_others_to_do(cell: Cell, sichuan: UUID, guizhou: UUID, item: str) -> None:
    url = filed(cell, sichuan, item)
    assert refused(cell, sichuan, url, "accept") == "handler_only"
    assert refused(cell, guizhou, url, "withdraw") == "home_only"
    assert refused(cell, guizhou, url, "decide", outcome="approved", **REASON) == "action_not_allowed"
    assert refused(cell, guizhou, url, "forward", to=str(guizhou), **REASON) == "forward_to_self"
    assert cell.client(cell.tenant("yunnan")).get(url).status_code == 404
    assert done(cell, sichuan, url, "withdraw")["state"] == "withdrawn"


def test_after_three_forwards_the_coordinator_decides_and_that_is_final(
    cell: Cell, sichuan: UUID, chongqing: UUID, guizhou: UUID
) -> None:
    region = cell.tenant("region")
    url = filed(cell, sichuan, opened(cell, guizhou, coordinator=str(region)))
    for by, to in ((guizhou, chongqing), (chongqing, guizhou), (guizhou, chongqing)):
        assert cell.client(by).post(f"{url}/forward", {"to": str(to), **REASON}).status_code == 202
        cell.carry()
    assert refused(cell, chongqing, url, "forward", to=str(guizhou), **REASON) == "forwards_many"
    assert cell.client(region).get(url).json["allowed_actions"] == ["assign", "claim"]
    assert (url, "assign") in actions(cell.client(region))
    assigned = done(cell, region, url, "assign", to=str(guizhou), **REASON)
    assert (assigned["handler"], assigned["is_final"]) == (str(guizhou), True)
    assert refused(cell, guizhou, url, "forward", to=str(chongqing), **REASON) == "competence_final"
    assert [one["to"] for one in assigned["forwards"]][-1] == str(guizhou)
    assert done(cell, guizhou, url, "accept")["state"] == "accepted"


def test_a_refusal_names_its_ground_and_remedy_and_a_case_is_reopened_once(
    cell: Cell, sichuan: UUID, guizhou: UUID, item: str
) -> None:
    url = filed(cell, sichuan, item)
    done(cell, guizhou, url, "accept")
    assert refused(cell, guizhou, url, "decide", outcome="refused", **REASON) == "refusal_without_ground"
    done(cell, guizhou, url, "decide", outcome="refused", ground="行政许可法第三十八条", remedy="行政复议", **REASON)
    done(cell, guizhou, url, "deliver")
    assert done(cell, sichuan, url, "reopen", **REASON)["state"] == "accepted"
    done(cell, guizhou, url, "decide", outcome="approved", **REASON)
    done(cell, guizhou, url, "deliver")
    assert refused(cell, sichuan, url, "reopen", **REASON) == "reopening_over"


def test_an_item_is_asked_for_while_it_is_open_and_a_case_keeps_the_sheet_it_was_filed_by(
    cell: Cell, sichuan: UUID, guizhou: UUID, item: str
) -> None:
    url, late = filed(cell, sichuan, item), drafted(cell.client(sichuan), item)
    sheet = cell.client(guizhou).get(f"/v1/service-items/{item}").json["sheet"]
    longer = {**sheet, "answer": {**sheet["answer"], "days": 30}}
    revised = cell.client(guizhou).patch(f"/v1/service-items/{item}", {"sheet": longer})
    assert (revised.status_code, revised.json["edition"]) == (200, 2)
    cell.carry()
    assert done(cell, guizhou, url, "accept")["sheet"]["answer"]["days"] == 20
    assert done(cell, sichuan, late, "file")["service"]["edition"] == 2
    assert cell.client(guizhou).post(f"/v1/service-items/{item}/close", REASON).status_code == 200
    cell.carry()
    draft = {"item": item, "organisation": str(uuid4()), "applicant": "试"}
    assert cell.client(sichuan).post("/v1/requests", draft).json["code"] == "item_not_open"
