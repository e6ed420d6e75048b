"""Endpoints that clients call themselves: token, revocation, introspection, device authorization."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from authlib.oauth2 import OAuth2Error
from flask import Response

from services.identity.domain import acts
from services.identity.oauth.endpoints import DeviceAuthorization, Introspection, Revocation
from services.identity.oauth.requests import check_bounds
from services.identity.oauth.server import refused, server
from services.identity.routes import routes
from shared.rules.acts import Act


@routes.page("POST", "/oauth/token")
def token() -> Response:
    """RFC 6749, 3.2."""
    return _open(server.create_token_response())


@routes.page("POST", "/oauth/revoke")
def revoke() -> Response:
    """RFC 7009."""
    return _open(_answered(Revocation(server), acts.TOKEN_REVOKED))


@routes.page("POST", "/oauth/introspect")
def introspect() -> Response:
    """RFC 7662."""
    return _answered(Introspection(server), acts.CLIENT_AUTHENTICATED)


@routes.page("POST", "/oauth/device_authorization")
def device_authorization() -> Response:
    """RFC 8628, 3.1."""
    return _answered(DeviceAuthorization(server), acts.CLIENT_AUTHENTICATED)


def _answered(endpoint: Callable[[Any], Any], act: Act) -> Response:
    asked = server.create_oauth2_request(None)
    try:
        check_bounds()
        answer: Response = server.handle_response(*endpoint(asked))
    except OAuth2Error as error:
        refused(act, error)
        answer = server.handle_error_response(asked, error)
    return answer


def _open(response: Response) -> Response:
    """Browser applications of any origin may call: no cookie counts here."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
