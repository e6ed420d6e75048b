"""Open data: every register whole, as CSV and as JSON, with source, date and licence."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from flask import Response

from services.portal.calling.registers import BODIES, CONSULTATIONS, PARKS, STANDARDS, TENANTS, read
from services.portal.pages.rendering import moment, render, shown
from services.portal.routes import routes
from shared.http.requests.gate import database
from shared.pages.asking import Api

SOURCE = "协同平台登记 / Registers of the Xietong platform"
NOT_SAID = "未指定,请联系平台 / not stated: ask whoever runs the platform"
BOM = b"\xef\xbb\xbf"


class Register(NamedTuple):
    """A register, what it is called, and what stands in it."""

    path: str
    zh: str
    en: str
    about_zh: str
    about_en: str


REGISTERS = {
    "jurisdictions": Register(
        TENANTS,
        "加入的辖区",
        "Jurisdictions",
        "代码、名称、区划和共享数量",
        "Codes, names, divisions and what each shares",
    ),
    "parks": Register(
        PARKS,
        "已生效的园区",
        "Parks in force",
        "参与方、角色、产业、面积和状态",
        "Parties, roles, sectors, area and state",
    ),
    "standards": Register(
        STANDARDS,
        "已发布的标准",
        "Released standards",
        "编号、发布方、状态和文本的哈希",
        "Numbers, issuers, state, hashes of texts",
    ),
    "bodies": Register(
        BODIES,
        "合格评定机构",
        "Conformity bodies",
        "代码、认可方、范围和状态",
        "Codes, who accredited them, scope and state",
    ),
    "consultations": Register(
        CONSULTATIONS,
        "征求意见的草案",
        "Open consultations",
        "牵头方、对象和截止日",
        "Who leads, the subject and the last day",
    ),
}


@routes.page("GET", "/open-data")
@shown
def open_data() -> Any:
    """What there is, how much of it, and where."""
    counts = {name: read(one.path, limit=1, count="true") for name, one in REGISTERS.items()}
    return render("open_data.html", registers=REGISTERS, counts=counts, about=_about())


@routes.page("GET", f"/open-data/<any({','.join(map(repr, REGISTERS))}):name>.csv")
@shown
def open_data_csv(name: str) -> Response:
    """The register as the API exports it, below three lines that say what it is."""
    table = Api().get(REGISTERS[name].path, format="csv").content.removeprefix(BOM)
    head = "".join(f"# {title}: {value}\r\n" for title, value in _about().items())
    return _file(BOM + head.encode() + table, name=f"{name}.csv", media_type="text/csv; charset=utf-8")


@routes.page("GET", f"/open-data/<any({','.join(map(repr, REGISTERS))}):name>.json")
@shown
def open_data_json(name: str) -> Response:
    """The same, with the names of all that stands in it by id."""
    items: list[Any] = []
    names: dict[str, Any] = {}
    cursor: str | None = None
    while True:
        page = Api().get(REGISTERS[name].path, limit=100, cursor=cursor).body
        items, names, cursor = items + page["items"], names | page.get("names", {}), page["next"]
        if cursor is None:
            break
    text = json.dumps({**_about(), "items": items, "names": names}, ensure_ascii=False, indent=1)
    return _file(text.encode(), name=f"{name}.json", media_type="application/json")


def _about() -> dict[str, str]:
    as_of = moment(database().clock.now(), "%Y-%m-%dT%H:%M:%S+08:00")
    return {"source": SOURCE, "as_of": as_of, "licence": database().settings.portal.data_licence or NOT_SAID}


def _file(content: bytes, *, name: str, media_type: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="xietong-{name}"', "Cache-Control": "no-store"}
    return Response(content, 200, headers, content_type=media_type)
