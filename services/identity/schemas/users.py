"""Bodies and views of users, members and their sessions."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from services.identity.domain.roles import BUILT_IN, OF_ORGANISATIONS
from services.identity.domain.users import MEMBERSHIP_LIFECYCLE, USER_LIFECYCLE
from shared.http.fields.references import Reference
from shared.http.fields.strict import Amendment, Choice, Flag, Schema, Text, count
from shared.http.fields.texts import Identifier, Mail
from shared.http.fields.times import Instant
from shared.http.lists.pages import PageFilter

STATES = (*USER_LIFECYCLE.states, "ended")
"""`ended` is said of an account that another tenant keeps."""


class MemberDraft(Schema):
    """Somebody new who is to act for the organisation."""

    login = Identifier("login", required=True)
    name = Text(100, required=True)
    email = Mail(required=True)
    roles = fields.List(Choice(OF_ORGANISATIONS), load_default=list, validate=count(0, 20))


class UserDraft(Schema):
    """Somebody to invite: a new account of this tenant, or `account`, one that another tenant keeps."""

    login = Identifier("login")
    name = Text(100)
    email = Mail()
    account = Identifier("account")
    roles = fields.List(Identifier("role"), load_default=list, validate=count(0, 20))
    organisation = Reference("organisation", load_default=None, allow_none=True)

    @validates_schema(skip_on_field_errors=True)
    def check_whole(self, data: dict[str, Any], **_: Any) -> None:
        """Either who keeps the account elsewhere, or all that a new one needs."""
        given = {"login", "name", "email"} & set(data)
        if "account" in data and given:
            raise ValidationError({name: ["已有账号不再填写 / An existing account has its own"] for name in given})
        missing = set() if "account" in data else {"login", "name", "email"} - given
        if missing:
            raise ValidationError({name: ["必填,请补充 / Required: please add it"] for name in missing})


class AdministratorDraft(Schema):
    """One of a new tenant's first administrators."""

    role = Choice([name for name, role in BUILT_IN.items() if role.duty != "daily"], required=True)
    login = Identifier("login", required=True)
    name = Text(100, required=True)
    email = Mail(required=True)


class FirstAdministratorView(Schema):
    """Somebody invited as one of a tenant's first administrators; the link is shown this once and ends in 72 hours."""

    tenant = Reference("tenant", required=True)
    login = fields.String(required=True, allow_none=True)
    role = fields.String(required=True)
    invitation_url = fields.String(required=True, allow_none=True)


class UserRevision(Amendment):
    """What may change of an account's owner; what is left out stays."""

    name = Text(100)
    email = Mail()


class UserView(Schema):
    """A member of this tenant; login, name and e-mail are null where another tenant keeps the account."""

    id = Reference("account", required=True)
    account = Reference("tenant", required=True)
    login = fields.String(required=True, allow_none=True)
    name = fields.String(required=True, allow_none=True)
    email = fields.String(required=True, allow_none=True)
    state = Choice(STATES, required=True)
    membership = Choice(MEMBERSHIP_LIFECYCLE.states, required=True)
    organisation = Reference("organisation", required=True, allow_none=True)
    roles = fields.List(fields.String(), required=True)
    second_factor = fields.Boolean(required=True, allow_none=True)
    reset_asked_at = Instant(required=True, allow_none=True)
    created_at = Instant(required=True)
    etag = fields.String(required=True, allow_none=True)
    allowed_actions = fields.List(fields.String(), required=True)


class InvitedView(UserView):
    """Somebody invited, with the link to hand over, this once."""

    invitation_url = fields.String(required=True, allow_none=True)


class UserFilter(PageFilter):
    """Which users to list."""

    state = Choice(STATES, load_default=None)
    role = Identifier("role", load_default=None)
    organisation = Reference("organisation", load_default=None)
    login = Identifier("login_start", load_default=None)
    reset_asked = fields.Boolean(load_default=False)


class SignInRulesSchema(Schema):
    """What this tenant's sign-in page offers: whether requests for a new password are taken there."""

    forgotten_passwords = Flag(required=True)


class PersonView(Schema):
    """All that is held on a person; told once, kept nowhere."""

    id = Reference("account", required=True)
    person = fields.Dict(required=True, allow_none=True)


class SessionView(Schema):
    """A browser session of an account of this tenant."""

    id = Reference("session", required=True)
    user = Reference("account", required=True)
    tenant = Reference("tenant", required=True, allow_none=True)
    methods = fields.List(fields.String(), required=True)
    authenticated_at = Instant(required=True)
    factor_at = Instant(required=True, allow_none=True)
    seen_at = Instant(required=True)
    ended_at = Instant(required=True, allow_none=True)
    address = fields.String(required=True, allow_none=True)
    agent = fields.String(required=True)
