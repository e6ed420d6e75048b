"""Tokens of people at the console: got by code and PKCE (RFC 7636), kept sealed on the server, fetched anew in time."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from shared.core.encoding import b64encode
from shared.core.errors import RefusedError
from shared.http.requests.gate import database
from shared.http.requests.tokens import FRESH_SECONDS, SECOND_FACTOR
from shared.keys.jose import opened
from shared.keys.keyring import EnvironmentVault
from shared.pages.asking import Answer, Api
from shared.pages.purposes import PURPOSE

CLIENT = "platform.console"
BACK = "/console/signed-in"
SCOPE = "offline_access"
"""All that the person may do, for as long as they are signed in."""


@dataclass(frozen=True)
class Tokens:
    """What the token endpoint gave; tenant and person as the access token says."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: datetime

    @property
    def _claims(self) -> Any:
        return opened(self.access).claims

    @property
    def tenant(self) -> UUID:
        """For which they act."""
        return UUID(self._claims["tenant"])

    @property
    def owner(self) -> str:
        """Who acts."""
        return str(self._claims["sub"])

    def sealed(self) -> bytes:
        """As a row keeps them."""
        return seal({"access": self.access, "refresh": self.refresh}, label="console tokens")

    @classmethod
    def opened(cls, sealed: bytes, expires_at: datetime) -> Tokens:
        """The inverse."""
        return cls(expires_at=expires_at, **unseal(sealed, label="console tokens"))


def seal(value: dict[str, Any], *, label: str) -> bytes:
    """JSON that only this cell reads."""
    return EnvironmentVault(database().settings.vault_key).seal(json.dumps(value).encode(), label=label.encode())


def unseal(sealed: bytes, *, label: str) -> dict[str, Any]:
    """The inverse; raises `cryptography.exceptions.InvalidTag` for what was sealed elsewhere."""
    found: dict[str, Any] = json.loads(
        EnvironmentVault(database().settings.vault_key).unseal(sealed, label=label.encode())
    )
    return found


@dataclass(frozen=True)
class Asked:
    """That a browser was sent to sign in: what only it can bring back, and where it goes on to."""

    state: str
    verifier: str = field(repr=False)
    next_url: str

    @classmethod
    def new(cls, next_url: str) -> Asked:
        return cls(token_urlsafe(16), token_urlsafe(48), next_url)

    def address(self, *, factor: bool = False, purpose: str = "") -> str:
        """Where the browser signs in; with `factor` it proves itself once more with a second one (RFC 9470).

        `purpose` is what for, as `shared.pages.purposes` marks it.
        """
        more = {"acr_values": SECOND_FACTOR, "max_age": str(FRESH_SECONDS - 60)} if factor else {}
        asked = {
            "response_type": "code",
            "client_id": CLIENT,
            "redirect_uri": redirect_uri(),
            "scope": SCOPE,
            "state": self.state,
            "code_challenge_method": "S256",
            "code_challenge": b64encode(sha256(self.verifier.encode()).digest()),
            **more,
            **({PURPOSE: purpose} if purpose else {}),
        }
        return f"/oauth/authorize?{urlencode(asked)}"


def redirect_uri() -> str:
    """Where the browser comes back to."""
    return f"{database().settings.issuer}{BACK}"


def redeemed(asked: Asked, code: str) -> Tokens:
    """The tokens for a code; raises `RefusedError` where it is not good."""
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri()}
    answer = Api().form("/oauth/token", {**fields, "client_id": CLIENT, "code_verifier": asked.verifier})
    found = _tokens(answer)
    if found is None:
        raise RefusedError("sign_in_again", "登录没有完成,请重新登录。", "Signing in was not completed. Sign in again.")
    return found


def refreshed(tokens: Tokens) -> Tokens | None:
    """New tokens; None where the person has signed out, or may no longer act here."""
    fields = {"grant_type": "refresh_token", "refresh_token": tokens.refresh, "client_id": CLIENT}
    return _tokens(Api().form("/oauth/token", fields))


def _tokens(answer: Answer) -> Tokens | None:
    if answer.status != 200:
        return None
    until = database().clock.now() + timedelta(seconds=int(answer.body["expires_in"]))
    return Tokens(answer.body["access_token"], answer.body["refresh_token"], until)
