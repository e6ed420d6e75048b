"""The paper of a thing: the PDF that was printed when it was made."""

from __future__ import annotations

from typing import Any

from flask import Response

from services.console.calling.visits import Visitor
from services.console.kit.things import history_of, thing
from services.console.pages.frame import area_named, opens, render

ACCEPTED = 202


@opens("/console/<string:name>/<uuid:key>/pdf")
def download_paper(who: Visitor, name: str, *, key: Any) -> Any:
    """As a file; while it is still being printed a page that looks again."""
    area = area_named(who, name)
    operation = history_of(area, "pdf")
    if operation is None or not who.may(operation.scope):
        raise LookupError(name)
    answer = who.api.get(area.api(str(key), path=operation.path))
    if answer.status == ACCEPTED:
        return render(
            who, "being_made.html", status=ACCEPTED, found=thing(who.api, area, key=str(key)), body=answer.body
        )
    response = Response(answer.content, content_type=answer.headers.get("Content-Type", "application/pdf"))
    response.headers["Content-Disposition"] = answer.headers.get("Content-Disposition", "attachment")
    return response
