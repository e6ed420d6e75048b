"""The wall: who has its link sees what is public, everybody else sees that there is nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from services.portal.kit import streams
from shared.core.portal_settings import PortalSettings
from shared.core.settings import Settings, SettingsError
from shared.http.requests.places import Places
from shared.pages.statics import static_url
from tests.builders.cell import Cell
from tests.parks.builders import Story
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
    assert (page.status_code, page.headers.get("Refresh")) == (200, None)
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page.text
    assert page.headers["X-Robots-Tag"].startswith("noindex")
    assert page.text.count("<h1") == 1
    assert {"zh": "川渝高竹新区", "en": "Gaozhu New Area"}[language] in page.text
    assert 'class="flow park"' in page.text
    assert SECRET not in page.text
    assert re.findall("<script[^>]*>", page.text) == [f'<script type="module" src="{static_url("wall.js")}">']


def test_the_same_is_read_as_a_list_that_stands_still(opened: Cell, world: World) -> None:
    page = asked(opened, token=TOKEN, **{"as": "list"})
    assert page.status_code == 200
    assert "refresh" not in page.text
    assert "川渝高竹新区" in page.text
    assert SECRET not in page.text


def version_of(page: Any) -> str:
    return re.findall('data-version="([0-9a-f]{16})"', page.text)[0]


def listening(cell: Cell, **query: str) -> Any:
    return cell.app.test_client().get("/wall/events", query_string=query, headers={"Accept": "text/event-stream"})


def test_the_wall_is_told_once_of_each_change_and_of_nothing_else(
    opened: Cell, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "EVERY", 0.0)
    monkeypatch.setattr(streams, "SILENT", 0.0)
    seen = version_of(asked(opened, token=TOKEN))
    with listening(opened, token=TOKEN, seen=seen) as answer:
        assert (answer.status_code, answer.mimetype) == (200, "text/event-stream")
        said = answer.iter_encoded()
        assert [next(said).decode() for _ in range(3)] == [
            "retry: 2000\n\n", f"id: {seen}\nevent: unchanged\ndata: {seen}\n\n", ":\n\n",
        ]  # fmt: skip
        story = Story(opened, world.one, world.other)
        story.draft(name_zh="遂潼新区", name_en="Suitong")
        assert next(said) == b":\n\n", "nobody is told of a draft"
        story.conclude()
        told = next(said).decode()
        assert "event: changed" in told
        assert version_of(asked(opened, token=TOKEN)) in told
        assert seen not in told
        assert next(said) == b":\n\n"
        monkeypatch.setattr(streams, "LASTS", 0.0)
        assert list(said) == [], "it ends by itself"


def test_who_was_away_is_told_at_once_and_a_wrong_link_hears_nothing(
    opened: Cell, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "LASTS", 0.0)
    assert "event: changed" in listening(opened, token=TOKEN, seen="of yesterday").text
    assert listening(opened, token=TOKEN + "x").status_code == 404
    assert listening(opened).status_code == 404


def test_streams_are_bounded_hold_no_connection_and_give_their_place_back(
    opened: Cell, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "PLACES", Places(most=2))
    with listening(opened, token=TOKEN) as first:
        next(first.iter_encoded())
        assert opened.database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
        busy = listening(opened, token=TOKEN)
        assert (busy.status_code, busy.headers["Retry-After"]) == (503, "2")
    with opened.app.test_client().head(f"/wall/events?token={TOKEN}") as asked_only:
        assert asked_only.status_code == 200
    with listening(opened, token=TOKEN) as again:
        assert again.status_code == 200


def test_a_short_token_stops_the_start(stack_environment: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="WALL_TOKEN"):
        Settings.load({**stack_environment, "XIETONG_WALL_TOKEN": "short"})
