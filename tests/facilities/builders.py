"""Facilities and bookings for tests: a room in Sichuan that is open every day, and who books it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.core.calendar import BEIJING
from tests.builders.cell import Cell, Client

EVERY_DAY = [{"weekday": day, "opens": "09:00", "closes": "18:00"} for day in range(1, 8)]
ROOM: dict[str, Any] = {
    "name_zh": "集群之家会议室", "name_en": "Meeting room", "kind": "room", "place": "3 号楼 201 室", "capacity": 10,
    "hours": EVERY_DAY,
}  # fmt: skip


def drafted(cell: Cell, owner: UUID, **changes: Any) -> str:
    """A facility that nobody else is shown; returns its id."""
    made = cell.client(owner).post("/v1/facilities", {**ROOM, **changes})
    assert made.status_code == 201, made.json
    return str(made.json["id"])


def opened(cell: Cell, owner: UUID, **changes: Any) -> str:
    """One that everybody in every cell can book."""
    key = drafted(cell, owner, **changes)
    answer = cell.client(owner).post(f"/v1/facilities/{key}/open")
    assert answer.status_code == 200, answer.json
    cell.carry()
    return key


def at(cell: Cell, hour: int, *, day: int = 7) -> datetime:
    """The hour in Beijing, so many days from today by the cell's clock."""
    today = cell.clock.now().astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=day, hours=hour)


def asked(
    cell: Cell, facility: str, hours: tuple[int, int] = (9, 10), *, day: int = 7, **changes: Any
) -> dict[str, Any]:
    """The body of a booking from one hour until another."""
    times = {"starts_at": at(cell, hours[0], day=day).isoformat(), "ends_at": at(cell, hours[1], day=day).isoformat()}
    return {"facility": facility, **times, "people": 2, "purpose": "洽谈", **changes}


def booked(client: Client, cell: Cell, body: dict[str, Any]) -> str:
    """The address of a booking, once its owner has answered."""
    made = client.post("/v1/bookings", body)
    assert made.status_code == 201, made.json
    cell.carry()
    return f"/v1/bookings/{made.json['id']}"


def state(client: Client, url: str) -> tuple[str, str | None]:
    """Where it stands, and why nothing came of it."""
    shown = client.get(url)
    assert shown.status_code == 200, shown.json
    return shown.json["state"], shown.json["because"]


def do(cell: Cell, client: Client, url: str, body: Any = None) -> int:
    """An action here, or its answer from home."""
    answer = client.post(url, body)
    cell.carry()
    return int(answer.status_code)
