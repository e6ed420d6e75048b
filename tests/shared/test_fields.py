"""Fields refuse what cannot be kept or signed, in both languages, and say so in the API documentation."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError, fields

from events.text import FreeText
from shared.http.fields.strict import (
    Amendment,
    Choice,
    DecimalString,
    Flag,
    FreeTextField,
    Schema,
    Text,
    Whole,
    count,
    revision_of,
)
from shared.http.fields.times import Day, Instant

AREA = DecimalString(2, minimum="0", maximum="1000")


class Everything(Schema):
    text = Text(5, required=True)
    code = Text(3, minimum=0, pattern="[0-9]*", allow_none=True)
    choice = Choice(["a", "b"])
    reason = FreeTextField(10)
    area = DecimalString(2, minimum="0", maximum="1000")
    whole = Whole(1, 10)
    flag = Flag()
    day = Day()
    at = Instant()
    ids = fields.List(fields.UUID(), validate=count(0, 2))
    more = fields.Dict(keys=fields.UUID(), values=Text(5))


class Change(Amendment):
    text = Text(5, allow_none=True)


@pytest.mark.parametrize("value", ["a\0b", "\ud800", "x\udfff", "", "  ", "\n\t", "abcdef", 5, None, ["a"]])
def test_text_that_cannot_be_kept_is_refused(value):
    with pytest.raises(ValidationError) as refusal:
        Everything().load({"text": value})
    (message,) = refusal.value.messages["text"]
    chinese, english = message.split(" / ")
    assert not chinese.isascii() or "null" in chinese
    assert english.isascii()


@given(st.text("成都ab1 (·", min_size=1, max_size=5).filter(str.strip))
def test_any_other_text_is_taken_as_it_is_seen(text):
    assert Everything().load({"text": text}) == {"text": " ".join(text.split())}


@pytest.mark.parametrize("value", ["a\u202eb", "\u3164", "a\u2800", "\ue5e5", "a\ufffd", "\u200b", "\u0301"])
def test_what_is_not_seen_is_refused_in_names_and_reasons_alike(value):
    for name in ("text", "reason"):
        with pytest.raises(ValidationError) as refusal:
            Everything().load({"text": "x", name: value})
        (message,) = refusal.value.messages[name]
        assert "看不见" in message


def test_a_forwarded_reason_is_what_its_sender_signed_or_nothing():
    signed = FreeText("因为", "salt")
    assert Everything().load({"text": "x", "reason": signed})["reason"] is signed
    with pytest.raises(ValidationError):
        Everything().load({"text": "x", "reason": FreeText("因\u200b为", "salt")})


def test_lines_stay_where_there_may_be_some_and_are_blanks_elsewhere():
    loaded = Everything().load({"text": "a\nb", "reason": "一\r\n\t二 "})
    assert (loaded["text"], loaded["reason"].text) == ("a b", "一\n\t二")


@pytest.mark.parametrize(
    ("written", "kept"), [("0", "0"), ("262", "262"), ("262.50", "262.5"), ("0.00", "0"), ("1000.00", "1000")]
)
def test_a_decimal_is_exact_in_and_out(written, kept):
    number = AREA.deserialize(written)
    assert (number, str(number)) == (Decimal(kept), kept)
    assert AREA.serialize("area", {"area": Decimal(kept + ("" if "." in kept else ".0000"))}) == kept
    assert AREA.serialize("area", {"area": None}) is None


@pytest.mark.parametrize(
    "value", ["NaN", "1e3", "Infinity", "1.234", "-1", "1000.01", " 1", "1\n", "01", ".5", "1.", ""]
)
def test_a_decimal_that_is_not_plain_or_out_of_range_is_refused(value):
    with pytest.raises(ValidationError):
        AREA.deserialize(value)


@pytest.mark.parametrize("value", [1, 1.5, True, float("nan")])
def test_a_decimal_as_json_number_is_refused_with_the_reason(value):
    with pytest.raises(ValidationError, match="JSON numbers lose digits"):
        AREA.deserialize(value)


@pytest.mark.parametrize("value", ["3", 2.5, True, None, 0, 11, float("inf"), float("nan"), 10**400, []])
def test_only_a_whole_number_within_bounds_is_whole(value):
    with pytest.raises(ValidationError):
        Whole(1, 10).deserialize(value)
    assert Whole(1, 10).deserialize(3.0) == 3


@pytest.mark.parametrize("value", [0, 1, 0.0, "true", "on", None, []])
def test_only_true_and_false_are_a_flag(value):
    with pytest.raises(ValidationError):
        Flag().deserialize(value)
    assert [Flag().deserialize(one) for one in (True, False)] == [True, False]


@pytest.mark.parametrize(
    "value", ["20260701", "2026-W27-3", "2026-02-30", "2026-7-1", "2026-07-01T00:00", 20260701, []]
)
def test_a_day_has_one_form(value):
    with pytest.raises(ValidationError, match="2026-07-01"):
        Day().deserialize(value)
    assert Day().deserialize("2026-07-01") == date(2026, 7, 1)


def test_free_text_is_salted_inside_and_plain_outside():
    loaded = Everything().load({"text": "x", "reason": "因为"})["reason"]
    assert isinstance(loaded, FreeText)
    assert loaded.text == "因为"
    dumped = [Everything().dump({"reason": value})["reason"] for value in (loaded, "kept", None)]
    assert dumped == ["因为", "kept", None]
    with pytest.raises(ValidationError, match="1 to 10"):
        FreeTextField(10).deserialize("x" * 11)


def test_times_and_days_are_written_also_when_kept_as_text():
    at = datetime(2026, 7, 1, tzinfo=UTC)
    written = "2026-07-01T00:00:00.000000Z"
    assert Everything().dump({"at": at, "day": at.date()}) == {"at": written, "day": "2026-07-01"}
    assert Everything().dump({"at": written, "day": "2026-07-01"}) == {"at": written, "day": "2026-07-01"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": "x", "unknown": 1},
        {"text": "x", "choice": "c"},
        {"text": "x", "choice": []},
        {"text": "x", "ids": ["no"]},
        {"text": "x", "ids": {}},
        {"text": "x", "ids": ["00000000-0000-0000-0000-000000000000"] * 3},
        {"text": "x", "more": {"no": "a"}},
        {"text": "x", "more": []},
        {"text": "x", "code": "12a"},
    ],
)
def test_every_message_is_in_both_languages(body):
    with pytest.raises(ValidationError) as refusal:
        Everything().load(body)
    messages = list(leaves(refusal.value.messages))
    assert messages
    assert all(" / " in message and not message.isascii() for message in messages)


def leaves(messages):
    if isinstance(messages, dict):
        for part in messages.values():
            yield from leaves(part)
    else:
        yield from messages


def test_a_change_names_at_least_one_field():
    assert Change().load({"text": None}) == {"text": None}
    with pytest.raises(ValidationError, match="at least one field"):
        Change().load({})


def test_the_documentation_says_what_is_enforced():
    spec = APISpec("t", "1", openapi_version="3.1.0", plugins=[MarshmallowPlugin()])
    spec.components.schema("Everything", schema=Everything)
    document = spec.to_dict()["components"]["schemas"]["Everything"]
    properties = document["properties"]
    assert document["additionalProperties"] is False
    assert properties["text"]["type"] == properties["reason"]["type"] == properties["area"]["type"] == "string"
    assert (properties["text"]["minLength"], properties["text"]["maxLength"]) == (1, 5)
    assert properties["code"] == {
        "type": ["string", "null"], "minLength": 0, "maxLength": 3, "pattern": "^(?:[0-9]*)$"
    }  # fmt: skip
    assert properties["choice"] == {"type": "string", "enum": ["a", "b"]}
    assert properties["area"]["pattern"] == r"^(0|[1-9][0-9]{0,17})(\.[0-9]{1,2})?$"
    assert properties["whole"] == {"type": "integer", "minimum": 1, "maximum": 10}
    assert properties["flag"] == {"type": "boolean"}
    assert properties["day"] == {"type": "string", "format": "date"}
    assert properties["at"] == {"type": "string", "format": "date-time", "readOnly": True}


class Draft(Schema):
    code = Text(3, required=True)
    name = Text(5, required=True)
    note = Text(5, load_default=None)


@revision_of(Draft, without=("code",))
class Revision(Amendment):
    """What may change of it."""


def test_a_revision_takes_the_fields_of_its_draft_and_needs_none_of_them():
    assert Revision().load({"name": "b"}) == {"name": "b"}
    assert Revision().load({"note": None}) == {"note": None}
    assert Draft().load({"code": "a", "name": "b"}) == {"code": "a", "name": "b", "note": None}


@pytest.mark.parametrize("given", [{}, {"code": "a"}, {"other": 1}, {"name": None}, {"name": "abcdef"}])
def test_a_revision_is_refused_what_its_draft_refuses_what_never_changes_and_nothing(given):
    with pytest.raises(ValidationError):
        Revision().load(given)


def test_a_revision_without_a_field_that_its_draft_lacks_is_a_mistake_of_whoever_writes_it():
    with pytest.raises(LookupError, match="nmae"):
        revision_of(Draft, without=("nmae",))
