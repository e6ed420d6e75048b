"""The route by which the platform lets a new tenant's first administrators in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.identity.api.elsewhere import there
from services.identity.api.users import link
from services.identity.commands import first_administrators as commands
from services.identity.domain import acts
from services.identity.queries.people import PERSONAL
from services.identity.routes import routes
from services.identity.schemas import users as schemas
from shared.core.context import PLATFORM
from shared.core.errors import ConflictError, NotFoundError
from shared.evidence.audit import detail, note
from shared.http.declarations import Resource
from shared.http.requests.gate import database
from shared.http.requests.tenants import as_given
from shared.http.resources import ResourceView
from shared.journal.session import Session


@dataclass(frozen=True)
class FirstAdministrator:
    """Somebody invited, with the link to hand over."""

    tenant: UUID
    login: str
    role: str
    invitation_url: str


FIRST = ResourceView(kind=FirstAdministrator, view=schemas.FirstAdministratorView)


def invite_administrator(session: Session, key: UUID, *, role: str, login: str, **person: Any) -> FirstAdministrator:
    """Written down in the audit logs of both: here who invited, there that the platform did."""
    listing = session.directory.listing(session, key)
    if listing is None or key == PLATFORM:
        raise NotFoundError.of("辖区 / tenant", as_given(key))
    if not session.directory.hosted(session, [key]):
        raise ConflictError(
            "cell_elsewhere",
            f"该辖区的数据在单元 {listing.cell},请由该单元承载的平台管理员或其运维人员邀请。",
            f"The tenant lives in the cell {listing.cell}: its first administrators are invited there.",
        )
    with database().session(there(session, key, part="platform")) as theirs:
        made = commands.invite_administrator(theirs, role=role, login=login, **person)
        note(theirs, acts.USER_INVITED, subject=str(made.membership.user_id), after={"roles": [role]})
    detail(session, subject=str(key), after={"role": role, "user": str(made.membership.user_id), "tenant": str(key)})
    return FirstAdministrator(key, f"{login}@{listing.code}", role, link(session, made.token))


Resource(routes, "/v1/tenants/<tenant:key>/administrators", FIRST, write="tenants:manage").create(
    invite_administrator,
    draft=schemas.AdministratorDraft,
    summary="邀请首任管理员 / Invite a first administrator",
    audited=acts.ADMINISTRATOR_INVITED,
    once=("invitation_url", *PERSONAL),
)
