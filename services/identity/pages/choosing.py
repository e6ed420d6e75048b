"""Choosing the tenant to act for, at sign-in and later."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, redirect, request
from sqlalchemy import select

from services.identity.commands import sessions
from services.identity.commands.sessions import Ended
from services.identity.domain import acts
from services.identity.models import User, WebSession
from services.identity.pages.html import go, local, page, render, with_next
from services.identity.pages.signed_in import SignedIn, context, entered, present, void_tokens
from services.identity.queries.members import Member, memberships
from services.identity.routes import routes
from shared.core.context import PLATFORM
from shared.core.errors import Fault
from shared.evidence.audit import note
from shared.http.requests.gate import database
from shared.journal.session import Session
from shared.keys.directory import DirectoryRow, Listing

UNCHOSEN = Fault("tenant", "请选择一个辖区。", "Choose a tenant.")


@routes.page("GET POST", "/signin/tenant")
@page
def choose_tenant() -> Any:
    """One of the account's active memberships."""
    found = present(_next())
    if not isinstance(found, SignedIn):
        return found
    if found.has_factor and found.factor_at is None:
        return redirect(with_next("/signin/factor", request.full_path.rstrip("?")), 303)
    held = held_memberships(found)
    if request.method == "GET":
        return _form(found, held)
    wanted = request.form.get("tenant", "")
    chosen = next((listing.id for listing, _member in held if str(listing.id) == wanted), None)
    return _form(found, held, status=422, faults=(UNCHOSEN,)) if chosen is None else _chosen(found, chosen)


def _next() -> str:
    return local(request.values.get("next"))


def held_memberships(found: SignedIn) -> list[tuple[Listing, Member]]:
    """What the person may act for, those tenants alone that work here."""
    with database().session(context(found.account_id)) as session:
        links = session.get_one(User, (found.account_id, found.user_id)).links
    held = memberships(database(), found.account, links=links)
    here = database().settings.cell
    return [item for item in held if item[0].is_working and item[0].cell == here]


def _form(
    found: SignedIn, held: list[tuple[Listing, Member]], *, status: int = 200, faults: tuple[Fault, ...] = ()
) -> Response:
    with database().session(context(found.account_id)) as session:
        names = tenant_names(session, [listing.id for listing, _member in held])
    choices = [(listing, names[listing.id], member) for listing, member in held]
    return render("tenant.html", status, faults=faults, choices=choices, next=_next(), current=found.for_tenant_id)


def tenant_names(session: Session, tenants: list[UUID]) -> dict[UUID, tuple[str, str]]:
    """Chinese and English names by id, as the directory has them."""
    rows = session.execute(select(DirectoryRow.id, DirectoryRow.state).where(DirectoryRow.id.in_(tenants)))
    found = {key: (state["name_zh"], state["name_en"]) for key, state in rows}
    return {key: found.get(key, ("平台", "Platform") if key == PLATFORM else ("", "")) for key in tenants}


def _chosen(found: SignedIn, tenant: UUID) -> Response:
    if found.for_tenant_id == tenant:
        return go(_next())
    actor = str(found.user_id)
    with database().session(context(found.account_id, actor)) as session:
        row = session.get_one(WebSession, (found.account_id, found.session_id), with_for_update=True)
        if row.ended_at is not None:
            # Ended beside this request: what ended stays so, and nothing new comes of it.
            return redirect(with_next("/signin", _next()), 303)  # type: ignore[return-value]
        ended = [] if row.for_tenant_id is None else [Ended(row.id, row.for_tenant_id)]
        secret = _bound(session, row, tenant=tenant)
        note(session, acts.TENANT_CHOSEN, subject=actor, before={"tenant": _text(found.for_tenant_id)},
             after={"tenant": _text(tenant)})  # fmt: skip
    void_tokens(ended, actor=actor)
    return entered(go(_next()), secret)


def _text(tenant: UUID | None) -> str | None:
    return None if tenant is None else str(tenant)


def _bound(session: Session, row: WebSession, *, tenant: UUID) -> str:
    if row.for_tenant_id is not None:
        return sessions.switched(session, row, tenant=tenant)[1]
    row.for_tenant_id = tenant
    return sessions.renew_secret(session, row)
