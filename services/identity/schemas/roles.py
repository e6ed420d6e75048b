"""Bodies and views of roles."""

from __future__ import annotations

from typing import get_args

from marshmallow import fields

from services.identity.domain.roles import Duty
from shared.http.fields.strict import Amendment, Choice, Flag, Schema, Text, count, revision_of
from shared.http.fields.texts import Identifier
from shared.http.lists.pages import PageFilter


class RoleFilter(PageFilter):
    """Which roles to list."""

    duty = Choice(get_args(Duty), load_default=None)


class RoleDraft(Schema):
    """A role of the tenant's own."""

    name = Identifier("role", required=True)
    zh = Text(60, required=True, data_key="name_zh")
    en = Text(60, required=True, data_key="name_en")
    scopes = fields.List(Text(100), required=True, validate=count(1, 200))
    second_factor = Flag(load_default=False)


@revision_of(RoleDraft, without=("name",))
class RoleRevision(Amendment):
    """What may change of a role; what is left out stays."""


class RoleView(Schema):
    """A role with the scopes it comes to here; `duty` is daily, or one of three that exclude each other."""

    name = fields.String(required=True)
    name_zh = fields.String(required=True, attribute="zh")
    name_en = fields.String(required=True, attribute="en")
    duty = Choice(get_args(Duty), required=True)
    second_factor = fields.Boolean(required=True)
    scopes = fields.List(fields.String(), required=True)
    built_in = fields.Boolean(required=True)
    etag = fields.String(required=True, allow_none=True)


class GrantDraft(Schema):
    """The role to give."""

    role = Identifier("role", required=True)
