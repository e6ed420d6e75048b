"""The wall: the jurisdictions and what flows between them, for a large screen in a room; who has its link sees it."""

from __future__ import annotations

import hmac
from datetime import datetime

from flask import Response, request

from services.portal.calling.happenings import Known
from services.portal.calling.registers import STATUS, read
from services.portal.kit.maps import lines_between, shown_map
from services.portal.pages.rendering import moment, render, shown
from services.portal.routes import routes
from shared.core.calendar import day_of
from shared.core.errors import NotFoundError
from shared.http.requests import gate

EVERY = "5"
"""Seconds after which the screen is read anew; by a header, so that it needs no script and a list stands still."""
WEEKDAYS = (("星期一", "Monday"), ("星期二", "Tuesday"), ("星期三", "Wednesday"), ("星期四", "Thursday"),
            ("星期五", "Friday"), ("星期六", "Saturday"), ("星期日", "Sunday"))  # fmt: skip


@routes.page("GET", "/wall")
@shown
def wall() -> Response:
    """What is public, as a picture or as a list that stands still."""
    _check_link()
    known, status, settings = Known.now(), read(STATUS), gate.database().settings
    now = gate.database().clock.now()
    as_list = request.args.get("as") == "list"
    lines = lines_between(known.tenants, known.parks, standards=known.standards)
    response = render(
        "wall_list.html" if as_list else "wall.html",
        known=known,
        happenings=known.happenings(),
        in_step={one["tenant"]: one["works"] for one in status.body["homes"]},
        told=status,
        today=_today(known, now),
        map=shown_map(known.tenants, lines, settings=settings.portal),
        weekday=WEEKDAYS[day_of(now).weekday()],
        token=request.args["token"],
    )
    if not as_list:
        response.headers["Refresh"] = EVERY
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def _check_link() -> None:
    """Raises `NotFoundError` without the token of the settings, the same where there is none; wrong ones count."""
    wanted, given = gate.database().settings.portal.wall_token, request.args.get("token", "")
    if not wanted or not hmac.compare_digest(wanted.encode(), given.encode()):
        gate.limits().count_public(request.remote_addr or "")
        raise NotFoundError.of("页面 / page", "/wall")


def _today(known: Known, now: datetime) -> dict[str, int]:
    """How many parks and standards changed today, and what is open for comment."""
    day = moment(now, "%Y-%m-%d")
    changed = {
        name: sum(moment(one["updated_at"], "%Y-%m-%d") == day for one in told.items)
        for name, told in (("parks", known.parks), ("standards", known.standards), ("bodies", known.bodies))
    }
    return {**changed, "consultations": len(known.consultations.items)}
