"""Foreign tokens, forms and answers at the doors of sign-in and of the protocol."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import select

from services.identity.commands.federating import Federation
from services.identity.models import Failure, WebSession
from shared.core.context import PLATFORM
from shared.core.encoding import b64encode
from shared.core.errors import RefusedError
from shared.http.outbound import OutboundAnswer
from shared.pages.forms import with_next
from shared.server.bounds import ADDRESS, FORM, LINE
from tests.builders.cell import Cell
from tests.builders.identity import csrf_of, make_user, send, sign_in
from tests.builders.oauth import App, answered, ask, consent, make_client, official
from tests.identity.test_provider_answers import ASKED, CLAIMS, KNOWN, NOW, RSA, Provider, signed

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
HEADER = b'{"alg":"Ed25519","typ":"at+jwt","kid":"x"}'


def compact(*parts: bytes) -> str:
    return ".".join(b64encode(part) for part in parts)


TOKENS = (
    compact(HEADER, b'{"tenant":' + b"[" * 1500, b"x" * 64), compact(b"[" * 1500, b"{}", b"x"),
    compact(b"[]", b"[]", b"x"),
    compact(HEADER, b'{"tenant":1e999,"sub":NaN}', b"x" * 64), compact(HEADER, rb'{"tenant":"\u0000"}', b"x" * 64),
    compact(rb'{"alg":"Ed25519","typ":"at+jwt","kid":"\ud800"}', b"{}", b"x"),
    compact(HEADER, b'{"sub":1,"sub":2}', b"x"),
    compact(HEADER, b'{"iat":' + b"9" * 5000 + b"}", b"x"),
    compact(b'{"alg":"Ed25519","kid":{}}', b"null", b""), "..", "a.b.c",
    compact(b"\xff", b"\xff", b"\xff"), "é.é.é", compact(HEADER, b'{"sub":{"a":[]},"tenant":[]}', b"x"), "\0.\0.\0",
)  # fmt: skip


@pytest.fixture
def app(cell: Cell, sichuan: UUID) -> App:
    return make_client(cell, sichuan)


@pytest.mark.parametrize("token", TOKENS, ids=range(len(TOKENS)))
def test_a_token_of_anything_is_refused_at_every_door(cell: Cell, app: App, token: str) -> None:
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
    assert cell.app.test_client().get("/v1/parks", environ_overrides=bearer).status_code == 401
    form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION, "client_assertion": token}
    given = cell.app.test_client().post("/oauth/token", data=form)
    assert (given.status_code, given.json["error"]) in (
        (401, "invalid_client"),
        (400, "invalid_client"),
        (400, "invalid_request"),
    )
    assert app.post("revoke", token=token).status_code in (200, 400)
    assert app.post("introspect", token=token).json in ({"active": False}, app.post("introspect", token=token).json)
    hint = cell.app.test_client().get("/oauth/logout", query_string={"id_token_hint": token})
    assert (hint.status_code, hint.mimetype) == (400, "text/html")


@pytest.mark.parametrize("login", ["a\0b@{code}", "\0@{code}", "official\0@{code}", "a@{code}\0", "a\0b@nowhere"])
def test_a_login_that_nobody_can_have_is_wrong_and_slows_down_like_any_other(
    cell: Cell, sichuan: UUID, login: str
) -> None:
    with cell.session(sichuan) as session:
        listing = session.directory.listing(session, sichuan)
    typed, client, seen = login.format(code=listing.code), cell.app.test_client(), []
    for _ in range(12):
        answer = send(
            client, "/signin", {"login": typed, "password": "x"}, environ_overrides={"REMOTE_ADDR": "203.0.113.77"}
        )
        seen.append(answer.status_code)
        assert answer.mimetype == "text/html"
        assert "\0" not in answer.text
    assert set(seen) == {422, 429}
    with cell.session(PLATFORM) as session:
        assert session.scalars(select(Failure)).first() is not None


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/signin", {"login": "a@b", "password": "x", "next": "/\0"}),
        ("/signin", {"login": "a@b", "password": "x", "tenant": "\0"}),
        ("/signin", {"login": "a@b", "password": "x", "\0": "y"}),
        ("/signin", {"login": ["a@b", "c@d"], "password": "x"}),
        ("/signin", {"login": "a@b", "password": ["x", "y"]}),
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_kept_or_stands_twice_is_told_by_a_page(
    cell: Cell, path: str, form: dict[str, Any]
) -> None:
    client = cell.app.test_client()
    token = csrf_of(client.get(path).text)
    answer = client.post(path, data={"csrf": token, **form})
    assert (answer.status_code, answer.mimetype) == (422, "text/html")


ADDRESSES = (
    "/signin?next=%00", "/signin?login=%00", "/signin?lang=%00", "/signin?%00=a", "/device?user_code=%00",
    "/account?done=%00", "/signin/tenant?next=%00", "/signin/federated/callback?state=%00&code=%00",
)  # fmt: skip


@pytest.mark.parametrize("path", ADDRESSES)
def test_no_address_of_a_page_breaks_it(cell: Cell, sichuan: UUID, path: str) -> None:
    for client in (cell.app.test_client(), entered(cell, sichuan)):
        answer = client.get(path)
        assert answer.status_code in (200, 303, 403, 422)
        assert answer.mimetype == "text/html"


def entered(cell: Cell, tenant: UUID) -> Any:
    client = cell.app.test_client()
    sign_in(client, make_user(cell, tenant, "official"))
    return client


@pytest.mark.parametrize("code", ["\0", "²²²²²²", "川川川川川川", "\ufffd" * 6, "1" * 5000])
def test_a_code_of_anything_is_a_wrong_code(cell: Cell, sichuan: UUID, code: str) -> None:
    client, person = cell.app.test_client(), make_user(cell, sichuan, "signatory", otp=True)
    send(client, "/signin", {"login": person.login, "password": person.password})
    for way in ("", "?way=recovery"):
        answer = send(client, f"/signin/factor{way}", {"code": code, "way": way[5:]})
        assert (answer.status_code, answer.mimetype) == (422, "text/html")


def test_what_a_browser_calls_itself_is_kept_printable(cell: Cell, sichuan: UUID) -> None:
    client, person = cell.app.test_client(), make_user(cell, sichuan, "official")
    answer = send(client, "/signin", {"login": person.login, "password": person.password},
                  environ_overrides={"HTTP_USER_AGENT": "Mozilla\0"})  # fmt: skip
    assert answer.status_code == 303
    with cell.session(sichuan) as session:
        assert "Mozilla\\x00" in session.scalars(select(WebSession.agent)).all()


@pytest.mark.parametrize("charset", ["utf-7", "gb18030"])
def test_a_form_in_another_charset_is_refused(cell: Cell, app: App, charset: str) -> None:
    client = cell.app.test_client()
    kind = f"application/x-www-form-urlencoded; charset={charset}"
    page = client.post("/signin", data="login=a", content_type=kind)
    assert (page.status_code, page.mimetype) == (415, "text/html")
    answer = client.post("/oauth/token", data="grant_type=a", content_type=kind)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("kid", [r"\u0000", r"\ud800", "川", "a" * 500])
def test_the_name_of_a_key_is_kept_or_refused(cell: Cell, sichuan: UUID, kid: str) -> None:
    client, name = cell.client(sichuan, "system_administrator"), "nul" + uuid4().hex[:6]
    draft = {"name": name, "label": "x", "kind": "machine", "scopes": ["parks:read"]}
    assert client.post("/v1/clients", draft).status_code == 201
    x = base64.urlsafe_b64encode(bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"))
    raw = b'{"kind":"key","jwk":{"kty":"OKP","crv":"Ed25519","x":"%s","kid":"%s"}}' % (x.rstrip(b"="), kid.encode())
    headers = {"Authorization": f"Bearer {client.mint()}", "Idempotency-Key": uuid4().hex}
    answer = client.flask.post(
        f"/v1/clients/{name}/credentials", data=raw, headers=headers, content_type="application/json"
    )
    assert answer.status_code == (422 if "\\" in kid else 201)


STATES = ("川" * 300, "a" * 2600, "%&=" * 200)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("state", STATES, ids=range(3))
def test_a_long_state_comes_back_through_every_page(
    cell: Cell, sichuan: UUID, app: App, state: str, method: str
) -> None:
    browser, person = cell.app.test_client(), official(cell, sichuan)
    query = app.query(state=state)
    begun = (
        browser.post("/oauth/authorize", data=query)
        if method == "POST"
        else browser.get("/oauth/authorize", query_string=query)
    )
    while begun.status_code == 303 and "/signin" not in begun.headers["Location"]:
        assert len(begun.headers["Location"]) <= ADDRESS
        begun = browser.get(begun.headers["Location"])
    assert len(begun.headers["Location"]) <= ADDRESS
    sign_in(browser, person)
    assert answered(consent(browser, ask(browser, app, state=state)))["state"] == state


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("state", ["a" * 5000, "川" * 400, "a\0b", "&" * 3000])
def test_a_state_that_does_not_fit_is_told_by_a_page(cell: Cell, app: App, state: str, method: str) -> None:
    client, query = cell.app.test_client(), app.query(state=state)
    answer = (
        client.post("/oauth/authorize", data=query)
        if method == "post"
        else client.get("/oauth/authorize", query_string=query)
    )
    assert (answer.status_code, answer.mimetype) == (400, "text/html")


def test_every_address_that_a_page_makes_of_a_request_fits_into_a_line() -> None:
    assert len(with_next("/signin/factor", "/x" * 1000)) < LINE
    assert ADDRESS + len("POST  HTTP/1.1\r\n") < LINE
    assert FORM > 3 * LINE


def test_a_form_that_is_too_large_is_told_by_a_page(cell: Cell) -> None:
    answer = cell.app.test_client().post("/signin", data={"login": "a" * FORM}, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.mimetype) == (413, "text/html")


ANSWERS = (
    b"[" * 1500, b'{"issuer":1,"issuer":2}', b"\xff", b"", b"[]", b"null", rb'{"\ud800":1}', b'{"a":NaN}',
    b'{"a":1e999}',
    b'{"a":' + b"9" * 5000 + b"}", b'{"id_token":{}}', b'{"id_token":"' + TOKENS[0].encode() + b'"}', b'{"keys":1}',
    b'{"keys":[1,{},{"kty":[]},{"kty":"RSA"},{"kty":"OKP","crv":{},"x":1}]}', b'{"id_token":"a.b.c"}',
)  # fmt: skip


@pytest.mark.parametrize("answer", ANSWERS, ids=range(len(ANSWERS)))
@pytest.mark.parametrize("place", ["openid-configuration", "token_endpoint", "jwks_uri"])
def test_a_provider_that_answers_anything_is_not_believed(answer: bytes, place: str) -> None:
    class Odd(Provider):
        def request(self, method: str, url: str, **more: Any) -> OutboundAnswer:
            usual = super().request(method, url, **more)
            return OutboundAnswer(200, "application/json", answer) if url.endswith(place) else usual

    federation = Federation(Odd(signed(RSA, "RS256")), "https://home.example/back")  # type: ignore[arg-type]
    with pytest.raises(RefusedError):
        federation.claims(KNOWN, ASKED, code="c0de", now=NOW)


ODD = ("authorization_endpoint", "token_endpoint", "jwks_uri", "token_endpoint_auth_methods_supported")


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize(
    "value", [1, None, [], {}, True, "https://a/?\r\nb", "https://川/", "https://[", "\\"], ids=repr
)
def test_no_member_of_a_discovery_document_breaks_anything(name: str, value: Any) -> None:
    federation = Federation(Provider(signed(RSA, "RS256"), {name: value}), "https://home.example/back")  # type: ignore[arg-type]
    try:
        assert federation.authorization_url(KNOWN, ASKED).startswith("https://")
    except RefusedError:
        assert name in ODD[:3]


@pytest.mark.parametrize(
    "claims",
    [rb'{"sub":"\u0000"}', rb'{"sub":"\ud800"}', b'{"sub":"42","sub":"43"}', b'{"exp":1e999}',
     b'{"x":' + b"[" * 40 + b"]" * 40 + b"}"],
)  # fmt: skip
def test_claims_that_cannot_be_kept_are_not_believed(claims: bytes) -> None:
    usual = json.dumps({name: value for name, value in CLAIMS.items() if name not in ("sub", "exp")}).encode()
    head, _, _ = signed(RSA, "RS256").split(".")
    body = b64encode(usual[:-1] + b"," + claims[1:])
    signature = b64encode(RSA.raw_value.sign(f"{head}.{body}".encode(), PKCS1v15(), SHA256()))  # type: ignore[union-attr]
    federation = Federation(Provider(f"{head}.{body}.{signature}"), "https://home.example/back")  # type: ignore[arg-type]
    with pytest.raises(RefusedError):
        federation.claims(KNOWN, ASKED, code="c0de", now=NOW)


def test_a_long_way_on_does_not_lose_the_sign_in_elsewhere() -> None:
    assert len(urlencode({"next": quote("川" * 300)})) < ADDRESS
