"""What was passed on to another jurisdiction: the page waits for its answer, and says what came of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request

from services.console.calling.visits import Visitor
from services.console.kit.work import about
from services.console.pages.frame import opens, render
from shared.pages.forms import local

PENDING = ("pending", "overdue")


@opens("/console/sent/<uuid:command>")
def show_sent(who: Visitor, command: UUID) -> Any:
    """Asked again by itself while there is no answer."""
    body = who.api.get(f"/v1/commands/{command}").body
    back = local(request.args.get("back"), "/console")
    names = body.get("names", {})
    is_waiting = body["state"] in PENDING
    told = {"home": names.get(body["home"]), "about": about(body, names)}
    return render(who, "sent.html", command=body, back=back, is_waiting=is_waiting, **told)
