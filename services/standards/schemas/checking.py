"""Bodies and views of the question whether a certificate counts, and of the dry run."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

from marshmallow import ValidationError, fields, validates_schema
from marshmallow.types import ErrorMessages

from services.standards.domain.recognition import ACCEPTS, MOST_ITEMS, Asked
from shared.days import end_of
from shared.http.fields import BilingualSchema, Choice, Day, Flag, Instant, Moment, Schema, Text, Whole, count
from shared.http.texts import Identifier

MOST_CHECKS = 1000
EARLIEST, LATEST = 1949, 2200
MOMENT_MESSAGES: ErrorMessages = {
    "moment": (
        "必须是日期(2026-07-01,指当日终了)或带时区的时间 / "
        "Must be a date (2026-07-01, meaning its end in Beijing) or a time with its zone, such as 2026-07-01T00:00:00Z"
    ),
    "range": f"应在 {EARLIEST} 年至 {LATEST} 年之间 / Must be between the years {EARLIEST} and {LATEST}",
}
FOR_MESSAGES: ErrorMessages = {
    "for": (
        "应为 class:C2110、sector:家具 或 park:园区编号,各至多一次,以逗号分隔 / "
        "Write class:C2110, sector:家具 or park:<id>, each at most once, with commas between"
    ),
}


class DayOrMoment(fields.String):
    """A point in time: RFC 3339 with a zone, or a day, which means the last instant of that day in Beijing."""

    default_error_messages = MOMENT_MESSAGES

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text: str = super()._deserialize(value, *args, **kwargs)
        try:
            moment = _moment(text)
        except (ValueError, OverflowError) as error:
            raise self.make_error("moment") from error
        if not EARLIEST <= moment.year <= LATEST:
            raise self.make_error("range")
        return moment


def _moment(text: str) -> datetime:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return end_of(date.fromisoformat(text)) - timedelta(microseconds=1)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or "T" not in text.upper():
        raise ValueError(text)
    return moment


class For(Text):
    """What a certificate is wanted for, as `Asked.read` takes it; stays text."""

    default_error_messages = FOR_MESSAGES

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, *args, **kwargs)
        try:
            Asked.read(text)
        except ValueError as error:
            raise self.make_error("for") from error
        return text


class CheckQuery(Schema):
    """One question; without `in` it is about the caller's own tenant, without times about now."""

    number = Identifier("certificate_number", strict=False, data_key="certificate", required=True)
    tenant = Text(64, data_key="in", load_default=None, metadata={"description": "Id or code of a tenant"})
    asked_for = For(300, data_key="for", load_default=None)
    as_of = DayOrMoment(load_default=None, metadata={"description": "A day or a time; default now"})
    known_at = Moment(
        load_default=None,
        metadata={"description": "What was known here then; default now. Within the last second it may still change"},
    )


class ChecksDraft(Schema):
    """Up to a thousand questions."""

    items = fields.List(fields.Nested(CheckQuery), required=True, validate=count(1, MOST_CHECKS))
    chain = Flag(load_default=False, metadata={"description": "Answer with the whole chain of reasons"})


class ProofView(Schema):
    """The entry that says so, and when it was received here."""

    id = fields.UUID(required=True)
    epoch = fields.Integer(required=True)
    version = fields.Integer(required=True)
    entry_hash = fields.String(required=True)
    received_at = Instant(required=True)


class ReasonView(Schema):
    """One step of the chain."""

    step = fields.String(required=True)
    holds = fields.Boolean(required=True)
    code = fields.String(required=True)
    state = fields.String(required=True, allow_none=True)
    message = fields.Nested(BilingualSchema, required=True)
    proof = fields.Nested(ProofView, required=True, allow_none=True)


class CheckView(Schema):
    """The answer, with everything it rests on."""

    certificate = fields.String(required=True)
    tenant = fields.UUID(data_key="in", required=True)
    asked_for = fields.String(data_key="for", required=True, allow_none=True)
    as_of = Instant(required=True)
    known_at = Instant(required=True)
    counts = fields.Boolean(required=True)
    chain = fields.List(fields.Nested(ReasonView), required=True)


class CheckResultView(Schema):
    """One answer of many: `code` and `message` of the first step that fails, `ask_there` where `counts` is null."""

    index = fields.Integer(required=True)
    certificate = fields.String(required=True)
    tenant = fields.UUID(data_key="in", required=True)
    as_of = Instant(required=True)
    known_at = Instant(required=True)
    counts = fields.Boolean(required=True, allow_none=True)
    code = fields.String(required=True, allow_none=True)
    message = fields.Nested(BilingualSchema, required=True, allow_none=True)
    chain = fields.List(fields.Nested(ReasonView), required=True, allow_none=True)


class CheckResultsView(Schema):
    """One result for each item, in the order given."""

    results = fields.List(fields.Nested(CheckResultView), required=True)


class DryItemDraft(Schema):
    """A recognised document, as it would be proposed; an empty list limits nothing."""

    standard = fields.UUID(required=True)
    accepts = Choice(ACCEPTS, load_default="certificates")
    product_classes = fields.List(Identifier("product_class"), load_default=list, validate=count(0, 50))
    sectors = fields.List(Text(100), load_default=list, validate=count(0, 50))
    parks = fields.List(fields.UUID(), load_default=list, validate=count(0, 50))
    extra_tests = fields.List(Text(100), load_default=list, validate=count(0, 50))
    validity_cap_months = Whole(1, 1200, load_default=None, allow_none=True)


class DryRunDraft(Schema):
    """Had `items` of `recognised` been accepted since `from`; or, with `recognition`, had that one not been."""

    recognised = Text(64, load_default=None, metadata={"description": "Id or code of a tenant"})
    mutual = Flag(load_default=False)
    items = fields.List(fields.Nested(DryItemDraft), load_default=None, validate=count(1, MOST_ITEMS))
    recognition = fields.UUID(load_default=None)
    since = Day(data_key="from", required=True)

    @validates_schema(skip_on_field_errors=True)
    def check_one_question(self, data: dict[str, Any], **_: Any) -> None:
        """A recognition that might have been, or one that is."""
        supposed = data["recognised"] is not None and data["items"] is not None
        if (data["recognition"] is not None) == supposed or (data["recognised"] is None) != (data["items"] is None):
            raise ValidationError(
                "请填写 recognised 和 items,或只填写 recognition / Give recognised and items, or recognition alone"
            )


class DifferenceView(Schema):
    """A check that would have been answered differently."""

    id = fields.Integer(required=True)
    certificate = fields.String(required=True)
    asked_for = fields.String(data_key="for", required=True, allow_none=True)
    as_of = Instant(required=True)
    known_at = Instant(required=True)
    asked_at = Instant(required=True)
    standard = fields.UUID(required=True, allow_none=True)
    before = fields.Boolean(required=True)
    after = fields.Boolean(required=True)


class TallyView(Schema):
    """How many of one standard's checks would have been answered differently."""

    standard = fields.UUID(required=True, allow_none=True)
    would_differ = fields.Integer(required=True)
    to_yes = fields.Integer(required=True)
    to_no = fields.Integer(required=True)


class DryRunView(Schema):
    """What would have been; `complete` false when more was asked than is examined, `differing` the newest first.

    `not_reproduced` are answers that come out otherwise today even without the supposition: they count as the same.
    """

    since = Day(data_key="from", required=True)
    examined = fields.Integer(required=True)
    complete = fields.Boolean(required=True)
    would_differ = fields.Integer(required=True)
    to_yes = fields.Integer(required=True)
    to_no = fields.Integer(required=True)
    not_reproduced = fields.Integer(required=True)
    by_standard = fields.List(fields.Nested(TallyView), required=True)
    differing = fields.List(fields.Nested(DifferenceView), required=True)
