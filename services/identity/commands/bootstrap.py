"""What the identity service needs on the platform before anybody can sign in."""

from __future__ import annotations

from services.identity.commands.clients import register_client
from services.identity.commands.keys import ensure_token_key
from services.identity.domain.clients import Terms
from services.identity.models import Client
from shared.journal.session import Session

LOOPBACK = ("http://127.0.0.1/signed-in", "http://[::1]/signed-in")
"""Native applications listen on any port of these (RFC 8252, 7.3)."""
CLIENTS = {
    "cli": Terms(label="命令行 / Command line", client_kind="public", scopes=("*",), redirect_uris=LOOPBACK),
    "console": Terms(label="控制台 / Console", client_kind="public", scopes=("*",), redirect_uris=LOOPBACK),
}


def ensure_platform(session: Session) -> None:
    """In a session of the platform: its token key, and the clients that people of every tenant use."""
    ensure_token_key(session)
    for name, terms in CLIENTS.items():
        if session.get(Client, (session.context.tenant_id, name)) is None:
            register_client(session, name, terms=terms, built_in=True)
