"""What another provider must say for us to believe it, and whom it speaks of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from shared.core.errors import Fault, InvalidError, RefusedError
from shared.text.identifiers.codes import LOGIN

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
"""Signatures of ID tokens that count; never `none`, never a shared secret."""
LEEWAY = 30
"""Seconds another organisation's clock may differ."""
OLDEST = 600
"""Seconds since which an ID token may have been made."""


@dataclass(frozen=True)
class Vouched:
    """Whom a provider has recognised: its own name for them, and ours."""

    subject: str
    login: str


def check_issuer(issuer: str, *, local: bool) -> None:
    """Raises `InvalidError` unless it is a plain https address (OpenID Connect Discovery 1.0, 2)."""
    try:
        parts = urlsplit(issuer)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    allowed = ("https", "http") if local else ("https",)
    plain = issuer.isascii() and not any(mark in issuer for mark in "?#@\\ ") and not issuer.endswith("/.well-known")
    if not host or parts.scheme not in allowed or not plain:
        zh, en = "须为 https 地址,不含查询和片段", "Must be an https address without query or fragment"
        raise InvalidError("invalid", zh, en, [Fault("/issuer", zh, en)])


def check_id_token(claims: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str, now: float) -> None:
    """Raises `RefusedError` unless the claims are about this sign-in (OpenID Connect Core 1.0, 3.1.3.7)."""
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    times = claims.get("exp"), claims.get("iat")
    faults = {
        "iss": claims.get("iss") != issuer,
        "aud": client_id not in audiences,
        "azp": claims.get("azp", client_id if len(audiences) == 1 else None) != client_id,
        "nonce": not nonce or claims.get("nonce") != nonce,
        "sub": not isinstance(claims.get("sub"), str) or not 0 < len(claims["sub"]) <= 255,
        "times": not all(isinstance(time, int | float) and not isinstance(time, bool) for time in times),
    }
    if not any(faults.values()):
        expires, issued = float(claims["exp"]), float(claims["iat"])
        faults = {"exp": expires <= now - LEEWAY, "iat": issued > now + LEEWAY or issued < now - OLDEST}
    if any(faults.values()):
        raise not_believed("id_token: " + ", ".join(name for name, wrong in faults.items() if wrong))


def vouched(claims: Mapping[str, Any], *, names: Mapping[str, str], domain: str | None, code: str) -> Vouched:
    """Whom the claims speak of; raises `RefusedError` for a login of another domain or none that could be ours.

    `code` is the tenant's: what logins end in here, where no `domain` is agreed.
    """
    login = claims.get(names["login"])
    if not isinstance(login, str):
        raise not_believed(f"no claim {names['login']}")
    # Never folded: the provider may know another person by what only looks the same.
    if not login.isascii():
        raise not_believed("login")
    name, at, host = login.strip().lower().partition("@")
    if at and host != (domain or code):
        raise not_believed(f"not of {domain or code}")
    if domain is not None and not at:
        # People may choose a bare login there themselves; the address that the provider has verified is theirs.
        email, verified = claims.get(names.get("email", "email")), claims.get("email_verified")
        # Some providers write the boolean of Core 1.0, 5.1 as a text: "true" can mean nothing else.
        if not isinstance(email, str) or not email.isascii() or not (verified is True or verified == "true"):
            raise not_believed("no verified email: the provider must say email_verified = true")
        name, _at, host = email.strip().lower().rpartition("@")
        if host != domain:
            raise not_believed(f"not of {domain}")
    if not LOGIN.fullmatch(name):
        raise not_believed("login")
    return Vouched(str(claims["sub"]), name)


def not_believed(why: str) -> RefusedError:
    """A provider's answer that proves nothing; `why` is in the technical terms of the protocol."""
    return RefusedError(
        "provider_not_believed",
        "外部身份源的答复无效。请重试;仍不行请联系本辖区管理员。",
        f"The provider's answer is not valid ({why}). Try again, or ask your tenant's administrator.",
    )
