"""Routes of service items."""

from __future__ import annotations

from services.requests.api.routes import routes
from services.requests.commands import items as commands
from services.requests.domain.scopes import DECIDE, READ
from services.requests.models import Item
from services.requests.queries import items as queries
from services.requests.schemas import items as schemas
from shared.http.declarations import Resource
from shared.http.names import named
from shared.http.resources import ResourceView

ALL = "/v1/service-items"
ITEM = ResourceView(kind=Item, view=schemas.ItemView, present=queries.present_items, url=lambda row: f"{ALL}/{row.id}")
named("item", zh="服务事项", en="service item", scope=READ)(queries.item_names)
items = Resource(routes, ALL, ITEM, read=READ, write=DECIDE)

items.list(queries.items, query=schemas.ItemFilter, summary="服务事项目录 / Catalogue of service items")
items.create(commands.draft_item, draft=schemas.ItemDraft, summary="起草服务事项 / Draft a service item")
items.get(queries.item, summary="一个服务事项 / One service item")
items.revise(commands.revise_item, draft=schemas.ItemRevision, summary="修改服务事项 / Revise a service item")
items.act(commands.open_item, summary="开放办理 / Open a service item")
items.act(commands.close_item, draft=schemas.ClosingDraft, summary="停止办理 / Close a service item")
items.history()
