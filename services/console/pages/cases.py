"""What is written about a case from its own page: to all parties, or as a note among colleagues."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request

from services.console.calling.visits import Visitor
from services.console.kit.editing import pressed
from services.console.kit.things import thing
from services.console.pages.forms import filling, submitted
from services.console.pages.frame import TECHNICAL, area_named, check_post, opens
from shared.pages.asking import Fault, RefusedByApiError

WRITING = ("send_message", "add_note")


@opens("/console/requests/<uuid:key>/thread", "POST")
def write_in_thread(who: Visitor, key: UUID) -> Any:
    """Sends it, and back to the case; what is refused is said on the form of its own, where nothing typed is lost."""
    area, button = area_named(who, "requests"), check_post()
    found = thing(who.api, area, key=str(key))
    name = button if button in WRITING else request.form.get("writes", WRITING[0])
    made = filling(who, area, operation=area.acting[name], found=found)
    made.place = f"{found.place}/do/{name}"
    made.form.values = {place: value for place, value in request.form.items() if place not in (*TECHNICAL, "writes")}
    try:
        pressed(made.form, button, files=request.files)
    except RefusedByApiError as error:
        made.form.faults = error.faults or [Fault("", error.zh, error.en)]
        return made.shown(status=error.status)
    return submitted(made, "send", onward=None)
