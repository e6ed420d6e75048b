"""The one-time link: a new account gets its password by it, an account of another tenant its membership."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy import select

from services.identity.commands import accounts, passwords, sessions, throttle
from services.identity.domain import acts
from services.identity.models import Membership, User
from services.identity.pages.choosing import tenant_names
from services.identity.pages.forms import FormPage, form_page
from services.identity.pages.passwords import chosen_password
from services.identity.pages.signed_in import begin, context, present, signed_in
from services.identity.queries.members import Account, held_roles
from shared.core.secrets import hashed, tenant_of
from shared.evidence.audit import note
from shared.http.requests.gate import database
from shared.pages.forms import StepMissingError
from shared.pages.visiting import go
from shared.text.identifiers.writing import BESIDE


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """What a living link is for; `login` is '' for an account of another tenant."""

    token: str
    tenant: UUID
    names: tuple[str, str]
    roles: tuple[tuple[str, str], ...]
    user_id: UUID
    account_id: UUID
    login: str = ""
    resets: bool = False
    """Whether the account is active already: the link sets a new password."""


@form_page("/invitation/<token>")
class InvitationPage(FormPage):
    """Shows who invites to what; then sets the password, or accepts the membership."""

    template = "invitation.html"

    def __init__(self, token: str) -> None:
        # Messengers take the full stop behind a link for a part of it; nothing handed out ends in one.
        token = token.strip(BESIDE)
        tenant = tenant_of(token)
        if tenant is None:
            raise accounts.link_void()
        with database().session(context(tenant)) as session:
            now, mark = session.clock.now(), hashed(token)
            user = session.scalars(
                select(User).where(User.invitation_hash == mark, User.invitation_until > now)
            ).one_or_none()
            row = session.scalars(
                select(Membership).where(Membership.invitation_hash == mark, Membership.invitation_until > now)
            ).one_or_none()
            if user is None and row is None:
                raise accounts.link_void()
            key, keeper = (user.id, tenant) if user else (row.user_id, row.account_id) if row else (tenant, tenant)
            self.invitation = Invitation(
                token=token,
                tenant=tenant,
                names=tenant_names(session, [tenant])[tenant],
                roles=tuple((role.zh, role.en) for role in held_roles(session, key)),
                user_id=key,
                account_id=keeper,
                login=throttle.full_login(session, user) if user else "",
                resets=user is not None and user.state == "active",
            )

    def values(self) -> dict[str, Any]:
        here, found = signed_in(), self.invitation
        fits = here is not None and here.account == Account(found.account_id, found.user_id)
        return {"invitation": found, "here": here, "fits": fits}

    def check(self) -> None:
        self.chosen = chosen_password(self.invitation.login) if self.invitation.login else ""

    def answer(self) -> Response:
        return _activated(self.invitation, self.chosen) if self.chosen else _accepted(self.invitation)


def _activated(found: Invitation, chosen: str) -> Response:
    made, actor = passwords.hash_password(chosen), str(found.user_id)
    with database().session(context(found.tenant, actor)) as session:
        user = accounts.activate(session, found.token, password_hash=made)
        tenants = accounts.tenants_of(session, found.user_id) if found.resets else []
        throttle.forget_failures(session, user)
        before = {"state": "active" if found.resets else "invited"}
        note(
            session,
            acts.PASSWORD_SET if found.resets else acts.USER_ACTIVATED,
            subject=actor,
            before=before,
            after={"state": user.state},
        )
    for tenant in tenants:
        with database().session(context(tenant, actor)) as session:
            sessions.void_user_tokens(session, found.user_id, by="password")
    return begin(Account(found.tenant, found.user_id), methods=("pwd",), next_url="/account")


def _accepted(found: Invitation) -> Response:
    here = present(request.path)
    if here.lacks_factor:
        raise StepMissingError("/signin/factor", request.path)
    actor = str(here.user_id)
    with database().session(context(found.tenant, actor)) as session:
        made = accounts.accept_membership(session, found.token, account_id=here.account_id, user_id=here.user_id)
        note(
            session,
            acts.MEMBERSHIP_ACCEPTED,
            subject=actor,
            before={"state": "invited"},
            after={"state": made.state, "kept_by": str(here.account_id)},
        )
    with here.session() as session:
        accounts.link(session, here.user_id, tenant=found.tenant)
    return go("/signin/tenant")
