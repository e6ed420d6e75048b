"""What is wrong with a cell of a table whatever its column: that it is no text, and not what may stand there."""

from __future__ import annotations

from collections.abc import Mapping

from shared.tables.rows import DOUBTFUL, LONGEST_CELL, Mark

Said = tuple[str, str, str]
"""A stable word, in Chinese, in English."""
BEYOND: Said = (
    "cells_beyond",
    "该单元格没有表头(在表头之外),请删除,或补充表头。",
    "This cell has no heading over it: delete it, or add the heading.",
)
FAULTS: Mapping[Mark, Said] = {
    "boolean": (
        "is_a_boolean",
        "是逻辑值(TRUE/FALSE),不是文字。请改为文本。",
        "Is a logical value (TRUE/FALSE), no text: write it as text.",
    ),
    "day": (
        "is_a_day",
        "是日期,不是文字(表格软件可能自动转换)。请设为文本格式后重新填写。",
        "Is a date, no text (spreadsheets turn texts into dates by themselves): format it as text, write it anew.",
    ),
    "cut": (
        "number_cut",
        "是超过 15 位的数字,表格软件只保留前 15 位,原编号已丢失。请设为文本格式后重新填写。",
        "Is a number of more than 15 digits, of which spreadsheets keep 15: format it as text and write it anew.",
    ),
    "shown": (
        "number_formatted",
        "是带格式的数字,显示的内容与保存的不同。请改为文本。",
        "Is a number whose format shows something else than is kept: write it as text.",
    ),
    "no_day": (
        "not_a_day",
        "该日期没有同时显示年、月、日,或超出范围。请写成 2026-07-01。",
        "This date does not show year, month and day, or is out of range: write 2026-07-01.",
    ),
    "error": (
        "error_value",
        "是错误值(如 #N/A)。请填写内容,或清空该单元格。",
        "Is an error value (such as #N/A): write what belongs there, or clear the cell.",
    ),
    "formula": (
        "formula",
        "是公式,不是值。请“选择性粘贴-数值”后核对。",
        "Is a formula, no value: paste it as a value and compare.",
    ),
    "merged": (
        "merged_cell",
        "被合并单元格覆盖,不知道其内容。请取消合并,逐格填写。",
        "Is covered by a merged cell, so what it says is not known: take the cells apart and fill in each.",
    ),
    "long": (
        "too_long",
        f"超过 {LONGEST_CELL} 个字符,请缩短。",
        f"Has more than {LONGEST_CELL} characters: shorten it.",
    ),
    "doubtful": (
        "compare",
        f"以“{DOUBTFUL}”开头:原单元格显示的与保存的不同(日期、逻辑值或带格式的数字)。请对照原件更正,并删去“{DOUBTFUL}”。",
        f"Begins with {DOUBTFUL}: its cell showed something else than it holds (as a date). Correct it, delete these.",
    ),
    "hidden": (
        "row_hidden",
        "该行被隐藏(或被筛选),未导入。请取消隐藏并核对,或删除该行。",
        "This row is hidden (or filtered away) and was not taken: unhide and compare it, or delete it.",
    ),
    "beyond": BEYOND,
    "hidden_column": BEYOND,
}
