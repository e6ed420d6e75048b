"""What the identity service needs on the platform before anybody can sign in."""

from __future__ import annotations

from services.identity.commands.clients import register_client
from services.identity.commands.keys import ensure_token_key
from services.identity.domain.clients import BUILT_IN, Terms
from services.identity.models import Client
from shared.journal.session import Session

LOOPBACK = ("http://127.0.0.1/signed-in", "http://[::1]/signed-in")
"""Native applications listen on any port of these (RFC 8252, 7.3)."""


def built_in_terms(issuer: str) -> dict[str, Terms]:
    """What they are registered as; the console is found where the platform itself is."""
    console = (*LOOPBACK, f"{issuer}/console/signed-in")
    return {
        name: Terms(label=str(said), client_kind="public", scopes=("*",), redirect_uris=places)
        for (name, said), places in zip(BUILT_IN.items(), (LOOPBACK, console), strict=True)
    }


def ensure_platform(session: Session) -> None:
    """In a session of the platform: its token key, and the clients that people of every tenant use."""
    ensure_token_key(session)
    for name, terms in built_in_terms(session.settings.issuer).items():
        row = session.get(Client, (session.context.tenant_id, name))
        if row is None:
            register_client(session, name, terms=terms, built_in=True)
        elif row.redirect_uris != list(terms.redirect_uris):
            # The platform has moved to another address.
            row.redirect_uris = list(terms.redirect_uris)
