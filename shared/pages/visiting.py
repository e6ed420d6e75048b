"""Visits: refusals are shown as a page, a missing step leads there first, and what was done leads on."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, redirect, request
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared.core.errors import ProblemError, UnavailableError
from shared.core.log import logger
from shared.pages.forms import StepMissingError, check_csrf, check_fields
from shared.pages.rendering import EVERYWHERE, problem_page

View = Callable[..., Any]


def go(url: str) -> Response:
    """On to a local address after a form.

    Towards the protocol by a page that reloads instead of a redirect: what leads there in the end is the client's
    address, and browsers hold a form's redirects against `form-action` (CSP level 3, 4.2.1).
    """
    if url.startswith("/oauth/"):
        return EVERYWHERE.render("onward.html", url=url)
    return redirect(url, 303)  # type: ignore[return-value]


def _led(url: str) -> Any:
    """A part of a page must not become the page of a step: a script that asked for it is told to go there."""
    if "HX-Request" in request.headers:
        return Response(status=204, headers={"HX-Redirect": url})
    return redirect(url, 303)


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
            return _led(error.url)
        except ProblemError as error:
            return problem_page(error)
        except (PoolTimeoutError, OperationalError) as error:
            logger("pages").error("database_unavailable", exc_info=error)
            return problem_page(
                UnavailableError("busy", "系统繁忙,请稍后重试。", "The platform is busy. Try again soon.")
            )

    return shown
