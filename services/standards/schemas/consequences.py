"""Consequences as the API takes and shows them."""

from __future__ import annotations

from marshmallow import fields

from services.standards.domain.consequences import EVERY_OUTCOME, PURPOSES
from services.standards.domain.dependencies import BODY, CERTIFICATE, RECOGNITION, STANDARD
from services.standards.domain.lifecycles import CONSEQUENCE_LIFECYCLE
from shared.http.fields.aggregates import AggregateView
from shared.http.fields.references import Reference
from shared.http.fields.strict import Choice, FreeTextField, Schema
from shared.http.fields.times import Day
from shared.http.lists.pages import PageFilter
from shared.http.requests.tenants import TenantAddress


class ConsequenceFilter(PageFilter):
    """Which consequences to list; `tenant` is that of the dependant."""

    state = Choice(CONSEQUENCE_LIFECYCLE.states)
    purpose = Choice(PURPOSES)
    outcome = Choice(EVERY_OUTCOME)
    cause = Reference()
    dependant = Reference()
    tenant = TenantAddress()
    due_before = Day()


class ClosingDraft(Schema):
    """What became of the dependant: kept (say why), suspended or removed; of a restoration, restored or kept."""

    outcome = Choice(EVERY_OUTCOME, required=True)
    reason = FreeTextField(2000, load_default=None, allow_none=True)


class ConsequenceView(AggregateView):
    """Something that is to be dealt with, because what it rests on stopped counting or counts again."""

    id = Reference("consequence")
    state = Choice(CONSEQUENCE_LIFECYCLE.states)
    purpose = Choice(PURPOSES)
    cause_kind = Choice((CERTIFICATE, BODY, STANDARD, RECOGNITION))
    cause = Reference(by="cause_kind", attribute="cause_id")
    cause_key = fields.String()
    cause_at = fields.String()
    cause_state = fields.String()
    origin = Reference()
    dependant_kind = fields.String()
    dependant = Reference(by="dependant_kind", attribute="dependant_id")
    reference = fields.String()
    due_on = Day()
    escalations = fields.Integer()
    outcome = Choice(EVERY_OUTCOME, allow_none=True)
    reason = FreeTextField(2000, allow_none=True)


class TenantSummary(Schema):
    """What one tenant has found and done; `escalated` are among the open ones, `closed` counts by outcome."""

    tenant = Reference("tenant")
    found = fields.Integer()
    open = fields.Integer()
    escalated = fields.Integer()
    lapsed = fields.Integer()
    closed = fields.Dict(keys=fields.String(), values=fields.Integer())


class SummaryView(Schema):
    """Who has done what about one cause; `complete` at its home alone."""

    cause = Reference()
    complete = fields.Boolean()
    open = fields.Integer()
    escalated = fields.Integer()
    lapsed = fields.Integer()
    closed = fields.Dict(keys=fields.String(), values=fields.Integer())
    tenants = fields.List(fields.Nested(TenantSummary))
