"""Health: one view of what stands still, for administrators."""

from __future__ import annotations

from typing import Any

from services.console.calling.description import description
from services.console.calling.visits import Visitor
from services.console.kit.entries import entry
from services.console.kit.health import health
from services.console.pages.frame import opens, render

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
        parts=description().component("PlatformPart").choices,
        kinds=description().component("WaitingKind").choices,
    )
