"""Clients of the protocol, and the ways they get tokens."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID, uuid4

from services.identity.commands.clients import add_secret, register_client
from services.identity.domain.clients import Terms
from shared.core.context import PLATFORM
from tests.builders.cell import Cell
from tests.builders.identity import Person, csrf_of, make_user, sign_in

REDIRECT = "https://client.example/signed-in"
SIGNED_OUT = "https://client.example/signed-out"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


@dataclass
class App:
    """A registered client with its secret, if it has one; `verifier` is that of its last request."""

    cell: Cell
    tenant: UUID
    name: str
    client_id: str
    secret: str | None
    redirect: str = REDIRECT
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    def post(self, path: str, **form: Any) -> Any:
        """To an endpoint, with the client's proof; a form value of None is left out."""
        sent = {name: value for name, value in form.items() if value is not None}
        headers = {}
        if self.secret is None:
            sent.setdefault("client_id", self.client_id)
        else:
            pair = base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        return self.cell.app.test_client().post(f"/oauth/{path}", data=sent, headers=headers)

    def query(self, **changes: Any) -> dict[str, str]:
        """The parameters of an authorization request."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code", "client_id": self.client_id, "redirect_uri": self.redirect, "state": "st8",
            "scope": "openid profile email offline_access parks:read parks:write", "nonce": "n0nce",
            "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        return {name: value for name, value in {**query, **changes}.items() if value is not None}

    def redeem(self, code: str, **changes: Any) -> Any:
        form = {"code": code, "redirect_uri": self.redirect, "code_verifier": self.verifier, **changes}
        return self.post("token", grant_type="authorization_code", **form)

    def refresh(self, token: str, **changes: Any) -> Any:
        return self.post("token", grant_type="refresh_token", refresh_token=token, **changes)


def make_client(cell: Cell, tenant: UUID, kind: str = "web", *, built_in: bool = False, **terms: Any) -> App:
    """A client of this tenant: `web` and `machine` with a secret, `public` without."""
    name, redirects = f"app-{uuid4().hex[:8]}", kind != "machine"
    given = {
        "label": "测试应用", "client_kind": kind, "redirect_uris": (REDIRECT,) if redirects else (),
        "logout_uris": (SIGNED_OUT,) if redirects else (), "scopes": ("parks:read", "parks:write"), **terms,
    }  # fmt: skip
    with cell.session(tenant) as session:
        register_client(session, name, terms=Terms(**given), built_in=built_in)
        issued = None if kind == "public" else add_secret(session, name, expires_at=None)
        code = session.directory.listing(session, tenant).code
    return App(cell, tenant, name, f"{code}.{name}", None if issued is None else issued.secret)


def command_line(cell: Cell) -> App:
    """A client of the platform, for users of every tenant, that may ask for everything."""
    return make_client(cell, PLATFORM, "public", scopes=("*",), built_in=True)


def ask(browser: Any, app: App, **changes: Any) -> Any:
    """What the authorization endpoint answers to this browser."""
    return browser.get(f"/oauth/authorize?{urlencode(app.query(**changes))}")


def answered(response: Any) -> dict[str, str]:
    """The parameters with which the browser is sent back to the client."""
    assert response.status_code in (302, 303), response.text
    assert response.headers["Location"].startswith("https://client.example/"), response.headers["Location"]
    return dict(parse_qsl(urlsplit(response.headers["Location"]).query))


def consent(browser: Any, page: Any, decision: str = "allow") -> Any:
    """Answer the consent page."""
    fields = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    sent = {name: value.replace("&amp;", "&") for name, value in fields.items()}
    return browser.post("/oauth/authorize/decision", data={**sent, "csrf": csrf_of(page.text), "decision": decision})


def code_for(app: App, person: Person, *, browser: Any = None, **changes: Any) -> str:
    """A code: the person signs in, unless `browser` is signed in, and consents if asked."""
    if browser is None:
        browser = app.cell.app.test_client()
        sign_in(browser, person)
    response = ask(browser, app, **changes)
    if response.status_code == 200:
        response = consent(browser, response)
    found = answered(response)
    assert "code" in found, found
    return found["code"]


def tokens_for(app: App, person: Person, **changes: Any) -> dict[str, Any]:
    """The answer of the token endpoint after a sign-in."""
    response = app.redeem(code_for(app, person, **changes))
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json
    return found


def official(cell: Cell, tenant: UUID) -> Person:
    """Somebody who does the daily work, without a second factor."""
    return make_user(cell, tenant, "official")


def use(cell: Cell, token: str, url: str = "/v1/parks") -> Any:
    """Call the API with a token."""
    return cell.app.test_client().get(url, headers={"Authorization": f"Bearer {token}"})
