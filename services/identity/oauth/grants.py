"""The grants of OAuth 2.1: Authlib's, redeemed by one statement each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from authlib.oauth2.rfc6749 import InvalidRequestError, InvalidScopeError, TokenMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, ClientCredentialsGrant, RefreshTokenGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc8628 import DeviceCodeGrant
from authlib.oidc.core.grants import OpenIDToken
from flask import g

from services.identity.commands.codes import CodeRequest, code_request, new_family, redeem_code, save_code
from services.identity.commands.devices import State, poll_device, redeem_device
from services.identity.commands.families import begin_family, family_of, new_refresh_token, use_refresh_token
from services.identity.commands.issuing import Owner, id_token, person_token
from services.identity.commands.tokens import TokenHolder, access_seconds, access_token
from services.identity.domain import acts
from services.identity.domain.grants import Approval, GrantRefusedError
from services.identity.domain.scopes import ScopeUnknownError, ceiling, granted, of_api
from services.identity.models import Family
from services.identity.oauth.owners import owner_of, person_of, void_if_ended
from services.identity.oauth.server import exchange, exchange_session, server
from services.identity.pages.signed_in import context
from services.identity.queries.clients import CODE, KEY, NONE, SECRET, KnownClient
from shared.core.context import PLATFORM
from shared.core.secrets import handed_out, tenant_of
from shared.evidence.audit import note
from shared.http.requests.gate import database

METHODS = [SECRET, KEY, NONE]


def asked_scope(request: Any) -> str:
    """What the tokens may carry at most; raises `InvalidScopeError`."""
    client: KnownClient = request.client
    try:
        return ceiling(request.payload.scope or "", client.scopes, with_people=client.kind != "machine")
    except ScopeUnknownError as error:
        raise InvalidScopeError("A scope is unknown, or not one this client is registered for.") from error


def _tenant_of(presented: str) -> UUID:
    found = tenant_of(presented)
    if found is None:
        raise GrantRefusedError("This was never issued here.")
    return found


class Pkce(CodeChallenge):  # type: ignore[misc]
    """S256 alone, required of every client (OAuth 2.1, 4.1.1)."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        given = grant.request.payload.data
        if not given.get("code_challenge") or given.get("code_challenge_method") != "S256":
            raise InvalidRequestError("PKCE is required: send code_challenge with code_challenge_method=S256.")
        super().validate_code_challenge(grant, redirect_uri)


class IdToken(OpenIDToken):  # type: ignore[misc]
    """An ID token beside the access token when `openid` was asked for."""

    def encode_id_token(self, token: dict[str, Any], request: Any) -> str:
        client: KnownClient = request.client
        return id_token(
            exchange_session(),
            request.user,
            scope=token["scope"],
            access=token["access_token"],
            algorithm=client.id_token_algorithm,
        )


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]
    """Authorization code with PKCE."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def validate_requested_scope(self) -> None:
        asked_scope(self.request)

    def generate_authorization_code(self) -> str:
        return handed_out(self.request.user.tenant)

    def save_authorization_code(self, code: str, request: Any) -> None:
        approval: Approval = request.user
        given = request.payload.data
        asked = CodeRequest(
            approval=approval,
            redirect_uri=request.payload.redirect_uri,
            code_challenge=given["code_challenge"],
            nonce=given.get("nonce"),
            family=new_family(),
        )
        with database().session(context(approval.tenant, str(approval.user))) as session:
            save_code(session, code, client_id=request.client.client_id, asked=asked)
            note(session, acts.CLIENT_AUTHORISED, subject=request.client.client_id, after={"scope": request.scope})

    def query_authorization_code(self, code: str, client: KnownClient) -> CodeRequest:
        tenant = _tenant_of(code)
        with database().session(context(tenant, client.client_id)) as session:
            known = code_request(session, code)
        approval = None if known is None else known.approval
        self.person = (
            None if approval is None else person_of(approval.account, approval.user, web_session=approval.session)
        )
        session = exchange().open(tenant, client.client_id if approval is None else str(approval.user))
        return redeem_code(session, code, client_id=client.client_id)

    def authenticate_user(self, authorization_code: CodeRequest) -> Owner:
        session, approval = exchange_session(), authorization_code.approval
        client_id = self.request.client.client_id
        family = begin_family(session, authorization_code.family, client_id=client_id, approval=approval)
        session.afterwards.append(partial(void_if_ended, approval))
        return owner_of(session, family, person=self.person, nonce=authorization_code.nonce)

    def delete_authorization_code(self, authorization_code: CodeRequest) -> None:
        """Nothing: it was redeemed before anything else happened."""


@dataclass(frozen=True)
class Presented(TokenMixin):  # type: ignore[misc]
    """A refresh token that has just been redeemed."""

    family: Family

    def check_client(self, client: KnownClient) -> bool:
        return self.family.client_id == client.client_id

    def get_scope(self) -> str:
        return self.family.scope


class RefreshGrant(RefreshTokenGrant):  # type: ignore[misc]
    """Every use gives a new refresh token, and the old one counts no more."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> Presented:
        tenant, client_id = _tenant_of(refresh_token), self.request.client.client_id
        with database().session(context(tenant, client_id)) as session:
            known = family_of(session, refresh_token)
        self.person = (
            None if known is None else person_of(known.account_id, known.user_id, web_session=known.session_id)
        )
        session = exchange().open(tenant, client_id if known is None else str(known.user_id))
        return Presented(use_refresh_token(session, refresh_token, client_id=client_id))

    def authenticate_user(self, refresh_token: Presented) -> Owner:
        return owner_of(exchange_session(), refresh_token.family, person=self.person)

    def revoke_old_credential(self, refresh_token: Presented) -> None:
        """Nothing: it was redeemed before anything else happened."""


class MachineGrant(ClientCredentialsGrant):  # type: ignore[misc]
    """A client for itself."""

    TOKEN_ENDPOINT_AUTH_METHODS = [SECRET, KEY]

    def validate_requested_scope(self) -> None:
        asked_scope(self.request)
        exchange().open(self.request.client.tenant, self.request.client.client_id)


@dataclass(frozen=True)
class Polled:
    """A device code at this moment."""

    code: str
    client_id: str
    state: State

    def get_client_id(self) -> str:
        return self.client_id

    def get_scope(self) -> str:
        return ""

    def get_user_code(self) -> str:
        return self.code

    def is_expired(self) -> bool:
        return self.state == "expired"


class DeviceGrant(DeviceCodeGrant):  # type: ignore[misc]
    """A device whose owner has let it in elsewhere."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def query_device_credential(self, device_code: str) -> Polled:
        client: KnownClient = g.client
        if tenant_of(device_code) != client.tenant:
            raise GrantRefusedError("The device code is not known.")
        # In a transaction of its own: that it asked is kept although the answer is an error.
        with database().session(context(client.tenant, client.client_id)) as session:
            state = poll_device(session, device_code, client_id=client.client_id)
        if state == "redeemed":
            raise GrantRefusedError("The device code has been used.")
        self.polled = Polled(device_code, client.client_id, state)
        return self.polled

    def query_user_grant(self, user_code: str) -> tuple[Owner | None, bool] | None:
        """Whoever let the device in; the device code stands for the user code, of which only a hash is kept."""
        if self.polled.state == "approved":
            client: KnownClient = g.client
            with database().session(context(client.tenant, client.client_id)) as session:
                approval = redeem_device(session, user_code)
            person = person_of(approval.account, approval.user)
            session = exchange().open(approval.tenant, str(approval.user))
            family = begin_family(session, new_family(), client_id=client.client_id, approval=approval)
            return owner_of(session, family, person=person), True
        return (None, False) if self.polled.state == "refused" else None

    def should_slow_down(self, credential: Polled) -> bool:
        return credential.state == "too_fast"


def make_token(*, grant_type: str, client: KnownClient, user: Owner | None = None, **asked: Any) -> dict[str, Any]:
    """What a token answer holds, written in the request's transaction."""
    session, scope = exchange_session(), asked.get("scope") or ""
    if user is None:
        held = of_api(client.scopes, of_platform=client.tenant == PLATFORM)
        carried = granted(ceiling(scope, client.scopes, with_people=False), held)
        holder = TokenHolder(
            subject=client.client_id, client_id=client.client_id, scopes=carried.split(), until=client.expires_at
        )
        access = access_token(session, holder)
    else:
        # What the client is registered for may have been narrowed since.
        limit = granted(scope or user.family.scope, of_api(client.scopes, of_platform=True))
        access, carried = person_token(session, user, scope=limit, until=client.expires_at)
    seconds = access_seconds(session, until=client.expires_at)
    token = {"token_type": "Bearer", "access_token": access, "expires_in": seconds, "scope": carried}
    if user is not None and (grant_type != CODE or "offline_access" in user.family.scope.split()):
        token["refresh_token"] = new_refresh_token(session, user.family)
    return token


server.register_token_generator("default", make_token)
server.register_grant(CodeGrant, [Pkce(required=True), IdToken()])
server.register_grant(RefreshGrant, [IdToken()])
server.register_grant(MachineGrant)
server.register_grant(DeviceGrant, [IdToken()])
