"""Applications and devices that act for a person: listed on the account's page, ended from there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.identity.commands.consents import withdraw
from services.identity.commands.families import end_family
from services.identity.models import Family
from services.identity.pages.signed_in import SignedIn, context, require
from services.identity.routes import routes
from shared.core.errors import NotFoundError
from shared.http.requests.gate import database
from shared.pages.visiting import go, page

MOST = 50


def living_families(found: SignedIn) -> Sequence[Family]:
    """Those for the tenant the person acts for now, the newest first."""
    with database().session(context(found.tenant)) as session:
        living = select(Family).where(
            Family.user_id == found.user_id, Family.ended_at.is_(None), Family.expires_at > session.clock.now()
        )
        return session.scalars(living.order_by(Family.created_at.desc()).limit(MOST)).all()


@routes.page("POST", "/account/applications/<uuid:key>/end")
@page
def end_application(key: UUID) -> Any:
    """Its tokens are void at once; the application has to ask anew."""
    found = require("/account")
    with database().session(context(found.tenant, str(found.user_id))) as session:
        family = session.get(Family, (found.tenant, key))
        if family is None or family.user_id != found.user_id or not end_family(session, key, by="user"):
            raise NotFoundError.of("应用 / application", key)
        withdraw(session, found.user_id, client_id=family.client_id)
    return go("/account?done=application")
