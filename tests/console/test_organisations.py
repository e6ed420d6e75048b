"""Organisations at the console: a table is imported, corrected and imported again; contacts are kept and erased."""

from __future__ import annotations

import io
from uuid import UUID

import pytest
from python_calamine import CalamineWorkbook

from tests.builders.cell import Cell
from tests.builders.consoles import PAGE, Desk, hidden_of
from tests.builders.identity import make_user
from tests.organisations.builders import as_csv, as_workbook, made_up, registered, run_to_its_end

WIZARD = "/console/imports/import"
HEADINGS = ("code", "name_zh", "kind", "division")


@pytest.fixture
def desk(cell: Cell, sichuan: UUID) -> Desk:
    return Desk(cell, make_user(cell, sichuan, "official"))


def sent(desk: Desk, content: bytes, name: str) -> str:
    """The page of the job that looks at this table."""
    given = {**hidden_of(desk.get(WIZARD), WIZARD), "table": (io.BytesIO(content), name)}
    answer = desk.browser.post(WIZARD, data=given, headers=PAGE, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text[-3000:]
    there: str = answer.headers["Location"]
    return there


def test_a_table_with_errors_is_corrected_and_imported(cell: Cell, desk: Desk) -> None:
    assert WIZARD in desk.get("/console/organisations").text
    template = desk.get("/console/imports/file/download_import_template_xlsx")
    assert CalamineWorkbook.from_filelike(io.BytesIO(template.data)).sheet_names
    rows = [{name: row[name] for name in HEADINGS} for row in made_up(3)]
    good = rows[1]["division"]
    rows[1]["division"] = "999999"
    there = sent(desk, as_csv(rows, HEADINGS), "机构.csv")
    page = desk.get(there)
    assert "data-follow" in page.text
    run_to_its_end(cell)
    page = desk.get(there)
    assert "data-follow" not in page.text
    assert "999999" not in desk.get("/console/organisations").text
    assert "<code>D3</code>" in page.text
    workbook = desk.get(f"{there}/file/download_import_errors")
    table = CalamineWorkbook.from_filelike(io.BytesIO(workbook.data)).get_sheet_by_index(0).to_python()
    headings, wrong = table[0], dict(zip(table[0], table[1], strict=True))
    assert len(table) == 2
    column = next(one for one in headings if "division" in str(one))
    wrong[column] = good
    corrected = [rows[0], {name: str(wrong[next(h for h in headings if name in str(h))]) for name in HEADINGS}]
    again = sent(desk, as_workbook(corrected, HEADINGS), "机构-改好.xlsx")
    run_to_its_end(cell)
    page = desk.get(again)
    run = f"{again}/run"
    answer = desk.send(page, run)
    assert answer.status_code == 303, answer.text[-2000:]
    run_to_its_end(cell)
    assert "导入完成" in desk.get(answer.headers["Location"]).text
    listed = desk.get("/console/organisations").text
    assert all(row["name_zh"] in listed for row in rows[:2])
    assert desk.get("/console/imports").text.count(">已完成<") == 3


def test_a_file_that_is_no_table_is_refused_with_what_to_do(desk: Desk) -> None:
    given = {**hidden_of(desk.get(WIZARD), WIZARD), "table": (io.BytesIO("名称\n甲".encode()), "x.csv")}
    answer = desk.browser.post(WIZARD, data=given, headers=PAGE, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "统一社会信用代码" in answer.text
    answer = desk.send(desk.get(WIZARD), WIZARD)
    assert (answer.status_code, "请先选择" in answer.text) == (422, True)


def test_a_contact_is_kept_revised_and_erased(cell: Cell, sichuan: UUID, desk: Desk) -> None:
    made = registered(cell.client(sichuan))
    whole = f"/console/organisations/{made['id']}"
    page = desk.get(f"{whole}/do/add_contact")
    fields = {"/name": "赵敏", "/title": "总工程师", "/phone": "028-86601234"}
    page = desk.send(page, f"{whole}/do/add_contact", **fields, do="check")
    answer = desk.send(page, f"{whole}/do/add_contact", do="send")
    assert answer.status_code == 303, answer.text[-2000:]
    page = desk.get(f"{whole}?tab=contacts")
    assert "赵敏" in page.text
    there = page.text.split('href="/console/contacts/')[1].split('"')[0]
    assert "总工程师" in desk.get(f"/console/contacts/{there}").text
    erase = f"/console/contacts/{there}/do/erase"
    answer = desk.send(desk.get(erase), erase, do="send")
    assert answer.status_code == 303, answer.text[-2000:]
    assert "赵敏" not in desk.get(f"{whole}?tab=contacts").text
