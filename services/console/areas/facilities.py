"""Shared facilities and their bookings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.console.kit.areas import area
from services.console.kit.things import Thing
from shared.pages.asking import Api, RefusedByApiError


def use_of(api: Api, facility: Thing) -> Mapping[str, Any]:
    """The report of this year for the owner's officials; nothing for others, to whom the API does not tell it."""
    try:
        report = api.get(f"/v1/facilities/{facility.key}/usage").body
    except RefusedByApiError:
        return {}
    return {"report": report, "months": [one for one in report["months"] if one["bookings"]]}


area(
    name="facilities",
    path="/v1/facilities",
    kind="facility",
    title="共享设施 / Facilities",
    icon="building-community",
    group="shared",
    order=10,
    columns=("home", "kind", "state", "place", "capacity", "hourly_price"),
    filters=("kind", "tenant", "state"),
    fields=(
        "name_zh", "name_en", "kind", "place", "division", "capacity", "hours", "closed_days", "slot_minutes",
        "most_slots", "days_ahead", "approval", "check_in", "open_to", "only_for", "hourly_price", "price_rule",
    ),
    primary=("open", "revise", "close"),
    template="facility.html",
    shows=use_of,
    empty="还没有共享设施。登记一处,核对开放时间和规则后再开放预约。"
    " / There is no facility yet. Describe one, look at its hours and rules, and open it for booking.",
)  # fmt: skip
area(
    name="bookings",
    path="/v1/bookings",
    kind="booking",
    title="预约 / Bookings",
    icon="clock",
    group="shared",
    order=11,
    heading=("facility",),
    columns=("starts_at", "ends_at", "state", "home", "organisation", "because"),
    filters=("state", "facility", "home"),
    fields=("facility", "starts_at", "ends_at", "people", "purpose", "waits"),
    primary=("approve", "wait", "arrive", "use", "cancel", "refuse", "miss"),
    after="facilities",
    empty="还没有预约。先在共享设施的周视图里选一个空闲时段。"
    " / There is no booking yet. Choose a free slot in the week of a facility.",
)
