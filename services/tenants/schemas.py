"""Bodies and views of the tenants service."""

from __future__ import annotations

from marshmallow import fields

from services.tenants.domain import KINDS, QUOTA_NAMES, TENANT_LIFECYCLE
from shared.http.fields.printed import Printed
from shared.http.fields.references import Reference
from shared.http.fields.strict import Amendment, Choice, Schema, Text, Whole, count, revision_of
from shared.http.fields.texts import Identifier, Lines, Mail
from shared.http.fields.times import Day, Instant
from shared.http.lists.pages import PageFilter
from shared.http.requests.tenants import TenantCode


class MemberSchema(Schema):
    """A division of a tenant that belongs to a region, from `since` until (not including) `until`."""

    tenant = TenantCode(required=True)
    division = Identifier("division_code", required=True)
    since = Day(load_default=None, allow_none=True)
    until = Day(endless=True, load_default=None)


class TenantDraft(Schema):
    """A new tenant."""

    code = Identifier("tenant_code", required=True)
    name_zh = Printed(100, minimum=1, required=True)
    name_en = Printed(200, minimum=1, required=True)
    tenant_kind = Choice(KINDS, required=True, data_key="kind")
    division_codes = fields.List(Identifier("division_code"), load_default=list, validate=count(0, 50))
    members = fields.List(fields.Nested(MemberSchema), load_default=list, validate=count(0, 500))
    cell = Text(40, minimum=1, load_default=None, allow_none=True)


@revision_of(TenantDraft, without=("code", "tenant_kind", "cell"))
class TenantRevision(Amendment):
    """What may change of a tenant; what is left out stays."""


def _quota(most: int) -> Whole:
    return Whole(1, most, load_default=None, allow_none=True)


class QuotaDraft(Schema):
    """How much a tenant may have; null or left out: as the settings say."""

    users = _quota(1_000_000)
    organisations = _quota(10_000_000)
    requests_per_minute = _quota(1_000_000)
    file_bytes = _quota(2**50)


class KeyView(Schema):
    """A public key and the interval in which it counts."""

    key = fields.String(required=True)
    algorithm = fields.String(required=True)
    public = fields.String(required=True)
    valid_from = fields.String(required=True, allow_none=True)
    valid_until = fields.String(required=True, allow_none=True)


class PublicKeysView(Schema):
    """The keys with which a tenant signs, and signed: who proves something offline keeps them."""

    tenant = Reference("tenant", required=True)
    code = fields.String(required=True)
    keys = fields.List(fields.Nested(KeyView), required=True)


class MemberView(Schema):
    """A member with the division's name, also of a division that has ended."""

    tenant = fields.String(required=True)
    division = fields.String(required=True)
    division_name = fields.String(required=True, allow_none=True)
    since = fields.String(required=True, allow_none=True)
    until = fields.String(required=True, allow_none=True)


class TenantView(Schema):
    """A tenant as the directory lists it."""

    id = Reference("tenant", required=True)
    code = fields.String(required=True)
    name_zh = fields.String(required=True)
    name_en = fields.String(required=True)
    kind = Choice(KINDS, required=True)
    division_codes = fields.List(fields.String(), required=True)
    members = fields.List(fields.Nested(MemberView), required=True)
    cell = fields.String(required=True)
    state = Choice(TENANT_LIFECYCLE.states, required=True)
    keys = fields.List(fields.Nested(KeyView), required=True)
    quotas = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    version = fields.Integer(required=True)
    epoch = fields.Integer(required=True)
    etag = fields.String(required=True)
    leaves_on = fields.String(required=True, allow_none=True)
    leaving_reason = fields.String(required=True, allow_none=True)
    received_at = Instant(required=True, allow_none=True)
    allowed_actions = fields.List(fields.String(), required=True)


class TenantFilter(PageFilter):
    """Which tenants to list."""

    kind = Choice(KINDS, load_default=None)
    state = Choice(TENANT_LIFECYCLE.states, load_default=None)
    q = Text(100, load_default=None)


class ReasonGiven(Schema):
    """Why; about a tenant, not a person, so it is signed as it stands."""

    reason = Lines(500, minimum=1, required=True)


class LeavingDraft(ReasonGiven):
    """Why the tenant leaves, and on which day if that is known."""

    leaves_on = Day(load_default=None, allow_none=True)


class QuotaUse(Schema):
    """One quota: its limit, and how much of it is used where that can be known here."""

    quota = Choice(QUOTA_NAMES, required=True)
    limit = fields.Integer(required=True, allow_none=True)
    used = fields.Integer(required=True, allow_none=True)
    warning = fields.Boolean(required=True)


class QuotasView(Schema):
    """What a tenant may have and what of it is used."""

    tenant = Reference("tenant", required=True)
    uses = fields.List(fields.Nested(QuotaUse), required=True)


class KeyDraft(Schema):
    """A key a tenant's cell enrols."""

    public = Text(43, minimum=43, required=True)
    proof = Text(86, minimum=86, required=True)


class ContactSchema(Schema):
    """How to reach the tenant's administration."""

    name = Text(100, minimum=1, required=True)
    email = Mail(required=True)
    phone = Text(40, minimum=3, required=True)


class SharedView(Schema):
    """What these jurisdictions share, all of them, of one kind: how much, and an example of it."""

    tenants = fields.List(Reference("tenant"), required=True)
    kind = fields.String(required=True)
    count = fields.Integer(required=True)
    example_zh = fields.String(required=True)
    example_en = fields.String(required=True)


class GroupsView(Schema):
    """Every group of jurisdictions that share something, most first; of each kind the first 1,000."""

    groups = fields.List(fields.Nested(SharedView), required=True)


class PublicTenantView(Schema):
    """A jurisdiction that takes part: since when, and how much it shares with everybody, by kind."""

    id = Reference("tenant")
    code = fields.String()
    name_zh = fields.String()
    name_en = fields.String()
    kind = Choice(KINDS)
    state = Choice(TENANT_LIFECYCLE.states)
    division_codes = fields.List(fields.String())
    members = fields.List(fields.Nested(MemberView))
    created_at = Instant()
    shared = fields.Dict(keys=fields.String(), values=fields.Integer())
