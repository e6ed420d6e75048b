"""How the platform stands: each part, and when it was last seen to work."""

from __future__ import annotations

from typing import Any

from services.portal.calling.registers import STATUS, read
from services.portal.pages.rendering import render, shown
from services.portal.routes import routes

PARTS = {
    "api": ("网页和接口", "Pages and API", "查看、填写和查询", "Reading, filling in and asking"),
    "exchange": ("各辖区之间的往来", "Exchange between jurisdictions", "变更送达各参与方", "Changes reach all parties"),
    "registers": ("公开登记", "Public registers", "各辖区公开的内容均已收到", "All that is public has arrived here"),
}
"""Name and purpose of each part in both languages."""


@routes.page("GET", "/status")
@shown
def status() -> Any:
    """Every part that the API tells of; nothing of what is inside."""
    return render("status.html", told=read(STATUS), parts=PARTS)
