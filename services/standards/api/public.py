"""What anybody is told of a certificate, without signing in: a page behind its code, and the same as JSON."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from flask import Response, after_this_request, g, redirect, request
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from services.standards.api.routes import routes
from services.standards.queries.publicity import PublicState, public_state_of, with_holder
from services.standards.schemas.certificates import PublicStateView
from shared.core.calendar import BEIJING
from shared.core.context import machine_context
from shared.core.errors import ProblemError, UnavailableError
from shared.core.log import logger
from shared.http.requests import gate
from shared.http.resources import ResourceView

LONGEST = 100
NOT_INDEXED = "noindex, nofollow, noarchive"


def _found(number: str) -> PublicState:
    """Out of the registers, then the holder of its home, where that lives here; raises `NotFoundError`."""
    database = gate.database()
    with database.cell_session() as session:
        found = public_state_of(session, database.directory, text=number, now=database.clock.now())
        listing = database.directory.listing(session, found.home)
    if listing is None or listing.cell != database.settings.cell:
        return found
    with database.session(machine_context(found.home, "public")) as own:
        return with_holder(own, found)


def _unlisted(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = NOT_INDEXED
    return response


def show_public_certificate(number: str) -> dict[str, Any]:
    """How it stands, and what a paper with this number has to say; of its holder what that allows."""
    after_this_request(_unlisted)
    found = _found(number)
    facts, about = found.facts, None
    if facts is not None:
        named = {name: dict(zip(("zh", "en"), getattr(facts, name), strict=True)) for name in ("standard", "body")}
        products = [{"class": code, "name": name} for code, name in facts.products]
        about = {**vars(facts), **named, "products": products}
    names = ("number", "valid", "state", "message", "checked_at", "up_to_date", "known_until", "holder")
    return {**{name: getattr(found, name) for name in names}, "about": about}


routes.public(
    "/v1/public/certificates/<certificatenumber:number>",
    show_public_certificate,
    sessionless=True,
    shown=ResourceView(kind=PublicState, view=PublicStateView),
    summary="证书状态 / State of a certificate",
)


@routes.page("GET", "/c/")
def page_without_number() -> Response:
    """Who has left it out is told so by the same page; a form sends it as `number`."""
    if given := request.args.get("number", "").strip()[:LONGEST]:
        return redirect(f"/c/{quote(given, safe='')}", 303)  # type: ignore[return-value]
    return _told("")


@routes.page("GET", "/c/<certificatenumber:number>")
def certificate_page(number: str) -> Response:
    """The same for people."""
    return _told(number)


def _told(number: str) -> Response:
    try:
        # Before anything is looked up: whoever guesses is not to learn from the time it takes.
        gate.limits().count_public(request.remote_addr or "")
        return _page(found=_found(number), error=None)
    except ProblemError as error:
        return _page(found=None, error=error)
    except (PoolTimeoutError, OperationalError) as error:
        logger("pages").error("database_unavailable", exc_info=error)
        busy = UnavailableError("busy", "系统繁忙,请稍后重试。", "The platform is busy. Try again in a moment.")
        return _page(found=None, error=busy)


@cache
def _template() -> Any:
    environment = Environment(
        loader=PackageLoader("services.standards", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("certificate.html")


@cache
def _style() -> tuple[str, str]:
    """The style sheet, which stands in the page, and the policy that lets this one in and nothing else."""
    sheet = (files("services.standards") / "templates" / "public.css").read_text("utf-8")
    allowed = b64encode(sha256(sheet.encode()).digest()).decode()
    return sheet, (
        f"default-src 'none'; style-src 'sha256-{allowed}'; img-src data:; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    )


def _page(*, found: PublicState | None, error: ProblemError | None) -> Response:
    asked, (sheet, policy) = request.args.get("lang"), _style()
    language = asked if asked in ("zh", "en") else request.accept_languages.best_match(["zh", "en"], "zh") or "zh"

    def t(zh: str, en: str) -> str:
        return zh if language == "zh" else en

    at = gate.database().clock.now() if found is None else found.checked_at
    until = None if found is None else found.known_until
    shown = {
        "t": t,
        "lang": language,
        "style": Markup(sheet),  # noqa: S704 - our own file
        "found": found,
        "error": error,
        "checked_at": at.astimezone(BEIJING),
        "known_until": until and until.astimezone(BEIJING),
        "correlation": g.get("correlation", ""),
    }
    response = Response(_template().render(shown), 200 if error is None else error.status)
    response.content_type = "text/html; charset=utf-8"
    response.headers["Content-Security-Policy"] = policy
    response.headers["Content-Language"] = t("zh-CN", "en")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Accept-Language"
    if error is not None and error.status in (429, 503):
        response.headers["Retry-After"] = str(getattr(error, "retry_after", 2))
    return _unlisted(response)
