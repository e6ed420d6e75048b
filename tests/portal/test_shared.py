"""What jurisdictions share with each other, counted once however many of them are in it."""

from __future__ import annotations

import re

from tests.builders.cell import Cell
from tests.parks.builders import Story
from tests.portal.conftest import World

HTML = {"Accept": "text/html"}


def test_a_park_of_three_counts_once_between_two_provinces(cell: Cell, world: World) -> None:
    city = cell.tenant("cd", name_zh="成都市", name_en="Chengdu", division_codes=["510100"])
    Story(cell, world.one, city, world.other).active()
    groups = cell.app.test_client().get("/v1/public/tenants/shared").json["groups"]
    found = {(frozenset(one["tenants"]), one["kind"]): one["count"] for one in groups}
    pair = {str(world.one), str(world.other)}
    assert found == {
        (frozenset(pair), "parks"): 1, (frozenset(pair | {str(city)}), "parks"): 1, (frozenset(pair), "standards"): 1,
    }  # fmt: skip
    page = cell.app.test_client().get("/?lang=en", headers=HTML).text
    # One arc for two parks, and a row of the table for each two jurisdictions.
    assert re.search(r"Chongqing( Municipality)? and Sichuan( Province)?: 2 parks", page)
    assert len(re.findall(r"<td>parks</td>", page)) == 3


def test_joint_standards_are_those_of_several(cell: Cell, world: World) -> None:
    client = cell.app.test_client()
    listed = {flag: client.get(f"/v1/public/standards?joint={flag}").json["items"] for flag in ("true", "false")}
    assert [one["id"] for one in listed["true"]] == [world.standard]
    assert world.standard not in [one["id"] for one in listed["false"]]
