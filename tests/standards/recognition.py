"""Recognitions as officials of both sides write them, through the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.builders.cell import Cell, Client


def item_draft(standard: UUID | str, **changes: Any) -> dict[str, Any]:
    """One recognised document with the certificates issued under it, without limits."""
    return {"standard": str(standard), "accepts": "certificates", **changes}


def recognition_draft(recognised: UUID, /, *standards: UUID, **changes: Any) -> dict[str, Any]:
    """The body of a one-sided proposal."""
    items = [item_draft(standard) for standard in standards]
    return {"recognised": str(recognised), "title_zh": "检测认证互认清单", "items": items, **changes}


def final(cell: Cell, client: Client, answer: Any) -> Any:
    """What came of it once all messages have arrived: the answer at home, elsewhere what home said."""
    cell.carry()
    if answer.status_code != 202:
        return {"status": answer.status_code, **answer.json}
    command = client.get(answer.headers["Location"]).json
    assert command["state"] != "pending"
    return command["problem"] or {"status": 200, **command}


def act(cell: Cell, who: UUID, url: str, body: Any = None) -> Any:
    """The final answer to a POST; whoever agrees has read what is on the table."""
    client = cell.client(who)
    if url.endswith("/agree") and body is None:
        body = read(client, url.removesuffix("/agree"))
    return final(cell, client, client.post(url, body))


def read(client: Client, url: str) -> dict[str, str]:
    """What one signs by agreeing."""
    pending = client.get(url).json.get("pending") or {"content_hash": "0" * 64}
    return {"content_hash": pending["content_hash"]}


def proposed(cell: Cell, recogniser: UUID, recognised: UUID, *, standard: UUID, **changes: Any) -> str:
    """The address of a proposal."""
    made = act(cell, recogniser, "/v1/recognitions", recognition_draft(recognised, standard, **changes))
    assert made["status"] == 201, made
    return f"/v1/recognitions/{made['id']}"


def recognised(
    cell: Cell, recogniser: UUID, recognised_tenant: UUID, *, standard: UUID, **changes: Any
) -> dict[str, Any]:
    """A recognition to which all have agreed, as its home sees it; `changes` are of the proposal."""
    url = proposed(cell, recogniser, recognised_tenant, standard=standard, **changes)
    for tenant in (recogniser, recognised_tenant) if changes.get("mutual") else (recogniser,):
        answer = act(cell, tenant, f"{url}/agree")
        assert answer["status"] == 200, answer
    seen: dict[str, Any] = cell.client(recogniser).get(url).json
    return seen


def pass_days(cell: Cell, days: float) -> None:
    """The clock moves on, what is due happens, and everybody hears of it."""
    cell.clock.advance(timedelta(days=days))
    for _round in range(20):
        if not cell.run_timers():
            break
    cell.carry()
