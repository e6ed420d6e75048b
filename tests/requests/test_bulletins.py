"""Bulletins: a jurisdiction says of itself, for anybody, how it kept its terms in a period that is over."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert

from services.requests.commands.bulletins import publish_bulletin
from services.requests.domain.bulletins import check_period
from services.requests.models import Tally
from services.requests.models.tallies import COUNTS
from shared.core.errors import ConflictError, InvalidError
from tests.builders.cell import Cell
from tests.requests.given import REASON, done, filed, opened

TODAY = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("since", "until", "code"),
    [
        ((2026, 11, 2), (2026, 11, 1), "period_reversed"), ((2025, 11, 1), (2026, 11, 2), "period_long"),
        ((2026, 11, 1), (2026, 12, 1), "period_open"),
    ],
)  # fmt: skip
def test_a_period_is_over_and_of_a_year_at_most(
    since: tuple[int, int, int], until: tuple[int, int, int], code: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        check_period(date(*since), date(*until), today=TODAY)
    assert refused.value.code == code
    check_period(date(2025, 12, 1), date(2026, 11, 30), today=TODAY)


def test_a_jurisdiction_speaks_for_itself_and_anybody_reads_it(cell: Cell, sichuan: UUID) -> None:
    guizhou = cell.tenant("guizhou")
    item = opened(cell, guizhou)
    for outcome in ("approved", "refused"):
        url = filed(cell, sichuan, item)
        done(cell, guizhou, url, "accept")
        done(cell, guizhou, url, "decide", outcome=outcome, ground="依据", remedy="复议", **REASON)
    # Home too, for an item of its own: another role of the same tenant.
    filed(cell, guizhou, item)
    first = cell.clock.now().date()
    cell.clock.advance(timedelta(days=2))
    period = {"since": str(first - timedelta(days=1)), "until": str(first + timedelta(days=1))}
    made = cell.client(guizhou).post("/v1/bulletins", period)
    assert made.status_code == 201, made.json
    again = cell.client(guizhou).post("/v1/bulletins", period)
    assert (again.status_code, again.json["code"]) == (409, "bulletin_published")
    cell.carry()
    public = cell.app.test_client().get("/v1/public/bulletins", query_string={"tenant": str(guizhou)}).json
    (shown,) = public["items"]
    sums = {one["role"]: one for one in shown["sums"]}
    assert {name: sums["handler"][name] for name in ("cases", "decided", "decided_share", "refused", "light")} == {
        "cases": 3, "decided": 2, "decided_share": "100", "refused": 1, "light": "too_few",
    }  # fmt: skip
    assert sums["home"]["cases"] == 1
    assert {(one["role"], one["cases"]) for one in shown["rows"]} == {("handler", 3), ("home", 1)}
    # Nothing of what Sichuan did as home of two of the cases.
    assert str(sichuan) not in str(shown)
    board = cell.client(guizhou).get("/v1/requests/scoreboard", query_string={**period, "role": "handler"}).json["rows"]
    (own,) = [one for one in board if one["item"] == item]
    (line,) = [one for one in shown["rows"] if one["role"] == "handler"]
    assert {name: line[name] for name in own if name in line} == {name: own[name] for name in own if name in line}
    # By its jurisdiction: what was told to anybody a moment ago is told again for some seconds.
    asked = {"tenant": str(guizhou)}
    page = cell.app.test_client().get("/bulletins", query_string=asked, headers={"Accept": "text/html"}).text
    assert "检验检测机构能力核验" in page


def test_a_bulletin_of_very_many_items_keeps_the_sums_of_all(cell: Cell, sichuan: UUID) -> None:
    day = cell.clock.now().date() - timedelta(days=400)
    counts = dict.fromkeys((one.key for one in COUNTS), 1)
    sides = {"handler": sichuan, "home": sichuan}
    rows = [
        {"tenant_id": sichuan, "id": 10**9 + number, "day": day, "item_id": uuid4(), **sides, **counts}
        for number in range(600)
    ]
    with cell.session(sichuan) as session:
        session.execute(insert(Tally), rows)
    period = {"since": str(day), "until": str(day)}
    made = cell.client(sichuan).post("/v1/bulletins", period).json
    (handled,) = [one for one in made["rows"] if one["role"] == "handler" and one["item"] is None]
    assert (len(made["rows"]), handled["cases"], handled["name_zh"]) == (2 * 51, 550, "其他事项")
    assert [one["cases"] for one in made["sums"]] == [600, 600]
    board = cell.client(sichuan).get("/v1/requests/scoreboard", query_string=period).json
    assert (len(board["rows"]), board["is_cut"]) == (500, True)


def test_of_two_bulletins_of_one_period_at_once_one_is_published(cell: Cell, sichuan: UUID) -> None:
    day = cell.clock.now().date() - timedelta(days=3)

    def publish(_number: int) -> str:
        try:
            with cell.session(sichuan) as session:
                return str(publish_bulletin(session, since=day, until=day).state)
        except ConflictError as error:
            return error.code

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(publish, range(8)))
    assert sorted(results) == ["bulletin_published"] * 7 + ["published"]


def test_what_is_withdrawn_is_in_no_list_for_anybody_and_may_be_said_anew(cell: Cell, sichuan: UUID) -> None:
    guizhou = cell.tenant("guizhou")
    day = str(cell.clock.now().date() - timedelta(days=3))
    period = {"since": day, "until": day}
    key = cell.client(guizhou).post("/v1/bulletins", period).json["id"]
    withdrawn = cell.client(guizhou).post(f"/v1/bulletins/{key}/withdraw", {"reason": "更正统计口径"})
    assert withdrawn.status_code == 200, withdrawn.json
    cell.carry()
    assert cell.app.test_client().get("/v1/public/bulletins", query_string={"tenant": str(guizhou)}).json["items"] == []
    assert cell.client(sichuan).get(f"/v1/bulletins/{key}").json["state"] == "withdrawn"
    assert cell.client(guizhou).post("/v1/bulletins", period).status_code == 201
