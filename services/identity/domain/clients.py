"""What a client may be registered as: where it redirects to, where it comes from, what it may ask for, its keys."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

from joserfc.jwk import ECKey, OKPKey, RSAKey

from services.identity.domain.keys import ID_TOKEN_ALGORITHMS
from services.identity.domain.roles import check_role
from services.identity.domain.scopes import EVERYTHING, OF_OPENID
from shared.core.encoding import b64decode
from shared.core.errors import Fault, InvalidError
from shared.core.words import Pair
from shared.keys.jose import NO_TOKEN

KINDS = ("public", "web", "machine")
MOST_LIVING = 2
"""Credentials a client has at once: the one in use and the one that follows it."""
LOOPBACK = ("127.0.0.1", "::1")
LEAST_RSA, LARGEST_RSA = 2048, 8192
OF_PLATFORM = "platform."
"""How the ids of the platform's clients begin; they serve people of every tenant."""
BUILT_IN = {"cli": Pair("命令行", "Command line"), "console": Pair("控制台", "Console")}
"""The platform's own, with which everybody of all tenants signs in without consent."""
PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
ALGORITHMS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("OKP", "Ed25519"): ("Ed25519", "EdDSA"),
    ("EC", "P-256"): ("ES256",),
    ("RSA", ""): ("RS256",),
}
"""The signatures a client's key may make, by its kind."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a client is registered with; see `services.identity.models.Client`."""

    label: str
    client_kind: str
    redirect_uris: Sequence[str] = ()
    logout_uris: Sequence[str] = ()
    scopes: Sequence[str] = ()
    networks: Sequence[str] = ()
    id_token_signed_response_alg: str = ID_TOKEN_ALGORITHMS[0]
    expires_at: datetime | None = None

    def check(self, *, of_platform: bool, built_in: bool = False) -> None:
        """Raises `InvalidError` that names every fault of the first rule broken; only `built_in` may ask for `*`."""
        is_native = self.client_kind == "public"
        refuse(_redirect_faults("/redirect_uris", self.redirect_uris, is_native=is_native))
        refuse(_redirect_faults("/logout_uris", self.logout_uris, is_native=is_native))
        zh, en = "须为 CIDR 网段,如 203.0.113.0/24", "Must be a CIDR block such as 203.0.113.0/24"
        refuse(
            [Fault(f"/networks/{index}", zh, en) for index, block in enumerate(self.networks) if not _is_network(block)]
        )
        if self.client_kind == "machine" and (self.redirect_uris or self.logout_uris):
            refuse([Fault("/redirect_uris", "机器客户端没有跳转地址", "A machine client redirects nowhere")])
        if self.client_kind == "web" and not self.redirect_uris:
            refuse([Fault("/redirect_uris", "请至少登记一个跳转地址", "Register at least one address to redirect to")])
        if not (built_in and list(self.scopes) == [EVERYTHING]):
            check_role(self.scopes, of_platform=of_platform, beside=() if self.client_kind == "machine" else OF_OPENID)


def refuse(faults: list[Fault]) -> None:
    """Raises `InvalidError` when there are any."""
    if faults:
        zh, en = "客户端登记内容不符合要求,请更正。", "This is not how a client can be registered; correct it."
        raise InvalidError("client_invalid", zh, en, faults)


def _redirect_faults(pointer: str, addresses: Sequence[str], *, is_native: bool) -> list[Fault]:
    zh = "须为完整的 https 地址,不含通配符、片段和用户信息;公共客户端可用 http://127.0.0.1 或 http://[::1]"
    en = "Must be a whole https address without wildcard, fragment or user; public clients may use http://127.0.0.1"
    bad = [index for index, address in enumerate(addresses) if not _may_redirect(address, is_native=is_native)]
    return [Fault(f"{pointer}/{index}", zh, en) for index in bad]


def _may_redirect(address: str, *, is_native: bool) -> bool:
    if not address.isascii() or not address.isprintable() or any(mark in address for mark in "*#\\ <>\"'"):
        return False
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or "@" in parts.netloc:
        return False
    return parts.scheme == "https" or (is_native and parts.scheme == "http" and host in LOOPBACK)


def _is_network(block: str) -> bool:
    try:
        ip_network(block, strict=True)
    except ValueError:
        return False
    return True


def public_jwk(given: Mapping[str, Any]) -> dict[str, Any]:
    """The public key as it is kept: only what matters, with `kid` and `alg`; raises `InvalidError`."""
    if PRIVATE & set(given):
        zh = "含有私钥成员;该密钥已泄露,请换一个,只登记公钥"
        en = "This holds private members: the key is no secret any more. Make another, register its public half"
        refuse([Fault("/jwk", zh, en)])
    try:
        key = _imported(given)
    except NO_TOKEN as error:
        zh = f"须为 Ed25519、P-256 或不少于 {LEAST_RSA} 位的 RSA 公钥(JWK)"
        en = f"Must be the public JWK of an Ed25519, P-256 or RSA key of at least {LEAST_RSA} bits"
        raise InvalidError("client_invalid", zh, en, [Fault("/jwk", zh, en)]) from error
    kept = {
        name: value for name, value in key.as_dict(private=False).items() if name in ("kty", "crv", "x", "y", "n", "e")
    }
    named = given.get("kid") or key.thumbprint()
    return {**kept, "kid": str(named)[:100], "alg": _algorithm(given), "use": "sig"}


def _imported(given: Mapping[str, Any]) -> OKPKey | ECKey | RSAKey:
    kinds: Mapping[str, type[OKPKey | ECKey | RSAKey]] = {"OKP": OKPKey, "EC": ECKey, "RSA": RSAKey}
    members = {name: given[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in given}
    if (
        given["kty"] == "RSA"
        and not LEAST_RSA <= int.from_bytes(b64decode(str(given["n"])), "big").bit_length() <= LARGEST_RSA
    ):
        raise ValueError("size")
    key = kinds[str(given["kty"])].import_key(members)
    _algorithm(given)
    return key


def _algorithm(given: Mapping[str, Any]) -> str:
    allowed = ALGORITHMS[str(given["kty"]), str(given.get("crv", ""))]
    named = given.get("alg", allowed[0])
    if named not in allowed or given.get("use", "sig") != "sig":
        raise ValueError("algorithm")
    return str(named)


def living(credentials: Collection[Any], *, now: datetime) -> list[Any]:
    """Those neither ended nor expired."""
    return [row for row in credentials if row.ended_at is None and (row.expires_at is None or row.expires_at > now)]
