"""Forms and steps: a form comes from the page it was shown on, and leads nowhere but on this site."""

from __future__ import annotations

import hmac
from secrets import token_urlsafe
from urllib.parse import urlencode, urlsplit

from flask import g, request
from markupsafe import Markup

from events.printing import is_printable
from shared.core.errors import InvalidError, RefusedError
from shared.core.secrets import peppered
from shared.http.requests.bodies import check_charset
from shared.http.requests.gate import database
from shared.pages.cookies import SESSION, VISIT, cookie
from shared.server.bounds import ADDRESS

PROOFS = ("login", "password", "again", "current", "code", "user_code")
"""Fields whose pages judge whatever is in them, and count it: what nothing can be named by is wrong like any other."""


def csrf_field() -> Markup:
    """A hidden field that every form needs."""
    return Markup('<input type="hidden" name="csrf" value="{}">').format(csrf_token())


def csrf_token() -> str:
    """Fits this browser's cookies alone: those of the visit and of the session."""
    visit = cookie(VISIT) or g.get("new_visit")
    if not visit:
        visit = g.new_visit = token_urlsafe(32)
    return _token(visit)


def _token(visit: str) -> str:
    return peppered(database().settings.vault_key, "csrf", visit, cookie(SESSION))


def check_fields() -> None:
    """Raises for a form that is not UTF-8, and for a field that stands twice or holds what nothing can hold."""
    check_charset()
    for given in (request.args, request.form):
        for name, values in given.lists():
            odd = not is_printable(name) or (name not in PROOFS and not all(map(is_printable, values)))
            if odd or (given is request.form and len(values) > 1):
                raise InvalidError(
                    "form_invalid",
                    "提交的内容含有无法处理的字符,或同一栏填写了两次。请返回上一页,刷新后重新填写。",
                    "What was sent holds a character that cannot be kept, or a field twice. Go back, reload the page"
                    " and fill it in again.",
                )


def check_csrf() -> None:
    """Raises `RefusedError` unless the form that was sent is one that this browser was given."""
    visit = cookie(VISIT)
    foreign = request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none")
    given = request.form.get("csrf", "")
    if foreign or not visit or not hmac.compare_digest(given.encode(), _token(visit).encode()):
        raise RefusedError(
            "form_expired",
            "这个表单已失效,或不是从本页面提交的。请返回上一页,刷新后再提交;浏览器须允许Cookie。",
            "This form has expired or was not sent from this page. Go back, reload the page and send it again;"
            " cookies must be allowed.",
        )


def local(url: str | None, default: str = "/account") -> str:
    """`url` if it is a path on this site, else `default`: nobody is led elsewhere after signing in."""
    if not url or len(url) > ADDRESS or not url.startswith("/") or url.startswith(("//", "/\\")):
        return default
    try:
        parts = urlsplit(url)
    except ValueError:
        return default
    odd = any(ord(character) < 33 or character == "\\" for character in url)
    return default if odd or parts.scheme or parts.netloc else url


def next_url() -> str:
    """Where to go on to afterwards, as the address or the form says."""
    return local(request.values.get("next"))


def with_next(path: str, next_url: str, **more: str) -> str:
    """The address of a page that goes on to `next_url` afterwards."""
    return f"{path}?{urlencode({**more, 'next': next_url})}"


class StepMissingError(Exception):
    """Something has to be done first, at the page `path`, which leads back to `next_url`: no fault of anybody."""

    def __init__(self, path: str, next_url: str, **more: str) -> None:
        self.url = with_next(path, local(next_url), **more)
        super().__init__(self.url)
