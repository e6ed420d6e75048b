"""A yearly list of service items as a table: its columns, and what each row says or what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from services.requests.domain.items import AUDIENCES, CATEGORIES, MODES, NATURES
from shared.core.words import Pair, words_of
from shared.tables.cells import Readers, text_in
from shared.tables.columns import Columns
from shared.text.folding import narrow

MOST_ROWS = 2_000
"""Of one list; the longest known is that of 川渝通办 with 311."""
MOST_DAYS, MOST_PARTS = 365, 40
COLUMNS: Mapping[str, str] = {
    "code": "事项编码", "national_code": "国家事项编码", "name_zh": "事项名称", "name_en": "英文名称",
    "category": "类别", "nature": "性质", "mode": "办理方式", "audience": "服务对象", "provider": "实施单位",
    "basis": "设定依据", "conditions": "受理条件", "materials": "申请材料", "acceptance": "受理期限",
    "supplement": "补正期限", "answer": "办理期限", "extension": "可延长天数", "delivery": "送达期限", "fee": "收费",
}  # fmt: skip
NEEDED = ("name_zh", "category", "nature", "mode", "provider", "basis", "answer")
"""What a new item cannot do without; of a known one a blank cell changes nothing."""
EXAMPLE: Mapping[str, str] = {
    "code": "示例-01", "name_zh": "示例事项(请删除本行)", "name_en": "Example: delete this row", "category": "行政许可",
    "nature": "公益", "mode": "全程网办", "audience": "企业", "provider": "示例主管部门",
    "basis": "行政许可法第三十二条、第四十二条", "conditions": "依法登记的企业;具备相应条件",
    "materials": "营业执照;授权书(可不交)", "acceptance": "5个工作日", "supplement": "10个工作日",
    "answer": "20个工作日", "extension": "10", "delivery": "10个工作日", "fee": "不收费",
}  # fmt: skip
TABLE = Columns(
    COLUMNS,
    ("code", "name_zh"),
    advice=Pair("请使用导入模板。", "Use the template (…/imports/template.csv)."),
    aliases={
        "编码": "code", "事项代码": "code", "名称": "name_zh", "事项类型": "category", "承办单位": "provider",
        "材料": "materials", "条件": "conditions", "依据": "basis", "办结期限": "answer", "承诺期限": "answer",
    },
)  # fmt: skip
TAKEN = tuple(("number", name) for name in COLUMNS)
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
NO_CODE = Pair(
    "请填写不超过 40 位的字母、数字、点、下划线和连字符,以字母或数字开头。",
    "Letters, digits, '.', '_' and '-' alone, at most 40, a letter or digit first.",
)
BETWEEN = re.compile(r"[;\uff1b\r\n]+")
NOT_NEEDED = ("可不交", "非必交", "选交", "optional")
OPTIONAL = re.compile(rf"\s*[(\uff08]\s*(?:{'|'.join(NOT_NEEDED)})\s*[)\uff09]$", re.IGNORECASE)
"""After the name of a paper that need not be handed over."""
TERM = re.compile(
    r"(\d{1,3})\s*(?:个)?\s*(工作日|自然日|日历日|日|天|working days?|calendar days?|days?)?", re.IGNORECASE
)
CALENDAR = ("自然日", "日历日", "日", "天", "calendar day", "calendar days")
NO_TERM = Pair(
    f"请填写 1 至 {MOST_DAYS} 的天数,如“20个工作日”或“30自然日”;只写数字即工作日。",
    f"Give 1 to {MOST_DAYS} days, such as '20 working days' or '30 calendar days'; a number alone is working days.",
)
NO_NUMBER = Pair(f"请填写 0 至 {MOST_DAYS} 的天数。", f"Give a number of days from 0 to {MOST_DAYS}.")
MISSING = Pair("新事项必填,请补充。", "A new item needs this: add it.")
DEFAULTS: Mapping[str, Any] = {
    "conditions": [], "materials": [], "form": [], "fee": None,
    "acceptance": {"days": 5, "unit": "working", "silence": "accepted"},
    "supplement": {"days": 10, "unit": "working"},
    "answer": {"extension": 0, "silence": "none"},
    "delivery": {"days": 10, "unit": "working"},
}  # fmt: skip
"""What a new item has where the list says nothing: five days to accept and ten to deliver (行政许可法 art. 32, 44)."""


def described(said: Mapping[str, Any], *, known: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a row changes of an item whose sheet is `known`, or makes a new one of; its sheet as a whole."""
    given = {name: value for name, value in said.items() if value is not None}
    sheet = {**DEFAULTS, **(known or {})}
    for name in ("basis", "conditions", "fee"):
        if name in given:
            sheet[name] = given.pop(name)
    for name in ("acceptance", "supplement", "answer", "delivery"):
        if name in given:
            sheet[name] = {**sheet[name], **given.pop(name)}
    if "extension" in given:
        sheet["answer"] = {**sheet["answer"], "extension": given.pop("extension")}
    if "materials" in given:
        sheet["materials"] = _papers(given.pop("materials"), before=sheet["materials"])
    return {**given, "sheet": sheet}


def _papers(said: Sequence[tuple[str, bool]], *, before: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A paper that the sheet names already keeps its key and note, so that cases in hand call it the same."""
    known = {one["name_zh"]: one for one in before}
    taken, papers = {one["key"] for one in before}, list[dict[str, Any]]()
    free = (key for number in range(1, 2 * MOST_PARTS + 1) if (key := f"paper_{number}") not in taken)
    for name, required in said:
        same = known.get(name)
        key, note = (same["key"], same["note"]) if same else (next(free), None)
        papers.append({"key": key, "name_zh": name, "required": required, "note": note})
    return papers


def _line(text: str, *, longest: int) -> str | Pair | None:
    advice = Pair(f"最多 {longest} 个字符。", f"At most {longest} characters.")
    return text_in(text, longest=longest, advice=advice) if text else None


def _code(text: str) -> str | Pair:
    found = narrow(text).strip()
    return found if CODE.fullmatch(found) else NO_CODE


def _one_of(text: str, *, values: tuple[str, ...]) -> str | Pair | None:
    """By its name in either language, or as the API calls it."""
    if not text:
        return None
    labels = words_of("services.requests").names(frozenset(values))
    said = {word.casefold(): value for value in values for word in (value, labels[value].zh, labels[value].en)}
    zh, en = ("、".join(labels[value].zh for value in values), ", ".join(values))
    return said.get(narrow(text).strip().casefold(), Pair(f"请从以下选择:{zh}。", f"Choose one of {en}."))


def _parts(text: str, *, longest: int) -> list[str] | Pair | None:
    """Separated by semicolons or line breaks, each once."""
    found = [_line(part, longest=longest) for one in BETWEEN.split(text) if (part := one.strip())]
    wrong = next((one for one in found if isinstance(one, Pair)), None)
    if wrong is None and len(found) > MOST_PARTS:
        wrong = Pair(f"最多 {MOST_PARTS} 项。", f"At most {MOST_PARTS} of them.")
    return wrong or [*dict.fromkeys(str(one) for one in found)] or None


def _materials(text: str) -> list[tuple[str, bool]] | Pair | None:
    """Each paper, and whether it has to be handed over."""
    found = _parts(text, longest=200)
    if found is None or isinstance(found, Pair):
        return found
    return [*{OPTIONAL.sub("", one) or one: OPTIONAL.search(one) is None for one in found}.items()]


def _term(text: str) -> dict[str, Any] | Pair | None:
    match = TERM.fullmatch(narrow(text).strip())
    if not text:
        return None
    if match is None or not 1 <= int(match.group(1)) <= MOST_DAYS:
        return NO_TERM
    unit = "calendar" if " ".join((match.group(2) or "").lower().split()) in CALENDAR else "working"
    return {"days": int(match.group(1)), "unit": unit}


def _days(text: str) -> int | Pair | None:
    found = narrow(text).strip()
    if not found:
        return None
    return int(found) if re.fullmatch(r"\d{1,3}", found) and int(found) <= MOST_DAYS else NO_NUMBER


READERS: Readers = {
    "code": _code, "national_code": partial(_line, longest=60), "name_zh": partial(_line, longest=200),
    "name_en": partial(_line, longest=200), "category": partial(_one_of, values=CATEGORIES),
    "nature": partial(_one_of, values=NATURES), "mode": partial(_one_of, values=MODES),
    "audience": partial(_one_of, values=AUDIENCES),
    "provider": partial(_line, longest=200), "basis": partial(_line, longest=2000),
    "conditions": partial(_parts, longest=500), "materials": _materials, "acceptance": _term, "supplement": _term,
    "answer": _term, "extension": _days, "delivery": _term, "fee": partial(_line, longest=200),
}  # fmt: skip
"""What each column's cell says, or, as a `Pair`, what is wrong with it; None where it is blank."""
