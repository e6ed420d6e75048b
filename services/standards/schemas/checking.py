"""Bodies and views of the question whether a certificate counts, and of the dry run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import ValidationError, fields, validates_schema
from marshmallow.types import ErrorMessages

from services.standards.domain.checking import RESTS_ON, STEPS
from services.standards.domain.recognition import ACCEPTS, MOST_ITEMS, Asked
from shared.http.fields.references import Mention, Reference, Referring
from shared.http.fields.strict import BilingualSchema, Choice, Flag, Schema, Text, Whole, count
from shared.http.fields.texts import Identifier
from shared.http.fields.times import Day, DayOrMoment, Instant, Moment
from shared.http.requests.tenants import TenantAddress

MOST_CHECKS = 1000
FOR_MESSAGES: ErrorMessages = {
    "for": (
        "应为 class:C2110、sector:家具 或 park:园区编号,各至多一次,以逗号分隔 / "
        "Write class:C2110, sector: with a name, or park: with an id, each at most once, with commas between"
    ),
}


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
    tenant = TenantAddress(data_key="in", load_default=None)
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

    id = Reference(required=True)
    epoch = fields.Integer(required=True)
    version = fields.Integer(required=True)
    entry_hash = fields.String(required=True)
    received_at = Instant(required=True)


class ProofOf(fields.Nested, Referring):
    """The proof of the step beside it, which tells of what kind the proof's thing is."""

    def mentioned(self, value: Any, *, beside: Mapping[str, Any]) -> Iterator[Mention]:
        """That thing: what is no document of a register is a recognition."""
        yield Mention(RESTS_ON.get(beside["step"], "recognition"), value["id"])


class ReasonView(Schema):
    """One step of the chain."""

    step = Choice(STEPS, required=True)
    holds = fields.Boolean(required=True, allow_none=True)
    code = fields.String(required=True)
    state = fields.String(required=True, allow_none=True)
    message = fields.Nested(BilingualSchema, required=True)
    proof = ProofOf(ProofView, required=True, allow_none=True)
    known_until = Instant(required=True, allow_none=True)


UP_TO_DATE = {"description": "False where this cell has not heard lately of all that the answer rests on"}
KNOWN_UNTIL = {
    "description": "Where it is not up to date: what was said later is not in the answer, or null while nothing is sure"
}


class CheckView(Schema):
    """The answer, with everything it rests on; `counts` null where that is not known here now."""

    certificate = fields.String(required=True)
    tenant = Reference("tenant", data_key="in", required=True)
    asked_for = fields.String(data_key="for", required=True, allow_none=True)
    as_of = Instant(required=True)
    known_at = Instant(required=True)
    up_to_date = fields.Boolean(required=True, metadata=UP_TO_DATE)
    known_until = Instant(required=True, allow_none=True, metadata=KNOWN_UNTIL)
    counts = fields.Boolean(required=True, allow_none=True)
    chain = fields.List(fields.Nested(ReasonView), required=True)


class CheckResultView(Schema):
    """One answer of many: `code` and `message` of the first step that fails or is not known.

    `counts` is null where that is not known here now, or, with the code `ask_there`, is for that tenant to say.
    """

    index = fields.Integer(required=True)
    certificate = fields.String(required=True)
    tenant = Reference("tenant", data_key="in", required=True)
    as_of = Instant(required=True)
    known_at = Instant(required=True)
    up_to_date = fields.Boolean(required=True, metadata=UP_TO_DATE)
    known_until = Instant(required=True, allow_none=True, metadata=KNOWN_UNTIL)
    counts = fields.Boolean(required=True, allow_none=True)
    code = fields.String(required=True, allow_none=True)
    message = fields.Nested(BilingualSchema, required=True, allow_none=True)
    chain = fields.List(fields.Nested(ReasonView), required=True, allow_none=True)


class CheckResultsView(Schema):
    """One result for each item, in the order given."""

    results = fields.List(fields.Nested(CheckResultView), required=True)


class DryItemDraft(Schema):
    """A recognised document, as it would be proposed; an empty list limits nothing."""

    standard = Reference("standard", required=True)
    accepts = Choice(ACCEPTS, load_default="certificates")
    product_classes = fields.List(Identifier("product_class"), load_default=list, validate=count(0, 50))
    sectors = fields.List(Text(100), load_default=list, validate=count(0, 50))
    parks = fields.List(Reference("park"), load_default=list, validate=count(0, 50))
    extra_tests = fields.List(Text(100), load_default=list, validate=count(0, 50))
    validity_cap_months = Whole(1, 1200, load_default=None, allow_none=True)


class DryRunDraft(Schema):
    """Had `items` of `recognised` been accepted since `from`; or, with `recognition`, had that one not been."""

    recognised = TenantAddress(load_default=None)
    mutual = Flag(load_default=False)
    items = fields.List(fields.Nested(DryItemDraft), load_default=None, validate=count(1, MOST_ITEMS))
    recognition = Reference("recognition", load_default=None)
    since = Day(data_key="from", required=True)

    @validates_schema(skip_on_field_errors=True)
    def check_one_question(self, data: dict[str, Any], **_: Any) -> None:
        """A recognition that might have been, or one that is."""
        supposed = data["recognised"] is not None and data["items"] is not None
        if (data["recognition"] is not None) == supposed or (data["recognised"] is None) != (data["items"] is None):
            raise ValidationError(
                "请填写所认可的方向和条目,或只填写一份互认 / Give recognised and items, or recognition alone"
            )


class DifferenceView(Schema):
    """A check that would have been answered differently."""

    id = fields.Integer(required=True)
    certificate = fields.String(required=True)
    asked_for = fields.String(data_key="for", required=True, allow_none=True)
    as_of = Instant(required=True)
    known_at = Instant(required=True)
    asked_at = Instant(required=True)
    standard = Reference("standard", required=True, allow_none=True)
    before = fields.Boolean(required=True)
    after = fields.Boolean(required=True)


class TallyView(Schema):
    """How many of one standard's checks would have been answered differently."""

    standard = Reference("standard", required=True, allow_none=True)
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
