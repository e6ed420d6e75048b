"""The wall: who has its link sees what is public, everybody else sees that there is nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from shared.core.portal_settings import PortalSettings
from shared.core.settings import Settings, SettingsError
from tests.builders.cell import Cell
from tests.portal.conftest import SECRET, TOKEN, World


@pytest.fixture
def opened(cell: Cell) -> Iterator[Cell]:
    before = cell.database.settings
    cell.database.settings = replace(before, portal=PortalSettings(wall_token=TOKEN))
    yield cell
    cell.database.settings = before


def asked(cell: Cell, **query: str) -> Any:
    return cell.app.test_client().get("/wall", query_string=query, headers={"Accept": "text/html"})


def test_without_a_token_in_the_settings_there_is_no_wall(cell: Cell) -> None:
    for query in ({}, {"token": ""}, {"token": TOKEN}):
        assert asked(cell, **query).status_code == 404


def test_a_wrong_link_is_told_what_no_link_is_told(opened: Cell) -> None:
    answers = [asked(opened, **query) for query in ({}, {"token": "wrong"}, {"token": TOKEN + "x"})]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert len({answer.text.partition("<main")[2].partition("关联编号")[0] for answer in answers}) == 1


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_wall_shows_what_is_public_and_reads_itself_anew(opened: Cell, world: World, language: str) -> None:
    page = asked(opened, token=TOKEN, lang=language)
    assert (page.status_code, page.headers["Refresh"]) == (200, "5")
    assert page.headers["X-Robots-Tag"].startswith("noindex")
    assert page.text.count("<h1") == 1
    assert {"zh": "川渝高竹新区", "en": "Gaozhu New Area"}[language] in page.text
    assert 'class="flow park"' in page.text
    assert SECRET not in page.text
    assert "<script" not in page.text


def test_the_same_is_read_as_a_list_that_stands_still(opened: Cell, world: World) -> None:
    page = asked(opened, token=TOKEN, **{"as": "list"})
    assert page.status_code == 200
    assert "Refresh" not in page.headers
    assert "川渝高竹新区" in page.text
    assert SECRET not in page.text


def test_a_short_token_stops_the_start(stack_environment: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="WALL_TOKEN"):
        Settings.load({**stack_environment, "XIETONG_WALL_TOKEN": "short"})
