"""Cases by whose turn they are: a clerk's pools, an organisation's own, and how terms are kept."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest

from shared.core.calendar import day_of
from tests.builders.cell import Cell
from tests.builders.consoles import PAGE, Desk, hidden_of, read, text_of
from tests.builders.identity import Person, make_user, quick_hashing
from tests.organisations.builders import registered
from tests.requests.given import REASON, done, drafted, opened

POOLS, MINE, SCORES = "/console/pools", "/console/my-cases", "/console/scoreboard"


@pytest.fixture
def item(cell: Cell, chongqing: UUID) -> str:
    return opened(cell, chongqing, name_zh="检测能力核验")


def desk_of(cell: Cell, person: Person) -> Desk:
    with quick_hashing():
        return Desk(cell, person)


def clerk(cell: Cell, tenant: UUID, role: str = "official", **draft: Any) -> Desk:
    with quick_hashing():
        return desk_of(cell, make_user(cell, tenant, role, **draft))


def filed(cell: Cell, home: UUID, item: str, *, organisation: str) -> tuple[str, str]:
    """The id and the number of a case."""
    client = cell.client(home)
    url = drafted(client, item, organisation=organisation)
    number = client.post(f"{url}/file", {}).json["number"]
    cell.carry()
    return url.rpartition("/")[2], str(number)


def counts(page: Any) -> list[str]:
    """How many there are in each pool."""
    tabs = re.search(r'<nav class="tabs plain".*?</nav>', page.text, re.DOTALL)
    assert tabs is not None
    return re.findall(r'<span class="count[^"]*">(\d+)</span>', tabs[0])


def pressed(desk: Desk, button: str, **fields: str) -> Any:
    place = f"{POOLS}?tab=unclaimed"
    given = {**hidden_of(desk.get(POOLS), place), **fields, "do": button}
    return desk.browser.post(place, data=given, headers=PAGE)


def test_a_case_is_claimed_with_one_press_and_several_at_once_and_nobodys_is_taken_away(
    cell: Cell, sichuan: UUID, chongqing: UUID, item: str
) -> None:
    firm = registered(cell.client(sichuan))["id"]
    cases = [filed(cell, sichuan, item, organisation=firm) for _ in range(4)]
    one, other = clerk(cell, chongqing), clerk(cell, chongqing)
    page = one.get(POOLS)
    assert counts(page) == ["4", "0", "0", "0"]
    assert all(number in text_of(page) for _key, number in cases)
    assert "已认领 1 件" in text_of(pressed(one, cases[0][0]))
    assert counts(one.get(POOLS)) == ["3", "1", "0", "0"]
    ticked = {f"pick/{key}": "true" for key, _number in cases[:3]}
    late = pressed(other, "picked", **ticked)
    assert "已认领 2 件" in text_of(late)
    assert "现在不能办理" in text_of(late)
    assert counts(other.get(POOLS)) == ["1", "2", "0", "0"]
    assert cases[0][1] in text_of(one.get(f"{POOLS}?tab=mine"))
    # Where it was filed nobody handles it, and nothing is in its pool.
    assert counts(clerk(cell, sichuan).get(POOLS)) == ["0", "0", "0", "0"]


def test_what_is_to_be_followed_up_and_what_is_over_stand_apart(
    cell: Cell, sichuan: UUID, chongqing: UUID, item: str
) -> None:
    firm = registered(cell.client(sichuan))["id"]
    key, _number = filed(cell, sichuan, item, organisation=firm)
    desk = clerk(cell, chongqing)
    pressed(desk, key)
    today = str(day_of(cell.clock.now()))
    url = f"/console/requests/{key}/do/follow_up"
    assert desk.send(desk.get(url), url, **{"/on": "2099-01-01"}, do="send").status_code == 303
    assert counts(desk.get(POOLS)) == ["0", "1", "0", "0"]
    assert desk.send(desk.get(url), url, **{"/on": today}, do="send").status_code == 303
    assert counts(desk.get(POOLS)) == ["0", "1", "1", "0"]
    done(cell, chongqing, f"/v1/requests/{key}", "accept")
    done(cell, chongqing, f"/v1/requests/{key}", "decide", outcome="approved", **REASON)
    done(cell, chongqing, f"/v1/requests/{key}", "deliver")
    done(cell, sichuan, f"/v1/requests/{key}", "close")
    assert counts(desk.get(POOLS)) == ["0", "0", "0", "0"]


def test_an_organisation_sees_what_waits_for_it_first_and_no_pool(
    cell: Cell, sichuan: UUID, chongqing: UUID, item: str
) -> None:
    client = cell.client(sichuan)
    firm, other = registered(client)["id"], registered(client)["id"]
    key, number = filed(cell, sichuan, item, organisation=firm)
    _going, going = filed(cell, sichuan, item, organisation=firm)
    _foreign, foreign = filed(cell, sichuan, item, organisation=other)
    done(cell, chongqing, f"/v1/requests/{key}", "return", missing=["since"], **REASON)
    desk = clerk(cell, sichuan, "organisation_manager", organisation_id=UUID(firm))
    page = text_of(desk.get(MINE))
    assert "有 1 件等你们办理" in page
    assert page.index(number) < page.index("办理中") < page.index(going)
    assert foreign not in page
    assert f'href="/console/requests/{key}/application"' in desk.get(MINE).text
    assert (desk.get(POOLS).status_code, desk.get(SCORES).status_code) == (403, 403)
    assert f'href="{MINE}"' in desk.get("/console").text
    assert clerk(cell, sichuan).get(MINE).status_code == 403


def test_the_scoreboard_says_in_words_how_terms_are_kept_and_who_has_too_few_cases(
    cell: Cell, sichuan: UUID, chongqing: UUID, item: str
) -> None:
    firm = registered(cell.client(sichuan))["id"]
    for _ in range(10):
        key, _number = filed(cell, sichuan, item, organisation=firm)
        done(cell, chongqing, f"/v1/requests/{key}", "accept")
        done(cell, chongqing, f"/v1/requests/{key}", "decide", outcome="approved", **REASON)
    rare = opened(cell, chongqing, name_zh="很少的事项")
    key, _number = filed(cell, sichuan, rare, organisation=firm)
    done(cell, chongqing, f"/v1/requests/{key}", "accept")
    done(cell, chongqing, f"/v1/requests/{key}", "decide", outcome="approved", **REASON)
    desk = clerk(cell, chongqing)
    page = desk.get(SCORES)
    row = re.search(r"<tr>(?:(?!</tr>).)*检测能力核验.*?</tr>", page.text, re.DOTALL)
    assert row is not None
    assert '<span class="state good">绿</span>' in row[0]
    assert "100" in row[0]
    few = re.search(r"<tr>(?:(?!</tr>).)*很少的事项.*?</tr>", page.text, re.DOTALL)
    assert few is not None
    assert '<span class="state draft">办件太少</span>' in few[0]
    assert "收件辖区" in text_of(desk.get(f"{SCORES}?role=home"))
    assert "没有办件" in text_of(desk.get(f"{SCORES}?since=2001-01-01&until=2001-12-31"))
    wrong = desk.get(f"{SCORES}?since=gestern")
    assert wrong.status_code == 422
    assert "条件有误" in read(wrong)
