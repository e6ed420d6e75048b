"""The workbench: what is to be done, what waits for the other side, what changed since the last visit."""

from __future__ import annotations

from typing import Any

from flask import request

from services.console.calling.visits import Visitor
from services.console.kit.keeping import bookmarks, drafts
from services.console.kit.work import commands_sent, waits
from services.console.pages.frame import opens, render

TABS = ("me", "tenant", "others", "started", "bookmarks")
"""In the order of the page."""
MOST = 50


@opens("/console")
def workbench(who: Visitor) -> Any:
    """The first page after signing in."""
    tab = request.args.get("tab", TABS[0])
    tab = tab if tab in TABS else TABS[0]
    counted = {whose: waits(who, whose=whose, limit=MOST) for whose in TABS[:3]} if who.may("work:read") else {}
    shown, _total = counted.get(tab, ([], None))
    return render(
        who,
        "workbench.html",
        tab=tab,
        counts={whose: total if total is not None else len(rows) for whose, (rows, total) in counted.items()},
        waits=shown,
        others=counted.get("others", ([], None))[0][:4],
        kept=bookmarks(who),
        drafts=drafts(who),
        commands=commands_sent(who, most=MOST) if tab == "started" else [],
    )
