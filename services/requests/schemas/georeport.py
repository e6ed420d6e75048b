"""Services and requests as GeoReport v2 shows them (Open311, specification of 2011), in our lists and with our ids."""

from __future__ import annotations

from marshmallow import fields

from services.requests.domain.cases import CASE_LIFECYCLE
from services.requests.domain.items import CATEGORIES
from shared.http.fields.references import Reference
from shared.http.fields.strict import Choice, Schema, Text
from shared.http.fields.times import Day, Instant
from shared.http.lists.pages import PageFilter
from shared.http.requests.tenants import TenantAddress

STATUSES = ("open", "closed")


class ServiceFilter(PageFilter):
    """Which services to list."""

    jurisdiction_id = TenantAddress()
    group = Choice(CATEGORIES)
    q = Text(100)


class AttributeValueView(Schema):
    """A value that may be chosen."""

    key = fields.String()
    name = fields.String()


class AttributeView(Schema):
    """A field of the form: `code` is its name in `answers` of a case."""

    variable = fields.Boolean()
    code = fields.String()
    datatype = fields.String()
    required = fields.Boolean()
    order = fields.Integer()
    description = fields.String()
    values = fields.List(fields.Nested(AttributeValueView))


class ServiceView(Schema):
    """A service: `service_code` is the id of its item."""

    service_code = Reference("item")
    jurisdiction_id = Reference("tenant")
    service_name = fields.String()
    service_name_en = fields.String(allow_none=True)
    description = fields.String()
    metadata = fields.Boolean()
    type = fields.String()
    keywords = fields.String()
    group = Choice(CATEGORIES)
    attributes = fields.List(fields.Nested(AttributeView))
    updated_datetime = Instant()


class RequestFilter(PageFilter):
    """Which requests to list."""

    service_code = Reference("item")
    service_request_id = Text(60)
    jurisdiction_id = TenantAddress()
    status = Choice(STATUSES)
    start_date = Day()
    end_date = Day()


class RequestView(Schema):
    """A request: where it stands."""

    service_request_id = fields.String()
    case = Reference("case")
    service_code = Reference("item")
    service_name = fields.String()
    status = Choice(STATUSES)
    state = Choice(CASE_LIFECYCLE.states)
    agency_responsible = Reference("tenant")
    requested_datetime = Instant()
    updated_datetime = Instant()
    expected_date = Day(allow_none=True)
    is_provisional = fields.Boolean()
