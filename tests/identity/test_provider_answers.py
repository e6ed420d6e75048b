"""What another provider may say: everything that proves nothing is refused, and nobody is asked inside our network."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Thread
from typing import Any
from urllib.parse import unquote_plus

import pytest
from flask import Flask, Response, redirect
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey
from werkzeug.serving import make_server

from services.identity.commands.federating import Federation, KnownProvider, ProviderRequest
from services.identity.domain.federation import vouched
from shared.core.encoding import b64encode
from shared.core.errors import RefusedError, UnavailableError
from shared.http.outbound import LARGEST, Outbound, OutboundAnswer, is_public

ISSUER, NOW = "https://sso.example", time.time()
KNOWN = KnownProvider(issuer=ISSUER, client_id="xietong", client_secret="s", scopes=("openid",))
ASKED = ProviderRequest()
RSA = RSAKey.generate_key(2048, parameters={"kid": "r"})
EC = ECKey.generate_key("P-256", parameters={"kid": "e"})
ED = OKPKey.generate_key("Ed25519", parameters={"kid": "o"})
OTHER = RSAKey.generate_key(2048, parameters={"kid": "r"})
CLAIMS = {"iss": ISSUER, "aud": "xietong", "sub": "42", "nonce": ASKED.nonce, "iat": NOW, "exp": NOW + 60}


@dataclass
class Provider:
    """Answers as told instead of a real provider."""

    token: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    local: bool = False
    status: int = 200
    posted: list[bytes] = field(default_factory=list)
    authorized: list[str] = field(default_factory=list)

    def request(self, method: str, url: str, *, headers: Any = None, content: bytes | None = None) -> OutboundAnswer:
        if url.endswith("openid-configuration"):
            at = {name: f"{ISSUER}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
            return self._answer({"issuer": ISSUER, **at, **self.metadata})
        if method == "POST":
            self.posted.append(content or b"")
            self.authorized.append((headers or {}).get("Authorization", ""))
            return self._answer({"id_token": self.token}, self.status)
        unknown = {"kty": "AKP", "alg": "ML-DSA-44", "pub": "x"}
        return self._answer({"keys": [unknown, *KeySet([RSA, EC, ED]).as_dict(private=False)["keys"]]})

    @staticmethod
    def _answer(document: Any, status: int = 200) -> OutboundAnswer:
        return OutboundAnswer(status, "application/json", json.dumps(document).encode())


def signed(key: Any, alg: str, header: dict[str, Any] | None = None, **changes: Any) -> str:
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    return jwt.encode({"alg": alg, "kid": key.kid, **(header or {})}, claims, key, algorithms=[alg])


def claims_from(token: str, **provider: Any) -> Any:
    federation = Federation(Provider(token, **provider), "https://home.example/back")  # type: ignore[arg-type]
    return federation.claims(KNOWN, ASKED, code="c0de", now=NOW)


@pytest.mark.parametrize(
    ("key", "alg"), [(RSA, "RS256"), (RSA, "PS256"), (EC, "ES256"), (ED, "EdDSA"), (ED, "Ed25519")]
)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_every_allowed_signature_is_believed(key: Any, alg: str) -> None:
    assert claims_from(signed(key, alg))["sub"] == "42"


def _unsigned() -> str:
    _head, body, _signature = signed(RSA, "RS256").split(".")
    return f"eyJhbGciOiJub25lIn0.{body}."


def _tampered() -> str:
    head, _body, signature = signed(RSA, "RS256").split(".")
    return f"{head}.{signed(RSA, 'RS256', sub='1').split('.')[1]}.{signature}"


def _hashed() -> str:
    head, body = b64encode(b'{"alg":"HS256","kid":"r"}'), signed(RSA, "RS256").split(".")[1]
    made = hmac.new(RSA.as_pem(private=False), f"{head}.{body}".encode(), "sha256").digest()
    return f"{head}.{body}.{b64encode(made)}"


BAD = {
    "unsigned": _unsigned,
    "tampered": _tampered,
    "public key as a shared secret": _hashed,
    "another key of that name": lambda: signed(OTHER, "RS256"),
    "its own key": lambda: signed(OTHER, "RS256", {"jwk": OTHER.as_dict(private=False), "kid": "x"}),
    "another issuer": lambda: signed(RSA, "RS256", iss="https://evil.example"),
    "another audience": lambda: signed(RSA, "RS256", aud="somebody"),
    "two audiences without azp": lambda: signed(RSA, "RS256", aud=["xietong", "other"]),
    "for another party": lambda: signed(RSA, "RS256", azp="other"),
    "another sign-in": lambda: signed(RSA, "RS256", nonce="other"),
    "no nonce": lambda: signed(RSA, "RS256", nonce=None),
    "expired": lambda: signed(RSA, "RS256", exp=NOW - 60),
    "of the future": lambda: signed(RSA, "RS256", iat=NOW + 600),
    "of long ago": lambda: signed(RSA, "RS256", iat=NOW - 3600),
    "without an end": lambda: signed(RSA, "RS256", exp=None),
    "a text as time": lambda: signed(RSA, "RS256", exp="later"),
    "of nobody": lambda: signed(RSA, "RS256", sub=""),
    "no token": lambda: "",
    "critical header": lambda: signed(RSA, "RS256", {"crit": ["b64"], "b64": True}),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_an_id_token_that_proves_nothing_is_refused(name: str) -> None:
    with pytest.raises(RefusedError, match="provider_not_believed"):
        claims_from(BAD[name]())


def test_two_audiences_count_when_the_token_is_for_us() -> None:
    assert claims_from(signed(RSA, "RS256", aud=["xietong", "other"], azp="xietong"))["sub"] == "42"


@pytest.mark.parametrize(
    "metadata",
    [{"issuer": "https://evil.example"}, {"token_endpoint": "http://sso.example/token"}, {"jwks_uri": "file:///etc/passwd"}],
)  # fmt: skip
def test_a_discovery_document_of_somebody_else_is_refused(metadata: dict[str, str]) -> None:
    with pytest.raises(RefusedError):
        claims_from(signed(RSA, "RS256"), metadata=metadata)


def test_an_answer_must_name_its_issuer_if_the_provider_always_does() -> None:
    strict = {"authorization_response_iss_parameter_supported": True}
    federation = Federation(Provider(metadata=strict), "x")  # type: ignore[arg-type]
    federation.check_answer(ISSUER, {"code": "c", "iss": ISSUER})
    for given in (
        {"code": "c"},
        {"code": "c", "iss": "https://evil.example"},
        {"iss": ISSUER, "error": "access_denied"},
    ):
        with pytest.raises(RefusedError):
            federation.check_answer(ISSUER, given)


@pytest.mark.parametrize("secret", ["plain", "a+b", "a%2Fc", "a b:c", "密钥"])
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_id_and_secret_are_form_encoded_before_they_become_http_basic(secret: str) -> None:
    provider, known = Provider(signed(RSA, "RS256")), replace(KNOWN, client_secret=secret)
    Federation(provider, "https://home.example/back").claims(known, ASKED, code="c0de", now=NOW)  # type: ignore[arg-type]
    # As RFC 6749, 2.3.1 has the provider read it.
    pair = base64.b64decode(provider.authorized[0].removeprefix("Basic ")).decode().split(":")
    assert [unquote_plus(part) for part in pair] == ["xietong", secret]


def test_a_login_counts_for_its_domain_alone() -> None:
    names = {"login": "preferred_username", "email": "email"}

    def login(domain: str | None = "example.cn", **claims: Any) -> str:
        return vouched({"sub": "1", **claims}, names=names, domain=domain, code="sc").login

    assert login(preferred_username="Li.Wei@example.cn") == "li.wei"
    assert login(None, preferred_username="li.wei@sc") == login(None, preferred_username="li.wei") == "li.wei"
    for claims in (
        {"preferred_username": "li.wei@evil.cn"},
        {"preferred_username": "li.wei@evil.cn", "email": "x@example.cn", "email_verified": True},
        {"preferred_username": "li.wei", "email": "x@example.cn"},
        {"preferred_username": "li.wei", "email": "x@example.cn.evil.cn", "email_verified": True},
        {"preferred_username": "li wei@example.cn"},
        {"preferred_username": "li.wei@"},
        {"preferred_username": 7},
        {},
    ):
        with pytest.raises(RefusedError):
            login(**claims)
    with pytest.raises(RefusedError):
        login(None, preferred_username="li.wei@anything.cn")


def test_a_bare_login_names_nobody_but_whose_address_was_verified() -> None:
    claims = {"sub": "1", "preferred_username": "audit.admin", "email": "Eve@example.cn", "email_verified": True}
    names = {"login": "preferred_username"}
    assert vouched(claims, names=names, domain="example.cn", code="sc").login == "eve"


def test_a_verified_address_may_be_said_in_words_and_its_lack_is_named() -> None:
    names = {"login": "preferred_username"}
    claims = {"sub": "1", "preferred_username": "x", "email": "eve@example.cn"}
    said = vouched({**claims, "email_verified": "true"}, names=names, domain="example.cn", code="sc")
    assert said.login == "eve"
    for unsaid in (False, "false", "True", 1, None, ["true"]):
        with pytest.raises(RefusedError, match="email_verified"):
            vouched({**claims, "email_verified": unsaid}, names=names, domain="example.cn", code="sc")


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.1.2.3", "224.0.0.1",
     "::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "nonsense"],
)  # fmt: skip
def test_addresses_inside_are_not_public(address: str) -> None:
    assert not is_public(address)


def test_addresses_outside_are_public() -> None:
    assert all(is_public(address) for address in ("8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"))


@contextmanager
def outside() -> Iterator[str]:
    app = Flask("outside")
    app.add_url_rule("/small", "small", lambda: Response("{}", content_type="application/json"))
    app.add_url_rule("/large", "large", lambda: Response(b"x" * (LARGEST + 1)))
    app.add_url_rule("/away", "away", lambda: redirect("/small"))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(10)
    server.server_close()


def test_what_comes_from_outside_is_bounded_and_leads_nowhere_else() -> None:
    with outside() as url:
        door = Outbound(local=True)
        assert door.request("GET", f"{url}/small") == OutboundAnswer(200, "application/json", b"{}")
        assert door.request("GET", f"{url}/away").status == 302
        with pytest.raises(UnavailableError, match="outside_unreachable"):
            door.request("GET", f"{url}/large")
        for refused in (url, url.replace("http:", "https:"), url.replace("http://127.0.0.1", "https://localhost")):
            with pytest.raises(UnavailableError):
                Outbound(local=False).request("GET", f"{refused}/small")
