"""What an applicant fills in and hands over, held against the sheet of the item."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from shared.core.calendar import given_day
from shared.core.errors import Fault, InvalidError

Answers = Sequence[Mapping[str, str]]
"""`{"name", "value"}` of each field, the value as text in its one form: 12.5, 2026-12-31, yes."""
WRONG: Mapping[str, tuple[str, str]] = {
    "number": ("请填写数字,例如 12.5。", "Give a number, such as 12.5."),
    "date": ("请填写日期,例如 2026-12-31。", "Give a date, such as 2026-12-31."),
    "yes_no": ("请按接口说明填写是或否。", "Give yes or no."),
    "choice": ("请从所列选项中选择。", "Choose one of those that are listed."),
}
"""By kind of field, what is wrong with a value that is none."""


def check_application(sheet: Mapping[str, Any], answers: Answers, *, materials: Sequence[Mapping[str, Any]]) -> None:
    """All that the sheet asks for is there and readable; raises `InvalidError` that names everything that is not."""
    given = {one["name"]: one["value"] for one in answers if one["value"].strip()}
    faults = missing(sheet, given, materials={one["material"] for one in materials})
    known = {one["name"]: one for one in sheet["form"]}
    for index, one in enumerate(answers):
        asked = known.get(one["name"])
        if asked is None:
            faults.append(Fault(f"/answers/{index}/name", "表单中没有此项。", "The form has no such field."))
        elif one["value"].strip() and not is_readable(asked, one["value"]):
            faults.append(Fault(f"/answers/{index}/value", *WRONG[asked["kind"]]))
    if faults:
        raise InvalidError(
            "case_incomplete",
            "申请不完整或填写有误。请按提示一次补齐后再提交。",
            "The application is not complete, or not readable. Correct all that is named, then file it.",
            faults,
        )


def missing(sheet: Mapping[str, Any], answers: Collection[str], *, materials: Collection[str]) -> list[Fault]:
    """What the sheet requires that is not there, and papers of which it does not speak."""
    known = {one["key"] for one in sheet["materials"]}
    return [
        *(
            Fault("/answers", f"请填写:{one['label_zh']}", f"Fill in: {one['label_en'] or one['label_zh']}")
            for one in sheet["form"]
            if one["required"] and one["name"] not in answers
        ),
        *(
            Fault("/materials", f"请上传材料:{one['name_zh']}", f"Upload: {one['name_zh']}")
            for one in sheet["materials"]
            if one["required"] and one["key"] not in materials
        ),
        *(
            Fault("/materials", f"事项规则表中没有材料“{key}”。", f"The sheet names no paper '{key}'.")
            for key in sorted(set(materials) - known)
        ),
    ]


def is_readable(asked: Mapping[str, Any], value: str) -> bool:
    """Whether a value is what its field asks for."""
    if asked["kind"] == "choice":
        return value in asked["choices"]
    if asked["kind"] == "yes_no":
        return value in ("yes", "no")
    try:
        if asked["kind"] == "number":
            return Decimal(value).is_finite()
        if asked["kind"] == "date":
            given_day(value)
    except (InvalidOperation, ValueError):
        return False
    return True
