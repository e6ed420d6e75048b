"""Commands of administrators on accounts, beside their lifecycle (see `accounts`)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, update

from services.identity.commands import accounts, factors, sessions
from services.identity.commands.personal import keep_name, seal, unseal
from services.identity.commands.roles import grantable_roles
from services.identity.models import Grant, User, WebSession
from shared.core.errors import ConflictError, NotFoundError, RefusedError
from shared.evidence.audit import detail
from shared.journal.session import Session


def check_invited_roles(session: Session, names: list[str]) -> None:
    """Raises `RefusedError` for roles that only a security administrator gives: whoever invites could use the link."""
    asked = grantable_roles(session, names)
    if any(role.duty != "daily" for role in asked):
        raise RefusedError(
            "role_by_security",
            "管理员角色不能随邀请授予。请先邀请,再由安全管理员授予。",
            "Administrators' roles do not come with an invitation. Invite first; a security administrator grants them.",
        )


def revise_user(session: Session, user_id: UUID, **changes: str) -> User:
    """Change name or e-mail, which stay sealed; the log says which, not what."""
    user = accounts.account(session, user_id)
    known = unseal(session, user)
    if changes.get("name", known["name"]) != known["name"]:
        keep_name(session, user)
    user.sealed = seal(session, user_id, **{**known, **changes})
    user.touch(session.clock.now())
    detail(session, subject=str(user_id), after={"changed": sorted(changes)})
    return user


def invite_again(session: Session, user_id: UUID) -> str:
    """As `accounts.invite_again`, unless the link alone would open an administrator's account."""
    user = accounts.account(session, user_id)
    duties = select(Grant.role).where(Grant.user_id == user_id, Grant.duty != "daily")
    if user.otp_at is None and session.scalars(duties).first() is not None:
        raise ConflictError(
            "factor_missing",
            "该用户担任管理员但未设置第二因素,不能签发链接。请先由安全管理员撤销该角色,或由本人设置第二因素。",
            "This user is an administrator without a second factor and gets no link. The security administrator"
            " withdraws the role first, or the person sets up the factor.",
        )
    return accounts.invite_again(session, user_id)


def reset_factor(session: Session, user_id: UUID) -> User:
    """Take an account's second factor away, so that its owner sets up another; it is signed out everywhere."""
    check_other(session, user_id)
    user = accounts.account(session, user_id)
    if user.otp_at is None and user.otp_sealed is None:
        raise ConflictError("no_factor", "该用户没有启用第二因素。", "This user has no second factor.")
    factors.reset(session, user)
    # A link handed out while the factor stood guard would now be enough by itself.
    user.invitation_hash = user.invitation_until = None
    end_sessions(session, user_id, by="factor-reset")
    detail(session, subject=str(user_id), before={"second_factor": True}, after={"second_factor": False})
    return user


def end_sessions(session: Session, user_id: UUID, *, by: str = "sessions-ended") -> User:
    """End all sessions of an account, and its tokens in the session's tenant."""
    user = accounts.account(session, user_id)
    ended = sessions.end_sessions(session, user_id)
    sessions.void_user_tokens(session, user_id, by=by)
    detail(session, subject=str(user_id), after={"sessions": len(ended)})
    return user


def end_session(session: Session, session_id: UUID) -> WebSession:
    """End one session, and its tokens if they are for the session's tenant; raises `NotFoundError`."""
    row = session.get(WebSession, (session.context.tenant_id, session_id))
    if row is None:
        raise NotFoundError.of("会话 / session", session_id)
    ending = update(WebSession).where(WebSession.id == session_id, WebSession.ended_at.is_(None))
    if session.execute(ending.values(ended_at=session.clock.now()).returning(WebSession.id)).first() is None:
        raise ConflictError("session_ended", "该会话已结束。", "This session has ended already.")
    session.refresh(row)
    sessions.void_session_tokens(session, [sessions.Ended(row.id, row.for_tenant_id)], by="session")
    detail(session, subject=str(row.user_id), before={"session": str(session_id)})
    return row


def check_other(session: Session, user_id: UUID) -> None:
    """Raises `RefusedError` when an administrator means himself."""
    if session.context.actor_id == str(user_id):
        raise RefusedError(
            "not_to_oneself",
            "不能对自己的账号执行此操作。请由另一位管理员执行。",
            "Nobody does this to his own account. Ask another administrator.",
        )
