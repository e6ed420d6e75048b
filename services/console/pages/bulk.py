"""Many things of a list at once: chosen, checked, done one by one, with what became of each."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from flask import request

from services.console.calling.visits import Visitor
from services.console.kit.bulk import MOST, bulk_acts, chosen, done_to_each
from services.console.kit.forms import Form
from services.console.kit.lists import Asked
from services.console.pages.frame import TECHNICAL, area_named, check_post, opens, render
from shared.core.errors import InvalidError

PICK = "pick/"


@opens("/console/<string:name>/bulk", "POST")
def do_to_many(who: Visitor, name: str) -> Any:
    """`do` is the action that was chosen on the list, then `send` on the check page."""
    area = area_named(who, name)
    button, possible = check_post(), bulk_acts(who, area)
    action = request.form.get("action", "") if button == "send" else button
    if action not in possible:
        raise LookupError(action)
    query = request.form.get("query", "")[:2000]
    asked = Asked(area, parse_qs(query), f"/console/{name}")
    ticked = [field.removeprefix(PICK) for field in request.form if field.startswith(PICK)]
    keys = chosen(who, asked, keys=ticked, is_all="all" in request.form and button != "send")
    if not keys:
        raise InvalidError(
            "nothing_chosen",
            "没有选择任何一项。请返回列表勾选。",
            "Nothing is chosen. Go back to the list and tick some.",
        )
    values = {field: value for field, value in request.form.items() if field.startswith("/") and field not in TECHNICAL}
    draft = possible[action].draft
    form = Form(draft, who.api, values=values) if draft else None
    shown: dict[str, Any] = {"area": area, "form": form, "action": action, "label": area.label(action)}
    shown |= {"back": asked.url(), "query": query, "most": MOST, "operation": possible[action]}
    if button != "send":
        return render(who, "bulk.html", **shown, keys=keys, outcomes=None)
    sent = {"document": form.document() if form else {}, "once": request.form.get("once", "")}
    outcomes = done_to_each(who, area, action=action, keys=keys, sent=sent)
    failed = [one.key for one in outcomes if not one.is_done]
    return render(who, "bulk.html", **shown, keys=failed, outcomes=outcomes)
