"""A park and its agreement as an API user writes them."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from tests.builders.cell import Cell, Client


def park_draft(*parties: UUID, **changes: Any) -> dict[str, Any]:
    roles = ["host", *["partner"] * (len(parties) - 1)]
    return {
        "name_zh": "川渝高竹新区",
        "name_en": "Gaozhu New Area",
        "kind": "joint",
        "location": "511623",
        "area_km2": "262",
        "sectors": ["新能源汽车配套"],
        "parties": [
            {"tenant": str(tenant), "role": role, "division": None} for tenant, role in zip(parties, roles, strict=True)
        ],
        "starts_on": "2021-12-27",
        "confirm_duplicate": True,
        **changes,
    }


def agreement_draft(*parties: UUID, **changes: Any) -> dict[str, Any]:
    """What existed stays with each side; what grows is shared between the first two parties."""
    ratios = {str(tenant): "0.5" for tenant in parties[:2]}
    return {
        "terms": {
            "base_year": 2020,
            "base_rule": "stock_stays",
            "shares": [{"indicator": "tax_revenue", "from_year": 2021, "to_year": 2030, "ratios": ratios}],
            "exit": {"notice_days": 180, "text_zh": "提前一百八十天书面通知"},
            "dispute_forum": {"kind": "council", "text_zh": "提交联席会议协商"},
        },
        "effective_from": "2021-12-27",
        "confirm_duplicate": True,
        **changes,
    }


class Story:
    """Parties of one park who act in turn; after each step everybody has heard of it."""

    def __init__(self, cell: Cell, *parties: UUID) -> None:
        self.cell, self.parties = cell, parties
        self.people: dict[UUID, Client] = {tenant: cell.client(tenant) for tenant in parties}
        self.url = ""

    def get(self, who: UUID, path: str = "") -> Any:
        answer = self.people[who].get(self.url + path)
        assert answer.status_code == 200, answer.text
        return answer.json

    def post(self, who: UUID, path: str, body: Any = None) -> Any:
        """The final answer: at home at once, elsewhere what home's answer says."""
        return self._final(who, self.people[who].post(self.url + path, body))

    def patch(self, who: UUID, path: str, body: Any) -> Any:
        return self._final(who, self.people[who].patch(self.url + path, body))

    def _final(self, who: UUID, answer: Any) -> Any:
        self.cell.carry()
        if answer.status_code != 202:
            return {"status": answer.status_code, **answer.json}
        command = self.people[who].get(answer.headers["Location"]).json
        assert command["state"] != "pending"
        return command["problem"] or {"status": 200, **command}

    def draft(self, **changes: Any) -> dict[str, Any]:
        """The first party drafts the park."""
        drafted = self.post(self.parties[0], "/v1/parks", park_draft(*self.parties, **changes))
        assert drafted["status"] == 201, drafted
        self.url = f"/v1/parks/{drafted['id']}"
        return dict(drafted)

    def propose(self, who: UUID | None = None, **changes: Any) -> int:
        answer = self.post(who or self.parties[0], "/agreements", agreement_draft(*self.parties, **changes))
        assert answer["status"] in (200, 201), answer
        revisions = self.get(self.parties[0], "/agreements")["items"]
        return int(revisions[0]["revision"])

    def sign(self, who: UUID, revision: int) -> Any:
        hashed = self.get(who, f"/agreements/{revision}")["content_hash"]
        return self.post(who, f"/agreements/{revision}/sign", {"content_hash": hashed})

    def conclude(self, **changes: Any) -> int:
        """A revision that all parties have signed."""
        revision = self.propose(**changes)
        for tenant in self.parties:
            assert self.sign(tenant, revision)["status"] == 200
        return revision

    def active(self, **changes: Any) -> Story:
        """A park in force."""
        self.draft()
        self.conclude(**changes)
        return self

    def dissolve(self, who: UUID, day: date, reason: str | None = "规划调整") -> Any:
        return self.post(who, "/dissolve", {"dissolves_on": day.isoformat(), "reason": reason})

    def states(self, path: str = "") -> list[str]:
        """The state as each party sees it."""
        return [self.get(tenant, path)["state"] for tenant in self.parties]
