"""A yearly list of service items from a table: new ones drafted, known ones revised, or nothing and all faults."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

import pytest
import xlsxwriter

from services.requests.domain.listed import MOST_ROWS
from tests.builders.cell import Cell
from tests.requests.given import opened

HEADING = "事项编码,事项名称,类别,性质,办理方式,实施单位,设定依据,受理条件,申请材料,受理期限,办理期限,可延长天数,收费"
ROWS = (
    "CY-1,排污许可,行政许可,公益,全程网办,生态环境局(虚构),行政许可法第四十二条,企业;有场所,营业执照;授权书(可不交),5,20个工作日,10,不收费",
    "CY-2,社会保障卡申领,certificate,public_welfare,异地代收代办,人社局(虚构),社会保险法,,身份证明,,30天,,",
)


def table(*rows: str, heading: str = HEADING) -> bytes:
    return "\n".join([heading, *rows]).encode()


def imported(cell: Cell, tenant: UUID, content: bytes, *, dry_run: bool = False) -> Any:
    client = cell.client(tenant)
    headers = {"Authorization": f"Bearer {client.mint()}", "Content-Type": "text/csv"}
    kept = client.flask.post("/v1/files", data=io.BytesIO(content), headers=headers)
    assert kept.status_code == 201, kept.json
    return client.post("/v1/service-items/imports", {"file": kept.json["sha256"], "dry_run": dry_run})


def counts(answer: Any) -> tuple[int, int, int, list[str]]:
    assert answer.status_code == 201, answer.json
    told = answer.json
    return told["drafted"], told["revised"], told["unchanged"], [one["code"] for one in told["absent"]]


def items(cell: Cell, tenant: UUID) -> dict[str, dict[str, Any]]:
    cell.carry()
    listed = cell.client(tenant).get("/v1/service-items", query_string={"tenant": str(tenant), "limit": 100})
    return {one["code"]: one for one in listed.json["items"]}


def test_a_list_drafts_what_is_new_and_a_dry_run_writes_nothing(cell: Cell, sichuan: UUID) -> None:
    assert counts(imported(cell, sichuan, table(*ROWS), dry_run=True)) == (2, 0, 0, [])
    assert items(cell, sichuan) == {}
    assert counts(imported(cell, sichuan, table(*ROWS))) == (2, 0, 0, [])
    first, second = items(cell, sichuan).values()
    assert (first["state"], first["category"], first["mode"], first["edition"]) == ("draft", "licence", "online", 1)
    sheet = first["sheet"]
    assert [(one["name_zh"], one["required"]) for one in sheet["materials"]] == [("营业执照", True), ("授权书", False)]
    assert (sheet["conditions"], sheet["fee"]) == (["企业", "有场所"], "不收费")
    assert sheet["answer"] == {"days": 20, "unit": "working", "extension": 10, "silence": "none"}
    assert (second["sheet"]["answer"]["unit"], second["sheet"]["acceptance"]["days"]) == ("calendar", 5)


def test_the_next_years_list_revises_those_of_the_same_code_and_names_what_it_lacks(cell: Cell, sichuan: UUID) -> None:
    imported(cell, sichuan, table(*ROWS))
    before = items(cell, sichuan)
    opened(cell, sichuan, code="CY-9")
    for row in before.values():
        assert cell.client(sichuan).post(f"/v1/service-items/{row['id']}/open", {}).status_code == 200
    heading = "code,name_zh,answer,materials"
    content = table("CY-1,排污许可,15,营业执照;环评批复", "CY-2,社会保障卡申领,,", heading=heading)
    assert counts(imported(cell, sichuan, content)) == (0, 1, 1, ["CY-9"])
    after = items(cell, sichuan)
    revised, sheet = after["CY-1"], after["CY-1"]["sheet"]
    assert (len(after), revised["id"], revised["edition"]) == (3, before["CY-1"]["id"], 2)
    assert (sheet["answer"]["days"], sheet["answer"]["extension"], sheet["fee"]) == (15, 10, "不收费")
    assert [one["key"] for one in sheet["materials"]] == ["paper_1", "paper_3"]
    assert after["CY-2"]["edition"] == 1
    assert counts(imported(cell, sichuan, content)) == (0, 0, 2, ["CY-9"])


def test_every_wrong_cell_is_named_by_row_and_column_and_nothing_is_changed(cell: Cell, sichuan: UUID) -> None:
    closed = opened(cell, sichuan, code="OLD-1")
    client = cell.client(sichuan)
    assert client.post(f"/v1/service-items/{closed}/close", {"reason": "停办"}).status_code == 200
    rows = [
        ROWS[0],
        "CY-1,排污,行政许可,公益,全程网办,局,法,,,5,20,,",
        "坏 码,名,行政许可,公益,全程网办,局,法,,,5,20,,",
        "CY-3,名,许可类,公益,网办,局,法,,,5,二十,400,",
        "CY-4,名,,公益,全程网办,局,法,,,5,,,",
        "OLD-1,名,行政许可,公益,全程网办,局,法,,,5,20,,,多余",
    ]
    refused = imported(cell, sichuan, table(*rows))
    assert (refused.status_code, refused.json["code"]) == (422, "item_rows")
    assert {one["pointer"] for one in refused.json["errors"]} == {"/file"}
    assert [one["message"]["en"].partition(":")[0] for one in refused.json["errors"]] == [
        "Row 3, code (A3)", "Row 4, code (A4)", "Row 5, category (C5)", "Row 5, mode (E5)", "Row 5, answer (K5)",
        "Row 5, extension (L5)", "Row 6, category (C6)", "Row 6, answer (K6)", "Row 7, code (A7)", "Row 7 (N7)",
    ]  # fmt: skip
    assert "行政许可" in refused.json["errors"][2]["message"]["zh"]
    assert [*items(cell, sichuan)] == ["OLD-1"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (table("x", heading="code"), "columns_wrong"),
        (b"code,name_zh\n", "file_empty"),
        (table("X-1,\u540d", heading="code,name_zh"), "item_rows"),
        (table(*[f"X-{number},名" for number in range(MOST_ROWS + 1)], heading="code,name_zh"), "list_too_long"),
    ],
)
def test_a_table_that_is_no_list_of_items_is_refused(cell: Cell, sichuan: UUID, content: bytes, code: str) -> None:
    refused = imported(cell, sichuan, content)
    assert (refused.status_code, refused.json["code"]) == (422, code), refused.json


def test_a_workbook_with_numbers_is_read_and_only_who_keeps_items_imports_them(cell: Cell, sichuan: UUID) -> None:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        sheet = book.add_worksheet("清单")
        for number, row in enumerate([HEADING.split(","), [1001, *ROWS[0].split(",")[1:9], 5, 20, 10, "不收费"]]):
            for place, value in enumerate(row):
                sheet.write(number, place, value)
    assert counts(imported(cell, sichuan, made.getvalue())) == (1, 0, 0, [])
    assert [*items(cell, sichuan)] == ["1001"]
    template = cell.client(sichuan).get("/v1/service-items/imports/template.csv")
    assert template.data.decode("utf-8-sig").startswith("事项编码,")
    clerk = cell.client(sichuan, "clerk")
    assert clerk.post("/v1/service-items/imports", {"file": "ab" * 32}).status_code == 403


def test_a_thousand_rows_are_taken_at_once_and_revised_at_once(cell: Cell, sichuan: UUID) -> None:
    def listed(days: int) -> bytes:
        return table(*[
            f"CY-{number:04},事项{number},其他,公益,全程网办,局,法,,,5,{days},," for number in range(1_000)
        ])  # fmt: skip

    assert counts(imported(cell, sichuan, listed(20))) == (1_000, 0, 0, [])
    assert counts(imported(cell, sichuan, listed(15))) == (0, 1_000, 0, [])
