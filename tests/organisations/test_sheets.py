"""Import files: what is read, and what is refused as a whole before a row is taken."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import pytest
import xlsxwriter

from services.organisations.domain import sheets
from services.organisations.domain.columns import COLUMNS, columns_of
from services.organisations.domain.rows import parsed
from services.organisations.domain.sheets import examined, numbered_rows
from services.organisations.queries.imports import template_csv, template_workbook
from shared.errors import InvalidError
from tests.organisations.builders import HEADINGS, as_csv, as_workbook, credit_code, made_up
from tests.organisations.test_domain import TODAY

ROWS = list(made_up(5))


def read(content):
    file = io.BytesIO(content)
    sheet = examined(file)
    return sheet, list(numbered_rows(file, form=sheet.form))


def refusal(content):
    with pytest.raises(InvalidError) as error:
        examined(io.BytesIO(content))
    return error.value.code


def member(content, name, change):
    """A workbook with one member changed."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.namelist():
            new.writestr(item, change(old.read(item)) if item == name else old.read(item))
    return made.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def with_cell(cell):
    return member(as_workbook(ROWS), SHEET, lambda text: text.replace(b"</sheetData>", cell + b"</sheetData>"))


@pytest.mark.parametrize(
    "content",
    [
        as_csv(ROWS), as_csv(ROWS, encoding="utf-8-sig"), as_csv(ROWS, encoding="gb18030"), as_workbook(ROWS),
        as_csv(ROWS).replace(b"\r\n", b"\n"), as_csv(ROWS) + b"\r\n,,,,\r\n",
    ],
    ids=["utf-8", "byte order mark", "gb18030", "workbook", "unix lines", "blank lines"],
)  # fmt: skip
def test_the_same_rows_are_read_from_every_form(content):
    sheet, rows = read(content)
    assert (sheet.columns, sheet.rows) == (list(HEADINGS), 5)
    assert [(number, cells[:4]) for number, cells in rows[1:]] == [
        (number, [row[name] for name in HEADINGS[:4]]) for number, row in enumerate(ROWS, 2)
    ]


def test_numbers_and_days_in_a_workbook_read_as_they_look():
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(2, 0, ["code", "name_zh", "kind", "division", "public", "qualification_valid_from"])
        sheet.write_row(3, 0, [credit_code(), "甲厂", "企业", 511600, True])
        sheet.write_datetime(3, 5, datetime(2026, 1, 2, tzinfo=UTC).replace(tzinfo=None), day)
    sheet_, rows = read(made.getvalue())
    assert sheet_.rows == 1
    assert rows[1][0] == 4
    assert rows[1][1][2:] == ["企业", "511600", "是", "2026-01-02"]


@pytest.mark.parametrize("content", [template_csv(), template_workbook()])
def test_the_template_is_read_and_its_example_is_never_imported(content):
    sheet, rows = read(content)
    assert sheet.columns == list(COLUMNS)
    found = parsed(rows[1][1], sheet.columns, today=TODAY)
    assert [fault["column"] for fault in found.faults] == ["code"]


def test_wrong_columns_are_named_one_by_one():
    with pytest.raises(InvalidError) as error:
        columns_of(["code", "中文名称", "名称", "code", "division", ""])
    assert error.value.code == "columns_wrong"
    said = [fault.en for fault in error.value.faults]
    assert len(said) == 3
    assert ["名称" in said[0], "统一社会信用代码" in said[1], "kind" in said[2]] == [True] * 3


def bomb():
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(as_workbook(ROWS))) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.namelist():
            new.writestr(item, old.read(item))
        new.writestr("xl/media/huge.bin", b"\0" * 210_000_000)
    return made.getvalue()


def lying_bomb():
    """The directory at the end says that the member is small."""
    content = bytearray(bomb())
    place = content.rindex(b"xl/media/huge.bin") - 46
    content[place + 24 : place + 28] = (1000).to_bytes(4, "little")
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04 and then nothing", "not_a_workbook"),
        (b"\xd0\xcf\x11\xe0 an old workbook", "not_a_workbook"),
        (as_csv(ROWS, ("code", "name_zh")), "columns_wrong"),
        (as_workbook(ROWS, ("code", "name_zh")), "columns_wrong"),
        (b"", "file_empty"), (as_csv([]), "file_empty"),
        (b"code,\xff\xff\xff", "encoding_unknown"), ("code,name".encode("utf-16"), "encoding_unknown"),
        (b'code,"name\n' + b"x" * 100, "csv_malformed"),
        (as_csv([{**ROWS[0], "name_zh": "长" * 2001}]), "cell_too_long"),
        (with_cell(b'<row r="9"><c r="A9"><f>1+1</f><v>2</v></c></row>'), "formula_in_workbook"),
        (with_cell(b'<row r="9"><c r="A9"><f/></c></row>'), "formula_in_workbook"),
        (with_cell(b'<row r="9"><x:c xmlns:x="a"><x:f>1</x:f></x:c></row>'), "formula_in_workbook"),
        (with_cell(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "sheet_too_large"),
        (with_cell(b'<row r="200002"><c r="A200002"><v>1</v></c></row>'), "sheet_too_large"),
        (with_cell(b"<row r = '300000'></row>"), "sheet_too_large"),
        (member(as_workbook(ROWS), SHEET, lambda text: text.decode().encode("utf-16")), "not_a_workbook"),
        (member(as_workbook(ROWS), SHEET, lambda text: text.replace(b"<worksheet", b"<!DOCTYPE a [<!ENTITY b 'c'>]>"
                                                                    b"<worksheet", 1)), "not_a_workbook"),
        (member(as_workbook(ROWS), SHEET, lambda text: text[:100]), "not_a_workbook"),
    ],
)  # fmt: skip
def test_an_unusable_file_is_refused_with_its_reason(content, code):
    assert refusal(content) == code


@pytest.mark.parametrize("make", [bomb, lying_bomb])
def test_a_bomb_is_refused_before_it_is_unpacked_into_memory(make):
    assert refusal(make()) == "workbook_too_large"


def test_a_workbook_of_the_old_kind_is_refused_by_its_bytes():
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)) == "not_a_workbook"


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr(sheets, "MOST_ROWS", 4)
    assert refusal(as_csv(ROWS)) == "too_many_rows"


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({}, []),
        ({"code": ""}, [("code", "required")]),
        ({"code": "91110000600037341K", "kind": "银行"}, [("code", "checksum"), ("kind", "kind_unknown")]),
        ({"division": "999999", "name_zh": "长" * 201}, [("name_zh", "too_long"), ("division", "unknown_division")]),
        ({"sectors": "C36;U"}, [("sectors", "sector_format")]),
        ({"public": "maybe"}, [("public", "yes_or_no")]),
        ({"qualification": "小巨人", "qualification_valid_from": "2026-13-01"},
         [("qualification_valid_from", "not_a_day")]),
        ({"qualification_number": "7"}, [("qualification", "required")]),
        ({"qualification": "ISO", "qualification_valid_from": "2026-02-01", "qualification_valid_to": "2026-01-01"},
         [("qualification_valid_to", "period_invalid")]),
    ],
)  # fmt: skip
def test_every_fault_of_a_row_is_found(changes, faults):
    blank = {"code": "91110000600037341L", "name_zh": "甲厂", "kind": "企业", "division": "511600"}
    columns = list(COLUMNS)
    found = parsed([{**blank, **changes}.get(name, "") for name in columns], columns, today=TODAY)
    assert [(item["column"], item["code"]) for item in found.faults] == faults


def test_a_good_row_says_what_its_cells_say():
    cells = ["9111 0000 6000 37341l", "甲厂", "检测机构", "511600", "", "老厂;旧厂", "c36、m", "是", "小巨人", "", "7"]
    cells += ["", "2026/1/2", ""]
    found = parsed(cells, list(COLUMNS), today=TODAY)
    assert found.values == {
        "code": "91110000600037341L", "name_zh": "甲厂", "kind": "testing_body", "division": "511600",
        "former_names": ["老厂", "旧厂"], "sectors": ["C36", "M"], "public": True,
    }  # fmt: skip
    assert found.qualification is not None
    assert (found.qualification["valid_from"], found.qualification["valid_to"]) == ("2026-01-02", "2029-01-01")
