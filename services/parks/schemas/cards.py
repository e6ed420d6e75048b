"""Parks in force as anybody sees them."""

from __future__ import annotations

from marshmallow import fields

from services.parks.domain.park import KINDS, OPEN
from services.parks.schemas.parks import LARGEST_AREA, PartySchema
from shared.http.fields.references import Reference
from shared.http.fields.strict import Choice, DecimalString, Schema, Text
from shared.http.fields.times import Day, Instant
from shared.http.lists.pages import PageFilter
from shared.http.requests.tenants import TenantAddress


class PublicParkFilter(PageFilter):
    """Which parks in force to list; `tenant` is one of the parties."""

    q = Text(100)
    tenant = TenantAddress()
    kind = Choice(KINDS)
    state = Choice(OPEN)
    sector = Text(60)


class PublicParkView(Schema):
    """A park in force: what it is and who builds it, nothing of what its parties agreed."""

    id = Reference("park")
    home = Reference("tenant", attribute="tenant")
    name_zh = fields.String()
    name_en = fields.String(allow_none=True)
    kind = Choice(KINDS)
    state = Choice(OPEN)
    location = fields.String(allow_none=True)
    area_km2 = DecimalString(4, minimum="0", maximum=LARGEST_AREA, allow_none=True)
    sectors = fields.List(fields.String())
    parties = fields.List(fields.Nested(PartySchema))
    since = Day()
    updated_at = Instant()
