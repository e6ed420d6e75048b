"""A year's days from a table: taken as they stand there, or refused by row and column, and nothing changed."""

from __future__ import annotations

import io
from datetime import date
from typing import Any
from uuid import UUID

import pytest
import xlsxwriter

from services.calendars.domain.calendar import MOST_DAYS
from tests.builders.administration import system
from tests.builders.cell import Cell

NOTICE = "国办发明电〔2026〕1号(虚构)"
CHINESE = "日期,是否上班,名称\r\n2027年1月3日,班,元旦调休\r\n2027-01-01,休,元旦\r\n"
DAYS = [("2027-01-01", False, "元旦"), ("2027-01-03", True, "元旦调休")]


def imported(cell: Cell, tenant: UUID, content: bytes, **changes: Any) -> Any:
    client = system(cell, tenant)
    headers = {"Authorization": f"Bearer {client.mint()}", "Content-Type": "text/csv"}
    kept = client.flask.post("/v1/files", data=io.BytesIO(content), headers=headers)
    assert kept.status_code == 201, kept.json
    draft = {"file": kept.json["sha256"], "year": 2027, "notice": NOTICE, **changes}
    return client.post("/v1/calendars/imports", draft)


def days_of(answer: Any) -> list[tuple[str, bool, str]]:
    assert answer.status_code == 201, answer.json
    return [(one["day"], one["is_working"], one["name_zh"]) for one in answer.json["days"]]


def workbook(*rows: list[Any]) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as book:
        sheet, day = book.add_worksheet("放假安排"), book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                sheet.write(number, place, value, *([day] if isinstance(value, date) else []))
    return made.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        CHINESE.encode(),
        CHINESE.encode("gb18030"),
        b"\xef\xbb\xbfname_zh,day,is_working\n" + "元旦,2027/1/1,否\n元旦调休,2027/1/3,是\n".encode(),
        workbook(
            ["日期 / day", "休/班", "节日"], [date(2027, 1, 1), "休", "元旦"], [date(2027, 1, 3), True, "元旦调休"]
        ),
    ],
    ids=["utf-8", "gb18030", "english", "xlsx"],
)
def test_the_days_of_a_table_are_the_draft_of_its_year(cell: Cell, sichuan: UUID, content: bytes) -> None:
    answer = imported(cell, sichuan, content)
    assert days_of(answer) == DAYS
    assert (answer.json["state"], answer.json["year"], answer.json["notice"]) == ("draft", 2027, NOTICE)
    assert answer.headers["Location"].endswith(f"/v1/calendars/{answer.json['id']}")


def test_a_second_table_takes_the_place_of_the_drafts_days_and_a_published_year_is_left_alone(
    cell: Cell, sichuan: UUID
) -> None:
    first = imported(cell, sichuan, CHINESE.encode())
    second = imported(cell, sichuan, "day,is_working,name_zh\n2027-01-01,off,元旦\n".encode(), notice=None)
    assert days_of(second) == DAYS[:1]
    assert (second.json["id"], second.json["notice"]) == (first.json["id"], NOTICE)
    assert system(cell, sichuan).post(f"/v1/calendars/{first.json['id']}/publish", {}).status_code == 200
    refused = imported(cell, sichuan, CHINESE.encode())
    assert (refused.status_code, refused.json["code"]) == (409, "calendar_published")


def test_what_is_wrong_is_named_by_row_and_column_in_both_languages_and_nothing_is_changed(
    cell: Cell, sichuan: UUID
) -> None:
    rows = ["2027-02-30,休,春节", "2028-01-01,休,元旦", "2027-01-04,也许,元旦", "2027-01-05,休,",
            "2027-01-06,休,节,多余", "2027-01-03,班,调休", "2027-01-03,班,调休"]  # fmt: skip
    refused = imported(cell, sichuan, "\n".join(["日期,是否上班,名称", *rows]).encode())
    assert (refused.status_code, refused.json["code"]) == (422, "calendar_rows")
    faults = refused.json["errors"]
    assert {one["pointer"] for one in faults} == {"/file"}
    assert [one["message"]["zh"].partition(":")[0] for one in faults] == [
        "第 2 行“日期”(A2)", "第 3 行“日期”(A3)", "第 4 行“是否上班”(B4)", "第 5 行“名称”(C5)", "第 6 行(D6)",
        "第 8 行“日期”(A8)",
    ]  # fmt: skip
    assert [one["message"]["en"].partition(":")[0] for one in faults][::5] == ["Row 2, day (A2)", "Row 8, day (A8)"]
    assert "7" in faults[-1]["message"]["en"]
    assert system(cell, sichuan).get("/v1/calendars", query_string={"tenant": str(sichuan)}).json["items"] == []


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"day,is_working\n2027-01-01,off\n", "columns_wrong"),
        (b"day,is_working,name_zh\n", "file_empty"),
        (b"PK\x03\x04 no workbook", "not_a_workbook"),
        (("day,is_working,name_zh\n" + "2027-01-01,off,x\n" * (MOST_DAYS + 1)).encode(), "calendar_too_long"),
        (workbook(["day", "is_working", "name_zh"], [46388, "休", "元旦"]), "calendar_rows"),
        (workbook(["day", "is_working", "name_zh"], ["=DATE(2027,1,1)", "休", "元旦"]), "calendar_rows"),
    ],
)
def test_a_table_that_is_none_of_a_year_is_refused(cell: Cell, sichuan: UUID, content: bytes, code: str) -> None:
    refused = imported(cell, sichuan, content)
    assert (refused.status_code, refused.json["code"]) == (422, code), refused.json


def test_a_file_that_nobody_uploaded_is_said_so_and_an_official_imports_nothing(cell: Cell, sichuan: UUID) -> None:
    draft = {"file": "ab" * 32, "year": 2027}
    refused = system(cell, sichuan).post("/v1/calendars/imports", draft)
    assert (refused.status_code, refused.json["code"]) == (422, "file_unknown")
    assert cell.client(sichuan).post("/v1/calendars/imports", draft).status_code == 403
