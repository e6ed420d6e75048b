"""A notice from its draft to its withdrawal, as its home and its addressees see it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from events.canonical import instant
from events.notices import NoticePublished, NoticeRevised
from services.notices.models import Notice
from shared.journal.progress import ProgressRow
from tests.builders.cell import Cell
from tests.builders.working import actions

NOTICES = "/v1/notices"


def draft(*addressees: UUID, **changes: Any) -> dict[str, Any]:
    return {
        "title_zh": "关于产业准入目录的公告",
        "title_en": "Industries admitted",
        "text": "自 2027 年 1 月 1 日起适用。\n详见附件。",
        "addressees": [str(tenant) for tenant in addressees],
        **changes,
    }


def published(cell: Cell, home: UUID, *addressees: UUID) -> str:
    """The address of a notice that everybody has received."""
    made = cell.client(home).post(NOTICES, draft(*addressees))
    assert made.status_code == 201, made.text
    url = f"{NOTICES}/{made.json['id']}"
    assert cell.client(home).post(f"{url}/publish").status_code == 200
    cell.carry()
    return url


@pytest.fixture
def url(cell: Cell, sichuan: UUID, chongqing: UUID) -> str:
    return published(cell, sichuan, chongqing)


def test_nobody_else_sees_a_draft_and_every_addressee_what_is_published(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    home, party = cell.client(sichuan), cell.client(chongqing)
    made = home.post(NOTICES, draft(chongqing)).json
    cell.carry()
    url = f"{NOTICES}/{made['id']}"
    assert made["allowed_actions"] == ["publish", "revise", "withdraw"]
    assert party.get(url).status_code == 404
    revised = home.patch(url, {"title_zh": "更正后的公告"})
    assert (revised.status_code, revised.json["text"]) == (200, made["text"])
    assert home.post(f"{url}/publish").status_code == 200
    cell.carry()
    seen = party.get(url).json
    assert (seen["title_zh"], seen["state"], seen["home"]) == ("更正后的公告", "published", str(sichuan))
    assert (seen["unread"], seen["allowed_actions"]) == ([str(chongqing)], ["confirm"])
    assert home.patch(url, {"title_zh": "再改"}).status_code == 409
    assert cell.client(cell.tenant("yunnan")).get(url).status_code == 404


def test_an_addressee_confirms_once_and_both_sides_see_it(cell: Cell, url: str, sichuan: UUID, chongqing: UUID) -> None:
    party = cell.client(chongqing)
    assert actions(party) == {(url, "confirm")}
    assert len(party.get(f"{NOTICES}?unread=true").json["items"]) == 1
    assert party.post(f"{url}/confirm").status_code == 202
    cell.carry()
    for tenant in (sichuan, chongqing):
        seen = cell.client(tenant).get(url).json
        assert ([item["tenant"] for item in seen["readings"]], seen["unread"]) == ([str(chongqing)], [])
    assert (actions(party), party.get(url).json["allowed_actions"]) == (set(), [])
    party.post(f"{url}/confirm")
    cell.carry()
    assert party.get("/v1/commands").json["items"][0]["problem"]["code"] == "already_confirmed"
    assert cell.client(sichuan).post(f"{url}/confirm").json["code"] == "addressee_only"


def test_only_its_home_takes_it_back_and_the_reason_reaches_all(
    cell: Cell, url: str, sichuan: UUID, chongqing: UUID
) -> None:
    party = cell.client(chongqing)
    party.post(f"{url}/withdraw", {"reason": "不同意"})
    cell.carry()
    assert party.get("/v1/commands").json["items"][0]["problem"]["code"] == "home_only"
    assert cell.client(sichuan).post(f"{url}/withdraw", {"reason": "目录有误"}).status_code == 200
    cell.carry()
    seen = party.get(url).json
    assert (seen["state"], seen["reason"], seen["allowed_actions"]) == ("withdrawn", "目录有误", [])
    assert actions(party) == set()


def test_an_addressee_that_is_no_tenant_is_refused_with_its_place(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    answer = cell.client(sichuan).post(NOTICES, draft(chongqing, UUID(int=7)))
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/addressees/1")


def test_a_home_alone_makes_nobody_a_reader(cell: Cell, url: str, sichuan: UUID, chongqing: UUID) -> None:
    key = UUID(url.rpartition("/")[2])
    with cell.session(sichuan) as session:
        notice = session.locked(Notice, key)
        notice.readings = [{"tenant": str(chongqing), "read_at": instant(session.clock.now())}]
        session.publish(notice, NoticeRevised(changes={}))
    cell.carry()
    assert cell.client(chongqing).get(url).json["readings"] == []
    with cell.session(chongqing) as session:
        progress = session.scalars(select(ProgressRow).where(ProgressRow.aggregate_id == key)).one()
        assert (progress.status, progress.version) == ("parked", 2)


def test_a_notice_is_not_published_as_read(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    made = cell.client(sichuan).post(NOTICES, draft(chongqing)).json
    with cell.session(sichuan) as session:
        notice = session.locked(Notice, UUID(made["id"]))
        notice.state, notice.party_ids = "published", sorted([sichuan, chongqing])
        notice.readings = [{"tenant": str(chongqing), "read_at": instant(session.clock.now())}]
        session.publish(notice, NoticePublished(addressees=(chongqing,)))
    cell.carry()
    assert cell.client(chongqing).get(f"{NOTICES}/{made['id']}").status_code == 404


def test_what_happened_is_its_history_without_a_line_of_code(cell: Cell, url: str, sichuan: UUID) -> None:
    found = cell.client(sichuan).get(f"{url}/timeline").json["items"]
    assert [item["type"].split(".")[2] for item in found] == ["published", "drafted"]
