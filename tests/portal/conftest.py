"""Something of everything that is public, and something that is not."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest

from services.portal.calling import registers
from tests.builders.cell import Cell
from tests.parks.builders import Story
from tests.requests.given import opened
from tests.standards.certification import accredited
from tests.standards.drafting import Drafting, number, today

SECRET = "尚在协商的秘密园区"
TOKEN = "a-link-for-the-room"


@dataclass
class World:
    """Two jurisdictions with what they share, and the ids of it."""

    one: UUID
    other: UUID
    code: str
    park: str
    standard: str
    number: str
    body: str
    consultation: str
    item: str


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test changes is seen at once."""
    monkeypatch.setattr(registers, "FRESH", -1.0)


@pytest.fixture(scope="module")
def world(the_cell: Cell) -> World:
    cell = the_cell
    one = cell.tenant("sc", name_zh="四川省", name_en="Sichuan", division_codes=["510000"])
    other = cell.tenant("cq", name_zh="重庆市", name_en="Chongqing", division_codes=["500000"])
    park = Story(cell, one, other).active()
    Story(cell, one, other).draft(name_zh=SECRET, name_en="Secret Park")
    joint = Drafting(cell, one, other)
    joint.numbers[other] = number("DB50/T")
    joint.open()
    joint.present()
    standard = joint.conclude()
    body = accredited(cell, one, standard["id"])
    drafting = Drafting(cell, one, other)
    drafting.open(effective_from=today(cell, 60))
    assert drafting.post(one, "/consult", {"closes_on": today(cell, 20)})["status"] == 200
    consultation = str(drafting.get(one)["consultation"])
    item = opened(cell, other, name_zh="检测能力核验", name_en="Check of a laboratory")
    code = cell.client(one).get(f"/v1/tenants/{one}").json["code"]
    return World(
        one,
        other,
        code,
        park.url.rpartition("/")[2],
        standard["id"],
        standard["numbers"][0],
        body["id"],
        consultation,
        item,
    )
