"""What administrators see of members, accounts and sessions."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select, true

from services.identity.domain.users import TO_OTHERS, actions
from services.identity.models import Grant, Membership, User, WebSession
from shared.core.errors import NotFoundError
from shared.database.lists import Filters, ListQuery, conditions
from shared.database.pages import Order, Page, PageRequest, at_or_after, in_order
from shared.journal.session import Session

PEOPLE = Order(
    {name: getattr(Membership, name) for name in ("created_at", "updated_at")},
    "-created_at", (Membership.user_id,), at_or_after(func.greatest(Membership.updated_at, User.updated_at)),
)  # fmt: skip
FILTERS: Filters = {
    # Of an account that another tenant keeps nothing more is known than how its membership stands.
    "state": lambda value: or_(User.state == value, and_(User.id.is_(None), Membership.state == value)),
    "role": lambda value: exists().where(Grant.user_id == Membership.user_id, Grant.role == value),
    "organisation": Membership.organisation_id,
    "reset_asked": lambda value: User.reset_asked_at.is_not(None) if value else true(),
    "login": lambda value: User.login.startswith(value, autoescape=True),
}
sessions = ListQuery(
    WebSession,
    Order(
        {name: getattr(WebSession, name) for name in ("created_at", "authenticated_at", "seen_at")},
        "-created_at",
        (WebSession.id,),
        at_or_after(func.greatest(WebSession.seen_at, WebSession.ended_at)),
    ),
    under=(User, WebSession.user_id),
)
"""The sessions of an account of this tenant, newest first."""
PERSONAL = ("login", "name", "email")
"""Fields of views that are not kept in answers to be repeated: erasing a person has to reach them."""


@dataclass(frozen=True)
class ListedPerson:
    """A member as a change leaves it, with the ETag of the account and, once, the link of an invitation."""

    membership: Membership
    etag: str | None
    link: str | None = None


def people(session: Session, filters: dict[str, Any], *, paging: PageRequest) -> Page:
    """Members, newest first."""
    query = select(Membership).outerjoin(User, User.id == Membership.user_id)
    return in_order(session, query.where(*conditions(FILTERS, filters)), order=PEOPLE, paging=paging)


def person(session: Session, key: UUID, *, link: str | None = None) -> ListedPerson:
    """One member; raises `NotFoundError`."""
    row = session.get(Membership, (session.context.tenant_id, key))
    if row is None:
        raise NotFoundError.of("用户 / user", key)
    user = session.get(User, (session.context.tenant_id, key))
    return ListedPerson(row, user.etag if user else None, link)


def present_people(session: Session, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Memberships, or `ListedPerson`s, as `UserView` shows them."""
    members = [row.membership if isinstance(row, ListedPerson) else row for row in rows]
    keys = [row.user_id for row in members]
    users = {row.id: row for row in session.scalars(select(User).where(User.id.in_(keys)))}
    roles = defaultdict(list)
    for key, role in session.execute(select(Grant.user_id, Grant.role).where(Grant.user_id.in_(keys))):
        roles[key].append(role)
    return [
        {
            "id": row.user_id,
            "account": row.account_id,
            "membership": row.state,
            "organisation": row.organisation_id,
            "roles": sorted(roles.get(row.user_id, ())),
            "created_at": row.created_at,
            **_account(session, row, user=users.get(row.user_id), has_roles=row.user_id in roles),
            **({"invitation_url": given.link} if isinstance(given, ListedPerson) and given.link else {}),
        }
        for given, row in zip(rows, members, strict=True)
    ]


def _account(session: Session, row: Membership, *, user: User | None, has_roles: bool) -> dict[str, Any]:
    state, has_factor = (None, False) if user is None else (user.state, user.otp_at is not None)
    possible = actions(row.state, state, has_factor=has_factor, has_roles=has_roles)
    if session.context.actor_id == str(row.user_id):
        possible -= TO_OTHERS
    if user is None:
        nothing = dict.fromkeys((*PERSONAL, "second_factor", "reset_asked_at", "etag"))
        return {**nothing, "state": row.state, "allowed_actions": possible}
    return {
        "login": user.login,
        **opened(session, user),
        "state": user.state,
        "second_factor": user.otp_at is not None,
        "reset_asked_at": user.reset_asked_at,
        "etag": user.etag,
        "allowed_actions": possible,
    }


def opened(session: Session, user: User) -> dict[str, Any]:
    """Name and e-mail, None where they were erased."""
    if user.sealed is None:
        return {"name": None, "email": None}
    return unsealed(session, user.id, sealed=user.sealed)


def unsealed(session: Session, user_id: UUID, *, sealed: bytes) -> dict[str, str]:
    """Name and e-mail of an account of the session's tenant."""
    label = f"{session.context.tenant_id}/user/{user_id}".encode()
    known = json.loads(session.keyring.vault.unseal(sealed, label=label))
    return {"name": known["name"], "email": known["email"]}


def present_sessions(_session: Session, rows: Sequence[WebSession]) -> list[dict[str, Any]]:
    """As `SessionView` shows them."""
    columns = ("id", "methods", "authenticated_at", "factor_at", "seen_at", "ended_at", "address", "agent")
    return [
        {**{name: getattr(row, name) for name in columns}, "user": row.user_id, "tenant": row.for_tenant_id}
        for row in rows
    ]
