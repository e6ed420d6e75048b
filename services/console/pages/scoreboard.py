"""The scoreboard: how the terms of cases are kept, by jurisdiction and item, with lights in words and shapes."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from flask import request

from services.console.calling.visits import Visitor
from services.console.kit.dates import today
from services.console.kit.entries import entry
from services.console.kit.states import state
from services.console.kit.values import Values
from services.console.pages.frame import check_entry, opens, operation_named, render
from shared.core.calendar import day_as_written
from shared.pages.asking import Fault, RefusedByApiError

SCOREBOARD = entry(
    name="scoreboard", title="期限看板 / Scoreboard", scope="requests:read", by="office", icon="chart-bar",
    group="shared", order=12,
)  # fmt: skip
FIGURES = ("cases", "accepted_share", "decided_share", "dated_share", "average_days", "refused", "overdue")


@opens("/console/scoreboard")
def show_scoreboard(who: Visitor) -> Any:
    """Of the days and the side in the address, this year's and by handler at first."""
    check_entry(who, SCOREBOARD)
    operation = operation_named(who, "show_scoreboard")
    given = {name: request.args.get(name, "").strip()[:20] for name in ("since", "until", "role")}
    days = {"since": given["since"] or f"{today():%Y}-01-01", "until": given["until"] or f"{today()}"}
    asked = {**{name: day_as_written(text) or text for name, text in days.items()}, "role": given["role"] or "handler"}
    body: Mapping[str, Any] = {"rows": []}
    faults: list[Fault] = []
    try:
        body = who.api.get(operation.path, **asked).body
    except RefusedByApiError as error:
        if error.status != 422:
            raise
        faults = error.faults or [Fault("", error.zh, error.en)]
    whole = operation.answer.field("rows") if operation.answer else None
    shapes = {one.name: one for one in (whole.items.fields if whole and whole.items else ())}
    rows = sorted(body["rows"], key=lambda one: str(one["tenant"]))
    boards = [(tenant, list(found)) for tenant, found in groupby(rows, key=lambda one: str(one["tenant"]))]
    # Who has most cases stands first, as the API orders them.
    boards.sort(key=lambda board: -sum(one["cases"] for one in board[1]))
    lights = shapes["light"].choices or {}
    return render(
        who, "scoreboard.html", status=422 if faults else 200, entry=SCOREBOARD, asked=asked, faults=faults,
        boards=boards, shapes=shapes, figures=FIGURES, values=Values(body.get("names", {})),
        sides=next(one.choices for one in operation.query if one.name == "role"),
        light=lambda value: state(value, lights.get(value)),
        query={one.name: one for one in operation.query},
    )  # fmt: skip
