"""Routes by which an organisation's manager looks after its own people."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from services.identity.api import users
from services.identity.api.users import USER, invited
from services.identity.commands import accounts
from services.identity.commands import users as commands
from services.identity.domain import acts
from services.identity.queries import people
from services.identity.queries.people import PERSONAL, ListedPerson
from services.identity.routes import routes
from services.identity.schemas import users as schemas
from shared.database.pages import Page, PageRequest
from shared.http.fields.strict import Nothing
from shared.http.lists.pages import PageFilter
from shared.journal.session import Session
from shared.rules.permitting import own_organisation

ALL = "/v1/members"
ONE = f"{ALL}/<uuid:key>"
READ, WRITE = "members:read", "members:write"
INVITED = replace(users.INVITED, url=None)
"""A member is seen in the list alone."""


@routes.list(ALL, USER, scope=READ, summary="本组织成员 / Own organisation's members", query=PageFilter,
             order=people.PEOPLE)  # fmt: skip
def list_members(session: Session, filters: dict[str, Any], paging: PageRequest) -> Page:
    """Newest first."""
    return people.people(session, {**filters, "organisation": own_organisation(session.context)}, paging=paging)


@routes.create(
    ALL,
    INVITED,
    scope=WRITE,
    summary="邀请成员 / Invite a member",
    draft=schemas.MemberDraft,
    audited=acts.USER_INVITED,
    once=("invitation_url", *PERSONAL),
)
def invite_member(session: Session, **given: Any) -> ListedPerson:
    """Into one's own organisation, with roles of organisations."""
    return invited(session, **given, organisation_id=own_organisation(session.context))


@routes.own(
    "POST",
    f"{ONE}/end",
    shown=USER,
    scope=WRITE,
    summary="结束成员身份 / End a member's membership",
    draft=Nothing,
    audited=acts.MEMBERSHIP_ENDED,
    once=PERSONAL,
)
def end_member(session: Session, key: UUID) -> ListedPerson:
    """Of one's own organisation, but not one's own."""
    own_organisation(session.context)
    commands.check_other(session, key)
    accounts.end_membership(session, key)
    return people.person(session, key)
