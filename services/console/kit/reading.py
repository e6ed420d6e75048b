"""What people type into a form, as the API takes it; and what the API's description already says is wrong with it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from marshmallow import ValidationError, fields

from services.console.calling.shapes import Shape
from services.console.kit.quantities import decimal_of, per_cent
from shared.commands.validation import faults_of
from shared.core.calendar import day_as_written
from shared.core.words import Pair
from shared.http.fields.strict import BILINGUAL, Text, Whole, count
from shared.http.fields.texts import Identifier, Lines, Mail
from shared.http.fields.times import Day, Moment
from shared.pages.asking import Fault
from shared.text.identifiers import KINDS

WHOLE = re.compile("-?[0-9]{1,18}")
GROUPED = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
"""A number with a comma after every three digits; one that stands elsewhere may be a decimal point."""
ANY_DECIMAL = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"
CLOCK = re.compile(r"(?P<day>\S+?日?)[ T]*(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(:(?P<second>[0-9]{2}))?")
LONGEST = 2**31
REQUIRED = BILINGUAL["Missing data for required field."]


def read(shape: Shape, text: str) -> Any:
    """One field's text in the form that the API takes, also from full width and 年月日; what is none stays as typed."""
    plain = unicodedata.normalize("NFKC", text).strip()
    digits = plain.replace(",", "") if GROUPED.fullmatch(plain) else plain
    if shape.type == "whole":
        return int(digits) if WHOLE.fullmatch(digits) else text
    if shape.type == "number":
        return digits if re.fullmatch(ANY_DECIMAL, digits) else text
    if shape.type == "date":
        return day_as_written(plain) or text
    if shape.type == "moment":
        return moment_as_written(plain) or text
    pattern = shape.rules.get("pattern")
    is_code = pattern and not re.search(pattern, text) and re.search(pattern, plain)
    return plain if is_code else text


def moment_as_written(plain: str) -> str | None:
    """By the clock in Beijing; a day alone means its end. None for what is neither."""
    if day := day_as_written(plain):
        return f"{day}T23:59:59+08:00"
    found = CLOCK.fullmatch(plain)
    day = day_as_written(found["day"]) if found else None
    return f"{day}T{int(found['hour']):02}:{found['minute']}:{found['second'] or '00'}+08:00" if found and day else None


def faults(shape: Shape, value: Any, *, pointer: str = "") -> Iterator[Fault]:
    """All that is wrong with a document by the API's description, in the words of the API, which stays the judge.

    What is missing within an object that is missing is named by its fields. References are for `resolved`.
    """
    if shape.type == "object":
        for one in shape.fields:
            place, given = f"{pointer}/{one.name}", value.get(one.name)
            if given is not None or (one.required and one.type == "object"):
                yield from faults(one, given or {}, pointer=place)
            elif one.required:
                yield from told(ValidationError(REQUIRED), at=place)
        return
    judge = partial(check_whole, shape) if shape.type == "map" else judge_of(shape)
    if judge is not None:
        try:
            judge(value)
        except ValidationError as error:
            yield from told(error, at=pointer)
    if shape.items is not None:
        inner = value.items() if shape.type == "map" else enumerate(value)
        for key, item in inner:
            name = str(key).replace("~", "~0").replace("/", "~1")
            yield from faults(shape.items, item, pointer=f"{pointer}/{name}")


def check_whole(shape: Shape, ratios: Mapping[str, Any]) -> None:
    """Raises ValidationError where ratios that are to add up to the whole do not; what is no number is told there."""
    said, numbers = shape.rules.get("x-sum"), [decimal_of(str(one)) for one in ratios.values()]
    total = per_cent(sum(one for one in numbers if one is not None))
    if said and None not in numbers and total != "100":
        raise ValidationError(str(Pair(said["zh"].format(sum=total), said["en"].format(sum=total))))


def told(error: ValidationError, *, at: str) -> Iterator[Fault]:
    """The messages of one field."""
    return (Fault(one.pointer, one.zh, one.en) for one in faults_of(error, prefix=at))


def judge_of(shape: Shape) -> Callable[[Any], Any] | None:
    """What the API itself judges such a value by; None where its description says too little."""
    rules = shape.rules
    judge: fields.Field[Any] | None = None
    longest, shortest = rules.get("maxLength", LONGEST), rules.get("minLength", 0)
    pattern = rules.get("pattern") or (ANY_DECIMAL if shape.type == "number" else None)
    if shape.type == "list":
        return count(rules.get("x-fewest", rules.get("minItems", 0)), rules.get("maxItems", LONGEST))
    if shape.type == "whole" and {"minimum", "maximum"} <= rules.keys():
        judge = Whole(rules["minimum"], rules["maximum"])
    elif shape.type in ("date", "moment"):
        judge = (Day if shape.type == "date" else Moment)(endless=shape.nullable)
    elif shape.type == "text" and shape.identifier in KINDS:
        judge = Identifier(shape.identifier)
    elif shape.type == "text" and rules.get("format") == "email":
        judge = Mail()
    elif shape.type in ("text", "lines", "number") and pattern:
        said = rules.get("x-refusal")
        messages = {"pattern": str(Pair(said["zh"], said["en"]))} if said else None
        made = Lines if shape.type == "lines" else Text
        judge = made(longest, minimum=shortest, pattern=pattern, error_messages=messages)
    return None if judge is None else judge.deserialize
