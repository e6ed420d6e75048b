"""Health: one view of what stands still, for administrators."""

from __future__ import annotations

from functools import partial
from typing import Any

from services.console.calling.visits import Visitor
from services.console.kit.areas import entry
from services.console.kit.health import health
from services.console.pages.frame import label_of, opens, render

HEALTH = entry(
    name="health",
    title="运行状况 / Health",
    scope="waiting:read",
    icon="activity",
    group="administration",
    order=6,
)


@opens(f"/console/{HEALTH.name}")
def show_health(who: Visitor) -> Any:
    """Each other jurisdiction, each part of the platform, and what waits here with what to do about it."""
    return render(
        who,
        "health.html",
        entry=HEALTH,
        health=health(who),
        part_said=partial(label_of, "PlatformPart"),
        kind_said=partial(label_of, "WaitingKind"),
    )
