"""The page of a case: its terms as a bar with a table beside it, its thread with a form, decision, papers and parts."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.builders.cell import Cell
from tests.builders.consoles import PAGE, Desk, hidden_of, text_of
from tests.builders.identity import make_user, quick_hashing
from tests.organisations.builders import registered
from tests.requests.given import REASON, SHEET, done, drafted, opened

SVG = re.compile(r'<figure class="clock"[^>]*>(<svg.*?</svg>)', re.DOTALL)


@pytest.fixture
def item(cell: Cell, chongqing: UUID) -> str:
    days = {"days": 10, "unit": "calendar"}
    sheet = {**SHEET, "acceptance": days, "answer": {**days, "days": 30, "extension": 0, "silence": "none"}}
    return opened(cell, chongqing, sheet=sheet)


@pytest.fixture
def case(cell: Cell, sichuan: UUID, item: str) -> str:
    """The address of one that was filed."""
    client = cell.client(sichuan)
    url = drafted(client, item, organisation=registered(client)["id"])
    assert client.post(f"{url}/file", {}).status_code == 200
    cell.carry()
    return url


def desk_of(cell: Cell, tenant: UUID, role: str = "official", **draft: Any) -> Desk:
    with quick_hashing():
        return Desk(cell, make_user(cell, tenant, role, **draft))


def page_of(case: str) -> str:
    return case.replace("/v1/", "/console/")


def written(desk: Desk, case: str, button: str, **fields: Any) -> Any:
    place = f"{page_of(case)}/thread"
    given = {**hidden_of(desk.get(page_of(case)), place), **fields, "do": button}
    return desk.browser.post(place, data=given, headers=PAGE)


def drawn(page: Any) -> str:
    found = SVG.search(page.text)
    assert found is not None
    return found[1]


def test_terms_are_drawn_by_whose_days_they_were_and_told_in_a_table(
    cell: Cell, sichuan: UUID, chongqing: UUID, case: str
) -> None:
    assert "剩余 10" in drawn(desk_of(cell, sichuan).get(page_of(case)))
    cell.clock.advance(timedelta(days=7))
    done(cell, chongqing, case, "accept")
    cell.clock.advance(timedelta(days=14))
    done(cell, chongqing, case, "pause", ground="expert_review", owner="handler", **REASON)
    cell.clock.advance(timedelta(days=3))
    desk = desk_of(cell, sichuan)
    page = desk.get(page_of(case))
    assert "办理 已用 14 / 30 日" in text_of(page)
    # Seven days until it was accepted, fourteen in hand, three of a pause, and sixteen that are left.
    assert [row[-1] for row in table_of(page)] == ["7", "14", "3"]
    assert [row[0] for row in table_of(page)] == ["受理", "办理", "办理"]
    assert [row[4] for row in table_of(page)] == ["计时", "计时", "暂停\uff1a专家评审"]
    picture = drawn(page)
    for said in ("专家评审 3", "剩余 16", "今天"):
        assert said in picture, said
    assert picture.count('class="hatch') == 1
    widths = [float(one) for one in re.findall(r'<rect class="(?:f|paused|rest)[^>]* width="([0-9.]+)"', picture)]
    assert [round(one / (widths[0] + 1.7) * 7) for one in widths] == [7, 14, 3, 16]
    done(cell, chongqing, case, "resume")
    shown, running = cell.client(sichuan).get(case).json, desk.get(page_of(case))
    assert f"{shown['due_on']} 届满" in text_of(running)
    assert ("暂定" in text_of(running)) == shown["due_is_provisional"]
    assert str(chongqing) not in drawn(running)


def table_of(page: Any) -> list[list[str]]:
    """The cells of the table beside the drawing."""
    body = re.search(r"<tbody>(.*?)</tbody>", page.text[page.text.index("时限分段") :], re.DOTALL)
    assert body is not None
    rows = re.findall(r"<tr>(.*?)</tr>", body[1], re.DOTALL)
    return [[re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in rows]


def test_messages_reach_all_parties_and_notes_stay_within_the_jurisdiction(
    cell: Cell, sichuan: UUID, chongqing: UUID, case: str
) -> None:
    home, there = desk_of(cell, sichuan), desk_of(cell, chongqing)
    sent = written(home, case, "send_message", **{
        "/text": "请问何时核查?", "upload:/attachments": (io.BytesIO(b"x"), "说明.txt"),
    })  # fmt: skip
    assert (sent.status_code, sent.headers["Location"]) == (303, page_of(case))
    assert written(home, case, "add_note", **{"/text": "已电话告知"}).status_code == 303
    cell.carry()
    own, other = text_of(home.get(page_of(case))), text_of(there.get(page_of(case)))
    assert ("请问何时核查" in own, "说明.txt" in own, "已电话告知" in own) == (True, True, True)
    assert ("请问何时核查" in other, "说明.txt" in other, "已电话告知" in other) == (True, True, False)
    refused = written(home, case, "send_message", **{"/text": " "})
    assert refused.status_code == 422
    assert "send_message" not in re.findall(r"/do/(\w+)", home.get(page_of(case)).text)


def test_decision_answers_and_papers_stand_there_by_their_names(
    cell: Cell, sichuan: UUID, chongqing: UUID, case: str
) -> None:
    desk = desk_of(cell, sichuan)
    done(cell, chongqing, case, "return", missing=["since"], **REASON)
    said = text_of(desk.get(page_of(case)))
    assert "一次告知补正" in said
    assert "成立日期" in said
    assert "since" not in said.split()
    done(cell, sichuan, case, "supplement", answers=[{"name": "scope", "value": "食品"}])
    done(cell, chongqing, case, "accept")
    done(cell, chongqing, case, "decide", outcome="refused", ground="某法第一条", remedy="可申请行政复议", **REASON)
    page = text_of(desk.get(page_of(case)))
    for one in ("不予同意", "某法第一条", "可申请行政复议", "核验范围 食品", "营业执照", "未交"):
        assert one in page, one


def test_people_of_the_organisation_see_their_case_and_no_notes(cell: Cell, sichuan: UUID, case: str) -> None:
    organisation = UUID(cell.client(sichuan).get(case).json["organisation"])
    assert written(desk_of(cell, sichuan), case, "add_note", **{"/text": "只给同事"}).status_code == 303
    own = desk_of(cell, sichuan, "organisation_manager", organisation_id=organisation)
    page = own.get(page_of(case))
    assert "只给同事" not in text_of(page)
    assert "存为内部备注" not in text_of(page)
    assert written(own, case, "send_message", **{"/text": "我方已补充"}).status_code == 303
    assert "我方已补充" in text_of(desk_of(cell, sichuan).get(page_of(case)))


def test_a_question_is_answered_where_it_stands_by_the_other_side_alone(
    cell: Cell, sichuan: UUID, chongqing: UUID, case: str
) -> None:
    question = {"kind": "yes_no", "choices": [], "english": "Is it urgent?"}
    asked = cell.client(chongqing).post(f"{case}/messages", {"text": "是否加急?", "question": question})
    assert asked.status_code == 201, asked.json
    cell.carry()
    home, there = desk_of(cell, sichuan), desk_of(cell, chongqing)
    assert "待答复" in text_of(there.get(page_of(case)))
    assert asked.json["id"] not in there.get(page_of(case)).text
    assert "Is it urgent?" in home.get(f"{page_of(case)}?lang=en").text
    home.get(f"{page_of(case)}?lang=zh")
    answered = written(home, case, "send_message", **{"/answers": asked.json["id"], "/text": "yes"})
    assert answered.status_code == 303, answered.text
    cell.carry()
    page = text_of(there.get(page_of(case)))
    assert "已答复" in page
    assert "yes" not in page.split()
