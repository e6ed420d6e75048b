"""A tenant leaves the platform, as its administrators decide, and everybody hears of it."""

from __future__ import annotations

from uuid import UUID

from shared.core.context import PLATFORM
from tests.builders.cell import Cell


def leave(cell: Cell, tenant: UUID) -> None:
    """Announced, completed, heard, and what follows has followed."""
    platform = cell.client(PLATFORM, "system_administrator")
    for step, body in (("announce-leaving", {"reason": "区划调整"}), ("complete-leaving", None)):
        answer = platform.post(f"/v1/tenants/{tenant}/{step}", body)
        assert answer.status_code == 200, answer.json
    cell.carry()
    with cell.database.cell_session() as session:
        # A second passes, for which a web process trusts what it read before.
        cell.database.directory.refresh(session)
    follow(cell)


def follow(cell: Cell) -> None:
    """What is due runs, and everybody hears of it."""
    while cell.run_timers():
        cell.carry()
    cell.carry()
