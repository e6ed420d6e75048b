"""Routes of bulletins: officials publish, anybody reads."""

from __future__ import annotations

from services.requests.api.routes import routes
from services.requests.commands import bulletins as commands
from services.requests.domain.scopes import DECIDE, READ
from services.requests.models import Bulletin, BulletinRow
from services.requests.queries import bulletins as queries
from services.requests.schemas import bulletins as schemas
from shared.http.declarations import Resource
from shared.http.names import named
from shared.http.resources import ResourceView

BULLETINS = "/v1/bulletins"
BULLETIN = ResourceView(
    kind=Bulletin,
    view=schemas.BulletinView,
    present=queries.present_bulletins,
    url=lambda row: f"{BULLETINS}/{row.id}",
)
PUBLIC = ResourceView(kind=BulletinRow, view=schemas.PublicBulletinView, present=queries.present_public_bulletins)
named("bulletin", zh="办件公报", en="bulletin", scope=READ)(queries.bulletin_names)
bulletins = Resource(routes, BULLETINS, BULLETIN, read=READ, write=DECIDE)

bulletins.list(queries.bulletins, query=schemas.BulletinFilter, summary="办件公报 / Bulletins")
bulletins.create(
    commands.publish_bulletin,
    draft=schemas.BulletinDraft,
    summary="发布办件公报 / Publish a bulletin",
    audited="published",
)
bulletins.get(queries.bulletin, summary="一份办件公报 / One bulletin")
bulletins.act(
    commands.withdraw_bulletin,
    draft=schemas.WithdrawalDraft,
    summary="撤回办件公报 / Withdraw a bulletin",
    audited="withdrawn",
)
bulletins.history()
routes.public_list(
    "/v1/public/bulletins",
    queries.public_bulletins,
    query=schemas.PublicBulletinFilter,
    shown=PUBLIC,
    name="list_public_bulletins",
    summary="各辖区的办件公报 / Bulletins of every jurisdiction",
)
