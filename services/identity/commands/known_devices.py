"""Browsers that have signed in to an account before, by a cookie (OWASP's device cookies)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select

from services.identity.models import Device
from shared.core.secrets import handed_out, hashed
from shared.journal.session import Session

DEVICE_DAYS = 180
MOST_DEVICES = 20


def known_device(session: Session, user_id: UUID | None, *, secret: str) -> str | None:
    """The hash by which this browser's failures are counted, None unless the account knows it.

    For an account that does not exist it takes as long.
    """
    row = session.get(Device, (session.context.tenant_id, hashed(secret)))
    if row is None or row.user_id != user_id:
        return None
    return row.hash if session.clock.now() - row.created_at < timedelta(days=DEVICE_DAYS) else None


def remember_device(session: Session, user_id: UUID) -> str:
    """A new cookie for a browser whose owner has proven everything that is asked for; old devices are forgotten."""
    secret = handed_out(session.context.tenant_id)
    newest = select(Device.hash).where(Device.user_id == user_id).order_by(Device.created_at.desc())
    kept = session.scalars(newest.limit(MOST_DEVICES - 1)).all()
    session.execute(delete(Device).where(Device.user_id == user_id, Device.hash.not_in(kept)))
    session.add(Device(hash=hashed(secret), user_id=user_id, created_at=session.clock.now()))
    return secret
