"""What was passed on to another jurisdiction: the page waits for its answer, and says what came of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request

from services.console.calling.visits import Visitor
from services.console.pages.frame import opens, render
from shared.pages.forms import local

PENDING = ("pending", "overdue")


@opens("/console/sent/<uuid:command>")
def show_sent(who: Visitor, command: UUID) -> Any:
    """Asked again by itself while there is no answer."""
    body = who.api.get(f"/v1/commands/{command}").body
    back = local(request.args.get("back"), "/console")
    home = body.get("names", {}).get(body["home"])
    return render(who, "sent.html", command=body, home=home, back=back, is_waiting=body["state"] in PENDING)
