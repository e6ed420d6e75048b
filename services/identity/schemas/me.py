"""What callers are told of themselves."""

from __future__ import annotations

from typing import get_args

from marshmallow import fields

from services.identity.domain.roles import Duty
from shared.http.fields.references import ClientReference, Reference
from shared.http.fields.strict import Choice, Schema


class HeldRoleView(Schema):
    """A role the caller holds."""

    name = fields.String(required=True)
    name_zh = fields.String(required=True, attribute="zh")
    name_en = fields.String(required=True, attribute="en")
    duty = Choice(get_args(Duty), required=True)


class HeldScopeView(Schema):
    """Something that the token may be used for, with what that means."""

    scope = fields.String(required=True)
    name_zh = fields.String(required=True, attribute="zh")
    name_en = fields.String(required=True, attribute="en")


class MeView(Schema):
    """Who is behind the token: a person (`id`), or a client of the tenant's (`client`).

    `login`, `name` and `email` are null where another tenant keeps the account. `tenants` are those that the person may
    act for; another one is chosen on the account page.
    """

    id = Reference("account", required=True, allow_none=True)
    client = ClientReference(required=True, allow_none=True)
    login = fields.String(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)
    email = fields.String(required=True, allow_none=True)
    tenant = Reference("tenant", required=True)
    account = Reference("tenant", required=True, allow_none=True)
    organisation = Reference("organisation", required=True, allow_none=True)
    second_factor = fields.Boolean(required=True, allow_none=True)
    roles = fields.List(fields.Nested(HeldRoleView), required=True)
    scopes = fields.List(fields.Nested(HeldScopeView), required=True)
    tenants = fields.List(Reference("tenant"), required=True)
