"""Workbooks: which sheet is read, what its cells say, what is marked, and what is no workbook."""

from __future__ import annotations

import io

import pytest

from shared.core.errors import InvalidError
from shared.tables import archives, workbooks
from shared.tables.files import table_in
from shared.tables.rows import LONGEST_CELL, MERGED, MOST_COLUMNS, Unread
from tests.builders.books import HEAD, book, changed, document, formula, one_sheet, sheet

GOOD = ("91510100MA6TE5T55J", "成都甲厂", "企业", "510100")
LIST = sheet(["企业"], ["科研机构"])
EXTENSION = (
    '<extLst><ext xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><x14:dataValidations>'
    '<x14:dataValidation><x14:formula1><xm:f xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main">A!$A$1</xm:f>'
    "</x14:formula1></x14:dataValidation></x14:dataValidations></ext></extLst>"
)
RULES = (
    "<conditionalFormatting><cfRule><formula>A1&gt;1</formula></cfRule></conditionalFormatting>"
    "<dataValidations><dataValidation><formula1>字典!$A$1:$A$2</formula1></dataValidation></dataValidations>"
)


def read(content):
    head, rows = table_in(io.BytesIO(content), headings=[name.casefold() for name in HEAD])
    return head, list(rows)


def marks(*cells, **options):
    """The cells of a row below the heading as they read, and their marks."""
    _, rows = read(one_sheet(cells, **options))
    return rows[1].cells, rows[1].marks


def refusal(content):
    with pytest.raises(InvalidError) as error:
        read(content)
    return error.value


@pytest.mark.parametrize(
    ("value", "text", "mark"),
    [
        ("  甲厂\t", "甲厂", None), ("a_x000D_\nb_x005F_x0041_", "a\r\nb_x0041_", None), ("_xD800_", "\ufffd", None),
        ("<c r='@' t='inlineStr'><is><r><t>甲</t></r> <r><t>厂</t></r><rPh><t>ko</t></rPh></is></c>", "甲厂", None),
        (("n", "511600"), "511600", "number"), (("n", "5.116E5"), "511600", "number"), (("n", "0.1"), "0.1", "number"),
        (("n", "999999999999999"), "999999999999999", "number"),
        (("n", "915101000326991000"), "9.15101000326991E+17", "cut"), (("n", "1e15"), "1.00000000000000E+15", "cut"),
        (("n", "nan"), "NAN", "cut"), (("n", "x"), "x", "shown"), (("n:4", "12345"), "012345", "number"),
        (("n:5", "0.5"), "0.5", "shown"), (("b", "1"), "TRUE", "boolean"), (("b", "0"), "FALSE", "boolean"),
        (("e", "#N/A"), "#N/A", "error"), ("#REF!", "#REF!", "error"), (MERGED, MERGED, "merged"),
        (("n:1", "46024"), "2026-01-02", "day"), (("n:2", "46024.75"), "2026-01-02", "day"),
        (("n:2", "59"), "1900-02-28", "day"), (("n:2", "61"), "1900-03-01", "day"), (("n:2", "60"), "60", "no_day"),
        (("n:2", "2958465"), "9999-12-31", "day"), (("n:2", "2958466"), "2958466", "no_day"),
        (("n:2", "-1"), "-1", "no_day"), (("n:3", "0.5"), "0.5", "no_day"), (("n:7", "46024"), "46024", "no_day"),
        (("d", "2026-01-02T00:00:00"), "2026-01-02", "day"), (("d", "yesterday"), "yesterday", "no_day"),
        (formula("A1", "乙"), "乙", "formula"), ("<c r='@'><f>1+1</f><v>2</v></c>", "2", "formula"),
        ("长" * (LONGEST_CELL + 1), "长" * LONGEST_CELL + "…", "long"),
    ],
)  # fmt: skip
def test_a_cell_reads_as_it_is_shown_or_is_marked(value, text, mark):
    assert marks("x", value) == (["x", text], [(1, mark)] if mark else [])


def test_days_are_counted_from_1904_where_the_workbook_says_so():
    content = book(("a", sheet(HEAD, [("n:2", "44562")])), properties='<workbookPr date1904="1"/>')
    assert read(content)[1][1].cells == ["2026-01-02"]


def test_lists_rules_and_extensions_are_no_formulas():
    assert marks(*GOOD, behind=RULES + EXTENSION) == (list(GOOD), [])


def test_a_formula_that_shows_nothing_is_a_mark_in_a_row_and_nothing_in_a_blank_one():
    _, rows = read(one_sheet([formula("B2")], [*GOOD, formula("B2")]))
    assert [(row.number, row.marks) for row in rows[1:]] == [(3, [(4, "formula")])]


def test_covered_cells_hidden_rows_and_hidden_columns_are_marked():
    merges = '<mergeCells><mergeCell ref="C2:D3"/><mergeCell ref="A9:A9"/></mergeCells>'
    columns = '<cols><col min="2" max="2" hidden="1"/><col min="4" max="16384" width="0"/></cols>'
    made = sheet(HEAD, GOOD[:3], GOOD[:2], GOOD, behind=merges, before=columns, attributes={4: 'hidden="1"'})
    _, rows = read(book(("机构", made)))
    assert rows[0].marks == [(1, "hidden_column"), (3, "hidden_column")]
    assert [(row.cells[2:], row.marks) for row in rows[1:]] == [
        (["企业", MERGED], [(3, "merged")]), ([MERGED, MERGED], [(2, "merged"), (3, "merged")]),
        (["企业", "510100"], [(0, "hidden")]),
    ]  # fmt: skip


def test_covered_cells_are_known_in_every_encoding_that_is_read():
    made = sheet(HEAD, GOOD[:3], behind='<mergeCells><mergeCell ref="C2:D2"/></mergeCells>')
    _, rows = read(changed(book(("机构", made)), {made.encode(): made.replace("UTF-8", "UTF-16").encode("utf-16")}))
    assert rows[1].marks == [(3, "merged")]


def test_cells_far_to_the_right_and_rows_far_below_take_no_room():
    far = document(
        "<sheetData><row><c t='inlineStr'><is><t>code</t></is></c></row>"
        "<row r='1048576'><c r='B1048576'><v>1</v></c><c r='XFD1048576'><v>1</v></c></row></sheetData>"
    )
    _, rows = read(book(("a", far)))
    assert rows[1] == (1_048_576, ["", "1"], [(1, "number"), (16_383, "beyond")])
    assert MOST_COLUMNS < 16_383


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_hidden_sheets_are_neither_chosen_nor_read(state):
    head, rows = read(book(("旧", sheet(HEAD, ["x"]), state), ("机构", sheet(HEAD, GOOD))))
    assert (head.sheet, head.unread, rows[1].cells) == ("机构", [Unread("旧", hidden=True)], list(GOOD))


def test_the_visible_sheet_with_the_headings_is_read_and_the_others_are_named():
    head, rows = read(book(("说明", sheet(["说明"])), ("字典", LIST), ("机构", sheet(HEAD, GOOD)), ("空", sheet())))
    assert (head.sheet, len(rows)) == ("机构", 2)
    assert [one.name for one in head.unread] == ["说明", "字典", "空"]


def test_two_sheets_with_the_headings_are_not_chosen_from():
    refused = refusal(book(("四川", sheet(HEAD, GOOD)), ("重庆", sheet(HEAD, GOOD))))
    assert refused.code == "several_sheets"
    assert ["四川" in refused.zh, "重庆" in refused.en] == [True, True]


DEEP = "<a>" * 40_000


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04 and then nothing", "not_a_workbook"), (b"\xd0\xcf\x11\xe0 an old one", "not_a_workbook"),
        (one_sheet(GOOD)[:-30], "not_a_workbook"), (book(("旧", sheet(HEAD, GOOD), "hidden")), "not_a_workbook"),
        (changed(one_sheet(GOOD), {b"<worksheet": b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet'}), "not_a_workbook"),
        (changed(one_sheet(GOOD), {b"</worksheet>": b""}), "not_a_workbook"),
        (changed(one_sheet(GOOD), {b'encoding="UTF-8"': b'encoding="GBK"'}), "not_a_workbook"),
        (changed(one_sheet(GOOD), {b'r="B2"': b'r="A1"'}), "not_a_workbook"),
        (changed(one_sheet(GOOD), {b'r="B2"': b'r="XFE2"'}), "not_a_workbook"),
        (changed(one_sheet(GOOD), {b'row r="2"': b'row r="1"'}), "not_a_workbook"),
        (changed(one_sheet(GOOD), {b'row r="2"': b'row r="1048577"'}), "not_a_workbook"),
        (one_sheet([("s", "7")]), "not_a_workbook"), (one_sheet([("s", "-1")]), "not_a_workbook"),
        (one_sheet(GOOD, behind="<mergeCell ref='A1:A1048576'/>"), "workbook_too_large"),
        (one_sheet(GOOD, behind=f"<a b='{'x' * 3_000_000}'/>"), "workbook_too_large"),
        (one_sheet(GOOD, behind=DEEP), "not_a_workbook"), (one_sheet(), "file_empty"),
        (book(*[(f"s{number}", LIST) for number in range(101)]), "workbook_too_large"),
    ],
)  # fmt: skip
def test_an_unusable_workbook_is_refused_with_its_reason(content, code):
    assert refusal(content).code == code


@pytest.mark.parametrize(
    ("module", "bound", "most"),
    [(archives, "LARGEST_CONTENT", 1000), (archives, "MOST_PARTS", 3), (workbooks, "MOST_SHARED", 3),
     (workbooks, "MOST_TEXTS", 2), (workbooks, "MOST_STYLES", 2)],
)  # fmt: skip
def test_what_is_unpacked_shared_and_styled_is_bounded(monkeypatch, module, bound, most):
    content = book(("a", sheet(HEAD, [("s", "1")])), shared="<si><t>一</t></si><si><t>二</t></si>")
    assert read(content)[1][1].cells == ["二"]
    monkeypatch.setattr(module, bound, most)
    assert refusal(content).code == "workbook_too_large"
