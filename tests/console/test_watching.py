"""An open page notices what others do: the version that it was made of stands on it, and is asked for again."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest

from shared.pages.asking import Api
from tests.builders.cell import Cell
from tests.builders.consoles import Desk, text_of
from tests.builders.identity import make_user
from tests.builders.officials import proposed, sign

WATCH = re.compile(r'data-watch="([^"]+)" data-version="([^"]+)"')


@pytest.fixture
def desk(cell: Cell, sichuan: UUID) -> Desk:
    return Desk(cell, make_user(cell, sichuan, "official", "signatory"))


def asked(desk: Desk, page: Any) -> Any:
    """What the page's script hears when it asks whether something is new."""
    found = WATCH.search(page.text)
    assert found is not None, page.text[:3000]
    headers = {"If-None-Match": f'"{found[2]}"', "HX-Request": "true"}
    return desk.browser.get(found[1], headers=headers)


def test_a_page_is_told_what_was_done_elsewhere_to_the_thing_or_its_parts(
    cell: Cell, desk: Desk, sichuan: UUID, chongqing: UUID
) -> None:
    url = proposed(cell, sichuan, chongqing)
    there = url.replace("/v1/", "/console/")
    pages = [
        desk.get(one)
        for one in (there, f"{there}?tab=agreements", f"{there.replace('parks', 'agreements')}/1/do/sign", "/console")
    ]
    assert [asked(desk, page).status_code for page in pages] == [304] * 4
    assert asked(desk, pages[0]).data == b""
    assert sign(cell.client(chongqing), f"{url}").status_code == 202
    cell.carry()
    for page in pages:
        assert "签署第 1 版协议" in text_of(asked(desk, page)), page.request.path
    assert asked(desk, desk.get(there)).status_code == 304
    agreement = desk.get(f"{there.replace('parks', 'agreements')}/1")
    assert asked(desk, agreement).status_code == 304


@pytest.mark.parametrize(("place", "read"), [("{0}", "{0}"), ("{1}/do/sign", "{0}/agreements/1"), ("", "/work")])
def test_what_is_done_while_a_page_is_made_is_told_on_it(
    cell: Cell, desk: Desk, sichuan: UUID, chongqing: UUID, place: str, read: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = proposed(cell, sichuan, chongqing)
    park = url.removeprefix("/v1")
    at = [one.format(park, f"{park.replace('parks', 'agreements')}/1") for one in (place, read)]
    ask, done = Api.get, []

    def get(self: Api, path: str, **query: Any) -> Any:
        answer = ask(self, path, **query)
        if path == f"/v1{at[1]}" and not done:
            done.append(sign(cell.client(sichuan), url).status_code)
        return answer

    monkeypatch.setattr(Api, "get", get)
    page = desk.get(f"/console{at[0]}")
    assert done == [200]
    assert "签署第 1 版协议" in text_of(asked(desk, page))


def test_who_has_signed_out_meanwhile_hears_nothing(cell: Cell, desk: Desk, sichuan: UUID, chongqing: UUID) -> None:
    page = desk.get("/console")
    desk.send(page, "/console/signout")
    assert asked(desk, page).status_code == 204
