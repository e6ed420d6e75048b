"""Cookies of the pages: host-only, HttpOnly, SameSite=Lax, and Secure under https."""

from __future__ import annotations

from flask import Response, request

from shared.http.requests.gate import database

SESSION, VISIT, LANGUAGE = "session", "visit", "lang"
YEAR = 365 * 86_400


def is_https() -> bool:
    """Whether browsers reach us by https."""
    return database().settings.issuer.startswith("https://")


def _named(name: str) -> str:
    # The prefix makes browsers refuse the cookie from any other host or path (RFC 6265bis, 4.1.3.2).
    return f"__Host-xietong_{name}" if is_https() else f"xietong_{name}"


def cookie(name: str) -> str:
    """The cookie's value, '' when there is none."""
    return request.cookies.get(_named(name), "")


def set_cookie(response: Response, name: str, *, value: str, seconds: int | None = None) -> None:
    """Without `seconds` it ends with the browser."""
    response.set_cookie(
        _named(name), value, max_age=seconds, path="/", secure=is_https(), httponly=True, samesite="Lax"
    )


def drop_cookie(response: Response, name: str) -> None:
    """Make the browser forget it."""
    response.delete_cookie(_named(name), path="/", secure=is_https(), httponly=True, samesite="Lax")
