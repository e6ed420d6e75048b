"""Routes about users: invited, locked, deactivated, erased."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import request

from services.identity.api.elsewhere import end_memberships_elsewhere, void_elsewhere
from services.identity.commands import accounts, personal
from services.identity.commands import users as commands
from services.identity.domain import acts
from services.identity.models import Membership, User
from services.identity.queries import people
from services.identity.queries.members import find_account
from services.identity.queries.people import PERSONAL, ListedPerson
from services.identity.routes import routes
from services.identity.schemas import users as schemas
from shared.core.errors import ConflictError, NotFoundError
from shared.core.secrets import peppered
from shared.http.declarations import Resource
from shared.http.requests.gate import database
from shared.http.resources import ResourceView
from shared.journal.session import Session

ALL = "/v1/users"
READ, MANAGE = "users:read", "users:manage"


USER = ResourceView(kind=Membership, view=schemas.UserView, present=people.present_people)
INVITED = replace(USER, view=schemas.InvitedView, url=lambda row: f"{ALL}/{row.membership.user_id}")
PERSON = ResourceView(kind=User, view=schemas.PersonView)


def invite_user(session: Session, **given: Any) -> ListedPerson:
    """A new account, or one that another tenant keeps, with roles of daily work."""
    commands.check_invited_roles(session, given["roles"])
    typed = given.pop("account", None)
    given["organisation_id"] = given.pop("organisation")
    return invited(session, **given, account=None if typed is None else _account(session, typed))


def invited(session: Session, **wanted: Any) -> ListedPerson:
    """Invite, and show the link this once."""
    made = accounts.invite(session, **wanted)
    return people.person(session, made.membership.user_id, link=link(session, made.token))


def link(session: Session, token: str) -> str:
    """The address that an invitation is accepted at."""
    return f"{session.settings.issuer}/invitation/{token}"


def _account(session: Session, typed: str) -> tuple[UUID, UUID]:
    """Where nobody is called so, an id that nobody has: who has accounts elsewhere is not told by inviting them."""
    if request.path.endswith("/bulk/invite"):
        # Each one is looked up in the other tenant's transaction, beside this one.
        raise ConflictError(
            "account_one_by_one",
            "其他辖区的账号不能批量邀请。请逐个邀请。",
            "Accounts of other tenants are not invited in bulk. Invite them one by one.",
        )
    listing = session.directory.named(session, typed.rpartition("@")[2])
    if listing is None or listing.id == session.context.tenant_id:
        raise NotFoundError.of("账号 / account", typed)
    found = find_account(database(), typed)
    nobody = UUID(peppered(session.settings.vault_key, "account", typed)[:32], version=4)
    return listing.id, nobody if found is None else found.user_id


def revise_user(session: Session, key: UUID, **changes: str) -> ListedPerson:
    """Name or e-mail."""
    return _after(session, commands.revise_user(session, key, **changes))


def lock_user(session: Session, key: UUID) -> ListedPerson:
    """Not to be used for a while: signs out everywhere."""
    return _stopped(session, accounts.lock, key=key, by="lock")


def unlock_user(session: Session, key: UUID) -> ListedPerson:
    """To be used again."""
    return _after(session, accounts.unlock(session, key))


def deactivate_user(session: Session, key: UUID) -> ListedPerson:
    """Not to be used any more: signs out everywhere."""
    return _stopped(session, accounts.deactivate, key=key, by="deactivate")


def reactivate_user(session: Session, key: UUID) -> ListedPerson:
    """To be used again."""
    return _after(session, accounts.reactivate(session, key))


def erase_user(session: Session, key: UUID) -> ListedPerson:
    """Whoever it was is forgotten (PIPL, article 47); the id stays."""
    commands.check_other(session, key)
    end_memberships_elsewhere(session, accounts.account(session, key))
    return _after(session, personal.erase(session, key))


def end_user_sessions(session: Session, key: UUID) -> ListedPerson:
    """Signed out everywhere."""
    return _stopped(session, commands.end_sessions, key=key, by="sessions-ended")


def _stopped(session: Session, run: Callable[..., User], *, key: UUID, by: str) -> ListedPerson:
    if by != "sessions-ended":
        commands.check_other(session, key)
    row = run(session, key)
    void_elsewhere(session, row, by=by)
    return _after(session, row)


def _after(session: Session, row: User) -> ListedPerson:
    session.flush()
    return people.person(session, row.id)


def reset_user_factor(session: Session, key: UUID) -> ListedPerson:
    """Its owner sets up another one at the next sign-in; signs out everywhere."""
    row = commands.reset_factor(session, key)
    void_elsewhere(session, row, by="factor-reset")
    return _after(session, row)


def invite_user_again(session: Session, key: UUID) -> ListedPerson:
    """A new link to set a password with; the one before is void."""
    token = commands.invite_again(session, key)
    session.flush()
    return people.person(session, key, link=link(session, token))


def end_user_membership(session: Session, key: UUID) -> ListedPerson:
    """The account, whoever keeps it, acts for this tenant no more."""
    commands.check_other(session, key)
    accounts.end_membership(session, key)
    return people.person(session, key)


def export_user(session: Session, key: UUID) -> dict[str, Any]:
    """All that is held on a person (PIPL, article 45)."""
    return {"id": key, "person": personal.export(session, key)}


users = Resource(routes, ALL, USER, subject="user", read=READ, write=MANAGE)

users.list(people.people, query=schemas.UserFilter, order=people.PEOPLE, summary="用户列表 / Users")
users.create(
    invite_user,
    draft=schemas.UserDraft,
    shown=INVITED,
    summary="邀请用户 / Invite a user",
    audited=acts.USER_INVITED,
    once=("invitation_url", *PERSONAL),
)
users.get(people.person, summary="一个用户 / One user")
users.revise(
    revise_user,
    draft=schemas.UserRevision,
    current=accounts.account,
    summary="修改用户 / Revise a user",
    audited=acts.USER_REVISED,
)
for run, act, summary in (
    (lock_user, acts.USER_LOCKED, "锁定用户 / Lock a user"),
    (unlock_user, acts.USER_UNLOCKED, "解锁用户 / Unlock a user"),
    (deactivate_user, acts.USER_DEACTIVATED, "停用用户 / Deactivate a user"),
    (reactivate_user, acts.USER_REACTIVATED, "恢复用户 / Reactivate a user"),
    (erase_user, acts.USER_ERASED, "删除个人信息 / Erase personal data"),
):
    users.act(run, current=accounts.account, summary=summary, audited=act, once=PERSONAL)
users.act(
    end_user_sessions,
    scope="sessions:manage",
    summary="结束全部会话 / End all sessions",
    audited=acts.SIGNED_OUT,
    once=PERSONAL,
)
users.act(
    reset_user_factor,
    current=accounts.account,
    scope="factors:manage",
    summary="重置第二因素 / Reset the second factor",
    audited=acts.FACTOR_RESET,
    once=PERSONAL,
)
users.act(
    invite_user_again,
    shown=INVITED,
    summary="再次邀请或重设密码 / New invitation link",
    audited=acts.USER_INVITED,
    once=("invitation_url", *PERSONAL),
)
users.act(end_user_membership, summary="结束成员身份 / End a membership", audited=acts.MEMBERSHIP_ENDED, once=PERSONAL)
users.act(
    export_user,
    shown=PERSON,
    summary="导出个人信息 / Export personal data",
    audited=acts.USER_EXPORTED,
    once=("person",),
)
users.bulk("invite_user", summary="批量邀请 / Invite in bulk")
users.bulk("lock_user", summary="批量锁定 / Lock in bulk")
users.bulk("unlock_user", summary="批量解锁 / Unlock in bulk")
users.bulk("deactivate_user", summary="批量停用 / Deactivate in bulk")
users.bulk("reactivate_user", summary="批量恢复 / Reactivate in bulk")
