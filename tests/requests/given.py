"""Items and cases for the tests of this service."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID, uuid4

from services.requests.domain.matters import MATTERS
from shared.core.errors import ProblemError
from tests.builders.cell import Cell, Client

SHEET: dict[str, Any] = {
    "basis": "行政许可法(2019 修正)第三十二条、第四十二条",
    "conditions": ["在任一辖区登记的机构"],
    "materials": [{"key": "licence", "name_zh": "营业执照", "required": False}],
    "form": [
        {"name": "scope", "label_zh": "核验范围", "kind": "text"},
        {"name": "since", "label_zh": "成立日期", "kind": "date", "required": False},
    ],
    "acceptance": {"days": 5, "unit": "working", "silence": "accepted"},
    "supplement": {"days": 10, "unit": "working"},
    "answer": {"days": 20, "unit": "working", "extension": 10, "silence": "none"},
    "delivery": {"days": 10, "unit": "working"},
}
ANSWERS = [{"name": "scope", "value": "食品"}]
REASON = {"reason": "试"}


def answered_by(others: UUID, **answers: UUID) -> list[dict[str, str]]:
    """A duty table of a park: every kind of matter is one tenant's, those named are another's."""
    return [{"kind": kind, "tenant": str(answers.get(kind, others)), "unit": "园区办"} for kind in MATTERS]


def item_draft(**changes: Any) -> dict[str, Any]:
    return {
        "code": f"T-{uuid4().hex[:8]}", "name_zh": "检验检测机构能力核验", "category": "testing",
        "nature": "public_welfare", "mode": "online", "provider": "市场监督管理局(虚构)", "sheet": SHEET, **changes,
    }  # fmt: skip


def opened(cell: Cell, tenant: UUID, **changes: Any) -> str:
    """The id of an item that can be asked for, known in every cell."""
    client = cell.client(tenant)
    made = client.post("/v1/service-items", item_draft(**changes))
    assert made.status_code == 201, made.json
    key = str(made.json["id"])
    assert client.post(f"/v1/service-items/{key}/open", {}).status_code == 200
    cell.carry()
    return key


def drafted(client: Client, item: str, **changes: Any) -> str:
    """The address of an application that is not filed yet."""
    draft = {"item": item, "organisation": str(uuid4()), "applicant": "华瑞检测有限公司(虚构)", "answers": ANSWERS}
    made = client.post("/v1/requests", {**draft, **changes})
    assert made.status_code == 201, made.json
    return f"/v1/requests/{made.json['id']}"


def filed(cell: Cell, home: UUID, item: str) -> str:
    """The address of a case that its handler knows."""
    client = cell.client(home)
    url = drafted(client, item)
    answer = client.post(f"{url}/file", {})
    assert answer.status_code == 200, answer.json
    cell.carry()
    return url


def done(cell: Cell, tenant: UUID, url: str, action: str, **body: Any) -> dict[str, Any]:
    """What this tenant's official does, wherever the case is at home; raises where it is refused."""
    answer = cell.client(tenant).post(f"{url}/{action.replace('_', '-')}", body)
    assert answer.status_code in (200, 202), answer.json
    cell.carry()
    shown = cell.client(tenant).get(url)
    assert shown.status_code == 200, shown.json
    found: dict[str, Any] = shown.json
    return found


def refused(cell: Cell, tenant: UUID, url: str, action: str, **body: Any) -> str:
    """With which code home refuses it."""
    answer = cell.client(tenant).post(f"{url}/{action.replace('_', '-')}", body)
    if answer.status_code == 202:
        cell.carry()
        answer = cell.client(tenant).get(answer.headers["Location"])
        assert answer.json["state"] == "refused", answer.json
        return str(answer.json["problem"]["code"])
    return str(answer.json["code"])


def said(client: Client, case: str) -> str:
    """The id of a message in the thread of a case, and a note beside it."""
    assert client.post(f"/v1/requests/{case}/notes", {"text": "内部备注", "mentions": []}).status_code == 201
    made = client.post(f"/v1/requests/{case}/messages", {"text": "请补充说明"})
    assert made.status_code == 201, made.json
    return str(made.json["id"])


def uploaded(client: Client) -> dict[str, Any]:
    """A file of the caller's tenant, as things cite it."""
    content = uuid4().hex.encode()
    headers = {"Authorization": f"Bearer {client.mint()}", "Content-Type": "text/csv"}
    made = client.flask.post("/v1/files", data=io.BytesIO(content), headers=headers)
    assert made.status_code == 201, made.json
    return {"sha256": made.json["sha256"], "size": made.json["size"], "name": "核验表.csv", "media_type": "text/csv"}


def code(run: Any, *given: Any, **named: Any) -> str | None:
    """With which code a rule refuses this, if it does."""
    try:
        run(*given, **named)
    except ProblemError as error:
        return error.code
    return None
