"""What anybody reads without a token: items that can be asked for, as the register tells of them."""

from __future__ import annotations

from services.requests.api.routes import routes
from services.requests.models import ItemRow
from services.requests.queries import items as queries
from services.requests.schemas import items as schemas
from shared.http.resources import ResourceView

ALL = "/v1/public/service-items"
OPEN_ITEM = ResourceView(kind=ItemRow, view=schemas.PublicItemView, present=queries.present_public_items)

routes.public_list(
    ALL,
    queries.open_items,
    query=schemas.OpenItemFilter,
    shown=OPEN_ITEM,
    name="list_public_service_items",
    summary="公开的服务事项 / Service items for anybody",
)
routes.public(
    f"{ALL}/<uuid:key>",
    queries.open_item,
    shown=OPEN_ITEM,
    of_register=True,
    name="show_public_service_item",
    summary="一个公开的服务事项 / One service item for anybody",
)
