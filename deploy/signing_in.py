"""Signing in as a person does: through the pages, with password and one-time password, by code and PKCE (RFC 7636)."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pyotp

from events.foreign import MALFORMED, read
from shared.core.encoding import b64encode

CLIENT = "platform.console"
REDIRECT = "http://127.0.0.1:9/signed-in"
"""Nobody listens there: the code is taken out of the address."""
MOST_PAGES = 12


class SignInError(Exception):
    """The pages did not let the account in; says what the last one said."""


@dataclass(frozen=True)
class Login:
    """What a person types; `otp_secret` is what their telephone keeps."""

    login: str
    password: str = field(repr=False)
    otp_secret: str | None = field(default=None, repr=False)
    roles: Sequence[str] = ()

    def code(self, *, steps: int = 0) -> str:
        """The one-time password of this half minute, or of one `steps` later (RFC 6238)."""
        return pyotp.TOTP(self.otp_secret or "").at(int(time.time()) + 30 * steps)


@dataclass(frozen=True)
class Tokens:
    """What the token endpoint gave."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    seconds: int


def kept_accounts(home: Path) -> dict[str, Login]:
    """The demonstration's accounts by login, as the seed keeps them in the state folder; none where it did not run."""
    file = home / "accounts.json"
    if not file.is_file():
        return {}
    rows = read(file.read_bytes())
    return {row["login"]: Login(row["login"], row["password"], row["otp_secret"], tuple(row["roles"])) for row in rows}


def sign_in(address: str, account: Login, *, scope: str = "", client_id: str = CLIENT) -> Tokens:
    """Tokens for the account; `address` is the issuer. Raises `SignInError`, or httpx.HTTPError when nobody answers."""
    # Reading all certificates of the world takes longer than signing in; without TLS nothing uses them.
    trust = address.startswith("https")
    with httpx.Client(base_url=address, timeout=30, verify=trust, headers={"Accept-Language": "en"}) as client:
        verifier = secrets.token_urlsafe(48)
        asked = {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": REDIRECT,
            "scope": scope,
            "state": secrets.token_urlsafe(16),
            "code_challenge_method": "S256",
            "code_challenge": b64encode(sha256(verifier.encode()).digest()),
        }
        answer = _walk(client, client.get("/oauth/authorize", params=asked), account=account)
        given = {name: values[0] for name, values in parse_qs(urlsplit(answer).query).items()}
        if given.get("state") != asked["state"] or "code" not in given:
            raise SignInError(f"{given.get('error')}: {given.get('error_description')}")
        redeemed = client.post(
            "/oauth/token",
            data={
                "grant_type": "authorization_code",
                "client_id": client_id,
                "code": given["code"],
                "redirect_uri": REDIRECT,
                "code_verifier": verifier,
            },
        )
    return tokens_of(redeemed)


def said(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object that an endpoint answered; raises `SignInError` when it is none."""
    try:
        return dict(read(answer.content))
    except MALFORMED as error:
        raise SignInError(f"HTTP {answer.status_code}: {error}") from error


def tokens_of(answer: httpx.Response) -> Tokens:
    """The tokens in a token response (RFC 6749, 5.1); raises `SignInError` with the error it names."""
    body = said(answer)
    if answer.is_error:
        raise SignInError(f"{body.get('error')}: {body.get('error_description')}")
    return Tokens(body["access_token"], body.get("refresh_token"), int(body["expires_in"]))


def _walk(client: httpx.Client, answer: httpx.Response, *, account: Login) -> str:
    """Follow redirects and fill in forms until the address leaves for the client; returns that address."""
    typed = {"login": account.login, "password": account.password}
    filled: set[str] = set()
    codes = iter(_codes(account))
    for _page in range(MOST_PAGES):
        form = Form.first_of(answer.text)
        onward: str = answer.headers.get("location") or form.onward
        if onward:
            target = urljoin(str(answer.url), onward)
            if target.startswith(REDIRECT):
                return target
            answer = client.get(target)
            continue
        values = dict(typed)
        if "code" in form.fields and (code := next(codes, None)):
            values["code"] = code
        needed = {name for name in form.fields if name in values}
        if not needed or needed & filled:
            raise SignInError(form.said or f"{answer.url.path} answered {answer.status_code}")
        filled |= needed - {"code"}
        entered = form.hidden | {name: values[name] for name in needed}
        answer = client.post(urljoin(str(answer.url), form.action), data=entered)
    raise SignInError(f"more than {MOST_PAGES} pages")


def _codes(account: Login) -> Iterator[str]:
    """Each counts once: that of this half minute, of the next, which clocks may differ by, and that after waiting."""
    if account.otp_secret:
        yield account.code()
        yield account.code(steps=1)
        time.sleep(30)
        yield account.code(steps=1)


class Form(HTMLParser):
    """The first form of a page that can be filled in: where it goes, its fields, and what the page says went wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.action, self.said, self.onward = "", "", ""
        self.hidden: dict[str, str] = {}
        self.fields: list[str] = []
        self._depth, self._is_alert = 0, False

    @classmethod
    def first_of(cls, page: str) -> Form:
        """Read a page."""
        form = cls()
        form.feed(page)
        form.said = " ".join(form.said.split())
        return form

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect forms and fields."""
        given = {name: value or "" for name, value in attrs}
        if given.get("http-equiv") == "refresh":
            self.onward = given.get("content", "").partition("url=")[2]
        if given.get("role") == "alert":
            self._is_alert = True
        if tag == "form" and not self.fields:
            self.action, self.hidden, self._depth = given.get("action", ""), {}, 1
        if tag == "input" and self._depth and given.get("name"):
            if given.get("type") == "hidden":
                self.hidden[given["name"]] = given.get("value", "")
            else:
                self.fields.append(given["name"])

    def handle_endtag(self, tag: str) -> None:
        """A form ends; so does the text of an alert, with its block."""
        if tag == "form":
            self._depth = 0
        if tag in ("div", "section"):
            self._is_alert = False

    def handle_data(self, data: str) -> None:
        """What the page says in an alert."""
        if self._is_alert:
            self.said += f" {data}"
