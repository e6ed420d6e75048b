"""Files of imports for those who fill them in: templates, and the rows that were refused. All can be imported again."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.organisations.domain.columns import COLUMNS, EXAMPLE, REQUIRED, TABLE, WRONG
from services.organisations.domain.marks import DAYS
from services.organisations.domain.organisation import KINDS
from services.organisations.models import Import, ImportFault
from services.organisations.queries.imports import one_import
from shared.journal.session import Session
from shared.tables.rows import MOST_ROWS

BATCH = 1000
PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
SHEET, GUIDE = "机构", "填写说明 Instructions"
HOW: Mapping[str, tuple[str, str]] = {
    "code": ("18 位,文本格式;按营业执照填写。", "18 characters, as text; as on the licence."),
    "name_zh": ("不换行,不合并单元格。", "No line breaks, no merged cells."),
    "kind": (f"从下拉列表选择:{'、'.join(KINDS.values())}。", f"From the list: {', '.join(KINDS)}."),
    "division": ("GB/T 2260 六位代码。", "Six digits of GB/T 2260."),
    "name_en": ("可空。", "May be blank."),
    "former_names": ("多个用分号或换行分隔,最多 30 个。", "Separated by semicolons or line breaks, at most 30."),
    "sectors": ("GB/T 4754 门类,可加两位大类;用分号分隔。", "Sections of GB/T 4754, or such as C36; by semicolons."),
    "public": ("是或否;留空即不变。", "是 (yes) or 否 (no); blank changes nothing."),
    "qualification": ("每行一项资质。", "One qualification a row."),
    "qualification_level": ("可空。", "May be blank."),
    "qualification_number": ("文本格式。", "As text."),
    "qualification_issued_on": ("日期,如 2026-07-01。", "A date such as 2026-07-01."),
    "qualification_valid_from": ("日期;留空即发证日期。", "A date; blank means the date of issue."),
    "qualification_valid_to": ("日期或“长期”;留空即按规定推算。", "A date, or 长期 (no end); blank: as fixed."),
}  # fmt: skip
RULES = (
    ("只读取有表头的可见工作表;隐藏的表、行、列不读取。", "Only the visible sheet with headings is read."),
    ("单元格须为值:公式、错误值(#N/A)会被指出并退回。", "Values only: formulas and errors (#N/A) are refused."),
    ("空白单元格不改变已登记的内容。", "A blank cell changes nothing that is registered."),
    (f"最多 {MOST_ROWS} 行;超过请分成几个文件。", f"At most {MOST_ROWS} rows; split what is longer."),
)  # fmt: skip
FIRST_DAY, LAST_DAY = date(1949, 10, 1), date(2199, 12, 31)


def error_workbook(session: Session, key: UUID) -> bytes:
    """The rows that were not taken, as they stood in the file, with a column that says what is wrong."""
    row = one_import(session, key)
    places = [place for place, name in enumerate(row.columns) if name in COLUMNS]
    names = [row.columns[place] for place in places]
    return _workbook(names, _refused_rows(session, row, places=places), headings=[*map(TABLE.heading_of, names), WRONG])


def _refused_rows(session: Session, row: Import, *, places: Sequence[int]) -> Iterator[list[str]]:
    faults = select(ImportFault).where(ImportFault.import_id == row.id).order_by(ImportFault.row)
    width = len(row.columns)
    for item in session.scalars(faults.execution_options(yield_per=BATCH)):
        cells = [*item.cells, *[""] * width][:width]
        said = "\n".join(
            f"{one['cell'] or ''} {COLUMNS.get(one['column'], '')}:{one['zh']} {one['column'] or ''}: {one['en']}"
            for one in item.faults
        )
        yield [*(cells[place] for place in places), f"第 {item.row} 行 / row {item.row}\n{said}"]


def template_csv() -> bytes:
    """UTF-8 with a byte order mark, without which spreadsheets take Chinese for something else."""
    text = io.StringIO()
    csv.writer(text).writerows([list(COLUMNS.values()), [EXAMPLE.get(name, "") for name in COLUMNS]])
    return text.getvalue().encode("utf-8-sig")


def template_workbook() -> bytes:
    """The same as a workbook, with lists to choose from; the example stands among the instructions."""
    return _workbook(list(COLUMNS), [], headings=[TABLE.heading_of(name) for name in COLUMNS])


def _workbook(names: Sequence[str], rows: Iterable[Sequence[str]], *, headings: Sequence[str]) -> bytes:
    """Every cell is written as text: nothing in it is a formula, a link or a number. Rows wait on disk."""
    import xlsxwriter  # noqa: PLC0415 - slow to load, and most processes write none

    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"constant_memory": True, **PLAIN}) as book:
        text, day = book.add_format({"num_format": "@"}), book.add_format({"num_format": "yyyy-mm-dd"})
        bold = book.add_format({"bold": True, "text_wrap": True, "num_format": "@"})
        sheet = book.add_worksheet(SHEET)
        sheet.freeze_panes(1, 0)
        for place, name in enumerate(names):
            sheet.set_column(place, place, 24, day if name in DAYS else text)
            sheet.data_validation(1, place, MOST_ROWS, place, _choices(name))
        for place, heading in enumerate(headings):
            sheet.write_string(0, place, heading, bold)
        for number, cells in enumerate(rows, 1):
            for place, cell in enumerate(cells):
                sheet.write_string(number, place, cell, text)
        _write_guide(book, bold=bold, text=text)
    return made.getvalue()


def _choices(name: str) -> dict[str, Any]:
    """What a spreadsheet offers and says where somebody fills in this column; it warns and forbids nothing."""
    zh, en = HOW[name]
    said = {"input_title": COLUMNS[name], "input_message": f"{zh}\n{en}", "error_type": "warning"}
    if name == "kind":
        return {**said, "validate": "list", "source": list(KINDS.values())}
    if name == "public":
        return {**said, "validate": "list", "source": ["是", "否"]}
    if name == "code":
        return {**said, "validate": "length", "criteria": "==", "value": 18}
    if name in ("qualification_issued_on", "qualification_valid_from"):
        return {**said, "validate": "date", "criteria": "between", "minimum": FIRST_DAY, "maximum": LAST_DAY}
    return {**said, "validate": "any"}


def _write_guide(book: Any, *, bold: Any, text: Any) -> None:
    guide = book.add_worksheet(GUIDE)
    guide.set_column(0, 0, 50, text)
    guide.set_column(1, 3, 40, text)
    lines = [
        ["填写说明 / Instructions"],
        *([f"{zh} {en}"] for zh, en in RULES),
        ["列 / Column", "必填 / Required", "怎样填写 / How", "示例 / Example"],
        *(
            [TABLE.heading_of(name), "是 / yes" if name in REQUIRED else "", " ".join(HOW[name]), EXAMPLE.get(name, "")]
            for name in COLUMNS
        ),
    ]
    for number, cells in enumerate(lines):
        for place, cell in enumerate(cells):
            guide.write_string(number, place, cell, bold if number in (0, len(RULES) + 1) else text)
