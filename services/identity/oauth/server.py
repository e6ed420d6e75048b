"""The authorization server: Authlib's, with one transaction for each token request and refusals written down."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidClientError, InvalidGrantError, InvalidRequestError
from authlib.oauth2.rfc9207 import IssuerParameter
from flask import Response, g
from flask import request as current

from services.identity.commands.families import end_family
from services.identity.domain import acts
from services.identity.domain.grants import GrantRefusedError, GrantReusedError
from services.identity.oauth.clients import SignedAssertion, find_client, write_use
from services.identity.oauth.requests import ODD, ProtocolRequest, check_bounds
from services.identity.pages.signed_in import context
from services.identity.queries.clients import CODE, KEY, REFRESH, KnownClient
from shared.core.context import PLATFORM
from shared.evidence.audit import note
from shared.http.requests.gate import database, limits
from shared.journal.session import Session
from shared.keys.jose import NO_TOKEN
from shared.rules.acts import Act

EXPECTED = ("authorization_pending", "slow_down", "login_required", "consent_required", "interaction_required")
"""Errors that are part of a normal course, and no refusals."""

SAID = {
    "authorization_pending": "The person has not decided yet. Ask again after the interval.",
    "slow_down": "Asked too soon. Wait five seconds longer each time.",
    "expired_token": "The device code has expired. Start again.",
    "invalid_grant": "This was issued to another client.",
}
LONGEST_SAID = 300
WRITTEN_AS = {CODE: acts.CODE_REDEEMED, REFRESH: acts.TOKEN_REFRESHED}


@dataclass
class Exchange:
    """The one transaction of a token request, in the tenant that what was presented names."""

    stack: ExitStack
    session: Session | None = None

    def open(self, tenant: UUID, actor: str) -> Session:
        """Begin it; it commits when the answer is made, and rolls back on any refusal."""
        if self.session is not None:
            raise RuntimeError("an exchange has one transaction")
        self.session = self.stack.enter_context(database().session(context(tenant, actor)))
        return self.session


def exchange() -> Exchange:
    """That of the current request."""
    found: Exchange = g.exchange
    return found


def exchange_session() -> Session:
    """Its session, which is open by now."""
    found = exchange().session
    if found is None:
        raise RuntimeError("no tenant was named")
    return found


class Issuing(IssuerParameter):  # type: ignore[misc]
    """`iss` on every answer of the authorization endpoint, errors included (RFC 9207)."""

    def get_issuer(self) -> str:
        return database().settings.issuer


class OAuthServer(AuthorizationServer):  # type: ignore[misc]
    """Knows our clients and our transactions; what is granted stands in the grants."""

    def query_client(self, client_id: str) -> KnownClient | None:
        return find_client(client_id)

    def create_oauth2_request(self, request: Any) -> ProtocolRequest:
        if isinstance(request, ProtocolRequest):
            return request
        return ProtocolRequest(current, issuer=database().settings.issuer)

    def authenticate_client(self, request: Any, methods: list[str], *endpoint: str) -> KnownClient:
        """By one method alone; raises `InvalidClientError`."""
        basic = "Authorization" in request.headers
        if basic + ("client_assertion" in request.form) + ("client_secret" in request.form) > 1:
            raise InvalidRequestError("Use one way of authenticating the client.")
        try:
            client: KnownClient = super().authenticate_client(request, methods, *endpoint)
        except NO_TOKEN as error:
            raise InvalidClientError(status_code=401, description="The client's proof is malformed.") from error
        if request.payload.client_id not in (None, client.client_id):
            raise InvalidClientError(status_code=401, description="Two clients are named.")
        g.client = client
        write_use(client, request.auth_method, headers=request.headers)
        return client

    def save_token(self, token: dict[str, Any], request: Any) -> None:
        """Tokens are kept as what they follow from; here it is written down that one was issued."""
        grant = request.payload.grant_type
        after = {"grant": grant, "scope": token["scope"]}
        note(
            exchange_session(), WRITTEN_AS.get(grant, acts.TOKEN_ISSUED), subject=request.client.client_id, after=after
        )

    def create_token_response(self, request: Any = None) -> Response:
        """The answer of the token endpoint, once its transaction is committed."""
        asked = self.create_oauth2_request(request)
        try:
            check_bounds()
            if not asked.payload.grant_type:
                raise InvalidRequestError("Missing grant_type: send a form with it.")
            grant = self.get_token_grant(asked)
            with ExitStack() as stack:
                g.exchange = Exchange(stack)
                answer = _checked(grant)
        except OAuth2Error as error:
            refused(acts.TOKEN_ISSUED, error)
            return self.handle_error_response(asked, error)
        response: Response = self.handle_response(*answer)
        return response

    def handle_error_response(self, request: Any, error: OAuth2Error) -> Response:
        """With a description always, in the characters that RFC 6749 allows."""
        said = error.description or error.get_error_description() or SAID.get(error.error, "The request was refused.")
        error.description = "".join(one for one in said if " " <= one <= "~" and one not in ODD)[:LONGEST_SAID]
        response: Response = super().handle_error_response(request, error)
        return response


def _checked(grant: Any) -> Any:
    try:
        grant.validate_token_request()
        return grant.create_token_response()
    except GrantRefusedError as refusal:
        error = InvalidGrantError(str(refusal))
        error.reused = refusal if isinstance(refusal, GrantReusedError) else None
        raise error from refusal


def refused(act: Act, error: OAuth2Error, *, asking: KnownClient | None = None) -> None:
    """Write a refusal down, in the log of the tenant it concerns; and end what was used twice.

    At most so many a window, of each client that proved itself, and of each address otherwise: no one fills the log.
    """
    reused: GrantReusedError | None = getattr(error, "reused", None)
    proven: KnownClient | None = g.get("client")
    client = proven or asking
    actor = "unknown" if client is None else client.client_id
    if reused is not None:
        with database().session(context(reused.tenant, actor)) as session:
            end_family(session, reused.family, by="reuse")
    source = proven.client_id if proven is not None and proven.kind != "public" else current.remote_addr
    if error.error in EXPECTED or not limits().is_worth_writing(source or ""):
        return
    begun: Exchange | None = g.get("exchange")
    if begun is not None and begun.session is not None:
        concerned = begun.session.context.tenant_id
    else:
        concerned = PLATFORM if client is None else client.tenant
    with database().session(context(concerned, actor)) as session:
        note(session, act, outcome="refused", reason=error.error, subject=None if client is None else client.client_id)


server = OAuthServer()
server.register_client_auth_method(KEY, SignedAssertion())
server.register_extension(Issuing())
