"""Pages: rendered on the server in Chinese or English, needing no script, with a strict content security policy."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache, wraps
from hashlib import sha256
from importlib.resources import files
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Response, g, redirect, request
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from events.printing import is_printable
from services.identity.domain.secrets import peppered
from services.identity.pages.cookies import LANGUAGE, SESSION, VISIT, YEAR, cookie, set_cookie
from shared.core.calendar import BEIJING
from shared.core.errors import InvalidError, ProblemError, RefusedError, UnavailableError
from shared.core.log import logger
from shared.http.requests.bodies import check_charset
from shared.http.requests.gate import database
from shared.server.bounds import ADDRESS

View = Callable[..., Any]
PROOFS = ("login", "password", "again", "current", "code", "user_code")
"""Fields whose pages judge whatever is in them, and count it: what nothing can be named by is wrong like any other."""


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("services.identity.pages", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "csrf_field": csrf_field,
        "style": style_url,
        "script": script_url,
        "other_language": other_language,
        "beijing": beijing,
    }
    return made


def beijing(moment: datetime, form: str) -> str:
    """A moment as officials read it."""
    return moment.astimezone(BEIJING).strftime(form)


STATIC = {"pages.css": "text/css", "codes.js": "text/javascript"}
"""The one style sheet of all pages, and the one script: it copies and prints recovery codes, and nothing needs it."""


@cache
def static(name: str) -> bytes:
    """What stands in one of the files of `STATIC`."""
    return (files("services.identity.pages") / "static" / name).read_bytes()


def style_url() -> str:
    """The style sheet's address, which changes with its content."""
    return script_url("pages.css")


def script_url(name: str) -> str:
    """The same of any file of `STATIC`."""
    return f"/identity/static/{name}?v={sha256(static(name)).hexdigest()[:12]}"


def language() -> str:
    """`zh` or `en`: as the address, the cookie or the browser says; set `g.language` to decide otherwise."""
    if "language" not in g:
        asked = request.args.get("lang") or cookie(LANGUAGE)
        best = request.accept_languages.best_match(["zh", "en"], "zh")
        g.language = asked if asked in ("zh", "en") else best
    chosen: str = g.language
    return chosen


def t(zh: str, en: str) -> str:
    """The one of both that the reader understands."""
    return zh if language() == "zh" else en


def other_language() -> str:
    """The same page in the other language; a form that was sent is shown anew, empty."""
    kept = request.values if "next" in request.form else request.args
    arguments = {name: kept[name] for name in kept if name in {*request.args, "next", "way"} - {"lang"}}
    return "?" + urlencode({**arguments, "lang": "en" if language() == "zh" else "zh"})


def render(
    template: str, status: int = 200, *, redirects_to: Sequence[str] = (), has_script: bool = False, **values: Any
) -> Response:
    """A page; `redirects_to` are origins that sending one of its forms may lead to by redirects."""
    shown = {"t": t, "lang": language(), "faults": (), "path": request.path, **values}
    content = _environment().get_template(template).render(shown)
    response = Response(content, status, content_type="text/html; charset=utf-8")
    targets = " ".join(("'self'", *redirects_to))
    response.headers["Content-Security-Policy"] = ("script-src 'self'; " if has_script else "") + (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none';"
        f" form-action {targets}"
    )
    response.headers["Content-Language"] = "zh-CN" if language() == "zh" else "en"
    response.headers["Cache-Control"] = "no-store"
    if "new_visit" in g:
        set_cookie(response, VISIT, value=g.new_visit)
    if request.args.get("lang") in ("zh", "en"):
        set_cookie(response, LANGUAGE, value=language(), seconds=YEAR)
    return response


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


def go(url: str) -> Response:
    """On to a local address after a form.

    Towards the protocol by a page that reloads instead of a redirect: what leads there in the end is the client's
    address, and browsers hold a form's redirects against `form-action` (CSP level 3, 4.2.1).
    """
    if url.startswith("/oauth/"):
        return render("onward.html", url=url)
    return redirect(url, 303)  # type: ignore[return-value]


def page(view: View) -> View:
    """A view that shows refusals as a page and leads to what is missing; a form that is sent must have its token."""

    @wraps(view)
    def shown(**path: Any) -> Any:
        try:
            check_fields()
            if request.method == "POST":
                check_csrf()
            return view(**path)
        except StepMissingError as error:
            return redirect(error.url, 303)
        except ProblemError as error:
            return problem_page(error)
        except (PoolTimeoutError, OperationalError) as error:
            logger("pages").error("database_unavailable", exc_info=error)
            return problem_page(
                UnavailableError("busy", "系统繁忙,请稍后重试。", "The platform is busy. Try again soon.")
            )

    return shown


def problem_page(error: ProblemError) -> Response:
    """What is wrong and what to do now."""
    response = render(
        "error.html", error.status, zh=error.zh, en=error.en, code=error.code, correlation=g.get("correlation", "")
    )
    if error.status in (429, 503):
        response.headers["Retry-After"] = "2"
    return response
