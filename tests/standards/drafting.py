"""Projects and standards as API users make them, alone or together."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from shared.core.calendar import day_of
from tests.builders.cell import Cell, Client


def line(parameter: str = "甲醛释放量", comparison: str = "<=", limit: str = "0.124", **changes: Any) -> dict[str, Any]:
    """One requirement, made up."""
    rest = {"clause": "5.1", "unit": "mg/m³", "method": "GB/T 虚-0001", "materials": ["检验报告"]}
    return {"parameter": parameter, "comparison": comparison, "limit": limit, **rest, **changes}


def project_draft(cell: Cell, *issuers: UUID, **changes: Any) -> dict[str, Any]:
    """A local standard that comes into force today; every number in it is made up."""
    return {
        "kind": "local",
        "title_zh": "家具中甲醛释放量限值",
        "title_en": "Formaldehyde from furniture",
        "subject": f"furniture-{uuid4().hex[:8]}",
        "issuers": [str(issuer) for issuer in issuers],
        "sheet": [line()],
        "effective_from": today(cell),
        **changes,
    }


def number(prefix: str = "DB51/T") -> str:
    """A made-up number, as tests' tenants give their local standards."""
    return f"{prefix} 虚-{uuid4().hex[:8].upper()}"


def today(cell: Cell, plus: int = 0) -> str:
    """A day from now on, in Beijing."""
    return (day_of(cell.clock.now()) + timedelta(days=plus)).isoformat()


class Drafting:
    """Tenants that draft a standard together; after each step everybody has heard of it."""

    def __init__(self, cell: Cell, *issuers: UUID) -> None:
        self.cell, self.issuers, self.lead = cell, issuers, issuers[0]
        self.people: dict[UUID, Client] = {tenant: cell.client(tenant) for tenant in issuers}
        self.url = ""
        self.numbers = {tenant: number() for tenant in issuers}

    def get(self, who: UUID, path: str = "") -> Any:
        answer = self.people[who].get(path if path.startswith("/v1") else self.url + path)
        assert answer.status_code == 200, answer.text
        return answer.json

    def post(self, who: UUID, path: str, body: Any = None) -> Any:
        """The final answer: at home at once, elsewhere what home's answer says."""
        url = path if path.startswith("/v1") else self.url + path
        return self._final(who, self.people[who].post(url, body))

    def patch(self, who: UUID, body: Any) -> Any:
        return self._final(who, self.people[who].patch(self.url, body))

    def _final(self, who: UUID, answer: Any) -> Any:
        self.cell.carry()
        if answer.status_code != 202:
            return {**answer.json, "status": answer.status_code}
        command = self.people[who].get(answer.headers["Location"]).json
        assert command["state"] != "pending"
        return command["problem"] or {**command, "status": 200}

    def open(self, **changes: Any) -> dict[str, Any]:
        """The lead opens the project."""
        draft = project_draft(self.cell, *self.issuers, **changes)
        return self.opened(self.post(self.lead, "/v1/projects", draft))

    def opened(self, answer: Any) -> dict[str, Any]:
        assert answer["status"] == 201, answer
        self.url = f"/v1/projects/{answer['id']}"
        return dict(answer)

    def number(self, *issuers: UUID) -> None:
        for tenant in issuers or self.issuers:
            named = {"number": self.numbers[tenant], "project": "立项虚-1"}
            assert self.post(tenant, "/number", named)["status"] == 200

    def present(self) -> None:
        """All have their numbers and the text is on the table."""
        self.number()
        presented = self.post(self.lead, "/present")
        assert presented["status"] == 200, presented

    def sign(self, who: UUID) -> Any:
        return self.post(who, "/sign", {"content_hash": self.get(who)["content_hash"]})

    def conclude(self) -> dict[str, Any]:
        """All sign; the standard as the register has it."""
        for tenant in self.issuers:
            signed = self.sign(tenant)
            assert signed["status"] == 200, signed
        return self.standard()

    def standard(self, who: UUID | None = None) -> dict[str, Any]:
        """What came of it, as one of them finds it in the register."""
        key = self.get(self.lead)["standard"]
        return dict(self.get(who or self.lead, f"/v1/standards/{key}"))

    def resolved(self, who: UUID, number: str) -> list[str]:
        """The ids of the standards that a number leads to."""
        return [item["id"] for item in found(self.people[who], number=number)]

    def states(self) -> list[str]:
        """The project's state as each issuer sees it."""
        return [self.get(tenant)["state"] for tenant in self.issuers]


def found(client: Client, **filters: str) -> list[dict[str, Any]]:
    """Standards of the register."""
    answer = client.get("/v1/standards", query_string=filters)
    assert answer.status_code == 200, answer.text
    return list(answer.json["items"])


def released(cell: Cell, *issuers: UUID, **changes: Any) -> dict[str, Any]:
    """A standard that these tenants drafted and signed, in force from today unless changed, as the register has it."""
    drafting = Drafting(cell, *issuers)
    drafting.open(**changes)
    drafting.present()
    return drafting.conclude()


def later(cell: Cell, days: int) -> None:
    """So many days pass, and what was due is done and heard of."""
    cell.clock.advance(timedelta(days=days))
    cell.run_timers()
    cell.carry()
