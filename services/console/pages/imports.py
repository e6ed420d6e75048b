"""The import wizard: take the template, send a table to be looked at, correct it, and have it taken."""

from __future__ import annotations

from typing import Any

from flask import redirect, request

from services.console.calling.visits import Visitor
from services.console.kit.areas import Area
from services.console.kit.importing import DRY_RUN, FILE, is_import
from services.console.kit.sending import send
from services.console.kit.things import thing
from services.console.pages.frame import area_named, opens, render
from shared.pages.asking import Fault, RefusedByApiError

TABLE = "table"
UNUSABLE = (400, 409, 413, 415, 422)
"""Answers that speak of the table, not of who sent it."""
NONE_CHOSEN = Fault("/file", "请先选择要导入的表格文件。", "Choose the table that is to be imported first.")


@opens("/console/<string:name>/import", "GET POST")
def import_table(who: Visitor, name: str) -> Any:
    """Steps one and two: a table is chosen, sent, and looked at without any change."""
    area = area_named(who, name)
    if not is_import(area) or area.creating is None or not who.does(area.creating):
        raise LookupError(name)
    given = request.files.get(TABLE)
    if request.method == "GET":
        return wizard(who, area, faults=())
    if given is None or not given.filename:
        return wizard(who, area, faults=[NONE_CHOSEN])
    try:
        headers = {"Content-Type": given.mimetype or "application/octet-stream"}
        kept = who.api.send("POST", "/v1/files", body=given.stream.read(), headers=headers).body
        return begun(who, area, file=kept["sha256"], dry_run=True)
    except RefusedByApiError as error:
        if error.status not in UNUSABLE:
            raise
        return wizard(who, area, faults=error.faults or [Fault("/file", error.zh, error.en)])


@opens("/console/<string:name>/<path:key>/run", "POST")
def run_import(who: Visitor, name: str, *, key: str) -> Any:
    """Step three: what was looked at is taken."""
    area = area_named(who, name)
    if not is_import(area):
        raise LookupError(name)
    return begun(who, area, file=thing(who.api, area, key=key).document[FILE], dry_run=False)


def wizard(who: Visitor, area: Area, *, faults: Any) -> Any:
    """The first page of it."""
    files = [one for one in area.downloadable(of_one=False) if who.may(one.scope)]
    return render(who, "import.html", status=422 if faults else 200, area=area, files=files, faults=faults)


def begun(who: Visitor, area: Area, *, file: str, dry_run: bool) -> Any:
    """To the page of the job, which says how far it is; raises what the API refuses."""
    if area.creating is None:
        raise LookupError(area.name)
    document = {FILE: file, DRY_RUN: dry_run}
    terms = {"once": request.form.get("once", "")}
    made = send(who.api, area.creating, path=area.path, document=document, terms=terms)
    return redirect(area.url(made.document), 303)
