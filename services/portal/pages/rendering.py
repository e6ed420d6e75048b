"""The pages of the portal: anybody reads them without a cookie, so their links carry the language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from flask import Response, g, request
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from services.portal.calling.labels import label
from services.portal.calling.registers import Told
from services.portal.kit.places import division_name
from shared.core.calendar import BEIJING, read_day, read_moment
from shared.core.errors import ProblemError, UnavailableError
from shared.core.log import logger
from shared.http.requests.gate import database
from shared.pages.asking import RefusedByApiError
from shared.pages.forms import check_fields
from shared.pages.languages import language, t
from shared.pages.places import place
from shared.pages.rendering import Templates
from shared.reference import trades

View = Callable[..., Any]
SECTIONS = (
    ("/parks", "园区", "Parks"),
    ("/standards", "标准", "Standards"),
    ("/consultations", "征求意见", "Consultations"),
    ("/services", "服务事项", "Services"),
    ("/bodies", "机构", "Bodies"),
    ("/jurisdictions", "辖区", "Jurisdictions"),
    ("/open-data", "开放数据", "Open data"),
)
LOOKS = {
    "active": "good", "in_force": "good", "accredited": "good", "open": "wait", "published": "wait", "leaving": "wait",
    "suspended": "paused", "withdrawn": "wrong", "superseded": "ended", "expired": "ended", "closed": "ended",
    "green": "good", "yellow": "paused", "red": "wrong", "too_few": "ended", "none": "ended",
}  # fmt: skip
"""The shape of a state, beside its word."""


def to(path: str, **query: Any) -> str:
    """The address of another page in the language of this one; what is None or empty is left out."""
    kept = {name: value for name, value in query.items() if value not in (None, "")}
    if request.args.get("lang") in ("zh", "en"):
        kept["lang"] = language()
    return f"{path}?{urlencode(kept)}" if kept else path


def moment(given: datetime | str, form: str = "%Y-%m-%d %H:%M") -> str:
    """A moment in Beijing time."""
    at = read_moment(given) if isinstance(given, str) else given
    return at.astimezone(BEIJING).strftime(form)


def trade(code: str) -> str:
    """A code of GB/T 4754 with what it is called."""
    known = trades.called(code)
    return t(known.zh, known.en) if known else code


def days_left(day: str) -> int:
    """How many days there are from today until this one."""
    today: date = database().clock.now().astimezone(BEIJING).date()
    return (read_day(day) - today).days


def further(cursor: str) -> str:
    """The same list, narrowed as it is, from where the cursor says."""
    kept = {name: value for name, value in request.args.items() if name not in ("cursor", "lang")}
    return to(request.path, **kept, cursor=cursor)


def options(tenants: Told) -> list[tuple[str, str]]:
    """Every jurisdiction, to choose one."""
    return [(one["code"], t(one["name_zh"], one["name_en"])) for one in tenants.items]


def worded(labels: Mapping[str, Mapping[str, str]]) -> list[tuple[str, str]]:
    """Every value of an enumeration with its word, to choose one."""
    return [(value, t(said["zh"], said["en"])) for value, said in labels.items()]


GLOBALS: Mapping[str, Any] = {
    "to": to, "moment": moment, "label": label, "looks": LOOKS, "sections": SECTIONS, "place": place,
    "division_name": division_name, "trade": trade, "days_left": days_left, "further": further,
    "options": options, "worded": worded, "asks_language": lambda: request.args.get("lang") in ("zh", "en"),
}  # fmt: skip
PAGES = Templates("services.portal.pages", sets_cookies=False)


def render(template: str, status: int = 200, **values: Any) -> Response:
    """A page of the portal."""
    return PAGES.render(template, status, now=database().clock.now(), **GLOBALS, **values)


def shown(view: View) -> View:
    """A view that shows what is refused, by the API or here, as a page of the portal."""

    @wraps(view)
    def told(**path: Any) -> Any:
        try:
            check_fields()
            return view(**path)
        except RefusedByApiError as error:
            return _refused(error.status, zh=error.zh, en=error.en, code=error.code)
        except ProblemError as error:
            return _refused(error.status, zh=error.zh, en=error.en, code=error.code)
        except (PoolTimeoutError, OperationalError) as error:
            logger("pages").error("database_unavailable", exc_info=error)
            busy = UnavailableError("busy", "系统繁忙,请稍后重试。", "The platform is busy. Try again in a moment.")
            return _refused(busy.status, zh=busy.zh, en=busy.en, code=busy.code)

    return told


def _refused(status: int, **said: str) -> Response:
    response = render("refused.html", status, correlation=g.get("correlation", ""), **said)
    if status in (429, 503):
        response.headers["Retry-After"] = "2"
    return response


def asked(*names: str) -> Mapping[str, str]:
    """What the address narrows a list to, by the API's names; what is empty is not asked for."""
    found = {name: request.args.get(name, "").strip() for name in (*names, "cursor")}
    return {name: value for name, value in found.items() if value}
