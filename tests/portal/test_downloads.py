"""Open data equals the registers: every row, with source, date and licence, as CSV and as JSON."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

import pytest

from services.portal.pages.downloads import REGISTERS
from shared.core.portal_settings import PortalSettings
from tests.builders.cell import Cell
from tests.portal.conftest import World


def register(cell: Cell, path: str) -> list[Any]:
    """All of it, as the API tells it page by page."""
    items, cursor = [], None
    while True:
        query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = cell.app.test_client().get(path, query_string=query).json
        items += page["items"]
        if (cursor := page["next"]) is None:
            return items


@pytest.mark.parametrize("name", REGISTERS)
def test_the_json_holds_every_row_of_the_register(cell: Cell, world: World, name: str) -> None:
    answer = cell.app.test_client().get(f"/open-data/{name}.json")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="xietong-{name}.json"'
    assert answer.json["items"] == register(cell, REGISTERS[name].path)
    assert len(answer.json["items"]) >= 1
    assert set(answer.json) == {"source", "as_of", "licence", "items", "names"}


@pytest.mark.parametrize("name", REGISTERS)
def test_the_csv_holds_every_row_below_three_lines_that_say_what_it_is(cell: Cell, world: World, name: str) -> None:
    answer = cell.app.test_client().get(f"/open-data/{name}.csv")
    lines = answer.data.decode("utf-8-sig").split("\r\n")
    assert [line.split(":")[0] for line in lines[:3]] == ["# source", "# as_of", "# licence"]
    rows = list(csv.DictReader(io.StringIO("\r\n".join(lines[3:]))))
    (key,) = [title for title in rows[0] if title.endswith("[id]")]
    assert [row[key] for row in rows] == [item["id"] for item in register(cell, REGISTERS[name].path)]


def test_the_licence_is_what_the_operator_says_and_nothing_is_made_up(cell: Cell, world: World) -> None:
    before = cell.database.settings
    assert "not stated" in cell.app.test_client().get("/open-data/parks.json").json["licence"]
    try:
        cell.database.settings = replace(
            before, portal=PortalSettings(data_licence="CC BY 4.0", map_number="GS(2026)1")
        )
        assert cell.app.test_client().get("/open-data/parks.json").json["licence"] == "CC BY 4.0"
        page = cell.app.test_client().get("/?lang=zh", headers={"Accept": "text/html"}).text
        assert "GS(2026)1" in page
        assert "示意图" not in page
    finally:
        cell.database.settings = before


def test_no_other_register_is_given_away(cell: Cell) -> None:
    for name in ("users", "certificates", "agreements", "parks.xml"):
        assert cell.app.test_client().get(f"/open-data/{name}.csv").status_code == 404
