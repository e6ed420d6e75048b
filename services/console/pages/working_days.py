"""Working days: a year's calendar from a table, and the last day of a term with the days on the way."""

from __future__ import annotations

import unicodedata
from typing import Any

from flask import redirect, request

from services.console.areas.calendars import LAST_DAY, WORKING_DAYS
from services.console.calling.visits import Visitor
from services.console.kit.dates import today
from services.console.kit.forms import tenants_listed
from services.console.kit.keeping import tell_once
from services.console.kit.sending import send
from services.console.kit.working import Span, by_day, whole_year
from services.console.pages.frame import area_named, opens, operation_named, render
from shared.core.calendar import day_as_written, read_day
from shared.pages.asking import Fault, RefusedByApiError

IMPORT, ASK = "import_calendar", "show_last_day"
HERE = f"/console/{LAST_DAY.name}"
TABLE = "table"
ASKED = ("days", "unit", "begins_on", "tenant")
UNUSABLE = (400, 409, 413, 415, 422)
"""Answers that speak of the table, not of who sent it."""
NONE_CHOSEN = Fault("/file", "请先选择表格文件。", "Choose the table first.")


@opens("/console/calendars/new/imports", "GET POST")
def import_calendar(who: Visitor) -> Any:
    """A table is chosen and sent; what it says is a draft, which is looked at and published on its own page."""
    area, operation = area_named(who, "calendars"), operation_named(who, IMPORT)
    given = {name: request.form.get(name, "").strip() for name in ("year", "notice")}
    faults: list[Fault] = []
    if request.method == "POST":
        table = request.files.get(TABLE)
        try:
            if table is None or not table.filename:
                faults = [NONE_CHOSEN]
            else:
                headers = {"Content-Type": table.mimetype or "application/octet-stream"}
                kept = who.api.send("POST", "/v1/files", body=table.stream.read(), headers=headers).body
                year: Any = int(given["year"]) if given["year"].isdecimal() else given["year"] or None
                document = {"file": kept["sha256"], "year": year, "notice": given["notice"] or None}
                terms = {"once": request.form.get("once", "")}
                made = send(who.api, operation, path=operation.path, document=document, terms=terms)
                url = area.url(made.document)
                tell_once(who, url, done=operation.title)
                return redirect(url, 303)
        except RefusedByApiError as error:
            if error.status not in UNUSABLE:
                raise
            faults = error.faults or [Fault("/file", error.zh, error.en)]
    status = 422 if faults else 200
    fields = {one.name: one for one in (operation.draft.fields if operation.draft else ())}
    return render(
        who,
        "calendar_import.html",
        status=status,
        area=area,
        operation=operation,
        fields=fields,
        given=given,
        faults=faults,
    )


@opens(HERE)
def show_last_day(who: Visitor) -> Any:
    """The term in the address, and on which day it ends; without one the working days of a year."""
    operation = operation_named(who, ASK)
    given = {name: request.args.get(name, "").strip()[:80] for name in ASKED}
    asked = {name: unicodedata.normalize("NFKC", value) or None for name, value in given.items()}
    asked["begins_on"] = day_as_written(asked["begins_on"] or "") or asked["begins_on"]
    faults: list[Fault] = []
    body, span, year = None, None, request.args.get("year", "")
    try:
        if given["days"]:
            body = who.api.get(operation.path, **asked).body
            first, last = (read_day(body[name]) for name in ("begins_on", "last_day"))
            span = Span(first, last, by_day(body["special_days"]), body)
        else:
            body = who.api.get(WORKING_DAYS, year=year or today().year, tenant=asked["tenant"]).body
            span = whole_year(body["year"], body["special_days"])
    except RefusedByApiError as error:
        if error.status not in (404, 422):
            raise
        faults = error.faults or [Fault("", error.zh, error.en)]
    return render(
        who,
        "last_day.html",
        status=422 if faults else 200,
        given=given,
        fields={one.name: one for one in operation.query},
        jurisdictions=tenants_listed(who.api),
        faults=faults,
        body=body,
        span=span,
    )
