"""Who may act for a tenant: memberships with what their roles allow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from services.identity.domain.roles import BUILT_IN, Role, scopes_of
from services.identity.domain.users import login_parts
from services.identity.models import Grant, Membership, OwnRole, User
from shared.core.context import PLATFORM, machine_context
from shared.journal.session import Database, Session
from shared.keys.directory import Listing


@dataclass(frozen=True, kw_only=True)
class Member:
    """An active membership of the session's tenant; `second_factor` when one of the roles demands it."""

    user_id: UUID
    account_id: UUID
    organisation_id: UUID | None
    roles: tuple[str, ...]
    scopes: frozenset[str]
    second_factor: bool


@dataclass(frozen=True)
class Account:
    """An account by the tenant that keeps it."""

    tenant_id: UUID
    user_id: UUID


def member(session: Session, user_id: UUID) -> Member | None:
    """Of the session's tenant; None unless the membership is active. The account's own state is the caller's to check.

    The roles are read anew each time: what is withdrawn counts no more.
    """
    row = session.get(Membership, (session.context.tenant_id, user_id))
    if row is None or row.state != "active":
        return None
    roles = held_roles(session, user_id)
    of_platform = session.context.tenant_id == PLATFORM
    scopes = (scopes_of(role, of_platform=of_platform) for role in roles)
    return Member(
        user_id=user_id,
        account_id=row.account_id,
        organisation_id=row.organisation_id,
        roles=tuple(sorted(role.name for role in roles)),
        scopes=frozenset().union(*scopes),
        second_factor=any(role.second_factor for role in roles),
    )


def held_roles(session: Session, user_id: UUID) -> list[Role]:
    """The roles granted to this member, built in and the tenant's own."""
    names = session.scalars(select(Grant.role).where(Grant.user_id == user_id)).all()
    return known_roles(session, names)


def known_roles(session: Session, names: Iterable[str]) -> list[Role]:
    """Built-in roles and the tenant's own by name; names of none are left out."""
    wanted = list(names)
    own = [name for name in wanted if name not in BUILT_IN]
    defined = session.scalars(select(OwnRole).where(OwnRole.name.in_(own))).all() if own else []
    return [BUILT_IN[name] for name in wanted if name in BUILT_IN] + [row.role for row in defined]


def memberships(database: Database, account: Account, *, links: Sequence[UUID]) -> list[tuple[Listing, Member]]:
    """Every active membership of an account, its own tenant's first; one session per tenant, one after the other."""
    found = []
    for tenant in dict.fromkeys((account.tenant_id, *links)):
        with database.session(machine_context(tenant, "identity")) as session:
            listing = session.directory.listing(session, tenant)
            held = member(session, account.user_id)
        if listing is not None and held is not None and held.account_id == account.tenant_id:
            found.append((listing, held))
    return found


def find_account(database: Database, typed: str) -> Account | None:
    """The account that `login@tenant` names, whatever its state; None when there is none in this cell."""
    parts = login_parts(typed)
    if parts is None:
        return None
    with database.session(machine_context(PLATFORM, "identity")) as session:
        listing = session.directory.named(session, parts[1])
    if listing is None:
        return None
    with database.session(machine_context(listing.id, "identity")) as session:
        key = session.scalar(select(User.id).where(User.login == parts[0]))
    return None if key is None else Account(listing.id, key)
