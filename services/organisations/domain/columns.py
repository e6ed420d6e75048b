"""The columns of an import file, by their Chinese or their English heading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.errors import Fault, InvalidError

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
BY_HEADING = {heading: name for name, zh in COLUMNS.items() for heading in (name, zh)}


def columns_of(header: Sequence[str]) -> list[str]:
    """The names of the file's columns, in its order; raises `InvalidError` that names each wrong or missing one."""
    headings = _without_trailing_blanks(header)
    names = [BY_HEADING.get(heading.strip().lower(), "") for heading in headings]
    unknown = [heading.strip() or "(空/blank)" for heading, name in zip(headings, names, strict=True) if not name]
    twice = sorted({COLUMNS[name] for name in names if name and names.count(name) > 1})
    missing = [f"{COLUMNS[name]} ({name})" for name in REQUIRED if name not in names]
    faults = [
        *(Fault("/file", f"没有“{item[:60]}”这一列,请删除", f"there is no column '{item[:60]}'") for item in unknown),
        *(Fault("/file", f"“{item}”一列重复,请删除一列", f"the column '{item}' stands there twice") for item in twice),
        *(Fault("/file", f"缺少“{item}”一列,请补充", f"the column {item} is missing") for item in missing),
    ]
    if faults:
        raise InvalidError(
            "columns_wrong",
            f"文件的列不符:{';'.join(item.zh for item in faults)}。请使用模板(…/imports/template.xlsx)。",
            f"The columns are wrong: {'; '.join(item.en for item in faults)}. "
            "Use the template (…/imports/template.xlsx).",
            faults,
        )
    return names


def _without_trailing_blanks(header: Sequence[str]) -> list[str]:
    kept = list(header)
    while kept and not kept[-1].strip():
        kept.pop()
    return kept
