"""Browser sessions: started, renewed, ended, and the tokens that hang on them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import Select, delete, or_, select, update

from services.identity.commands.revocations import revoke
from services.identity.domain.keys import FAMILY_LIFE
from services.identity.models import Family, WebSession
from shared.core.secrets import handed_out, hashed
from shared.journal.session import Session

IDLE, ABSOLUTE = timedelta(minutes=30), timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
LONGEST_AGENT = 200
SHOWN = timedelta(days=30)
"""How long an ended session, and from where any was used, is kept for its owner and administrators to see."""
NEEDED = FAMILY_LIFE + timedelta(days=1)
"""How long tokens may hang on a session that was never ended: they are refreshed only while its row says so."""
MOST_FORGOTTEN = 100


@dataclass(frozen=True, kw_only=True)
class Start:
    """What a new session begins with; `chosen` is the tenant to act for, if it is settled already."""

    user_id: UUID
    methods: Collection[str]
    chosen: UUID | None = None
    address: str | None = None
    agent: str = ""


@dataclass(frozen=True)
class Ended:
    """A session that was ended, and the tenant whose tokens it may have (see `void_session_tokens`)."""

    session_id: UUID
    for_tenant_id: UUID | None


def start_session(session: Session, start: Start) -> tuple[WebSession, str]:
    """In a session of the tenant that keeps the account; the second is the cookie."""
    now, secret = session.clock.now(), handed_out(session.context.tenant_id)
    row = WebSession(
        id=uuid4(),
        secret_hash=hashed(secret),
        user_id=start.user_id,
        for_tenant_id=start.chosen,
        methods=sorted(start.methods),
        authenticated_at=now,
        factor_at=None,
        created_at=now,
        seen_at=now,
        ended_at=None,
        address=start.address,
        agent=start.agent[:LONGEST_AGENT],
    )
    session.add(row)
    session.flush()
    # Some of the tenant's sessions that nobody needs any more go whenever one begins.
    old = select(WebSession.id).where(or_(WebSession.ended_at < now - SHOWN, WebSession.created_at < now - NEEDED))
    session.execute(delete(WebSession).where(WebSession.id.in_(_some(old))))
    told = or_(WebSession.address.is_not(None), WebSession.agent != "")
    seen = select(WebSession.id).where(WebSession.created_at < now - SHOWN, told)
    session.execute(update(WebSession).where(WebSession.id.in_(_some(seen))).values(address=None, agent=""))
    return row, secret


def _some(found: Select[UUID]) -> Select[UUID]:
    # Skipping what another sign-in forgets right now: nobody waits for housekeeping.
    return found.limit(MOST_FORGOTTEN).with_for_update(skip_locked=True)


def renew_secret(session: Session, row: WebSession) -> str:
    """A new cookie for the same session: the one from before a step up in rights is worth nothing (fixation)."""
    secret = handed_out(session.context.tenant_id)
    row.secret_hash = hashed(secret)
    return secret


def switched(session: Session, row: WebSession, *, tenant: UUID) -> tuple[WebSession, str]:
    """A session that goes on for another tenant; the one before ends, so that a session only ever acts for one."""
    secret = handed_out(session.context.tenant_id)
    made = WebSession(
        id=uuid4(),
        secret_hash=hashed(secret),
        user_id=row.user_id,
        for_tenant_id=tenant,
        methods=list(row.methods),
        authenticated_at=row.authenticated_at,
        factor_at=row.factor_at,
        created_at=row.created_at,
        seen_at=session.clock.now(),
        ended_at=None,
        address=row.address,
        agent=row.agent,
    )
    session.add(made)
    row.ended_at = session.clock.now()
    session.flush()
    return made, secret


def living_session(session: Session, secret: str) -> WebSession | None:
    """The session of this cookie unless it ended, was idle for half an hour or is older than half a day."""
    row = session.scalars(select(WebSession).where(WebSession.secret_hash == hashed(secret))).one_or_none()
    return row if row is not None and is_living(session, row) else None


def is_living(session: Session, row: WebSession) -> bool:
    """Whether it has not ended and keeps both limits."""
    now = session.clock.now()
    return row.ended_at is None and now - row.seen_at <= IDLE and now - row.created_at <= ABSOLUTE


def touch(session: Session, row: WebSession) -> None:
    """Write down that it was used, once a minute at most."""
    now = session.clock.now()
    if now - row.seen_at >= SEEN_EVERY:
        row.seen_at = now


def end_session(session: Session, user_id: UUID, *, session_id: UUID) -> Ended | None:
    """One of this account's; None when there is no such living session. Its tokens are another tenant's matter."""
    ended = _end(session, (WebSession.user_id == user_id) & (WebSession.id == session_id))
    return ended[0] if ended else None


def end_sessions(session: Session, user_id: UUID, *, keep: UUID | None = None) -> list[Ended]:
    """Every living session of this account but `keep`."""
    condition = WebSession.user_id == user_id
    return _end(session, condition if keep is None else condition & (WebSession.id != keep))


def _end(session: Session, condition: object) -> list[Ended]:
    statement = update(WebSession).where(condition, WebSession.ended_at.is_(None))  # type: ignore[arg-type]
    rows = session.execute(
        statement.values(ended_at=session.clock.now()).returning(WebSession.id, WebSession.for_tenant_id)
    )
    return [Ended(*row) for row in rows]


def void_session_tokens(session: Session, ended: Iterable[Ended], *, by: str, owner: str | None = None) -> None:
    """In a session of the tenant acted for: end the families of these sessions and void their access tokens.

    `owner` is whoever ends what is its own (see `revoke`).
    """
    mine = [item.session_id for item in ended if item.for_tenant_id == session.context.tenant_id]
    if mine:
        _end_families(session, Family.session_id.in_(mine), by=by)
        revoke(session, [f"sid:{key}" for key in mine], owner=owner)


def void_user_tokens(session: Session, user_id: UUID, *, by: str) -> None:
    """In a session of any tenant the account acts for: end all its families there and void its access tokens."""
    _end_families(session, Family.user_id == user_id, by=by)
    revoke(session, [f"sub:{user_id}"])


def _end_families(session: Session, condition: object, *, by: str) -> None:
    statement = update(Family).where(condition, Family.ended_at.is_(None))  # type: ignore[arg-type]
    session.execute(statement.values(ended_at=session.clock.now(), ended_by=by))
