"""The columns of an import file, by their Chinese or their English heading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from shared.core.errors import Fault, InvalidError
from shared.tables.rows import Mark, TableRow, cell_name, heading_names

COLUMNS: Mapping[str, str] = {
    "code": "统一社会信用代码",
    "name_zh": "中文名称",
    "kind": "类型",
    "division": "行政区划代码",
    "name_en": "英文名称",
    "former_names": "曾用名",
    "sectors": "行业",
    "public": "公开",
    "qualification": "资质名称",
    "qualification_level": "资质级别",
    "qualification_number": "资质编号",
    "qualification_issued_on": "发证日期",
    "qualification_valid_from": "有效期起",
    "qualification_valid_to": "有效期止",
}
REQUIRED = ("code", "name_zh", "kind", "division")
EXAMPLE: Mapping[str, str] = {
    "code": "91500000MAEXAMPL2X",
    "name_zh": "示例机构(请删除本行)",
    "kind": "企业",
    "division": "500000",
    "name_en": "Example: delete this row",
    "former_names": "旧名称一;旧名称二",
    "sectors": "C36;M73",
    "public": "否",
    "qualification": "专精特新中小企业",
    "qualification_valid_from": "2026-01-01",
}
"""A row that shows the forms; its code fails its check, so that nobody imports it by mistake."""
WRONG = "错误 / What is wrong"
"""Over what this platform wrote about a row that it refused, in a file that comes back corrected."""
UNNAMED, IGNORED = "", "-"
"""Instead of a column's name: one without heading, in which nothing may stand, and one that is not read."""
BY_HEADING = {
    part: name
    for name, heading in [*((name, f"{zh}/{name}") for name, zh in COLUMNS.items()), (IGNORED, WRONG)]
    for part in heading_names(heading)
}
HEADING_FAULTS: Mapping[Mark, tuple[str, str]] = {
    "hidden": ("表头行被隐藏,请取消隐藏", "the row of the headings is hidden: unhide it"),
    "hidden_column": ("该列被隐藏,请取消隐藏或删除", "this column is hidden: unhide or delete it"),
    "beyond": ("该单元格右侧超出可读取的列,请删除", "this is further right than is read: delete it"),
    "formula": ("表头是公式,请改为文字", "this heading is a formula: write it as text"),
    "merged": ("表头是合并单元格,请取消合并", "this heading is merged with another: take them apart"),
}


def heading_of(column: str) -> str:
    """As files of this platform name a column, in both languages."""
    return f"{COLUMNS[column]} / {column}"


def columns_of(heading: TableRow) -> list[str]:
    """The names of the file's columns, in its order; raises `InvalidError` that names each wrong or missing one."""
    cells = list(heading.cells)
    while cells and not cells[-1].strip():
        cells.pop()
    names = [_name(cell) for cell in cells]
    faults = []
    for place, mark in heading.marks:
        if mark in HEADING_FAULTS:
            zh, en = HEADING_FAULTS[mark]
            at = cell_name(place, heading.number)
            faults.append(Fault("/file", f"{at}:{zh}", f"{at}: {en}"))
    for place, (cell, name) in enumerate(zip(cells, names, strict=True)):
        if name is None:
            at, said = cell_name(place, heading.number), " ".join(cell.split())[:60]
            faults.append(Fault("/file", f"{at}:没有“{said}”这一列,请删除", f"{at}: there is no column '{said}'"))
    faults += _repeated(heading.number, names)
    faults += [
        Fault("/file", f"缺少“{COLUMNS[name]} ({name})”一列,请补充", f"the column {COLUMNS[name]} ({name}) is missing")
        for name in REQUIRED
        if name not in names
    ]
    if faults:
        shown = faults[:5]
        raise InvalidError(
            "columns_wrong",
            f"文件的列不符:{';'.join(item.zh for item in shown)}。请使用导入模板。",
            f"The columns are wrong: {'; '.join(item.en for item in shown)}. "
            "Use the template (…/imports/template.xlsx).",
            faults,
        )
    return [name or UNNAMED for name in names]


def _name(cell: str) -> str | None:
    """None for an unknown heading, also for one that names two columns."""
    found = {BY_HEADING.get(part) for part in heading_names(cell)}
    return found.pop() if len(found) == 1 else None if found else UNNAMED


def _repeated(row: int, names: Sequence[str | None]) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for place, name in enumerate(names):
        if name and name in COLUMNS and first.setdefault(name, place) != place:
            at, before = cell_name(place, row), cell_name(first[name], row)
            yield Fault(
                "/file",
                f"{at}:“{COLUMNS[name]}”一列已在 {before},请删除一列",
                f"{at}: the column '{COLUMNS[name]}' stands in {before} already: delete one",
            )
