"""What administrators see of clients, roles and providers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from services.identity.domain.roles import BUILT_IN, Role, scopes_of
from services.identity.domain.users import CLIENT_LIFECYCLE
from services.identity.models import Client, Credential, OwnRole, Provider
from shared.core.context import PLATFORM
from shared.core.errors import NotFoundError
from shared.database.lists import ListQuery
from shared.database.pages import Order, Page, PageRequest, at_or_after, of_known
from shared.journal.session import Session

clients = ListQuery(
    Client,
    Order(
        {name: getattr(Client, name) for name in ("name", "state", "created_at", "updated_at")},
        "name",
        (Client.name,),
        at_or_after(Client.updated_at),
    ),
    {"kind": Client.client_kind, "state": Client.state},
)
"""Clients by name."""
credentials = ListQuery(
    Credential,
    Order(
        {"created_at": Credential.created_at},
        "-created_at",
        (Credential.id,),
        at_or_after(func.greatest(Credential.created_at, Credential.used_at, Credential.ended_at)),
    ),
    under=(Client, Credential.client),
)
"""A client's credentials, newest first."""
providers = ListQuery(
    Provider,
    Order(
        {name: getattr(Provider, name) for name in ("created_at", "updated_at", "label")},
        "-created_at",
        (Provider.id,),
        at_or_after(Provider.updated_at),
    ),
)
"""The tenant's own providers, newest first."""
ROLES = Order({"name": "name", "duty": "duty"}, "name", ("name",))


def client(session: Session, name: str) -> Client:
    """One client; raises `NotFoundError`."""
    return session.one(Client, name)


def present_clients(session: Session, rows: Sequence[Client]) -> list[dict[str, Any]]:
    """As `ClientView` shows them."""
    listing = session.directory.listing(session, session.context.tenant_id)
    columns = (
        "name",
        "label",
        "state",
        "redirect_uris",
        "logout_uris",
        "scopes",
        "networks",
        "id_token_signed_response_alg",
        "expires_at",
        "used_at",
        "created_at",
    )
    documents = []
    for row in rows:
        actions = CLIENT_LIFECYCLE.actions(row.state)
        documents.append(
            {
                **{name: getattr(row, name) for name in columns},
                "client_id": f"{listing.code if listing else ''}.{row.name}",
                "kind": row.client_kind,
                "etag": row.etag,
                "allowed_actions": ("revise", *(() if row.is_built_in else actions)) if actions else (),
            }
        )
    return documents


def present_credentials(_session: Session, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """As `CredentialView` shows them; a new one (`Issued`) with its secret."""
    columns = ("id", "client", "jwk", "expires_at", "used_at", "ended_at", "created_at")
    documents = []
    for given in rows:
        row, secret = getattr(given, "row", given), {"secret": given.secret} if hasattr(given, "secret") else {}
        documents.append({**{name: getattr(row, name) for name in columns}, "kind": row.credential_kind, **secret})
    return documents


def roles(session: Session, filters: dict[str, Any], *, paging: PageRequest) -> Page:
    """Built-in roles this tenant may grant and its own, by name; those of one duty, if that was asked for."""
    of_platform = session.context.tenant_id == PLATFORM
    duty = filters.get("duty")
    own = select(OwnRole) if duty is None else select(OwnRole).where(OwnRole.duty == duty)
    granted = (role for role in BUILT_IN.values() if of_platform or not role.platform)
    found = [*(role for role in granted if duty in (None, role.duty)), *session.scalars(own)]
    return of_known(found, order=ROLES, paging=paging)


def role(session: Session, name: str) -> Role | OwnRole:
    """One role; raises `NotFoundError`."""
    found = BUILT_IN.get(name) or session.get(OwnRole, (session.context.tenant_id, name))
    if found is None:
        raise NotFoundError.of("角色 / role", name)
    return found


def present_roles(session: Session, rows: Sequence[Role | OwnRole]) -> list[dict[str, Any]]:
    """As `RoleView` shows them, with the scopes their patterns come to."""
    of_platform = session.context.tenant_id == PLATFORM
    documents = []
    for row in rows:
        known = row.role if isinstance(row, OwnRole) else row
        documents.append(
            {
                "name": known.name,
                "zh": known.zh,
                "en": known.en,
                "duty": known.duty,
                "second_factor": known.second_factor,
                "scopes": sorted(scopes_of(known, of_platform=of_platform)),
                "built_in": not isinstance(row, OwnRole),
                "etag": row.etag if isinstance(row, OwnRole) else None,
            }
        )
    return documents


def provider(session: Session, key: UUID) -> Provider:
    """One provider; raises `NotFoundError`."""
    return session.one(Provider, key)


def present_providers(_session: Session, rows: Sequence[Provider]) -> list[dict[str, Any]]:
    """As `ProviderView` shows them: never the secret."""
    columns = ("id", "label", "issuer", "client_id", "scopes", "claims", "domain", "created_at")
    return [{**{name: getattr(row, name) for name in columns}, "etag": row.etag} for row in rows]
