"""Recognition as the API takes and shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, post_load

from events.canonical import Json
from services.standards.domain import objections
from services.standards.domain.lifecycles import RECOGNITION_LIFECYCLE
from services.standards.domain.recognition import ACCEPTS, MOST_ITEMS
from shared.http.countersigned import SignatureSchema, SignByDraft, SignByView, ToSignFilter
from shared.http.fields.aggregates import AggregateView
from shared.http.fields.references import Reference
from shared.http.fields.strict import Choice, Flag, FreeTextField, ReasonDraft, Schema, Text, Whole, count
from shared.http.fields.texts import Identifier
from shared.http.fields.times import Day, Instant
from shared.http.requests.tenants import TenantAddress

MOST_LIMITS = 20
"""Classes, sectors, parks or tests of one item."""
LONGEST_CAP = 120


def _limits(inner: fields.Field[Any]) -> fields.List[Any]:
    return fields.List(inner, load_default=list, validate=count(0, MOST_LIMITS))


class RecognisedItemDraft(Schema):
    """One recognised document; an empty list limits nothing, `validity_cap_months` counts from a certificate's issue.

    A `standard` is accepted as one's own, or also the `certificates` issued under it by the other side's bodies.
    """

    standard = Reference("standard", required=True)
    accepts = Choice(ACCEPTS, required=True)
    product_classes = _limits(Identifier("product_class"))
    sectors = _limits(Text(50))
    parks = _limits(Reference("park"))
    extra_tests = _limits(Text(100))
    validity_cap_months = Whole(1, LONGEST_CAP, load_default=None)

    @post_load
    def as_plain(self, loaded: Mapping[str, Any], **_: Any) -> dict[str, Json]:
        """Items are kept as JSON; a list without order or repetition is the same however it was written."""
        lists = {name: sorted({str(one) for one in value}) for name, value in loaded.items() if isinstance(value, list)}
        return {**loaded, "standard": str(loaded["standard"]), **lists}


class RecognitionEditionDraft(SignByDraft):
    """The whole list that is to hold, from the first day (or at once) to the last one (or without end)."""

    items = fields.List(fields.Nested(RecognisedItemDraft), required=True, validate=count(1, MOST_ITEMS))
    starts_on = Day(load_default=None)
    ends_on = Day(endless=True, load_default=None)


class RecognitionDraft(RecognitionEditionDraft):
    """What the caller's tenant is to recognise of `recognised`, and, when mutual, the other way round."""

    recognised = TenantAddress(required=True)
    mutual = Flag(load_default=False)
    title_zh = Text(200, required=True)
    title_en = Text(400, load_default=None)


class RecognitionEndDraft(ReasonDraft):
    """Why it ends; `on` is its last day, without it it ends now."""

    on = Day(load_default=None)


class ObjectionDraft(ReasonDraft):
    """Why the caller's tenant objects, and how many days the other side has to answer."""

    days = Whole(objections.SHORTEST_TERM, objections.LONGEST_TERM, load_default=objections.TERM_DAYS)


class ObjectionAnswerDraft(Schema):
    """The answer to an objection of the other side, by its number."""

    objection = Whole(1, objections.MOST, required=True)
    answer = FreeTextField(2000, required=True)


class RecognitionFilter(ToSignFilter):
    """Which recognitions to list: `with` is the other tenant, `standard` stands in what holds or is on the table."""

    other = TenantAddress(data_key="with")
    state = Choice(RECOGNITION_LIFECYCLE.states)
    standard = Reference("standard")
    mutual = fields.Boolean()
    q = Text(100)


class RecognisedItemTermsView(Schema):
    """An item of what is on the table."""

    standard = Reference("standard")
    accepts = Choice(ACCEPTS)
    product_classes = fields.List(fields.String())
    sectors = fields.List(fields.String())
    parks = fields.List(Reference("park"))
    extra_tests = fields.List(fields.String())
    validity_cap_months = fields.Integer(allow_none=True)


class RecognisedItemView(RecognisedItemTermsView):
    """An item and when it counts, apart from the state of the recognition."""

    since = Instant(data_key="from", attribute="from")
    until = Instant(allow_none=True)


class PendingEditionView(Schema):
    """The list on the table, who has agreed to it and who has still to."""

    edition = fields.Integer()
    proposed_at = Instant()
    items = fields.List(fields.Nested(RecognisedItemTermsView))
    starts_on = Day(allow_none=True)
    ends_on = Day(allow_none=True)
    content_hash = fields.String()
    signatures = fields.List(fields.Nested(SignatureSchema))
    missing = fields.List(Reference("tenant"))


class ConsentView(Schema):
    """What was agreed to last, by whom."""

    content_hash = fields.String()
    starts_on = Day(allow_none=True)
    signatures = fields.List(fields.Nested(SignatureSchema))


class RecognitionSpellView(Schema):
    """A state and since when it holds, until the next one."""

    state = Choice(RECOGNITION_LIFECYCLE.states)
    since = Instant(data_key="from", attribute="from")


class RecognitionEndView(Schema):
    """A party's decision that it ends at this moment."""

    by = Reference("tenant")
    at = Instant()


class ObjectionView(Schema):
    """An objection and what became of it; a text is null once erased."""

    objection = fields.Integer()
    by = Reference("tenant")
    state = Choice(objections.STATES)
    reason = FreeTextField(2000, allow_none=True)
    answer = FreeTextField(2000, allow_none=True)
    answer_by = Day()


class RecognitionView(SignByView, AggregateView):
    """A recognition: what holds since when, what is on the table, and how it came and comes to an end."""

    id = Reference("recognition")
    state = Choice(RECOGNITION_LIFECYCLE.states)
    spells = fields.List(fields.Nested(RecognitionSpellView))
    title_zh = fields.String()
    title_en = fields.String(allow_none=True)
    recogniser = Reference("tenant")
    recognised = Reference("tenant")
    mutual = fields.Boolean()
    edition = fields.Integer()
    items = fields.List(fields.Nested(RecognisedItemView))
    pending = fields.Nested(PendingEditionView, allow_none=True)
    consent = fields.Nested(ConsentView, allow_none=True)
    ends_on = Day(allow_none=True)
    ends = fields.List(fields.Nested(RecognitionEndView))
    suspended_by = Reference("tenant", allow_none=True)
    objections = fields.List(fields.Nested(ObjectionView))
    reason = FreeTextField(2000, allow_none=True)
