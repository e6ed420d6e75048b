"""The fields and the schema class of every body and view: strict, documented, with messages in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from copy import deepcopy
from decimal import Decimal
from typing import Any, TypeVar

import marshmallow
from marshmallow import RAISE, ValidationError, fields, missing, validate, validates_schema
from marshmallow.types import ErrorMessages

from events.text import FreeText
from shared.text.folding import UnseenError, is_blank, kept

BILINGUAL = {
    "Missing data for required field.": "必填,请补充 / Required: please add it",
    "Field may not be null.": "不能为 null / May not be null",
    "Invalid value.": "值无效 / Not a valid value",
    "Invalid type.": "必须是对象 / Must be an object",
    "Not a valid list.": "必须是数组 / Must be a list",
    "Not a valid string.": "必须是字符串 / Must be a string",
    "Not a valid utf-8 string.": "必须是 UTF-8 字符串 / Must be UTF-8 text",
    "Not a valid UUID.": "必须是 UUID / Must be a UUID, such as 6f1c3c1e-5a0b-4c58-9d0f-0a4f0f2f7a11",
    "Not a valid mapping type.": "必须是对象 / Must be an object",
    "Not a valid boolean.": "必须是 true 或 false / Must be true or false",
}
"""marshmallow's own messages, by their English text."""

SCHEMA_MESSAGES = {
    "unknown": "未知字段,请删除或检查拼写 / Unknown field: remove it or check its spelling",
    "type": "必须是 JSON 对象 / Must be a JSON object",
}


class Schema(marshmallow.Schema):
    """Refuses unknown fields; every message is Chinese first, then English."""

    class Meta:
        """Inherited by every schema, and said in the API documentation as `additionalProperties: false`."""

        unknown = RAISE

    error_messages = SCHEMA_MESSAGES

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Translate the messages a field inherits from marshmallow, also those of list items, keys and values."""
        field_obj.error_messages = {
            key: BILINGUAL.get(str(text), text) for key, text in field_obj.error_messages.items()
        }
        for name in ("inner", "key_field", "value_field"):
            if part := getattr(field_obj, name, None):
                self.on_bind_field(field_name, part)


class Amendment(Schema):
    """A change of some fields: at least one of them is given."""

    @validates_schema(skip_on_field_errors=True)
    def check_not_empty(self, data: Mapping[str, Any], **_: Any) -> None:
        """An empty change is a mistake of the caller, not a success."""
        if not data:
            raise ValidationError("至少填写一个字段 / Give at least one field to change")


A = TypeVar("A", bound=Amendment)


def revision_of(draft: type[Schema], *, without: Collection[str] = ()) -> Callable[[type[A]], type[A]]:
    """Give an `Amendment` the fields of this draft, each of them optional; what is left out stays as it is.

    `without` are those that never change. What else the draft checks (`validates_schema`) is not taken over.
    """
    declared = draft._declared_fields  # noqa: SLF001 - an instance's are bound to it
    unknown = set(without) - declared.keys()
    if unknown:
        raise LookupError(f"{draft.__name__} has no {', '.join(sorted(unknown))}")
    taken = {name: deepcopy(one) for name, one in declared.items() if name not in without}
    for one in taken.values():
        one.required, one.load_default = False, missing

    def filled(amendment: type[A]) -> type[A]:
        said = {"__module__": amendment.__module__, "__doc__": amendment.__doc__}
        return type(amendment.__name__, (amendment,), {**taken, **said})

    return filled


class Nothing(Schema):
    """An empty object: `{}`."""


class BilingualSchema(Schema):
    """A sentence in both languages."""

    zh = fields.String()
    en = fields.String()


def count(minimum: int, maximum: int) -> validate.Length:
    """Bounds for the number of items of a list or mapping."""
    return validate.Length(minimum, maximum, error="应有 {min} 至 {max} 项 / Must have {min} to {max} items")


def _documented(kwargs: dict[str, Any], **properties: Any) -> dict[str, Any]:
    """The keyword arguments of a field with JSON Schema properties added; what the caller gave wins."""
    return {**kwargs, "metadata": {**properties, **kwargs.get("metadata", {})}}


TEXT_MESSAGES: ErrorMessages = {
    "length": "应为 {minimum} 至 {maximum} 个字符 / Must have {minimum} to {maximum} characters",
    "blank": "不能只有空白或看不见的字符 / Must not be blank, nor hold only what is not seen",
    "unseen": "第 {place} 个字符 {point} 看不见、会改变显示或无法保存,请删除 / "
    "Character {place} is {point}, which is not seen as what it is: remove it",
    "pattern": "格式不符 / Does not have the form asked for",
}


class Text(fields.String):
    """One line of `minimum` to `maximum` characters, not blank, kept exactly as it is seen (`shared.text.folding`).

    `pattern` must match the whole of it; say what it means by `error_messages={"pattern": ...}`.
    """

    default_error_messages = TEXT_MESSAGES
    lines = False

    def __init__(self, maximum: int, *, minimum: int = 1, pattern: str | None = None, **kwargs: Any) -> None:
        anything = r"^[^\x00]*[^\s\x00][^\x00]*$" if minimum else r"^[^\x00]*$"
        documented = f"^(?:{pattern})$" if pattern else anything
        super().__init__(**_documented(kwargs, minLength=minimum, maxLength=maximum, pattern=documented))
        self.minimum, self.maximum, self.pattern = minimum, maximum, pattern

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        given: str = super()._deserialize(value, *args, **kwargs)
        try:
            text = kept(given, lines=self.lines)
        except UnseenError as error:
            raise self.make_error("unseen", place=error.place, point=error.point) from error
        if self.minimum and given and is_blank(text):
            raise self.make_error("blank")
        if len(given) > self.maximum or not self.minimum <= len(text) <= self.maximum:
            raise self.make_error("length", minimum=self.minimum, maximum=self.maximum)
        if self.pattern and not re.fullmatch(self.pattern, text):
            raise self.make_error("pattern")
        return text


CHOICE_MESSAGES: ErrorMessages = {
    "choice": "必须是以下之一:{choices} / Must be one of: {choices}",
}


class Choice(fields.String):
    """One of a closed list of words."""

    default_error_messages = CHOICE_MESSAGES

    def __init__(self, choices: Iterable[str], **kwargs: Any) -> None:
        self.choices = tuple(choices)
        # JSON Schema: a null is admitted by the enumeration too, or not at all.
        nothing = [None] if kwargs.get("allow_none") else []
        super().__init__(**_documented(kwargs, enum=[*self.choices, *nothing]))

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        if value not in self.choices:
            raise self.make_error("choice", choices=", ".join(self.choices))
        return value


class FreeTextField(Text):
    """Free text about people: a `FreeText` inside, so that it is signed as a salted hash; plain text outside."""

    lines = True

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        given = value.text if isinstance(value, FreeText) else value
        text = super()._deserialize(given, *args, **kwargs)
        # In a forwarded command the text keeps the salt its sender signed, and its sender has folded it.
        if isinstance(value, FreeText) and text != given:
            raise self.make_error("pattern")
        return value if isinstance(value, FreeText) else FreeText(text)

    def _serialize(self, value: Any, *args: Any, **kwargs: Any) -> str | None:
        return value.text if isinstance(value, FreeText) else super()._serialize(value, *args, **kwargs)


DECIMAL_MESSAGES: ErrorMessages = {
    "number": '请写成字符串,如 "12.5",数字会丢失精度 / Write a string such as "12.5": JSON numbers lose digits',
    "plain": (
        "请写成普通十进制数,如 12.5,至多 {places} 位小数,不用指数 / "
        "Write a plain decimal such as 12.5 with at most {places} decimals, no exponent"
    ),
    "range": "应在 {minimum} 与 {maximum} 之间 / Must be between {minimum} and {maximum}",
}


class DecimalString(fields.String):
    """An exact decimal: a plain string outside (no sign of floats or exponents), a `Decimal` inside, shortest form."""

    default_error_messages = DECIMAL_MESSAGES

    def __init__(self, places: int, *, minimum: str, maximum: str, **kwargs: Any) -> None:
        sign = "-?" if minimum.startswith("-") else ""
        fraction = rf"(\.[0-9]{{1,{places}}})?" if places else ""
        self.pattern = rf"{sign}(0|[1-9][0-9]{{0,17}}){fraction}"
        self.places, self.minimum, self.maximum = places, minimum, maximum
        super().__init__(**_documented(kwargs, format="decimal", pattern=f"^{self.pattern}$"))

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(value, int | float):
            raise self.make_error("number")
        text: str = super()._deserialize(value, *args, **kwargs)
        if not re.fullmatch(self.pattern, text):
            raise self.make_error("plain", places=self.places)
        if not Decimal(self.minimum) <= Decimal(text) <= Decimal(self.maximum):
            raise self.make_error("range", minimum=self.minimum, maximum=self.maximum)
        return Decimal(_shortest(Decimal(text)))

    def _serialize(self, value: Any, *args: Any, **kwargs: Any) -> str | None:
        return _shortest(value) if isinstance(value, Decimal) else super()._serialize(value, *args, **kwargs)


def _shortest(number: Decimal) -> str:
    digits = format(number, "f")
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return "0" if digits == "-0" else digits


WHOLE_MESSAGES: ErrorMessages = {
    "whole": "必须是 {minimum} 至 {maximum} 的整数 / Must be a whole number from {minimum} to {maximum}",
}


class Whole(fields.Integer):
    """An integer within bounds; unlike marshmallow's it takes no strings."""

    default_error_messages = WHOLE_MESSAGES

    def __init__(self, minimum: int, maximum: int, **kwargs: Any) -> None:
        super().__init__(**_documented(kwargs, minimum=minimum, maximum=maximum))
        self.minimum, self.maximum = minimum, maximum

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        # JSON has one kind of number: 3.0 is the integer 3 (JSON Schema, section 4.2.3).
        whole = not isinstance(value, bool) and isinstance(value, int | float) and value == value // 1
        if not whole or not self.minimum <= value <= self.maximum:
            raise self.make_error("whole", minimum=self.minimum, maximum=self.maximum)
        return int(value)


class WholeInQuery(Whole):
    """The same in a query, where every value is text."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        is_number = isinstance(value, str) and re.fullmatch("[0-9]{1,16}", value)
        return super()._deserialize(int(value) if is_number else value, *args, **kwargs)


class Flag(fields.Boolean):
    """`true` or `false`; unlike marshmallow's it takes no strings, and no 0 and 1, which equal them in Python."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class ReasonDraft(Schema):
    """Why something is suspended, refused or closed: about people, perhaps, so it is signed as a salted hash."""

    reason = FreeTextField(2000, required=True)
