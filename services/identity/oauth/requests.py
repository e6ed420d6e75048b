"""Protocol requests: held to bounds before anything looks at them, and parameters taken from one place alone."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from authlib.integrations.flask_oauth2.requests import FlaskOAuth2Request
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Payload, OAuth2Request
from flask import Request, request
from werkzeug.datastructures import MultiDict

from events.printing import is_printable
from shared.core.errors import ProblemError
from shared.http.requests.bodies import check_charset
from shared.keys.jose import LARGEST_TOKEN

LONGEST = 3500
"""Characters of a parameter, and bytes of the whole of an authorization request."""
LONG = ("token", "id_token_hint", "client_assertion")
"""Parameters that carry a token, which may be longer."""
OF_PEOPLE = ("state", "nonce", "login_hint", "logout_hint", "ui_locales")
"""What may hold any text; all others are held to the characters of RFC 6749, appendix A, without quotes."""
ODD = set('"\\')


class Payload(OAuth2Payload):  # type: ignore[misc]
    """The form of a POST, the query of a GET: never both, for secrets do not belong into addresses."""

    def __init__(self, given: MultiDict[str, str]) -> None:
        self._given = given

    @property
    def data(self) -> MultiDict[str, str]:
        return self._given

    @property
    def datalist(self) -> defaultdict[str, list[str]]:
        return defaultdict(list, self._given.lists())


class ProtocolRequest(FlaskOAuth2Request):  # type: ignore[misc]
    """A request at the address that clients know us by, whatever stands between them and us."""

    def __init__(self, given: Request, *, issuer: str) -> None:
        # Not the address that this request names: anybody may write any Host.
        OAuth2Request.__init__(self, method=given.method, uri=issuer + given.path, headers=given.headers)
        self._request = given
        self.payload = Payload(parameters(given))


def parameters(given: Request) -> MultiDict[str, str]:
    """The parameters of the method that was used."""
    return given.form if given.method == "POST" else given.args


def check_bounds() -> None:
    """Raises `InvalidRequestError` for a parameter that is repeated, oversized or of impossible characters."""
    try:
        check_charset()
    except ProblemError as error:
        raise InvalidRequestError("Send the form as UTF-8.") from error
    given = parameters(request)
    if request.method == "POST" and request.args:
        raise InvalidRequestError("Send parameters in the body, none in the address.")
    for name, values in given.lists():
        shown = name[:40] if _is_plain(name) else "?"
        if len(values) > 1:
            raise InvalidRequestError(f"The parameter {shown} is repeated.")
        if len(values[0]) > (LARGEST_TOKEN if name in LONG else LONGEST):
            raise InvalidRequestError(f"The parameter {shown} is too large.")
        if name in OF_PEOPLE:
            if not is_printable(values[0]):
                raise InvalidRequestError(f"The parameter {shown} holds an impossible character.")
        elif not _is_plain(values[0]):
            raise InvalidRequestError(f"The parameter {shown} holds an impossible character.")
    if len(request.headers.get("Authorization", "")) > LARGEST_TOKEN + 10:
        raise InvalidRequestError("The Authorization header is too large.")


def _is_plain(value: str) -> bool:
    return value.isascii() and (value.isprintable() or not value) and not ODD & set(value)


def given(name: str) -> str | None:
    """One parameter of the current request."""
    found: str | None = parameters(request).get(name)
    return found


def described(error: OAuth2Error) -> dict[str, Any]:
    """The error as the members of an answer."""
    return dict(error.get_body())
