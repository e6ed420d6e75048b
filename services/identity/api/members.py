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
from shared.http.declarations import Resource
from shared.journal.session import Session
from shared.rules.permitting import own_organisation

INVITED = replace(users.INVITED, url=None)
"""A member is seen in the list alone."""


def list_members(session: Session, filters: dict[str, Any], *, paging: PageRequest) -> Page:
    """Newest first."""
    return people.people(session, {**filters, "organisation": own_organisation(session.context)}, paging=paging)


def invite_member(session: Session, **given: Any) -> ListedPerson:
    """Into one's own organisation, with roles of organisations."""
    return invited(session, **given, organisation_id=own_organisation(session.context))


def end_member(session: Session, key: UUID) -> ListedPerson:
    """Of one's own organisation, but not one's own."""
    own_organisation(session.context)
    commands.check_other(session, key)
    accounts.end_membership(session, key)
    return people.person(session, key)


members = Resource(routes, "/v1/members", USER, subject="member", read="members:read", write="members:write")
members.list(list_members, order=people.PEOPLE, summary="本组织成员 / Own organisation's members")
members.create(
    invite_member,
    draft=schemas.MemberDraft,
    shown=INVITED,
    summary="邀请成员 / Invite a member",
    audited=acts.USER_INVITED,
    once=("invitation_url", *PERSONAL),
)
members.act(
    end_member, summary="结束成员身份 / End a member's membership", audited=acts.MEMBERSHIP_ENDED, once=PERSONAL
)
