"""A yearly list of service items: chosen, looked at without any change, then taken."""

from __future__ import annotations

from typing import Any

from flask import request

from services.console.calling.visits import Visitor
from services.console.kit.sending import send
from services.console.pages.frame import area_named, opens, operation_named, render
from shared.pages.asking import Fault, RefusedByApiError

IMPORT, TEMPLATE = "import_items", "download_item_template"
TABLE, FILE = "table", "file"
UNUSABLE = (400, 409, 413, 415, 422)
"""Answers that speak of the table, not of who sent it."""
NONE_CHOSEN = Fault("/file", "请先选择清单文件。", "Choose the list first.")


@opens("/console/service-items/new/imports", "GET POST")
def import_list(who: Visitor) -> Any:
    """A table that comes is only looked at; the file that was looked at is taken when it is sent again by its hash."""
    area, operation = area_named(who, "service-items"), operation_named(who, IMPORT)
    faults: list[Fault] = []
    result = None
    if request.method == "POST":
        table, looked_at = request.files.get(TABLE), request.form.get(FILE, "")
        try:
            if looked_at or (table is not None and table.filename):
                document = {"file": looked_at or _kept(who, table), "dry_run": not looked_at}
                terms = {"once": request.form.get("once", "")}
                result = send(who.api, operation, path=operation.path, document=document, terms=terms).document
            else:
                faults = [NONE_CHOSEN]
        except RefusedByApiError as error:
            if error.status not in UNUSABLE:
                raise
            faults = error.faults or [Fault("/file", error.zh, error.en)]
    status = 422 if faults else 200
    return render(
        who, "items_import.html", status=status, area=area, operation=operation, faults=faults, result=result,
        example=TEMPLATE,
    )  # fmt: skip


def _kept(who: Visitor, table: Any) -> str:
    """The hash of what was chosen, once the API keeps it."""
    headers = {"Content-Type": table.mimetype or "application/octet-stream"}
    return str(who.api.send("POST", "/v1/files", body=table.stream.read(), headers=headers).body["sha256"])
