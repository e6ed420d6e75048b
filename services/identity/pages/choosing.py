"""Choosing the tenant to act for, at sign-in and later."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy import select

from services.identity.commands import sessions
from services.identity.commands.sessions import Ended
from services.identity.domain import acts
from services.identity.models import WebSession
from services.identity.pages.forms import FormPage, form_page, typed
from services.identity.pages.proving import wrong
from services.identity.pages.signed_in import SignedIn, entered, present, void_tokens
from services.identity.queries.members import Member, memberships
from shared.core.context import PLATFORM
from shared.core.errors import Fault
from shared.evidence.audit import note
from shared.http.requests.gate import database
from shared.journal.session import Session
from shared.keys.directory import DirectoryRow, Listing
from shared.pages.forms import StepMissingError, next_url
from shared.pages.visiting import go

UNCHOSEN = Fault("tenant", "请选择一个辖区。", "Choose a tenant.")


@form_page("/signin/tenant")
class TenantPage(FormPage):
    """One of the account's active memberships."""

    template = "tenant.html"

    def __init__(self) -> None:
        self.found = present(next_url())
        if self.found.lacks_factor:
            raise StepMissingError("/signin/factor", request.full_path.rstrip("?"))
        self.held = held_memberships(self.found)

    def values(self) -> dict[str, Any]:
        with self.found.session() as session:
            names = tenant_names(session, [listing.id for listing, _member in self.held])
        choices = [(listing, names[listing.id], member) for listing, member in self.held]
        return {"choices": choices, "current": self.found.for_tenant_id}

    def check(self) -> None:
        wanted = typed("tenant")
        chosen = next((listing.id for listing, _member in self.held if str(listing.id) == wanted), None)
        if chosen is None:
            raise wrong(UNCHOSEN)
        self.chosen = chosen

    def answer(self) -> Response:
        found, tenant, before = self.found, self.chosen, self.found.for_tenant_id
        if before == tenant:
            return go(next_url())
        actor = str(found.user_id)
        with found.session() as session:
            row = session.get_one(WebSession, (found.account_id, found.session_id), with_for_update=True)
            if row.ended_at is not None:
                # Ended beside this request: what ended stays so, and nothing new comes of it.
                raise StepMissingError("/signin", next_url())
            ended = [] if row.for_tenant_id is None else [Ended(row.id, row.for_tenant_id)]
            if row.for_tenant_id is not None:
                secret = sessions.switched(session, row, tenant=tenant)[1]
            else:
                row.for_tenant_id = tenant
                secret = sessions.renew_secret(session, row)
            note(
                session,
                acts.TENANT_CHOSEN,
                subject=actor,
                before={"tenant": None if before is None else str(before)},
                after={"tenant": str(tenant)},
            )
        void_tokens(ended, actor=actor)
        return entered(go(next_url()), secret)


def held_memberships(found: SignedIn) -> list[tuple[Listing, Member]]:
    """What the person may act for, those tenants alone that work here."""
    with found.session() as session:
        links = found.user(session).links
    held = memberships(database(), found.account, links=links)
    here = database().settings.cell
    return [item for item in held if item[0].is_working and item[0].cell == here]


def tenant_names(session: Session, tenants: list[UUID]) -> dict[UUID, tuple[str, str]]:
    """Chinese and English names by id, as the directory has them."""
    rows = session.execute(select(DirectoryRow.id, DirectoryRow.state).where(DirectoryRow.id.in_(tenants)))
    found = {key: (state["name_zh"], state["name_en"]) for key, state in rows}
    return {key: found.get(key, ("平台", "Platform") if key == PLATFORM else ("", "")) for key in tenants}
