"""Rows of import files: columns, what a row says, and its faults by cell."""

from __future__ import annotations

import io

import pytest

from services.organisations.domain.columns import COLUMNS, TABLE, WRONG
from services.organisations.domain.rows import parsed, reported
from services.organisations.queries.import_files import GUIDE, template_csv, template_workbook
from services.organisations.schemas.organisations import OrganisationRevision
from shared.core.errors import InvalidError
from shared.tables.files import table_in
from shared.tables.rows import DOUBTFUL, LONGEST_CELL, MERGED, TableRow, cell_name
from shared.text.identifiers.credit_codes import masked
from tests.builders.books import changed, formula, one_sheet
from tests.organisations.builders import HEADINGS, as_csv, as_workbook, made_up
from tests.organisations.test_domain import TODAY

ROWS = list(made_up(5))
GOOD = {"code": "91110000600037341L", "name_zh": "甲厂", "kind": "企业", "division": "511600"}
PERSON = "510101199003070016"
WIDE_PERSON = PERSON.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
WIDE = "91110000600037341L".translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})


def read(content):
    head, rows = table_in(io.BytesIO(content), headings=TABLE.by_heading)
    heading, *others = rows
    return head, TABLE.of(heading), others


def row(*, marks=(), **changes):
    return parsed(
        TableRow(7, [{**GOOD, **changes}.get(name, "") for name in COLUMNS], list(marks)), list(COLUMNS), today=TODAY
    )


def faults(found):
    return [(item["cell"], item["code"]) for item in found.faults]


@pytest.mark.parametrize(
    "content",
    [
        as_csv(ROWS), as_csv(ROWS, encoding="utf-8-sig"), as_csv(ROWS, encoding="gb18030"), as_workbook(ROWS),
        as_csv(ROWS).replace(b"\r\n", b"\n"), as_csv(ROWS) + b"\r\n,,,,\r\n",
    ],
    ids=["utf-8", "byte order mark", "gb18030", "workbook", "unix lines", "blank lines"],
)  # fmt: skip
def test_the_same_rows_are_read_from_every_form(content):
    _, columns, rows = read(content)
    assert columns == list(HEADINGS)
    assert [(one.number, one.cells[:4]) for one in rows] == [
        (number, [item[name] for name in HEADINGS[:4]]) for number, item in enumerate(ROWS, 2)
    ]


def filled(content):
    """What a spreadsheet would have: the template with a row below the headings."""
    cells = "".join(
        f'<c r="{chr(65 + at)}2" t="inlineStr"><is><t>{text}</t></is></c>' for at, text in enumerate(GOOD.values())
    )
    end = b"</sheetData><dataValidations"
    return changed(content, {end: f'<row r="2">{cells}</row>'.encode() + end})


def test_the_template_with_lists_and_instructions_is_taken_when_it_is_filled_in():
    content = template_workbook()
    with pytest.raises(InvalidError) as error:
        read(content)
    assert error.value.code == "file_empty"
    head, columns, rows = read(filled(content))
    assert (head.sheet, [one.name for one in head.unread], columns) == ("机构", [GUIDE], list(COLUMNS))
    assert parsed(rows[0], columns, today=TODAY).faults == []


def test_the_example_of_the_template_is_never_imported():
    _, columns, rows = read(template_csv())
    assert columns == list(COLUMNS)
    assert faults(parsed(rows[0], columns, today=TODAY)) == [("A2", "checksum")]


def test_columns_are_known_by_either_heading_or_both_and_what_was_written_by_us_is_ignored():
    heading = TableRow(
        1, ["CODE", "中文名称/name_zh", TABLE.heading_of("kind"), "行政区划代码\ndivision", "", WRONG, "错误", ""], []
    )
    assert TABLE.of(heading) == ["code", "name_zh", "kind", "division", "", "-", "-"]


def test_wrong_columns_are_named_one_by_one_by_cell():
    with pytest.raises(InvalidError) as error:
        TABLE.of(
            TableRow(3, ["code", "中文名称", "名称", "code", "division", "类型/code"], [(0, "hidden"), (1, "formula")])
        )
    assert error.value.code == "columns_wrong"
    assert [fault.en.partition(":")[0] for fault in error.value.faults] == [
        "A3", "B3", "C3", "F3", "D3", "the column 类型 (kind) is missing",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []), ({"code": ""}, [("A7", "required")]),
        ({"code": "91110000600037341K", "kind": "银行"}, [("A7", "checksum"), ("C7", "kind_unknown")]),
        ({"division": "999999", "name_zh": "长" * 201}, [("B7", "too_long"), ("D7", "unknown_division")]),
        ({"sectors": "C36;U"}, [("G7", "sector_format")]), ({"public": "maybe"}, [("H7", "yes_or_no")]),
        ({"qualification": "小巨人", "qualification_valid_from": "2026-13-01"}, [("M7", "not_a_day")]),
        ({"qualification": "小巨人", "qualification_valid_to": "NA"}, [("N7", "not_a_day")]),
        ({"qualification": "小巨人", "qualification_valid_to": "长期"}, [("N7", "end_is_fixed")]),
        ({"qualification": "专精特新「小巨人」企业", "qualification_valid_to": "长期"}, [("N7", "end_is_fixed")]),
        ({"qualification": "ISO", "qualification_level": "甲" * 101}, [("J7", "too_long")]),
        ({"qualification": "ISO", "qualification_level": "TRUE"}, [("J7", "not_a_name")]),
        ({"qualification_number": "7"}, [("I7", "required")]),
        ({"qualification": "ISO", "qualification_valid_from": "2026-02-01", "qualification_valid_to": "2026-01-01"},
         [("N7", "period_invalid")]),
        ({"name_zh": "成都\n甲厂"}, [("B7", "line_break")]), ({"name_zh": "TRUE"}, [("B7", "not_a_name")]),
        ({"name_zh": "2026-03-05"}, [("B7", "not_a_name")]),
        ({"name_zh": "甲\ufffd厂"}, [("B7", "character_unreadable")]),
        ({"name_en": "a\ue000"}, [("E7", "character_unreadable")]),
        ({"name_zh": "甲\x07"}, [("B7", "character_unreadable")]),
        ({"former_names": "甲、乙"}, [("F7", "names_unseparated")]),
        ({"former_names": "甲\uff0c乙"}, [("F7", "names_unseparated")]),
        ({"former_names": ";".join(f"旧{n}" for n in range(31))}, [("F7", "too_many")]),
        ({"sectors": ";".join(["C36"] * 31)}, [("G7", "too_many")]),
    ],
)  # fmt: skip
def test_every_fault_of_a_row_is_found_at_its_cell(changes, found):
    assert faults(row(**changes)) == found


@pytest.mark.parametrize(
    ("mark", "text", "codes"),
    [
        ((1, "boolean"), "TRUE", [("B7", "is_a_boolean")]), ((1, "day"), "2026-03-05", [("B7", "is_a_day")]),
        ((0, "cut"), "9.15101000326991E+17", [("A7", "number_cut")]), ((4, "shown"), "5", [("E7", "number_formatted")]),
        ((3, "formula"), "511600", [("D7", "formula")]), ((3, "error"), "#N/A", [("D7", "error_value")]),
        ((2, "merged"), MERGED, [("C7", "merged_cell")]),
        ((5, "long"), "长" * LONGEST_CELL + "…", [("F7", "too_long")]),
        ((0, "hidden"), GOOD["code"], [("A7", "row_hidden")]), ((30, "beyond"), None, [("AE7", "cells_beyond")]),
        ((7, "boolean"), "TRUE", []), ((3, "number"), "511600", []), ((7, "number"), "1", []),
    ],
)  # fmt: skip
def test_a_marked_cell_refuses_its_row_unless_its_column_takes_it(mark, text, codes):
    name = list(COLUMNS)[mark[0]] if mark[0] < len(COLUMNS) else "code"
    assert faults(row(marks=[mark], **({name: text} if text else {}))) == codes


@pytest.mark.parametrize("column", ["name_zh", "kind", "division", "former_names", "qualification_number"])
@pytest.mark.parametrize("mark", ["boolean", "day", "shown", "no_day"])
def test_what_was_shown_otherwise_is_a_fault_again_when_it_comes_back_as_text(column, mark):
    place, columns = list(COLUMNS).index(column), list(COLUMNS)
    cells = [{**GOOD, "qualification": "ISO", column: "511600"}.get(name, "") for name in columns]
    back = reported(TableRow(7, list(cells), [(place, mark)]), columns)
    again = read(as_csv([dict(zip(columns, back, strict=True))], columns))[2][0]
    assert faults(parsed(again, columns, today=TODAY)) == [(cell_name(place, 2), "compare")]
    assert [one.removeprefix(DOUBTFUL) for one in back] == cells


def test_what_may_stand_there_comes_back_as_it_is():
    columns = list(COLUMNS)
    cells, public, ends = [*GOOD.values()], columns.index("public"), columns.index("qualification_valid_to")
    cells += [""] * (len(columns) - len(cells))
    cells[public], cells[ends] = "TRUE", "2026-01-02"
    row = TableRow(7, cells, [(public, "boolean"), (ends, "day"), (3, "number"), (0, "formula"), (90, "beyond")])
    assert reported(row, columns) == cells


@pytest.mark.parametrize(
    ("mark", "text", "codes"),
    [("day", "2026-01-02", []), ("number", "46024", [("N7", "not_a_day")]), ("no_day", "46024", [("N7", "not_a_day")]),
     ("error", "#N/A", [("N7", "error_value")])],
)  # fmt: skip
def test_a_day_is_a_date_and_no_number(mark, text, codes):
    found = row(marks=[(13, mark)], qualification="排污许可证", qualification_valid_to=text)
    assert faults(found) == codes


@pytest.mark.parametrize("text", ["长期", "9999-12-31", "永久有效"])
def test_what_is_valid_for_ever_has_no_end(text):
    found = row(qualification="排污许可证", qualification_valid_from="2026-01-01", qualification_valid_to=text)
    assert (faults(found), found.qualification["valid_to"]) == ([], None)


def test_cells_under_no_heading_are_faults_and_those_we_wrote_are_not():
    found = parsed(TableRow(7, [*GOOD.values(), "x", "第 7 行", "y"], [(5, "error")]), [*GOOD, "", "-"], today=TODAY)
    assert faults(found) == [("E7", "cells_beyond"), ("G7", "cells_beyond")]


def test_a_good_row_says_what_its_cells_say():
    found = row(
        code=WIDE, kind="检测机构", former_names="老厂\uff1b旧厂\nABC Technology Co., Ltd.;文化、教育厂",
        division="\uff15\uff11\uff11\uff16\uff10\uff10", sectors="c36、m\uff1bC37, C38", public="是",
        qualification="小巨人", qualification_number="7", qualification_valid_from="2026/1/2",
    )  # fmt: skip
    assert found.faults == []
    assert found.values == {
        "code": "91110000600037341L", "name_zh": "甲厂", "kind": "testing_body", "division": "511600",
        "former_names": ["老厂", "旧厂", "ABC Technology Co., Ltd.", "文化、教育厂"],
        "sectors": ["C36", "M", "C37", "C38"], "public": True,
    }  # fmt: skip
    assert (found.qualification["valid_from"], found.qualification["valid_to"]) == ("2026-01-02", "2029-01-01")


@pytest.mark.parametrize(
    "name",
    [
        "甲\u200b厂",
        " 甲\t厂 ",
        "甲\u3000\uff08高竹\uff09厂",
        "e\u0301tat",
        "\ufeff甲厂",
        "甲\xa0厂",
        "\uff21BB",
        "甲\xad厂",
    ],
)
def test_a_name_is_kept_the_same_from_a_file_and_from_the_api(name):
    found = row(name_zh=name, name_en=name, former_names=name, qualification=name, qualification_level=name)
    by_api = OrganisationRevision().load({"name_zh": name})["name_zh"]
    assert found.faults == []
    assert (found.values["name_zh"], found.values["name_en"], found.values["former_names"]) == (
        by_api,
        by_api,
        [by_api],
    )
    assert (found.qualification["name"], found.qualification["level"]) == (by_api, by_api)


@pytest.mark.parametrize(
    "column", ["code", "name_zh", "former_names", "division", "qualification", "qualification_number"]
)
@pytest.mark.parametrize(
    "written", [PERSON, f"张三{PERSON}", f"张三({PERSON[:6]}-{PERSON[6:14]}-{PERSON[14:]})", WIDE_PERSON]
)
def test_a_citizens_number_is_in_no_cell_and_its_mask_is_not_taken_when_the_row_comes_back(column, written):
    found = row(**{"qualification": "执业", column: written})
    assert [item["code"] for item in found.faults] == ["personal_number"]
    back = row(**{"qualification": "执业", column: masked(written)})
    assert (PERSON[6:14] not in masked(written), [item["code"] for item in back.faults]) == (True, ["personal_number"])


def test_a_single_former_name_may_have_commas_of_its_own_language():
    assert row(former_names="ABC Technology Co., Ltd.").values["former_names"] == ["ABC Technology Co., Ltd."]
    assert row(former_names="文化、教育厂;").values["former_names"] == ["文化、教育厂"]


def test_a_formula_and_a_merged_cell_refuse_their_own_row_alone():
    _, columns, rows = read(one_sheet([*GOOD.values()], [formula("A2", GOOD["code"]), *list(GOOD.values())[1:]]))
    assert [faults(parsed(one, columns, today=TODAY)) for one in rows] == [[], [("A3", "formula")]]


@pytest.mark.parametrize("mark", ["\ufffd", "\ue000", "\x07", "\u202e", "\uffff", "\U0010fffe"])
def test_the_api_takes_no_name_that_nobody_can_read_either(mark):
    for field in ({"name_zh": f"甲{mark}厂"}, {"name_en": f"a{mark}b"}, {"former_names": ["甲", f"乙{mark}厂"]}):
        assert OrganisationRevision().validate(field)
    assert faults(row(name_en=f"a{mark}b")) == [("E7", "character_unreadable")]
    assert OrganisationRevision().validate({"name_zh": "成都䶮㛃𬭚厂", "name_en": "Société 1"}) == {}
