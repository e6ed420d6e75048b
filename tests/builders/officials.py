"""Parks and agreements as officials write them, through the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from tests.builders.cell import Cell, Client


def park_draft(*parties: UUID, **changes: Any) -> dict[str, Any]:
    """The body of a new joint park of these parties."""
    draft: dict[str, Any] = {
        "name_zh": f"联合园区{uuid4().hex[:6]}",
        "name_en": "Joint park",
        "kind": "joint",
        "location": "511623",
        "area_km2": "262",
        "sectors": ["新能源汽车配套"],
        "parties": [{"tenant": str(party), "role": "host"} for party in parties],
    }
    return {**draft, **changes}


def terms(*parties: UUID, **changes: Any) -> dict[str, Any]:
    """Terms that share what grows equally between two parties."""
    first, second = str(parties[0]), str(parties[1])
    share = {"from_year": 2021, "to_year": 2030, "ratios": {first: "0.5", second: "0.5"}, "cap": None, "floor": None}
    made: dict[str, Any] = {
        "base_year": 2020,
        "base_rule": "stock_stays",
        "shares": [{"indicator": "tax_revenue", **share}],
        "obligations": [{"party": first, "text_zh": "提供统计数据。", "text_en": "Provide figures.", "due": None}],
        "exit": {"notice_days": 180, "text_zh": "提前180天通知。", "text_en": "180 days' notice."},
        "dispute_forum": {"kind": "council", "text_zh": "联席会议。", "text_en": "Joint meeting."},
    }
    return {**made, **changes}


def agreement_draft(*parties: UUID, **changes: Any) -> dict[str, Any]:
    """The body of a proposal."""
    return {"terms": terms(*parties), "attachments": [], "effective_from": "2021-01-01", **changes}


def drafted(cell: Cell, *parties: UUID) -> str:
    """The address of a park whose home is the first party, carried to all others."""
    answer = cell.client(parties[0]).post("/v1/parks", park_draft(*parties))
    assert answer.status_code == 201, answer.json
    cell.carry()
    return f"/v1/parks/{answer.json['id']}"


def proposed(cell: Cell, *parties: UUID) -> str:
    """The address of a park with revision 1 of its agreement proposed by home."""
    url = drafted(cell, *parties)
    answer = cell.client(parties[0]).post(f"{url}/agreements", agreement_draft(*parties))
    assert answer.status_code == 201, answer.json
    cell.carry()
    return url


def sign(client: Client, url: str, revision: int = 1) -> Any:
    """Sign what is there to read."""
    content = client.get(f"{url}/agreements/{revision}").json["content_hash"]
    return client.post(f"{url}/agreements/{revision}/sign", {"content_hash": content})


def active(cell: Cell, *parties: UUID) -> str:
    """The address of a park whose agreement all parties have signed."""
    url = proposed(cell, *parties)
    for party in parties:
        answer = sign(cell.client(party), url)
        assert answer.status_code in (200, 202), answer.json
        cell.carry()
    assert cell.client(parties[0]).get(url).json["state"] == "active"
    return url
