"""Accounts: invited, activated, locked, deactivated; and memberships of accounts that other tenants keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select, update

from events.canonical import plain
from services.identity.commands import sessions
from services.identity.commands.personal import seal
from services.identity.commands.roles import give_roles, held_names
from services.identity.commands.throttle import forget_failures
from services.identity.domain.users import MEMBERSHIP_LIFECYCLE, USER_LIFECYCLE
from services.identity.models import Grant, Membership, User
from shared.core.errors import ConflictError, Fault, NotFoundError, RefusedError
from shared.core.secrets import handed_out, hashed
from shared.database import usage
from shared.database.session import TenantSession
from shared.evidence.audit import detail
from shared.journal.session import Session

INVITATION_LIFE = timedelta(hours=72)


@dataclass(frozen=True, kw_only=True)
class AccountDraft:
    """Whom to invite as what.

    `account` is (tenant that keeps it, user id) of an account that exists elsewhere; then login, name and email are
    that tenant's matter.
    """

    login: str = ""
    name: str = ""
    email: str = ""
    roles: Sequence[str] = ()
    organisation_id: UUID | None = None
    account: tuple[UUID, UUID] | None = None


class Invited(NamedTuple):
    """`user` is None for another tenant's account; `token` goes into the link, once."""

    user: User | None
    membership: Membership
    token: str


def invite(session: Session, **wanted: Any) -> Invited:
    """`wanted` as in `AccountDraft`. Raises `ConflictError` for a taken login, a full quota, clashing roles.

    Grants are written at once; they count when the invitation is accepted.
    """
    draft = AccountDraft(**wanted)
    check_quota(session)
    token = handed_out(session.context.tenant_id)
    user = None
    if draft.account is None:
        user = _new_user(session, draft, token=token)
        keeper, key = session.context.tenant_id, user.id
    else:
        keeper, key = draft.account
    now = session.clock.now()
    row = session.get(Membership, (session.context.tenant_id, key))
    if row is None:
        row = Membership(
            user_id=key, state=MEMBERSHIP_LIFECYCLE.initial, created_at=now, invitation_hash=None, invitation_until=None
        )
    else:
        MEMBERSHIP_LIFECYCLE.move(row, "invite")
        session.execute(delete(Grant).where(Grant.user_id == key))
    row.account_id, row.organisation_id, row.updated_at = keeper, draft.organisation_id, now
    session.add(row)
    if user is None:
        row.invitation_hash, row.invitation_until = hashed(token), _until(session)
    give_roles(session, row, names=draft.roles)
    session.flush()
    given = {"roles": sorted(set(draft.roles)), "organisation": plain(draft.organisation_id), "kept_by": str(keeper)}
    detail(session, subject=str(key), after={"state": row.state, **given})
    return Invited(user, row, token)


def check_quota(session: Session) -> None:
    """Raises `ConflictError` when the tenant has as many users as it may."""
    tenant = session.context.tenant_id
    session.directory.listing(session, tenant)
    most = session.directory.quota(tenant, "users")
    if most is None:
        return
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"users/{tenant}", 0))))
    held = users_held(session)
    if held >= most:
        raise ConflictError(
            "quota_reached",
            f"本辖区最多可有 {most} 名用户,现已用完。请停用不再需要的用户,或请平台管理员提高配额。",
            f"This tenant may have {most} users and has them. Deactivate some, or ask the platform's administrator for"
            " a larger quota.",
        )
    usage.note(session, usage.Use("users", most, held + 1))


@usage.counts("users")
def users_held(session: TenantSession) -> int:
    """Accounts of the tenant, and people of others who act for it."""
    # Accounts, because an organisation's session sees no other organisation's memberships.
    own = select(func.count()).select_from(User).where(User.state.not_in(("deactivated", "erased")))
    foreign = select(func.count()).select_from(Membership)
    foreign = foreign.where(Membership.state != "ended", Membership.account_id != session.context.tenant_id)
    return int(session.execute(own).scalar_one() + session.execute(foreign).scalar_one())


def _new_user(session: Session, draft: AccountDraft, *, token: str) -> User:
    if session.scalar(select(User.id).where(User.login == draft.login)) is not None:
        # Without the login: what is answered may be kept (Idempotency-Key).
        zh, en = "这个登录名已被使用。请换一个。", "This login is taken. Choose another one."
        raise ConflictError("login_taken", zh, en, [Fault("/login", zh, en)])
    now, key = session.clock.now(), uuid4()
    user = User(
        id=key,
        login=draft.login,
        state=USER_LIFECYCLE.initial,
        sealed=seal(session, key, name=draft.name, email=draft.email),
        password_hash=None,
        password_at=None,
        otp_sealed=None,
        otp_at=None,
        otp_step=0,
        recovery=[],
        links=[],
        provider_id=None,
        provider_subject=None,
        invitation_hash=hashed(token),
        invitation_until=_until(session),
        created_at=now,
        updated_at=now,
        version=1,
    )
    session.add(user)
    session.flush()
    return user


def _until(session: Session) -> Any:
    return session.clock.now() + INVITATION_LIFE


def invite_again(session: Session, user_id: UUID) -> str:
    """A new link: for somebody invited, or for somebody active to set a new password; the link before is void."""
    user = account(session, user_id)
    if user.state not in ("invited", "active"):
        USER_LIFECYCLE.target(user.state, "activate")
    token, earlier = handed_out(session.context.tenant_id), user.invitation_until
    user.invitation_hash, user.invitation_until = hashed(token), _until(session)
    detail(session, subject=str(user_id), before={"state": user.state, "link_until": plain(earlier)},
           after={"state": user.state, "link_until": plain(user.invitation_until)})  # fmt: skip
    user.reset_asked_at = None
    user.touch(session.clock.now())
    return token


def activate(session: Session, token: str, *, password_hash: str) -> User:
    """Redeem the link of an account of this tenant, once: sets the password; raises `RefusedError`.

    Ends the sessions there were: after a reset nobody else stays signed in.
    """
    now = session.clock.now()
    redeemed = (
        update(User)
        .where(User.invitation_hash == hashed(token), User.invitation_until > now)
        .where(User.state.in_(["invited", "active"]))
        .values(invitation_hash=None, invitation_until=None, reset_asked_at=None, state="active",
                password_hash=password_hash, password_at=now, updated_at=now, version=User.version + 1)
        .returning(User.id)
    )  # fmt: skip
    key = session.execute(redeemed).scalar_one_or_none()
    if key is None:
        raise link_void()
    user = session.get_one(User, (session.context.tenant_id, key), populate_existing=True)
    own = session.get(Membership, (session.context.tenant_id, key))
    if own is not None and own.state == "invited":
        MEMBERSHIP_LIFECYCLE.move(own, "accept")
        own.updated_at = now
    sessions.end_sessions(session, key)
    return user


def link_void() -> RefusedError:
    """Why a link does not work, without saying whether it ever did."""
    return RefusedError(
        "link_void",
        "这个链接已失效:已被使用、已过期或不完整。请向发出邀请的管理员索取新的链接。",
        "This link does not work any more: it was used, has expired or is incomplete. Ask the administrator who invited"
        " you for a new one.",
    )


def accept_membership(session: Session, token: str, *, account_id: UUID, user_id: UUID) -> Membership:
    """Redeem the link for an account that another tenant keeps, once; afterwards `link` in that tenant's session."""
    now = session.clock.now()
    redeemed = (
        update(Membership)
        .where(Membership.invitation_hash == hashed(token), Membership.invitation_until > now)
        .where(Membership.user_id == user_id, Membership.account_id == account_id, Membership.state == "invited")
        .values(invitation_hash=None, invitation_until=None, state="active", updated_at=now)
        .returning(Membership.user_id)
    )
    if session.execute(redeemed).scalar_one_or_none() is None:
        raise link_void()
    return session.get_one(Membership, (session.context.tenant_id, user_id), populate_existing=True)


def link(session: Session, user_id: UUID, *, tenant: UUID) -> None:
    """In the tenant that keeps the account: note that it is a member of `tenant` too."""
    user = account(session, user_id)
    if tenant not in user.links:
        user.links = [*user.links, tenant]
        user.touch(session.clock.now())


def tenants_of(session: Session, user_id: UUID) -> list[UUID]:
    """The tenant that keeps the account, then the others it is a member of: where its tokens may live."""
    return [session.context.tenant_id, *account(session, user_id).links]


def account(session: Session, user_id: UUID) -> User:
    """The account, locked until the transaction ends; raises `NotFoundError`."""
    row = session.get(User, (session.context.tenant_id, user_id), with_for_update=True, populate_existing=True)
    if row is None or row.state == "erased":
        raise NotFoundError.of("用户 / user", user_id)
    return row


def lock(session: Session, user_id: UUID) -> User:
    """As `deactivate`, but meant for a while.

    The caller voids tokens in the other tenants (`tenants_of`, `sessions.void_user_tokens`).
    """
    return _stopped(session, user_id, action="lock")


def deactivate(session: Session, user_id: UUID) -> User:
    """Nobody signs in with it any more; ends its sessions, and its tokens in the session's tenant."""
    user = _stopped(session, user_id, action="deactivate")
    user.invitation_hash = user.invitation_until = None
    return user


def _stopped(session: Session, user_id: UUID, *, action: str) -> User:
    user = _moved(session, user_id, action=action)
    sessions.end_sessions(session, user_id)
    sessions.void_user_tokens(session, user_id, by=action)
    return user


def unlock(session: Session, user_id: UUID) -> User:
    """Let a locked account be used again, with no failures counted against it."""
    user = _moved(session, user_id, action="unlock")
    forget_failures(session, user)
    return user


def reactivate(session: Session, user_id: UUID) -> User:
    """Let a deactivated account be used again; one that never had a password needs `invite_again`."""
    check_quota(session)
    return _moved(session, user_id, action="reactivate")


def _moved(session: Session, user_id: UUID, *, action: str) -> User:
    user = account(session, user_id)
    before = user.state
    USER_LIFECYCLE.move(user, action)
    user.touch(session.clock.now())
    detail(session, subject=str(user_id), before={"state": before}, after={"state": user.state})
    return user


def end_membership(session: Session, user_id: UUID) -> Membership:
    """The account acts for the session's tenant no more: roles and tokens here end; raises `NotFoundError`."""
    row = session.get(Membership, (session.context.tenant_id, user_id), with_for_update=True)
    if row is None:
        raise NotFoundError.of("成员 / member", user_id)
    before = {"state": row.state, "roles": list(held_names(session, user_id))}
    MEMBERSHIP_LIFECYCLE.move(row, "end")
    row.invitation_hash = row.invitation_until = None
    row.updated_at = session.clock.now()
    user = session.get(User, (session.context.tenant_id, user_id))
    if user is not None and user.state == "invited":
        # Who never came is let in by no link any more: there is nothing left to come for.
        user.invitation_hash = user.invitation_until = None
    detail(session, subject=str(user_id), before=plain(before), after={"state": row.state, "roles": []})
    session.execute(delete(Grant).where(Grant.user_id == user_id))
    sessions.void_user_tokens(session, user_id, by="membership")
    return row
