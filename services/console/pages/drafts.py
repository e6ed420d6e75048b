"""Drafts: a form keeps itself while somebody types; what is not wanted any more is thrown away."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request

from services.console.calling.visits import Visitor
from services.console.kit.keeping import drop_draft, keep_draft
from services.console.pages.frame import TECHNICAL, opens
from shared.pages.forms import local


@opens("/console/drafts", "POST")
def change_draft(who: Visitor) -> Any:
    """Keep what stands on the form at `draft_place`, or throw the draft away."""
    place = local(request.form.get("draft_place"), "")
    if request.form.get("do") == "drop":
        drop_draft(who, place)
        return redirect(place or "/console", 303)
    fields = {name: value for name, value in request.form.items() if name not in TECHNICAL}
    if place.startswith("/console/"):
        keep_draft(who, place, title=request.form.get("draft_title", place), fields=fields)
    return Response(status=204)
