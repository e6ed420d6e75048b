"""Cases: what an applicant files, what a handler says, and what both see."""

from __future__ import annotations

from marshmallow import fields

from services.requests.domain.cases import CASE_LIFECYCLE, OUTCOMES, RATERS
from services.requests.domain.clocks import APPLICANT, CLOCKS, GROUNDS
from services.requests.domain.items import CATEGORIES, MODES
from services.requests.domain.matters import MATTERS
from services.requests.domain.refusals import FORWARD_KINDS
from services.requests.schemas.items import MOST_FIELDS, MOST_MATERIALS, SheetSchema
from services.requests.schemas.moves import ForwardView
from services.requests.schemas.parts import PartView
from shared.http.fields.aggregates import AggregateView
from shared.http.fields.attachments import AttachmentSchema
from shared.http.fields.references import ActorReference, Reference
from shared.http.fields.strict import (
    Amendment,
    BilingualSchema,
    Choice,
    FreeTextField,
    Schema,
    Text,
    Whole,
    count,
    revision_of,
)
from shared.http.fields.texts import Identifier, Lines
from shared.http.fields.times import Day, Instant
from shared.http.lists.pages import PageFilter
from shared.http.requests.tenants import TenantAddress
from shared.rules.working_days import UNITS

OWNERS = ("handler", APPLICANT)


class AnswerSchema(Schema):
    """One field of the form, filled in: the value as text in its one form, such as 12.5, 2026-12-31 or yes."""

    name = Text(40, required=True)
    value = Text(500, required=True, minimum=0)


class GivenMaterialSchema(AttachmentSchema):
    """A file, and which paper of the sheet it is."""

    material = Text(40, required=True)


class CaseDraft(Schema):
    """An application for a service item."""

    item = Reference("item", required=True)
    organisation = Reference("organisation", load_default=None, allow_none=True)
    park = Reference("park", load_default=None, allow_none=True)
    applicant = FreeTextField(200, required=True)
    answers = fields.List(fields.Nested(AnswerSchema), load_default=list, validate=count(0, MOST_FIELDS))
    materials = fields.List(fields.Nested(GivenMaterialSchema), load_default=list, validate=count(0, MOST_MATERIALS))


@revision_of(CaseDraft, without=("item", "organisation", "park"))
class CaseRevision(Amendment):
    """What changes before it is filed, or is supplied when it was asked for; answers and materials as a whole."""


class ReturnDraft(Schema):
    """All that is missing, by its names in the sheet, and what is wrong with it."""

    missing = fields.List(Text(40), required=True, validate=count(1, MOST_FIELDS + MOST_MATERIALS))
    reason = FreeTextField(2000, required=True)


class AssignmentDraft(Schema):
    """Who handles it, and why."""

    to = TenantAddress(required=True)
    reason = FreeTextField(2000, required=True)


class ForwardDraft(AssignmentDraft):
    """The right body, and why."""

    kind = Choice(FORWARD_KINDS, load_default="other")


class PauseDraft(Schema):
    """On what legal ground the term stands still, and who answers for the days."""

    ground = Choice(GROUNDS, required=True)
    owner = Choice(OWNERS, load_default="handler")
    reason = FreeTextField(2000, required=True)


class ExtensionDraft(Schema):
    """By how many days, and why; whoever sends it is the head of the body, or acts for it."""

    days = Whole(1, 365, required=True)
    reason = FreeTextField(2000, required=True)


class DecisionDraft(Schema):
    """What is decided; a refusal needs its legal ground and the remedy."""

    outcome = Choice(OUTCOMES, required=True)
    reason = FreeTextField(2000, required=True)
    ground = Lines(1000, load_default=None, allow_none=True)
    remedy = Lines(1000, load_default=None, allow_none=True)


class DateDraft(Schema):
    """By which day the answer is to be there, and why."""

    on = Day(required=True)
    reason = FreeTextField(2000, required=True)


class AgreementDraft(Schema):
    """The day that one agrees to, as the other side proposes it."""

    on = Day(required=True)


class CaseFilter(PageFilter):
    """Which cases to list; `q` is the beginning of a number or part of an item's name."""

    state = Choice(CASE_LIFECYCLE.states)
    item = Reference("item")
    handler = TenantAddress()
    home = TenantAddress()
    organisation = Reference("organisation")
    matter = Choice(MATTERS)
    park = Reference("park")
    open = fields.Boolean()
    overdue = fields.Boolean()
    works = fields.Boolean()
    unclaimed = fields.Boolean()
    unit = Text(100)
    person = Reference("user")
    due_before = Day()
    follow_up_by = Day()
    q = Text(100)


class CaseItemView(Schema):
    """The item as it was when the case was filed."""

    code = fields.String()
    national_code = fields.String(allow_none=True)
    name_zh = fields.String()
    name_en = fields.String(allow_none=True)
    category = Choice(CATEGORIES)
    mode = Choice(MODES)
    provider = fields.String()
    edition = fields.Integer()


class ParkNameView(Schema):
    """What the park was called when the case was filed: the handler may be no party of it."""

    name_zh = fields.String()
    name_en = fields.String(allow_none=True)


class MatterView(Schema):
    """What sort of matter of its park it is, and by which revision of the park's duty table it is answered."""

    kind = Choice(MATTERS)
    revision = fields.Integer()
    content_hash = fields.String()


class AskedView(Schema):
    """A field or a paper of the sheet, with what people call it."""

    label = fields.Nested(BilingualSchema)
    name = fields.String()


class AnswerView(AskedView):
    """One field of the form, as it was filled in."""

    value = fields.String()


class SupplementView(Schema):
    """What was asked for, once."""

    missing = fields.List(fields.Nested(AskedView))
    asked_at = Instant()
    reason = fields.String(allow_none=True)


class UseView(Schema):
    """How many days of a term were whose, and on what ground it stood still then."""

    owner = Reference("tenant", allow_none=True)
    is_applicant = fields.Boolean()
    is_several = fields.Boolean()
    ground = Choice(GROUNDS, allow_none=True)
    days = fields.Integer()


class TurnView(UseView):
    """One turn of a term, from when to when; until now where it still runs or stands still."""

    since = Instant()
    until = Instant(allow_none=True)


class ClockView(Schema):
    """One term: how long it is, whose days were used, and its last day while it runs."""

    clock = Choice(CLOCKS)
    days = fields.Integer()
    unit = Choice(UNITS)
    began_at = Instant()
    used = fields.List(fields.Nested(UseView))
    turns = fields.List(fields.Nested(TurnView))
    left = fields.Integer()
    is_running = fields.Boolean()
    ground = Choice(GROUNDS, allow_none=True)


class DecisionView(Schema):
    """What was decided."""

    outcome = Choice(OUTCOMES)
    ground = fields.String(allow_none=True)
    remedy = fields.String(allow_none=True)
    decided_at = Instant()
    by_silence = fields.Boolean()
    reason = fields.String(allow_none=True)


class ProposalView(Schema):
    """The day for the answer that one side proposes."""

    by = Choice(RATERS)
    on = Day()
    at = Instant()
    reason = fields.String(allow_none=True)


class RatingView(Schema):
    """What one side says of the other, and what that one answers."""

    by = Choice(RATERS)
    score = fields.Integer()
    at = Instant()
    reason = fields.String(allow_none=True)
    reply = fields.String(allow_none=True)


class CaseView(AggregateView):
    """A case as home, handler and applicant see it."""

    id = Reference("case")
    number = fields.String(allow_none=True)
    state = Choice(CASE_LIFECYCLE.states)
    item = Reference("item", attribute="item_id")
    service = fields.Nested(CaseItemView, attribute="item")
    sheet = fields.Nested(SheetSchema)
    organisation = Reference("organisation", attribute="organisation_id", allow_none=True)
    division = Identifier("division_code", allow_none=True)
    park = Reference("park", attribute="park_id", allow_none=True)
    park_named = fields.Nested(ParkNameView, attribute="park", allow_none=True)
    applicant = fields.String(allow_none=True)
    answers = fields.List(fields.Nested(AnswerView))
    materials = fields.List(fields.Nested(GivenMaterialSchema))
    matter = fields.Nested(MatterView, allow_none=True)
    handler = Reference("tenant")
    coordinator = Reference("tenant", allow_none=True)
    forwards = fields.List(fields.Nested(ForwardView))
    parts = fields.List(fields.Nested(PartView))
    is_final = fields.Boolean()
    supplement = fields.Nested(SupplementView, allow_none=True)
    clocks = fields.List(fields.Nested(ClockView))
    due_on = Day(allow_none=True)
    due_is_provisional = fields.Boolean()
    is_overdue = fields.Boolean()
    proposal = fields.Nested(ProposalView, allow_none=True)
    agreed_on = Day(allow_none=True)
    agreed_kept = fields.Boolean(allow_none=True)
    decision = fields.Nested(DecisionView, allow_none=True)
    filed_at = Instant(allow_none=True)
    accepted_at = Instant(allow_none=True)
    decided_at = Instant(allow_none=True)
    ended_at = Instant(allow_none=True)
    ratings = fields.List(fields.Nested(RatingView))
    unanswered = fields.Integer()
    unit = fields.String(allow_none=True)
    person = ActorReference(allow_none=True)
    follow_up_on = Day(allow_none=True)
    reason = FreeTextField(2000, allow_none=True)
