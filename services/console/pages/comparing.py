"""Comparing two things of one kind: a revision with the one before, or any two of a list."""

from __future__ import annotations

from typing import Any

from flask import request

from services.console.calling.visits import Visitor
from services.console.kit.comparing import compared
from services.console.kit.things import thing
from services.console.kit.values import Values
from services.console.pages.frame import area_named, opens, render

LEFT_OUT = (
    "id",
    "created_at",
    "updated_at",
    "signatures",
    "missing_signatures",
    "content_hash",
    "revision",
    "reminded_at",
)
"""What differs of itself."""


@opens("/console/<string:name>/<path:key>/compare")
def compare(who: Visitor, name: str, key: str) -> Any:
    """Field by field with the thing that `with` names; `all` shows what is the same, too."""
    area = area_named(who, name)
    right = thing(who.api, area, key=key)
    left = thing(who.api, area, key=request.args.get("with", ""))
    values = Values({**left.values.names, **right.values.names})
    lines = compared(right.shape, [left.document, right.document], values=values)
    shown = [one for one in lines if one.shape.name not in LEFT_OUT]
    same = sum(1 for one in shown if not one.differs)
    if "all" not in request.args:
        shown = [one for one in shown if one.differs]
    return render(
        who,
        "compare.html",
        area=area,
        left=left,
        right=right,
        lines=shown,
        same=same,
        request_all="all" in request.args,
    )
