"""Routes for portals of citizens that speak Open311 GeoReport v2; they file by POST of a case, as everybody does."""

from __future__ import annotations

from services.requests.api.cases import ALL, cases
from services.requests.api.routes import routes
from services.requests.domain.scopes import READ
from services.requests.models import Case, ItemRow
from services.requests.queries import georeport as queries
from services.requests.queries.items import open_item
from services.requests.schemas import georeport as schemas
from shared.http.resources import ResourceView

SERVICES = "/v1/public/georeport/services"
SERVICE = ResourceView(kind=ItemRow, view=schemas.ServiceView, present=queries.present_services)
REQUEST = ResourceView(kind=Case, view=schemas.RequestView, present=queries.present_requests)

routes.public_list(
    SERVICES,
    queries.services,
    query=schemas.ServiceFilter,
    shown=SERVICE,
    name="list_georeport_services",
    summary="公众服务目录 / Services in GeoReport's words",
)
routes.public(
    f"{SERVICES}/<uuid:key>",
    open_item,
    shown=SERVICE,
    of_register=True,
    name="show_georeport_service",
    summary="公众服务定义 / One service in GeoReport's words",
)
cases.list(
    queries.requests,
    query=schemas.RequestFilter,
    shown=REQUEST,
    rule=f"{ALL}/georeport",
    scope=READ,
    name="list_georeport_requests",
    summary="公众办件状态 / Where requests stand, in GeoReport's words",
)
