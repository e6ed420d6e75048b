"""A yearly list of service items at the console: looked at without any change, then taken, faults by row and column."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

import pytest

from tests.builders.cell import Cell
from tests.builders.consoles import PAGE, Desk, hidden_of, read, text_of
from tests.builders.identity import make_user, quick_hashing
from tests.requests.given import opened

IMPORT, LIST = "/console/service-items/new/imports", "/console/service-items"
HEADING = "code,name_zh,category,nature,mode,provider,basis,answer\n"


@pytest.fixture
def desk(cell: Cell, sichuan: UUID) -> Desk:
    with quick_hashing():
        return Desk(cell, make_user(cell, sichuan, "official"))


def uploaded(desk: Desk, text: str) -> Any:
    given: dict[str, Any] = hidden_of(desk.get(IMPORT), IMPORT)
    table = {"table": (io.BytesIO(text.encode()), "2027.csv")} if text else {}
    return desk.browser.post(IMPORT, data={**given, **table}, headers=PAGE)


def test_a_list_is_looked_at_and_then_taken_and_what_it_lacks_is_named(desk: Desk, cell: Cell, sichuan: UUID) -> None:
    opened(cell, sichuan, code="OLD-1", name_zh="旧事项")
    assert IMPORT in desk.get(LIST).text
    page = uploaded(desk, f"{HEADING}N-1,新事项,其他,公益,全程网办,局(虚构),法,20\n")
    assert "检查通过" in text_of(page)
    assert "OLD-1" in text_of(page)
    assert "新事项" not in text_of(desk.get(LIST))
    taken = desk.send(page, IMPORT)
    assert "导入完成" in text_of(taken)
    cell.carry()
    assert "新事项" in text_of(desk.get(LIST))
    # The same press again is the same import.
    assert "导入完成" in text_of(desk.send(page, IMPORT))
    assert text_of(desk.get(LIST)).count("N-1") == 1


def test_what_is_wrong_in_a_list_is_said_by_row_and_column(desk: Desk) -> None:
    refused = uploaded(desk, f"{HEADING}N-1,新,其他,公益,网办,局,法,二十\n")
    assert refused.status_code == 422
    assert "E2" in read(refused)
    assert "H2" in read(refused)
    assert uploaded(desk, "").status_code == 422
    assert desk.get(f"{LIST}/file/download_item_template").data.decode("utf-8-sig").startswith("事项编码,")
