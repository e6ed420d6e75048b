"""Access tokens (RFC 9068, `at+jwt`): verified locally against the published keys of whoever issues them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from threading import Lock
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from shared.core.calendar import moment_of
from shared.core.clock import Clock
from shared.core.encoding import b64decode
from shared.core.errors import RefusedError
from shared.core.log import logger
from shared.keys.jose import NO_TOKEN, opened

FRESH_VERBS = ("sign",)
"""What is done under these needs a second factor given within `FRESH_SECONDS` (RFC 9470)."""
FRESH_SECONDS = 600
SECOND_FACTOR = "urn:xietong:acr:otp"
"""`acr` of a token whose owner has given a second factor."""
ACCESS_SECONDS = 600
ALGORITHM = "Ed25519"
LEEWAY = 5
"""Seconds two machines' clocks may differ."""


class UnauthenticatedError(RefusedError):
    """No token, or one that is not believed; `challenge` is what WWW-Authenticate adds (RFC 6750, RFC 9470)."""

    status = 401
    challenge: str = ""


@dataclass(frozen=True, kw_only=True)
class Claims:
    """Who a verified token says is acting, for which tenant, with which scopes.

    `session` is the browser session or refresh family behind it, `second_factor_at` None unless one was given.
    """

    subject: str
    tenant_id: UUID
    scopes: frozenset[str]
    organisation_id: UUID | None
    client_id: str
    token_id: str = ""
    session: str = ""
    roles: tuple[str, ...] = ()
    issued_at: datetime
    second_factor_at: datetime | None = None


@dataclass(frozen=True)
class IssuerKey:
    """A public key that signs tokens of exactly one tenant, until `until` (open while None).

    `jwk` is as it stands in the JWKS (RFC 7517), with `kid` and `alg`.
    """

    jwk: Mapping[str, Any]
    tenant: UUID
    until: datetime | None

    @property
    def id(self) -> str:
        """Its `kid`."""
        return str(self.jwk["kid"])


def access_jwk(key: str, public: str) -> dict[str, str]:
    """A key that signs access tokens, as it stands in the JWKS (RFC 8037)."""
    return {"kty": "OKP", "crv": "Ed25519", "x": public, "kid": key, "use": "sig", "alg": ALGORITHM}


class Issuer(Protocol):
    """What the gate needs of the service that issues tokens."""

    def keys(self) -> Iterable[IssuerKey]:
        """All published keys that may still have living tokens."""

    def entered(self, session: Any, claims: Claims) -> tuple[str, str]:
        """The state and the cell of the claims' tenant, as the session's transaction begins.

        Raises `UnauthenticatedError` when the token, its session, its owner or its client was revoked.
        """


KEPT = 30.0
"""Seconds for which a process trusts the keys it read; an unknown key makes it look at once."""


MOST_SIGNED = 1_000
"""Tokens of which a process remembers that they were signed."""


class _Signed(NamedTuple):
    """What a token says, and by which key that was proven."""

    name: tuple[str, str]
    key: VerifyKey
    claims: Claims
    said: Mapping[str, Any]


@dataclass
class Verifier:
    """Verifies tokens of exactly one issuer for exactly one audience; `source` reads the published keys."""

    issuer: str
    audience: str
    source: Callable[[], Iterable[IssuerKey]]
    clock: Clock = field(default_factory=Clock)
    _keys: dict[tuple[str, str], tuple[IssuerKey, VerifyKey]] = field(default_factory=dict)
    """By name and tenant: whatever name a tenant gives its key, it stands in for no other tenant's."""
    _read_at: float = float("-inf")
    _lock: Lock = field(default_factory=Lock)
    _signed: dict[bytes, _Signed] = field(default_factory=dict)
    """By the hash of the whole token: what was signed stays so, and to prove it takes longer than all else here.

    It says nothing about rights: with each request it is asked anew whether the key is still published and counts,
    whether it is time, and, by the gate, what was revoked.
    """

    def claims(self, token: str) -> Claims:
        """The claims of a token; raises `UnauthenticatedError` unless everything about it holds."""
        return self.proven(token)[0]

    def proven(self, token: str) -> tuple[Claims, Mapping[str, Any]]:
        """The same with everything else that the token says."""
        try:
            arrived, hashed = time.monotonic(), sha256(token.encode()).digest()
            signed = self._signed.get(hashed)
            name = signed.name if signed else _key_named(token)
            if arrived - self._read_at > KEPT or name not in self._keys:
                self.refresh(arrived)
            listed, key = self._keys[name]
            if signed is None or signed.key != key:
                signed = self._verified(token, name, key=key)
                if len(self._signed) >= MOST_SIGNED:
                    self._signed.clear()
                self._signed[hashed] = signed
            said, now = signed.said, self.clock.now().timestamp()
            in_time = float(said["iat"]) - LEEWAY <= now < float(said["exp"]) + LEEWAY
            early = float(said.get("nbf", 0)) - LEEWAY > now
            ended = listed.until is not None and listed.until.timestamp() + LEEWAY < now
            if not in_time or early or ended or said["tenant"] != str(listed.tenant):
                raise ValueError("time or tenant")
        except (*NO_TOKEN, BadSignatureError) as error:
            raise refused_token(error) from error
        return signed.claims, signed.said

    def _verified(self, token: str, name: tuple[str, str], *, key: VerifyKey) -> _Signed:
        said = opened(token).claims
        signing, _, signature = token.rpartition(".")
        key.verify(signing.encode(), b64decode(signature))
        if said["iss"] != self.issuer or said["aud"] not in (self.audience, [self.audience]):
            raise ValueError("issuer or audience")
        organisation = said.get("org")
        with_factor = said.get("acr") == SECOND_FACTOR and "auth_time" in said
        claims = Claims(
            subject=_text(said["sub"]),
            tenant_id=UUID(said["tenant"]),
            scopes=frozenset(_text(said.get("scope", ""), empty=True).split()),
            organisation_id=UUID(organisation) if organisation else None,
            client_id=_text(said["client_id"]),
            token_id=_text(said["jti"]),
            session=_text(said.get("sid", ""), empty=True),
            roles=tuple(_text(role) for role in said.get("roles", ())),
            issued_at=moment_of(said["iat"]),
            second_factor_at=moment_of(said["auth_time"]) if with_factor else None,
        )
        return _Signed(name, key, claims, said)

    def refresh(self, arrived: float) -> None:
        """Read the published keys, unless somebody began to after `arrived`: many who wait share one look."""
        with self._lock:
            if self._read_at > arrived:
                return
            began = time.monotonic()
            self._keys = {(key.id, str(key.tenant)): (key, public) for key in self.source() if (public := _usable(key))}
            self._read_at = began


def _key_named(token: str) -> tuple[str, str]:
    """Which key, and whose, an access token says that it is signed with; raises ValueError or KeyError."""
    unproven = opened(token)
    header = unproven.header
    brought = {"jwk", "jku", "x5u", "x5c", "crit", "b64"} & set(header)
    if str(header.get("typ", "")).lower() not in ("at+jwt", "application/at+jwt") or brought:
        raise ValueError("not an access token")
    if header.get("alg") != ALGORITHM:
        raise ValueError("algorithm")
    return str(header["kid"]), str(unproven.claims["tenant"])


def _usable(key: IssuerKey) -> VerifyKey | None:
    # Each tenant publishes its own: a broken one is of no use to it, and no harm to others.
    try:
        kind = tuple(key.jwk.get(name) for name in ("kty", "crv", "alg"))
        return VerifyKey(b64decode(key.jwk["x"])) if kind == ("OKP", "Ed25519", ALGORITHM) else None
    except NO_TOKEN:
        return None


def _text(value: object, *, empty: bool = False) -> str:
    if not isinstance(value, str) or (len(value) > 200 and not empty) or not (value or empty):
        raise ValueError("not a text")
    return value


def refused_token(why: Exception | None = None) -> UnauthenticatedError:
    """A token that is not believed; why stands in the log, in the technical terms of tokens."""
    logger("auth").info("token_refused", why=repr(why))
    error = UnauthenticatedError(
        "token_refused",
        "访问令牌无效或已过期。请重新登录或获取新令牌。",
        "The access token is not valid or has expired. Sign in again or get a new one.",
    )
    error.challenge = 'error="invalid_token"'
    return error


def revoked_token() -> UnauthenticatedError:
    """A token that counted until somebody ended it."""
    error = UnauthenticatedError(
        "token_revoked",
        "访问令牌已被撤销(已退出、账号停用或权限变更)。请重新登录。",
        "This access token was revoked (signed out, deactivated, or rights changed). Sign in again.",
    )
    error.challenge = 'error="invalid_token"'
    return error


def check_fresh(claims: Claims, scope: str, *, now: datetime) -> None:
    """Raises `UnauthenticatedError` when `scope` needs a second factor that is missing or too old (RFC 9470)."""
    if scope.rpartition(":")[2] not in FRESH_VERBS:
        return
    given = claims.second_factor_at
    if given is None or (now - given).total_seconds() > FRESH_SECONDS + LEEWAY:
        error = UnauthenticatedError(
            "second_factor_needed",
            f"签署须在最近 {FRESH_SECONDS // 60} 分钟内完成第二因素验证。请重新验证后再试。",
            f"Signing needs a second factor given within the last {FRESH_SECONDS // 60} minutes. Give it again, retry.",
        )
        error.challenge = (
            f'error="insufficient_user_authentication", acr_values="{SECOND_FACTOR}", max_age={FRESH_SECONDS}'
        )
        raise error
