"""Routes about clients and their credentials."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.identity.commands import clients as commands
from services.identity.domain import acts
from services.identity.domain.clients import Terms
from services.identity.models import Client, Credential
from services.identity.queries import registered
from services.identity.routes import routes
from services.identity.schemas import clients as schemas
from shared.database.pages import Page, PageRequest
from shared.http.fields.strict import Nothing
from shared.http.lists.pages import PageFilter
from shared.http.resources import ResourceView
from shared.journal.session import Session

CLIENT = ResourceView(
    kind=Client, view=schemas.ClientView, present=registered.present_clients, url=lambda row: f"{ALL}/{row.name}"
)
CREDENTIAL = ResourceView(kind=Credential, view=schemas.CredentialView, present=registered.present_credentials)
ISSUED = ResourceView(kind=Credential, view=schemas.IssuedView, present=registered.present_credentials)
ALL = "/v1/clients"
ONE = f"{ALL}/<client:name>"
CREDENTIALS = f"{ONE}/credentials"
READ, MANAGE = "clients:read", "clients:manage"


@routes.list(ALL, CLIENT, scope=READ, summary="客户端列表 / Clients", query=schemas.ClientFilter,
             order=registered.CLIENTS)  # fmt: skip
def list_clients(session: Session, filters: dict[str, Any], paging: PageRequest) -> Page:
    """Clients of one tenant, by name."""
    return registered.clients(session, filters, paging=paging)


@routes.create(
    ALL,
    CLIENT,
    scope=MANAGE,
    summary="登记客户端 / Register a client",
    draft=schemas.ClientDraft,
    audited=acts.CLIENT_REGISTERED,
)
def register_client(session: Session, name: str, **terms: Any) -> Client:
    """A new client."""
    commands.check_duties_of(session, terms["client_kind"], scopes=terms["scopes"])
    return commands.register_client(session, name, terms=Terms(**terms))


@routes.get(ONE, CLIENT, scope=READ, summary="一个客户端 / One client")
def show_client(session: Session, name: str) -> Client:
    """One client."""
    return registered.client(session, name)


@routes.own(
    "PATCH",
    ONE,
    shown=CLIENT,
    scope=MANAGE,
    summary="修改客户端 / Revise a client",
    draft=schemas.ClientRevision,
    audited=acts.CLIENT_REVISED,
    current=commands.locked_client,
)
def revise_client(session: Session, name: str, **changes: Any) -> Client:
    """Change what was given."""
    kind = registered.client(session, name).client_kind
    commands.check_duties_of(session, kind, scopes=changes.get("scopes", ()))
    return commands.revise_client(session, name, **changes)


@routes.own(
    "POST",
    f"{ONE}/close",
    shown=CLIENT,
    scope=MANAGE,
    summary="关闭客户端 / Close a client",
    draft=Nothing,
    audited=acts.CLIENT_CLOSED,
    current=commands.locked_client,
)
def close_client(session: Session, name: str) -> Client:
    """For good."""
    return commands.close_client(session, name)


@routes.list(CREDENTIALS, CREDENTIAL, scope=READ, summary="客户端凭据 / A client's credentials",
             query=PageFilter, order=registered.CREDENTIALS)  # fmt: skip
def list_credentials(session: Session, _filters: dict[str, Any], paging: PageRequest, name: str) -> Page:
    """Secrets and keys, ended ones too."""
    return registered.credentials(session, name, paging=paging)


@routes.create(
    CREDENTIALS,
    ISSUED,
    scope=MANAGE,
    summary="新增凭据 / Add a credential",
    draft=schemas.CredentialDraft,
    audited=acts.CREDENTIAL_ADDED,
    once=("secret",),
)
def add_credential(session: Session, name: str, **given: Any) -> commands.Issued:
    """A secret, shown once, or a public key."""
    if given["kind"] == "key":
        return commands.add_key(session, name, jwk=given["jwk"], expires_at=given["expires_at"])
    return commands.add_secret(session, name, expires_at=given["expires_at"])


@routes.own(
    "POST",
    f"{CREDENTIALS}/<uuid:credential>/end",
    shown=CREDENTIAL,
    scope=MANAGE,
    draft=Nothing,
    summary="停用凭据 / End a credential",
    audited=acts.CREDENTIAL_ENDED,
)
def end_credential(session: Session, name: str, credential: UUID) -> Credential:
    """At once."""
    return commands.end_credential(session, name, credential=credential)


routes.bulk(f"{ALL}/bulk/register", of="register_client", summary="批量登记客户端 / Register clients in bulk")
