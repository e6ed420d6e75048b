"""The days of a year as a table: its columns, and what each row says or what is wrong with its cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from services.calendars.domain.calendar import LONGEST_NAME, MOST_DAYS
from shared.core.calendar import day_as_written, given_day
from shared.core.errors import Fault, InvalidError
from shared.core.words import Pair
from shared.tables.cells import Readers, placed, row_in, text_in
from shared.tables.columns import UNNAMED, Columns
from shared.tables.rows import TableRow
from shared.text.folding import narrow

POINTER = "/file"
TABLE = Columns(
    {"day": "日期", "is_working": "是否上班", "name_zh": "名称"},
    ("day", "is_working", "name_zh"),
    advice=Pair(
        "表头应为“日期、是否上班、名称”,每天一行,如“2027-01-01,休,元旦”。",
        "The headings are day, is_working and name_zh, with one day a row, such as '2027-01-01,off,New Year'.",
    ),
    aliases={
        "日子": "day", "date": "day", "上班": "is_working", "是否工作日": "is_working", "休/班": "is_working",
        "班/休": "is_working", "working": "is_working", "节日": "name_zh", "节日名称": "name_zh", "name": "name_zh",
    },
)  # fmt: skip
WORDS: Mapping[str, bool] = {
    **dict.fromkeys(("班", "上班", "调休上班", "是", "work", "working", "yes", "true", "1"), True),
    **dict.fromkeys(("休", "放假", "休息", "否", "off", "holiday", "no", "false", "0"), False),
}
TAKEN = (("day", "day"), ("boolean", "is_working"), ("number", "is_working"), ("number", "name_zh"))
"""Marks of values that are no text, each with the column that takes it."""
NO_DAY = Pair("不是日期,请写成 2027-01-01。", "This is no date: write 2027-01-01.")
NO_WORD = Pair("请填“休”或“班”(也可填“否”或“是”)。", "Write off or working; no or yes will do, too.")
NO_NAME = Pair(
    f"请填写不超过 {LONGEST_NAME} 个字符的名称,如“元旦”或“元旦调休”。",
    f"Write a name of at most {LONGEST_NAME} characters, such as New Year.",
)


def days_in(rows: Sequence[TableRow], columns: Sequence[str], *, year: int) -> list[dict[str, Any]]:
    """The days that the rows say; raises `InvalidError` that names each wrong cell by its row and column."""
    check_length(rows)
    found, faults, first = list[dict[str, Any]](), list[Fault](), dict[date, int]()
    for row in rows:
        said, wrong = row_in(row, columns, readers=READERS, taken=TAKEN)
        day = said["day"]
        if isinstance(day, date) and day.year != year:
            zh, en = (
                f"{day} 不在 {year} 年,请更正或删除本行。",
                f"{day} is not in {year}: correct it, or delete the row.",
            )
            wrong[columns.index("day")] = Pair(zh, en)
        elif isinstance(day, date) and (before := first.setdefault(day, row.number)) != row.number:
            zh, en = (
                f"{day} 已在第 {before} 行,请删除其中一行。",
                f"{day} stands in row {before}, too: delete one of them.",
            )
            wrong[columns.index("day")] = Pair(zh, en)
        found.append(said)
        for place, fault in sorted(wrong.items()):
            name = columns[place] if place < len(columns) else UNNAMED
            told = placed(fault, row=row.number, place=place, heading=(TABLE.titles.get(name, ""), name))
            faults.append(Fault(POINTER, told.zh, told.en))
    if faults:
        raise InvalidError(
            "calendar_rows",
            f"表格有 {len(faults)} 处错误,未作任何更改。请按提示更正后重新上传。",
            f"{len(faults)} cells of the table are wrong, and nothing was changed. Correct them and send it again.",
            faults,
        )
    return found


def check_length(rows: Sequence[TableRow]) -> None:
    """Raises `InvalidError` for more days than a year may have here."""
    if len(rows) > MOST_DAYS:
        zh, en = f"最多 {MOST_DAYS} 行", f"at most {MOST_DAYS} rows"
        raise InvalidError(
            "calendar_too_long",
            f"表格过长,{zh}。请只保留与星期不一致的日子:放假的工作日和上班的周末。",
            f"The table is too long: {en} are taken. Keep the days alone that are not as their weekday says, weekdays"
            " off and weekends of work.",
            [Fault(POINTER, zh, en)],
        )


def day_in(text: str) -> date | Pair:
    """The day as people write it, or what is wrong."""
    try:
        return given_day(day_as_written(narrow(text)) or text)
    except ValueError:
        return NO_DAY


READERS: Readers = {
    "day": day_in,
    "is_working": lambda text: WORDS.get(narrow(text).strip().casefold(), NO_WORD),
    "name_zh": partial(text_in, longest=LONGEST_NAME, advice=NO_NAME),
}
"""What each column's cell says, or, as a `Pair`, what is wrong with it."""
