"""Services and requests in the words of Open311 GeoReport v2, for portals of citizens that speak it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.requests.domain.cases import OPEN
from services.requests.models import Case, ItemRow
from services.requests.queries.items import BY_CODE, offered
from shared.core.calendar import end_of, start_of
from shared.database.lists import ListQuery
from shared.evidence.documents import document_of
from shared.replication.delivery import order_of
from shared.text.matching import sounds_like_all

DATATYPES = {"text": "text", "number": "number", "date": "datetime", "yes_no": "singlevaluelist",
             "choice": "singlevaluelist"}  # fmt: skip
"""What the specification calls our kinds of fields."""
YES_NO = ("yes", "no")


services = ListQuery(
    ItemRow,
    BY_CODE,
    {
        "jurisdiction_id": ItemRow.tenant,
        "group": ItemRow.category,
        "q": lambda value: sounds_like_all(ItemRow.folded, value),
    },
    visible=offered,
)
"""What may be asked for now on the whole platform (GeoReport v2, GET Service List)."""
requests = ListQuery(
    Case,
    order_of(Case),
    {
        "service_code": Case.item_id,
        "service_request_id": Case.number,
        "jurisdiction_id": Case.home_id,
        "status": lambda value: Case.state.in_(OPEN) if value == "open" else Case.state.not_in(OPEN),
        "start_date": lambda value: Case.filed_at >= start_of(value),
        "end_date": lambda value: Case.filed_at < end_of(value),
    },
    visible=lambda _session: [Case.number.is_not(None)],
)
"""The tenant's cases that were filed (GeoReport v2, GET Service Requests)."""


def present_services(_session: Any, rows: Sequence[ItemRow]) -> list[dict[str, Any]]:
    """What the view of a list shows; one service shows its attributes as well."""
    return [_service(document_of(row)) for row in rows]


def _service(item: Mapping[str, Any]) -> dict[str, Any]:
    sheet = item["sheet"]
    return {
        "service_code": item["id"],
        "jurisdiction_id": item["tenant"],
        "service_name": item["name_zh"],
        "service_name_en": item["name_en"],
        "description": "\n".join(sheet["conditions"]),
        "metadata": bool(sheet["form"]),
        "type": "realtime",
        "keywords": ",".join(filter(None, (item["code"], item["national_code"]))),
        "group": item["category"],
        "attributes": [_attribute(one, order=order) for order, one in enumerate(sheet["form"], 1)],
        "updated_datetime": item["updated_at"],
    }


def _attribute(field: Mapping[str, Any], *, order: int) -> dict[str, Any]:
    values = YES_NO if field["kind"] == "yes_no" else field["choices"]
    return {
        "variable": True,
        "code": field["name"],
        "datatype": DATATYPES[field["kind"]],
        "required": field["required"],
        "order": order,
        "description": field["label_zh"],
        "values": [{"key": one, "name": one} for one in values],
    }


def present_requests(_session: Any, rows: Sequence[Case]) -> list[dict[str, Any]]:
    """What the view shows: where each stands and until when, and nothing of who asks for what."""
    return [
        {
            "service_request_id": row.number,
            "case": row.id,
            "service_code": row.item_id,
            "service_name": row.item["name_zh"],
            "status": "open" if row.state in OPEN else "closed",
            "state": row.state,
            "agency_responsible": row.handler,
            "requested_datetime": row.filed_at,
            "updated_datetime": row.updated_at,
            "expected_date": row.due_on,
            "is_provisional": row.due_is_provisional,
        }
        for row in rows
    ]
