"""The workbench: what is to be done, what waits for the other side, what changed since the last visit."""

from __future__ import annotations

from typing import Any

from flask import request

from services.console.calling.visits import Visitor
from services.console.kit.areas import Area, creatable
from services.console.kit.changes import NONE, changes
from services.console.kit.dates import days_ahead
from services.console.kit.feeds import keep_current
from services.console.kit.keeping import bookmarks, drafts
from services.console.kit.lines import lines
from services.console.kit.lists import how_many
from services.console.kit.presence import be_here
from services.console.kit.watching import watch_of_all
from services.console.kit.work import commands_sent, urgency, waits
from services.console.pages.frame import menu, opens, render

OF_WORK = ("me", "tenant", "others")
TABS = ("me", "done", "started", "others", "tenant", "bookmarks")
"""In the order of the page."""
MOST, FEW, MOST_LISTS = 50, 5, 6


@opens("/console")
def workbench(who: Visitor) -> Any:
    """The first page after signing in; whatever waits in any service appears here by itself."""
    watch = watch_of_all(who, url="/console/now")
    tab = request.args.get("tab", TABS[0])
    tab = tab if tab in TABS else TABS[0]
    since = be_here(who)
    counted = {whose: waits(who, whose=whose, limit=MOST) for whose in OF_WORK}
    found = {whose: rows for whose, (rows, _) in counted.items()}
    keep_current(who, found["me"])
    done = changes(who, mine="true", limit=MOST if tab == "done" else 1)
    counts = {whose: total if total is not None else len(found[whose]) for whose, (_, total) in counted.items()}
    kept = bookmarks(who)
    return render(
        who,
        "workbench.html",
        tab=tab,
        counts={**counts, "done": done.total, "bookmarks": len(kept)},
        waits=found.get(tab, []),
        urgency=urgency(found.get(tab, [])),
        others=found.get("others", [])[:FEW],
        days=days_ahead(found.get("me", [])),
        done=done if tab == "done" else NONE,
        commands=commands_sent(who, most=MOST) if tab == "started" else [],
        since=since,
        changed=changes(who, since=since.at, by_others="true", limit=FEW),
        lines=lines(who),
        shortcuts=creatable(who),
        kept=kept,
        drafts=drafts(who),
        own=own_lists(who) if who.me["organisation"] or not counts["tenant"] else [],
        watch=watch,
    )


def own_lists(who: Visitor) -> list[tuple[Any, int | None]]:
    """What somebody has: each list that they may see, with its number."""
    areas = [one for _, found in menu(who) for one in found if isinstance(one, Area)]
    return [(one, how_many(who.api, one)) for one in areas[:MOST_LISTS]]
