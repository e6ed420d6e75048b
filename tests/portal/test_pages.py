"""Every page of the portal, in both languages: complete, plain, without a cookie, and nothing that is private."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.builders.cell import Cell
from tests.portal.conftest import SECRET, World
from tests.requests.given import item_draft

HTML = {"Accept": "text/html,*/*;q=0.8"}
FIXED = ("/", "/parks", "/jurisdictions", "/standards", "/consultations", "/bodies", "/services", "/open-data",
         "/status", "/about", "/accessibility", "/bulletins")  # fmt: skip
INLINE = re.compile(r"""<[^>]*\s(style|on[a-z]+)=|<style|<script|javascript:""")


def addresses(world: World) -> list[str]:
    """All pages, those of single things too."""
    of_things = (f"/jurisdictions/{world.code}", f"/standards/{world.standard}", f"/consultations/{world.consultation}",
                 f"/services/{world.item}")  # fmt: skip
    return [*FIXED, *of_things]


def seen(cell: Cell, path: str, language: str = "zh", **query: Any) -> Any:
    client: FlaskClient = cell.app.test_client()
    return client.get(path, query_string={"lang": language, **query}, headers=HTML)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_stands_in_both_languages_and_needs_nothing_inline(cell: Cell, world: World, language: str) -> None:
    for path in addresses(world):
        page = seen(cell, path, language)
        assert page.status_code == 200, (path, page.text)
        assert page.text.count("<h1") == 1, path
        assert re.search("<title>[^<]{5,}</title>", page.text), path
        assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in page.text, path
        assert INLINE.findall(page.text) == [], path
        elsewhere = re.findall(r'(?:src|href|action)="(?:https?:)?//[^"]*"', page.text)
        assert elsewhere == [], path


def test_no_page_but_the_one_with_a_form_sets_a_cookie(cell: Cell, world: World) -> None:
    for path in addresses(world):
        page = seen(cell, path)
        sets = page.headers.getlist("Set-Cookie")
        assert bool(sets) == path.startswith("/consultations/"), path
        assert all("HttpOnly" in one and "visit" in one for one in sets), path


def test_links_of_a_page_keep_its_language_and_lead_somewhere(cell: Cell, world: World) -> None:
    client, tried = cell.app.test_client(), set()
    for path in addresses(world):
        for link in re.findall(r'href="(/[^"#]*)"', seen(cell, path, "en").text):
            address = link.replace("&amp;", "&")
            if address in tried or address.startswith("/static/"):
                continue
            tried.add(address)
            answer = client.get(address, headers=HTML)
            answer.get_data()
            answer.close()
            assert answer.status_code in (200, 302, 303), (path, address)
    portal = [one for one in tried if one.partition("?")[0].split("/")[1] in ("parks", "standards", "jurisdictions")]
    assert portal
    assert [one for one in portal if "lang=en" not in one] == []


def test_a_draft_of_a_park_is_on_no_page_and_in_no_file(cell: Cell, world: World) -> None:
    files = [f"/open-data/parks.{form}" for form in ("csv", "json")]
    for path in [*addresses(world), *files, "/v1/public/parks", "/v1/public/tenants"]:
        for language in ("zh", "en"):
            text = seen(cell, path, language).get_data(as_text=True)
            assert SECRET not in text, path
            assert "Secret Park" not in text, path
    assert "没有符合条件的园区" in seen(cell, "/parks", q=SECRET).text


def test_what_is_shared_stands_on_its_pages(cell: Cell, world: World) -> None:
    assert "川渝高竹新区" in seen(cell, "/parks").text
    assert "Gaozhu New Area" in seen(cell, "/parks", "en", tenant=world.code).text
    assert world.number in seen(cell, "/standards").text
    assert "甲醛释放量" in seen(cell, f"/standards/{world.standard}").text
    assert "虚构检测认证中心" in seen(cell, "/bodies", q="检测").text
    one = seen(cell, f"/jurisdictions/{world.code}").text
    assert "川渝高竹新区" in one
    assert world.number in one


def test_the_map_has_a_table_with_the_same_and_says_that_it_is_a_sketch(cell: Cell, world: World) -> None:
    page = seen(cell, "/").text
    assert page.count('class="flow park"') >= 2
    assert "<title>" in page[page.index("<svg viewBox") :]
    assert "示意图" in page
    row = re.search(
        r"<tr><td>四川省</td><td>重庆市</td><td>共建园区</td><td class=\"num\">(\d+)</td>", page
    ) or re.search(r"<tr><td>重庆市</td><td>四川省</td><td>共建园区</td><td class=\"num\">(\d+)</td>", page)
    assert row is not None
    assert int(row[1]) >= 1


def test_a_list_is_narrowed_and_paged_by_its_address(cell: Cell, world: World) -> None:
    page = seen(cell, "/parks", "en", state="suspended", tenant=world.code)
    assert "No park fits" in page.text
    assert "Clear the filters" in page.text
    assert seen(cell, "/parks", kind="no-such-kind").status_code == 422
    assert seen(cell, "/parks", cursor="made-up").status_code == 422


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/jurisdictions/nowhere", 404),
        ("/standards/6f1c3c1e-5a0b-4c58-9d0f-0a4f0f2f7a11", 404),
        ("/consultations/6f1c3c1e-5a0b-4c58-9d0f-0a4f0f2f7a11", 404),
    ],
)
def test_what_is_not_there_is_said_on_a_page_of_the_portal(cell: Cell, path: str, status: int) -> None:
    for language in ("zh", "en"):
        page = seen(cell, path, language)
        assert page.status_code == status
        assert page.text.count("<h1") == 1
        assert "portal.css" in page.text


def test_the_status_says_what_works_and_nothing_of_what_is_inside(cell: Cell, world: World) -> None:
    told = cell.app.test_client().get("/v1/public/status").json
    assert [part["part"] for part in told["parts"]] == ["api", "exchange", "registers"]
    assert told["parts"][0]["works"] is True
    page = seen(cell, "/status", "en").text
    for inside in ("kafka", "postgres", "cell1", "worker", "relay"):
        assert inside not in page.lower()


def test_what_can_be_asked_for_says_what_it_needs_and_where_to_apply(cell: Cell, world: World) -> None:
    listed = seen(cell, "/services", category="testing").text
    for said in ("检测能力核验", "受理 5 个工作日", "决定 20 个工作日", "重庆市"):
        assert said in listed, said
    assert "没有符合条件的事项" in seen(cell, "/services", audience="person").text
    page = seen(cell, f"/services/{world.item}", "en").text
    assert f'href="/console/requests/new?item={world.item}"' in page
    for said in ("Check of a laboratory", "20 working days", "may be extended by 10", "Chongqing"):
        assert said in page, said
    draft = cell.client(world.one).post("/v1/service-items", item_draft(name_zh="尚未开放的事项")).json["id"]
    cell.carry()
    assert "尚未开放" not in seen(cell, "/services").text
    assert seen(cell, f"/services/{draft}").status_code == 404
