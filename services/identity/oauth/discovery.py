"""What clients read about us: metadata, signing keys, and who a token's owner is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, current_app, jsonify

from services.identity.domain.keys import ID_TOKEN_ALGORITHMS
from services.identity.domain.scopes import OF_OPENID
from services.identity.models import Membership
from services.identity.oauth.clients import ASSERTION_ALGORITHMS
from services.identity.oauth.owners import person_of
from services.identity.oauth.visits import PROMPTS
from services.identity.pages.signed_in import context
from services.identity.queries.clients import CODE, DEVICE, KEY, MACHINE, NONE, REFRESH, SECRET
from services.identity.routes import routes
from shared.http.requests.gate import check_tenant, database, enter
from shared.http.requests.tokens import SECOND_FACTOR, Issuer, refused_token
from shared.rules.scopes import SCOPES

CLAIMS = (
    "iss",
    "sub",
    "aud",
    "azp",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "at_hash",
    "sid",
    "tenant",
    "name",
    "preferred_username",
    "email",
)


@routes.page("GET", "/.well-known/openid-configuration")
def openid_configuration() -> Response:
    """OpenID Connect Discovery 1.0."""
    return _public(metadata(database().settings.issuer))


@routes.page("GET", "/.well-known/oauth-authorization-server")
def authorization_server() -> Response:
    """RFC 8414."""
    return _public(metadata(database().settings.issuer))


def metadata(issuer: str) -> dict[str, Any]:
    """What is supported, and nothing that is not."""
    proofs = [SECRET, KEY, NONE]
    at = {
        "authorization_endpoint": "authorize",
        "token_endpoint": "token",
        "userinfo_endpoint": "userinfo",
        "revocation_endpoint": "revoke",
        "introspection_endpoint": "introspect",
        "end_session_endpoint": "logout",
        "device_authorization_endpoint": "device_authorization",
        "jwks_uri": "jwks.json",
    }
    endpoints = {name: f"{issuer}/oauth/{path}" for name, path in at.items()}
    return {
        "issuer": issuer,
        **endpoints,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": [CODE, REFRESH, MACHINE, DEVICE],
        "code_challenge_methods_supported": ["S256"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": list(ID_TOKEN_ALGORITHMS),
        "token_endpoint_auth_methods_supported": proofs,
        "token_endpoint_auth_signing_alg_values_supported": ASSERTION_ALGORITHMS,
        "revocation_endpoint_auth_methods_supported": proofs,
        "revocation_endpoint_auth_signing_alg_values_supported": ASSERTION_ALGORITHMS,
        "introspection_endpoint_auth_methods_supported": [SECRET, KEY],
        "introspection_endpoint_auth_signing_alg_values_supported": ASSERTION_ALGORITHMS,
        "scopes_supported": [*OF_OPENID, *sorted(SCOPES - set(OF_OPENID))],
        "claims_supported": list(CLAIMS),
        "acr_values_supported": [SECOND_FACTOR],
        "prompt_values_supported": sorted(PROMPTS),
        "ui_locales_supported": ["zh-CN", "en"],
        "authorization_response_iss_parameter_supported": True,
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "service_documentation": f"{issuer}/docs",
    }


@routes.page("GET", "/oauth/jwks.json")
def jwks() -> Response:
    """Every key that may still have living tokens, of all tenants (RFC 7517)."""
    issuer: Issuer = current_app.extensions["issuer"]
    return _public({"keys": [dict(key.jwk) for key in issuer.keys()]})  # noqa: SIM118 - not a dict


def _public(document: dict[str, Any]) -> Response:
    response = jsonify(document)
    response.headers["Cache-Control"] = "public, max-age=30"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@routes.page("GET POST", "/oauth/userinfo")
def userinfo() -> Response:
    """OpenID Connect Core, 5.3: claims of the token's owner that its scopes open."""
    claims = enter("openid")
    with database().session(context(claims.tenant_id, claims.subject)) as session:
        check_tenant(session, claims, scope="openid")
        try:
            user = UUID(claims.subject)
        except ValueError as error:
            raise refused_token(error) from error
        row = session.get(Membership, (claims.tenant_id, user))
    person = None if row is None else person_of(row.account_id, row.user_id)
    if person is None:
        raise refused_token()
    shown = {"sub": claims.subject, "tenant": str(claims.tenant_id), **person.claims(" ".join(claims.scopes))}
    response = jsonify(shown)
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
