"""What anybody is told of a certificate, without signing in: a page behind its code, and the same as JSON."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response, after_this_request, g, redirect, request
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from services.standards.api.routes import routes
from services.standards.queries.publicity import PublicState, public_state_of, with_holder
from services.standards.schemas.certificates import PublicStateView
from shared.core.context import machine_context
from shared.core.errors import ProblemError, UnavailableError
from shared.core.log import logger
from shared.http.requests import gate
from shared.http.resources import ResourceView
from shared.pages.rendering import Templates

LONGEST = 100
PAGES = Templates("services.standards", sets_cookies=False)
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


def _page(*, found: PublicState | None, error: ProblemError | None) -> Response:
    at = gate.database().clock.now() if found is None else found.checked_at
    response = PAGES.render(
        "certificate.html",
        200 if error is None else error.status,
        found=found,
        error=error,
        checked_at=at,
        correlation=g.get("correlation", ""),
    )
    if error is not None and error.status in (429, 503):
        response.headers["Retry-After"] = str(getattr(error, "retry_after", 2))
    return _unlisted(response)
