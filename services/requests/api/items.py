"""Routes of service items."""

from __future__ import annotations

from flask import Response

from services.requests.api.routes import routes
from services.requests.commands import items as commands
from services.requests.commands.listed import import_items
from services.requests.domain.scopes import DECIDE, READ
from services.requests.models import Item
from services.requests.queries import items as queries
from services.requests.queries.templates import template_csv
from services.requests.schemas import items as schemas
from shared.http.declarations import Resource
from shared.http.names import named
from shared.http.requests import gate
from shared.http.resources import ResourceView

ALL = "/v1/service-items"
TEMPLATE = f"{ALL}/imports/template.csv"
ITEM = ResourceView(kind=Item, view=schemas.ItemView, present=queries.present_items, url=lambda row: f"{ALL}/{row.id}")
IMPORTED = ResourceView(kind=dict, view=schemas.ItemImportView)
named("item", zh="服务事项", en="service item", scope=READ)(queries.item_names)
items = Resource(routes, ALL, ITEM, read=READ, write=DECIDE)

items.list(queries.items, query=schemas.ItemFilter, summary="服务事项目录 / Catalogue of service items")
items.create(commands.draft_item, draft=schemas.ItemDraft, summary="起草服务事项 / Draft a service item")
items.create(
    import_items,
    draft=schemas.ItemImport,
    shown=IMPORTED,
    rule=f"{ALL}/imports",
    summary="从文件导入事项清单 / Import a list of service items",
)
items.get(queries.item, summary="一个服务事项 / One service item")
items.revise(commands.revise_item, draft=schemas.ItemRevision, summary="修改服务事项 / Revise a service item")
items.act(commands.open_item, summary="开放办理 / Open a service item")
items.act(commands.close_item, draft=schemas.ClosingDraft, summary="停止办理 / Close a service item")
items.history()


@routes.raw("GET", TEMPLATE, scope=DECIDE, summary="事项清单模板 / Template of a list", media="text/csv")
def download_item_template() -> Response:
    """The columns, with an example."""
    gate.enter(DECIDE)
    headers = {"Content-Disposition": 'attachment; filename="service-items-template.csv"'}
    return Response(template_csv(), 200, headers, content_type="text/csv; charset=utf-8")
