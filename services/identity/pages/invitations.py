"""The one-time link: a new account gets its password by it, an account of another tenant its membership."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, redirect, request
from sqlalchemy import select

from services.identity.commands import accounts, passwords, sessions, throttle
from services.identity.domain import acts
from services.identity.domain.secrets import hashed, tenant_of
from services.identity.models import Membership, User
from services.identity.pages.choosing import tenant_names
from services.identity.pages.html import page, render
from services.identity.pages.passwords import chosen_password
from services.identity.pages.signed_in import SignedIn, begin, context, present, require, signed_in
from services.identity.queries.members import Account, held_roles
from services.identity.routes import routes
from shared.core.errors import InvalidError
from shared.evidence.audit import note
from shared.http.requests.gate import database
from shared.journal.session import Session
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


@routes.page("GET POST", "/invitation/<token>")
@page
def invitation(token: str) -> Any:
    """Shows who invites to what; then sets the password, or accepts the membership."""
    # Messengers take the full stop behind a link for a part of it; nothing handed out ends in one.
    found = _read(token.strip(BESIDE))
    if request.method == "GET":
        return _form(found)
    return _activated(found) if found.login else _accepted(found)


def _read(token: str) -> Invitation:
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
        return _described(session, token, user=user, row=row)


def _described(session: Session, token: str, *, user: User | None, row: Membership | None) -> Invitation:
    tenant = session.context.tenant_id
    key, keeper = (user.id, tenant) if user else (row.user_id, row.account_id) if row else (tenant, tenant)
    return Invitation(
        token=token, tenant=tenant, names=tenant_names(session, [tenant])[tenant],
        roles=tuple((role.zh, role.en) for role in held_roles(session, key)), user_id=key, account_id=keeper,
        login=throttle.full_login(session, user) if user else "", resets=user is not None and user.state == "active",
    )  # fmt: skip


def _form(found: Invitation, *, status: int = 200, faults: Any = ()) -> Response:
    here = signed_in()
    return render("invitation.html", status, faults=faults, invitation=found, here=here,
                  fits=here is not None and here.account == Account(found.account_id, found.user_id))  # fmt: skip


def _activated(found: Invitation) -> Response:
    name, _, code = found.login.partition("@")
    try:
        password = chosen_password(login=name, tenant=code)
    except InvalidError as error:
        return _form(found, status=422, faults=error.faults)
    made = passwords.hash_password(password)
    actor = str(found.user_id)
    with database().session(context(found.tenant, actor)) as session:
        user = accounts.activate(session, found.token, password_hash=made)
        tenants = accounts.tenants_of(session, found.user_id) if found.resets else []
        throttle.forget_failures(session, user)
        before = {"state": "active" if found.resets else "invited"}
        note(session, acts.PASSWORD_SET if found.resets else acts.USER_ACTIVATED, subject=actor, before=before,
             after={"state": user.state})  # fmt: skip
    for tenant in tenants:
        with database().session(context(tenant, actor)) as session:
            sessions.void_user_tokens(session, found.user_id, by="password")
    return begin(Account(found.tenant, found.user_id), methods=("pwd",), next_url="/account")


def _accepted(found: Invitation) -> Any:
    here = present(request.path)
    if not isinstance(here, SignedIn) or (here.has_factor and here.factor_at is None):
        return here if not isinstance(here, SignedIn) else require(request.path)
    actor = str(here.user_id)
    with database().session(context(found.tenant, actor)) as session:
        made = accounts.accept_membership(session, found.token, account_id=here.account_id, user_id=here.user_id)
        note(session, acts.MEMBERSHIP_ACCEPTED, subject=actor, before={"state": "invited"},
             after={"state": made.state, "kept_by": str(here.account_id)})  # fmt: skip
    with database().session(context(here.account_id, actor)) as session:
        accounts.link(session, here.user_id, tenant=found.tenant)
    return redirect("/signin/tenant", 303)
