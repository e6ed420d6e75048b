"""Cases by whose turn they are: the pool and one's own of a clerk, and those of an organisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request

from services.console.calling.visits import Visitor
from services.console.kit.areas import AREAS, Area
from services.console.kit.bulk import MOST, Outcome, done_to_each
from services.console.kit.dates import today
from services.console.kit.entries import entry
from services.console.kit.states import state
from services.console.kit.values import Values
from services.console.pages.bulk import PICK
from services.console.pages.frame import check_entry, check_post, opens, render
from shared.core.words import Pair

CASES, CLAIM = "requests", "claim"
ON_A_PAGE, FEW = 50, 20
WAITS = {"draft": Pair("填写并提交", "Fill in and file"), "returned": Pair("补正", "Supply what was asked for"),
         "delivered": Pair("确认办结或评价", "Confirm, or rate")}  # fmt: skip
"""What each of these states asks of whoever filed."""
OVER = ("closed", "withdrawn")
POOLS = entry(
    name="pools", title="办件池 / Pools", scope="requests:write", by="office", icon="users-group", group="work"
)
MINE = entry(name="my-cases", title="我的办件 / My cases", scope="requests:read", by="organisation", icon="route",
             group="work")  # fmt: skip


@dataclass(frozen=True)
class Listed:
    """Some cases, as the API lists them."""

    body: Mapping[str, Any]

    @property
    def rows(self) -> Sequence[Mapping[str, Any]]:
        """The first of them."""
        rows: Sequence[Mapping[str, Any]] = self.body["items"]
        return rows

    @property
    def total(self) -> int:
        """How many there are."""
        return int(self.body.get("total") or len(self.rows))

    @property
    def values(self) -> Values:
        return Values(self.body.get("names", {}))

    def state(self, row: Mapping[str, Any]) -> Any:
        """The state of one as word, shape and colour."""
        listing = AREAS[CASES].listing.answer
        shape = listing.field("state") if listing else None
        return state(row["state"], ((shape.choices if shape else None) or {}).get(row["state"]))


def together(lists: Sequence[Listed]) -> Listed:
    """Several lists as one, in their order."""
    names = {key: name for one in lists for key, name in one.body.get("names", {}).items()}
    rows = [row for one in lists for row in one.rows]
    return Listed({"items": rows, "names": names, "total": sum(one.total for one in lists)})


def cases(who: Visitor, **asked: Any) -> Listed:
    """Those that are asked for, the first to be due first."""
    given = {"sort": "due_on", "limit": ON_A_PAGE, "count": "true", **asked}
    return Listed(who.api.get(f"/v1/{CASES}", **given).body)


@opens("/console/pools", "GET POST")
def show_pools(who: Visitor) -> Any:
    """What nobody has claimed here, what is one's own, what is to be followed up, what is overdue; claimed at once."""
    check_entry(who, POOLS)
    area = AREAS[CASES]
    outcomes = claimed(who, area) if request.method == "POST" else []
    unit = request.args.get("unit", "").strip()[:100] or None
    here, me = {"works": "true", "open": "true", "unit": unit}, who.me["id"]
    pools = {
        "unclaimed": cases(who, unclaimed="true", **here),
        "mine": cases(who, person=me, open="true") if me else Listed({"items": []}),
        "today": cases(who, person=me, open="true", follow_up_by=f"{today()}") if me else Listed({"items": []}),
        "overdue": cases(who, overdue="true", **here),
    }
    tab = request.args.get("tab", "unclaimed")
    return render(who, "pools.html", area=area, entry=POOLS, pools=pools, tab=tab if tab in pools else "unclaimed",
                  unit=unit or "", outcomes=outcomes, may_claim=who.does(area.acting[CLAIM]), most=MOST)  # fmt: skip


def claimed(who: Visitor, area: Area) -> list[Outcome]:
    """What became of each: of the one whose button was pressed, or of those that are ticked."""
    pressed = check_post()
    ticked = [field.removeprefix(PICK) for field in request.form if field.startswith(PICK)]
    keys = ticked[:MOST] if pressed == "picked" else [pressed]
    sent = {"document": {}, "once": request.form.get("once", "")}
    return done_to_each(who, area, action=CLAIM, keys=keys, sent=sent)


@opens("/console/my-cases")
def show_my_cases(who: Visitor) -> Any:
    """The organisation's cases, what waits for it first."""
    check_entry(who, MINE)
    waiting = {name: cases(who, state=name, limit=FEW) for name in WAITS}
    going = [cases(who, state=name, limit=FEW) for name in ("filed", "accepted", "decided")]
    over = [cases(who, state=name, limit=FEW, sort="-updated_at") for name in OVER]
    return render(who, "my_cases.html", area=AREAS[CASES], entry=MINE, waiting=waiting, waits=WAITS,
                  going=together(going), over=together(over))  # fmt: skip
