"""Signing out on behalf of a client (OpenID Connect RP-Initiated Logout 1.0)."""

from __future__ import annotations

from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oidc.rpinitiated import EndSessionEndpoint, EndSessionRequest
from flask import Response, current_app, redirect
from joserfc import jwt
from joserfc.jwk import import_key

from services.identity.domain import acts
from services.identity.domain.keys import ID_TOKEN_ALGORITHMS
from services.identity.oauth.requests import check_bounds, given
from services.identity.oauth.server import refused, server
from services.identity.pages.signed_in import sign_out, signed_in
from services.identity.routes import routes
from shared.core.errors import InvalidError
from shared.http.requests.gate import database
from shared.http.requests.tokens import Issuer
from shared.keys.jose import NO_TOKEN, opened
from shared.pages.rendering import problem_page


class Logout(EndSessionEndpoint):  # type: ignore[misc]
    """Believes ID tokens of ours, also expired ones, and registered addresses alone."""

    def _validate_id_token_hint(self, id_token_hint: str) -> dict[str, Any] | None:
        try:
            header = opened(id_token_hint).header
            issuer: Issuer = current_app.extensions["issuer"]
            key = {key.id: key for key in issuer.keys()}.get(str(header.get("kid")))  # noqa: SIM118 - not a dict
            if header.get("typ") != "JWT" or header.get("alg") not in ID_TOKEN_ALGORITHMS:
                raise ValueError("not an ID token")
            if key is None:
                return None
            # The key names its own algorithm: a header with another one is refused.
            claims = jwt.decode(id_token_hint, import_key(dict(key.jwk)), algorithms=[str(key.jwk["alg"])]).claims
            if claims["iss"] != database().settings.issuer or claims["tenant"] != str(key.tenant):
                raise ValueError("of somebody else")
            return dict(claims)
        except NO_TOKEN as error:
            raise InvalidRequestError("The id_token_hint is not an ID token of ours.") from error


@routes.page("GET POST", "/oauth/logout")
def logout() -> Any:
    """With an ID token of this browser's session it ends at once; else the person is asked."""
    try:
        check_bounds()
        asked: EndSessionRequest = Logout(server).validate_request(server.create_oauth2_request(None))
        if given("post_logout_redirect_uri") and asked.redirect_uri is None and asked.id_token_claims is not None:
            raise InvalidRequestError("The post_logout_redirect_uri is not registered for this client.")
    except OAuth2Error as error:
        refused(acts.SIGNED_OUT, error)
        said = error.get_error_description()
        problem = InvalidError(
            "logout_refused",
            f"应用程序的退出请求不正确。您仍处于登录状态,可在“我的账户”中退出。说明:{said}",
            f"The application's request to sign out cannot be followed. You are still signed in. {said}",
        )
        problem.status = 400  # type: ignore[misc]
        return problem_page(problem)
    found, claims = signed_in(), asked.id_token_claims or {}
    if found is not None and claims.get("sid") != str(found.session_id):
        return redirect("/signout", 303)
    onward = asked.redirect_uri or "/signin?signed_out=1"
    response: Response = redirect(onward, 303)  # type: ignore[assignment]
    return response if found is None else sign_out(response)
