"""Who is behind a token: what the person or client is called here, holds and may do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.identity.models import Client, Grant, Membership, User
from services.identity.queries.members import known_roles
from services.identity.queries.people import opened
from services.identity.queries.scope_words import described
from shared.core.context import PLATFORM
from shared.journal.session import Session


@dataclass(frozen=True, kw_only=True)
class Me:
    """`id` is None for a client; `login`, `name` and `email` are None where another tenant keeps the account."""

    id: UUID | None
    client: str | None
    name: str | None
    login: str | None = None
    email: str | None = None
    tenant: UUID
    account: UUID | None = None
    organisation: UUID | None
    second_factor: bool | None = None
    roles: Sequence[Mapping[str, Any]] = ()
    scopes: Sequence[Mapping[str, str]] = field(default_factory=list)
    tenants: Sequence[UUID] = ()


def caller(session: Session) -> Me:
    """Whoever the session acts for."""
    context = session.context
    scopes = [{"scope": scope, **described(scope).by_language()} for scope in sorted(context.scopes)]
    key = _key(context.actor_id)
    member = None if key is None else session.get(Membership, (context.tenant_id, key))
    if member is None:
        # `code.name`: the ids of clients begin with their tenant's code.
        client = session.get(Client, (context.tenant_id, context.actor_id.partition(".")[2]))
        return Me(
            id=None,
            client=context.actor_id,
            name=client.label if client else None,
            tenant=context.tenant_id,
            organisation=context.organisation_id,
            scopes=scopes,
        )
    user = session.get(User, (session.context.tenant_id, member.user_id))
    granted = session.scalars(select(Grant.role).where(Grant.user_id == member.user_id)).all()
    roles = [
        {"name": role.name, "zh": role.zh, "en": role.en, "duty": role.duty}
        for role in sorted(known_roles(session, granted), key=lambda role: role.name)
    ]
    known = {"name": None, "email": None} if user is None else opened(session, user)
    return Me(
        id=member.user_id,
        client=None,
        **known,
        login=user.login if user else None,
        tenant=member.tenant_id,
        account=member.account_id,
        organisation=member.organisation_id,
        second_factor=None if user is None else user.otp_at is not None,
        roles=roles,
        scopes=scopes,
        tenants=sorted({member.tenant_id, member.account_id, *(user.links if user else ())} - {PLATFORM}),
    )


def _key(actor: str) -> UUID | None:
    try:
        return UUID(actor)
    except ValueError:
        return None
