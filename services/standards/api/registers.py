"""What anybody reads without a token: released standards and accredited bodies, as the registers tell of them."""

from __future__ import annotations

from services.standards.api.routes import routes
from services.standards.models import BodyRow, StandardRow
from services.standards.models.registered import one_registered
from services.standards.queries import bodies, standards
from services.standards.queries import registers as queries
from services.standards.schemas import registers as schemas
from services.standards.schemas.bodies import BodyFilter
from services.standards.schemas.standards import StandardFilter
from shared.http.resources import ResourceView
from shared.http.sharing import counts_shared, groups_shared

STANDARDS = "/v1/public/standards"
STANDARD = ResourceView(kind=StandardRow, view=schemas.PublicStandardView, present=queries.present_public_standards)
LINE = ResourceView(kind=StandardRow, view=schemas.PublicStandardLine, present=queries.present_public_standards)
BODY = ResourceView(kind=BodyRow, view=schemas.PublicBodyView, present=queries.present_public_bodies)

routes.public_list(
    STANDARDS,
    standards.standards,
    query=StandardFilter,
    shown=LINE,
    name="list_public_standards",
    summary="公开的标准 / Published standards",
)
routes.public(
    f"{STANDARDS}/<uuid:key>",
    one_registered,
    shown=STANDARD,
    of_register=True,
    name="show_public_standard",
    summary="一项公开的标准 / One published standard",
)
routes.public_list(
    "/v1/public/bodies",
    bodies.bodies,
    query=BodyFilter,
    shown=BODY,
    name="list_public_bodies",
    summary="公开的合格评定机构 / Conformity bodies for anybody",
)
counts_shared("standards", queries.standards_shared)
groups_shared("standards", queries.standards_of_groups)
counts_shared("bodies", queries.bodies_shared)
