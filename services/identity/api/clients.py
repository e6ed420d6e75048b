"""Routes about clients and their credentials."""

from __future__ import annotations

from typing import Any

from services.identity.commands import clients as commands
from services.identity.domain import acts
from services.identity.domain.clients import Terms
from services.identity.models import Client, Credential
from services.identity.queries import registered
from services.identity.routes import routes
from services.identity.schemas import clients as schemas
from shared.http.declarations import Resource
from shared.http.resources import ResourceView
from shared.journal.session import Session

CLIENT = ResourceView(
    kind=Client, view=schemas.ClientView, present=registered.present_clients, url=lambda row: f"{ALL}/{row.name}"
)
CREDENTIAL = ResourceView(kind=Credential, view=schemas.CredentialView, present=registered.present_credentials)
ISSUED = ResourceView(kind=Credential, view=schemas.IssuedView, present=registered.present_credentials)
ALL = "/v1/clients"
READ, MANAGE = "clients:read", "clients:manage"


def register_client(session: Session, name: str, **terms: Any) -> Client:
    """A new client."""
    commands.check_duties_of(session, terms["client_kind"], scopes=terms["scopes"])
    return commands.register_client(session, name, terms=Terms(**terms))


def revise_client(session: Session, name: str, **changes: Any) -> Client:
    """Change what was given."""
    kind = registered.client(session, name).client_kind
    commands.check_duties_of(session, kind, scopes=changes.get("scopes", ()))
    return commands.revise_client(session, name, **changes)


def add_credential(session: Session, name: str, **given: Any) -> commands.Issued:
    """A secret, shown once, or a public key."""
    if given["kind"] == "key":
        return commands.add_key(session, name, jwk=given["jwk"], expires_at=given["expires_at"])
    return commands.add_secret(session, name, expires_at=given["expires_at"])


clients = Resource(routes, ALL, CLIENT, key="/<client:name>", read=READ, write=MANAGE)
credentials = Resource(
    routes, f"{clients.one}/credentials", CREDENTIAL, key="/<uuid:credential>", read=READ, write=MANAGE
)

clients.list(registered.clients, query=schemas.ClientFilter, summary="客户端列表 / Clients")
clients.create(
    register_client, draft=schemas.ClientDraft, summary="登记客户端 / Register a client", audited=acts.CLIENT_REGISTERED
)
clients.get(registered.client, summary="一个客户端 / One client")
clients.revise(
    revise_client,
    draft=schemas.ClientRevision,
    current=commands.locked_client,
    summary="修改客户端 / Revise a client",
    audited=acts.CLIENT_REVISED,
)
clients.act(
    commands.close_client,
    current=commands.locked_client,
    summary="关闭客户端 / Close a client",
    audited=acts.CLIENT_CLOSED,
)
credentials.list(registered.credentials, summary="客户端凭据 / A client's credentials")
credentials.create(
    add_credential,
    draft=schemas.CredentialDraft,
    shown=ISSUED,
    summary="新增凭据 / Add a credential",
    audited=acts.CREDENTIAL_ADDED,
    once=("secret",),
)
credentials.act(commands.end_credential, summary="停用凭据 / End a credential", audited=acts.CREDENTIAL_ENDED)
clients.bulk("register_client", summary="批量登记客户端 / Register clients in bulk")
