"""The columns of an import file, by their Chinese or their English heading."""

from __future__ import annotations

from collections.abc import Mapping

from shared.core.words import Pair
from shared.tables.columns import Columns

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
TABLE = Columns(
    COLUMNS,
    REQUIRED,
    advice=Pair("请使用导入模板。", "Use the template (…/imports/template.xlsx)."),
    ignored=(WRONG,),
)
