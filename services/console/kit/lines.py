"""Lines to other jurisdictions: whether both sides are in step, and why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.console.calling.description import description
from services.console.calling.visits import Visitor
from services.console.kit.times import lasting
from shared.core.calendar import read_moment
from shared.http.requests.gate import database
from shared.pages.languages import t

PATH = "/v1/lines"
MOST = 100
LOOKS: Mapping[str, tuple[str, str]] = {"in_step": ("ok", "check"), "behind": ("behind", "hourglass")}
"""By reason, the class and the sign of each; whatever else there is stands still."""
STANDING = ("cut", "alert-triangle")


@dataclass(frozen=True)
class Line:
    """How one other jurisdiction stands with this one."""

    row: Mapping[str, Any]
    name: Mapping[str, Any] | None
    said: str
    """The reason why something is late, as the API calls it."""

    @property
    def look(self) -> tuple[str, str]:
        """Class and sign."""
        return LOOKS.get(self.row["reason"], STANDING)

    @property
    def owed(self) -> str:
        """What is under way in either direction, and since when; '' where nothing is."""
        since = min(filter(None, (self.row["waiting_since"], self.row["held_since"])), default=None)
        late = lasting((database().clock.now() - read_moment(since)).total_seconds()) if since else ""
        number = self.row["unconfirmed"] + self.row["held"] + self.row["missing"]
        return t(f"{number} 项在途 {late}", f"{number} under way {late}") if number else ""


def lines(who: Visitor) -> list[Line]:
    """To all with whom something is shared, those that stand still first; none for somebody who may not see them."""
    listing = description().get("GET", PATH)
    if listing is None or listing.answer is None or not who.may(listing.scope):
        return []
    body = who.api.get(PATH, limit=MOST).body
    reason = listing.answer.field("reason")
    labels = (reason.choices if reason else None) or {}
    made = []
    for row in body["items"]:
        label = labels.get(row["reason"])
        said = t(label.zh, label.en) if label else row["reason"]
        made.append(Line(row, body.get("names", {}).get(row["tenant"]), said))
    return sorted(made, key=lambda one: (one.look != STANDING, one.row["reason"] == "in_step"))
