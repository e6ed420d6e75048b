"""Bodies accredited and certificates issued through the API, by people of their tenant."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from shared.core.calendar import day_of
from tests.builders.cell import Cell
from tests.organisations.builders import credit_code

YEAR = timedelta(days=365)


def grant_draft(cell: Cell, standard: UUID | str, **changes: Any) -> dict[str, Any]:
    """A grant for one standard that limits nothing else, from today on for six years."""
    return {"standards": [str(standard)], "valid_to": str(day_of(cell.clock.now()) + 6 * YEAR), **changes}


def body_draft(cell: Cell, standard: UUID | str, **changes: Any) -> dict[str, Any]:
    """The body of an accreditation."""
    name = f"虚构检测认证中心{uuid4().hex[:6]}"
    return {"code": credit_code(), "name_zh": name, "grants": [grant_draft(cell, standard)], **changes}


def accredited(cell: Cell, tenant: UUID, standard: UUID | str, **changes: Any) -> dict[str, Any]:
    """A body as the API shows it, known everywhere."""
    answer = cell.client(tenant).post("/v1/bodies", body_draft(cell, standard, **changes))
    assert answer.status_code == 201, answer.json
    cell.carry()
    return dict(answer.json)


def certificate_draft(cell: Cell, body: str, *, standard: UUID | str, **changes: Any) -> dict[str, Any]:
    """The body of a certificate for three years."""
    made = {
        "body": body, "standard": str(standard), "holder": {"code": credit_code(), "name_zh": "虚构家具厂"},
        "products": [{"class": "C2110", "name": "木质家具"}], "methods": ["GB/T 35607"],
        "valid_to": str(day_of(cell.clock.now()) + 3 * YEAR),
    }  # fmt: skip
    return {**made, **changes}


def issued(cell: Cell, tenant: UUID, body: dict[str, Any], *, standard: UUID | str, **changes: Any) -> dict[str, Any]:
    """A certificate as the API shows it, known everywhere."""
    draft = certificate_draft(cell, body["id"], standard=standard, **changes)
    answer = cell.client(tenant).post("/v1/certificates", draft)
    assert answer.status_code == 201, answer.json
    cell.carry()
    return dict(answer.json)


def acted(cell: Cell, tenant: UUID, url: str, *, body: Any = None) -> dict[str, Any]:
    """The thing after an act of its home, known everywhere."""
    answer = cell.client(tenant).post(url, body)
    assert answer.status_code in (200, 201), answer.json
    cell.carry()
    return dict(answer.json)
