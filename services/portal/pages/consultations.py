"""Drafts that are open for comment, and the form by which anybody comments on one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import redirect, request

from services.portal.calling.registers import CONSULTATIONS, Told, read, whole
from services.portal.pages.rendering import render, shown, to
from services.portal.routes import routes
from shared.core.errors import RefusedError
from shared.pages.asking import Api, Fault, RefusedByApiError
from shared.pages.forms import check_csrf

FIELDS = ("clause", "text")
LONGEST = 2000
NOT_HERE = (404, 503)
"""Where the API says so, there is no form to show again."""


@routes.page("GET", "/consultations")
@shown
def consultations() -> Any:
    """Those that are open, the next to close first."""
    told = whole(CONSULTATIONS)
    return render("consultations.html", told=told, drafts=sorted(told.items, key=lambda one: str(one["closes_on"])))


@routes.page("GET POST", "/consultations/<uuid:key>")
@shown
def consultation(key: UUID) -> Any:
    """One draft with its text and the form; what was typed stays there until it has been taken."""
    told = read(f"{CONSULTATIONS}/{key}")
    if request.method == "GET":
        return _form(told, received=_received(), typed={})
    typed = {name: request.form.get(name, "").replace("\r\n", "\n").strip() for name in FIELDS}
    try:
        check_csrf()
        body = {"text": typed["text"], "clause": typed["clause"] or None}
        made = Api().send("POST", f"{CONSULTATIONS}/{key}/comments", body=body).body
    except RefusedByApiError as error:
        if error.status in NOT_HERE:
            raise
        faults = error.faults or [Fault("", error.zh, error.en)]
        return _form(told, status=error.status, typed=typed, faults=faults)
    except RefusedError as error:
        again = Fault(
            "", "页面已过期,您填写的内容仍在,请再提交一次。", "The page was too old. Your text is kept: send again."
        )
        return _form(told, status=error.status, typed=typed, faults=[again])
    return redirect(to(f"/consultations/{key}", received=made["id"]), 303)


def _received() -> str:
    """The number of the comment that was just taken, as the address says; '' for anything else."""
    try:
        return str(UUID(request.args.get("received", "")))
    except ValueError:
        return ""


def _form(told: Told, *, typed: dict[str, str], status: int = 200, received: str = "", faults: Any = ()) -> Any:
    placed = [fault._replace(pointer=fault.pointer.removeprefix("/")) for fault in faults]
    return render(
        "consultation.html",
        status,
        told=told,
        files=f"{CONSULTATIONS}/{told.body['id']}/text",
        typed=typed,
        received=received,
        faults=placed,
        longest=LONGEST,
    )
