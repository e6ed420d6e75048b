"""The wall: the jurisdictions and what flows between them, for a large screen in a room; who has its link sees it."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from flask import Response, request
from markupsafe import Markup

from services.portal.calling.happenings import Known
from services.portal.calling.registers import KEPT, PARKS, SHARED, STANDARDS, STATUS, Told, counted, read
from services.portal.kit.maps import shown_map
from services.portal.kit.streams import stream_of
from services.portal.pages.rendering import render, shown
from services.portal.routes import routes
from shared.core.calendar import BEIJING, day_of
from shared.core.errors import NotFoundError
from shared.http.requests import gate
from shared.pages.languages import language

WEEKDAYS = (("星期一", "Monday"), ("星期二", "Tuesday"), ("星期三", "Wednesday"), ("星期四", "Thursday"),
            ("星期五", "Friday"), ("星期六", "Saturday"), ("星期日", "Sunday"))  # fmt: skip


@routes.page("GET", "/wall")
@shown
def wall() -> Response:
    """What is public, as a picture or as a list that stands still."""
    _check_link()
    known, token = Known.now(), request.args["token"]
    if request.args.get("as") == "list":
        response = render("wall_list.html", **_values(known), token=token)
    else:
        picture, now = _picture(known), gate.database().clock.now()
        response = render(
            "wall.html",
            has_script=True,
            picture=Markup(picture["parts"]),  # noqa: S704 - a template made it
            version=picture["version"],
            number=picture["number"],
            weekday=WEEKDAYS[day_of(now).weekday()],
            known=known,
            token=token,
        )
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


@routes.page("GET", "/wall/events")
@shown
def wall_events() -> Response:
    """That the picture has changed, as long as the wall listens; `seen` is the version that it shows."""
    _check_link()
    seen = request.headers.get("Last-Event-ID") or request.args.get("seen", "")
    return stream_of(lambda: str(_picture(Known.now())["version"]), seen=seen)


def _check_link() -> None:
    """Raises `NotFoundError` without the token of the settings, the same where there is none; wrong ones count."""
    wanted, given = gate.database().settings.portal.wall_token, request.args.get("token", "")
    if not wanted or not hmac.compare_digest(wanted.encode(), given.encode()):
        gate.limits().count_public(request.remote_addr or "")
        raise NotFoundError.of("页面 / page", "/wall")


def _picture(known: Known) -> Mapping[str, Any]:
    """The parts of the wall that change with what is known, and which version they are of: drawn once for all walls."""
    told = [known.tenants, known.parks, known.standards, known.bodies, known.consultations, read(STATUS), read(SHARED)]
    settings, today = gate.database().settings, day_of(gate.database().clock.now())

    def draw() -> Mapping[str, Any]:
        values = _values(known)
        parts = render("wall_picture.html", **values).get_data(as_text=True)
        version = sha256(parts.encode()).hexdigest()[:16]
        return {"parts": parts, "version": version, "number": values["map"].number}

    key = (settings.issuer, "picture", language(), today, *(one.as_of for one in (*told, *_today().values())))
    return KEPT.get(key, draw).body


def _values(known: Known) -> dict[str, Any]:
    """What both forms of it show."""
    status, settings = read(STATUS), gate.database().settings
    return {
        "known": known,
        "happenings": known.happenings(),
        "in_step": {one["tenant"]: one["works"] for one in status.body["homes"]},
        "told": status,
        "today": _today(),
        "map": shown_map(known.tenants, read(SHARED), settings=settings.portal),
    }


def _today() -> Mapping[str, Told]:
    """Parks and standards that changed today, counted."""
    begun = gate.database().clock.now().astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
    changed = {"parks": PARKS, "standards": STANDARDS}
    return {name: counted(path, updated_since=begun.isoformat()) for name, path in changed.items()}
