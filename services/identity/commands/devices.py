"""Devices without a browser that wait to be let in (RFC 8628); their codes live with the client's tenant."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import delete, select, update

from services.identity.domain.grants import Approval, GrantRefusedError
from services.identity.domain.keys import DEVICE_INTERVAL, DEVICE_LIFE
from services.identity.models import DeviceCode
from shared.core.secrets import hashed, peppered
from shared.journal.session import Session
from shared.text.identifiers.writing import typed as written

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""No vowels: no words (RFC 8628, 6.1)."""
LENGTH = 8
State = Literal["waiting", "too_fast", "approved", "refused", "redeemed", "expired"]


@dataclass(frozen=True)
class PendingDevice:
    """A device that asks, as the person sees it who lets it in."""

    client_id: str
    scope: str
    address: str | None


def new_user_code() -> str:
    """Eight letters in two groups, for people to type."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    return f"{letters[:4]}-{letters[4:]}"


def normal_user_code(typed: str) -> str | None:
    """As it was shown, however it was typed; None when it cannot be one."""
    letters = written(typed)
    if len(letters) != LENGTH or not set(letters) <= set(LETTERS):
        return None
    return f"{letters[:4]}-{letters[4:]}"


def _user_code_hash(session: Session, code: str) -> str:
    return peppered(session.settings.vault_key, "user code", code)


def save_device(session: Session, device_code: str, *, user_code: str, client_id: str, scope: str) -> None:
    """Keep what a device was handed, as hashes, and forget what expired."""
    now = session.clock.now()
    session.execute(delete(DeviceCode).where(DeviceCode.expires_at < now - DEVICE_LIFE))
    session.add(
        DeviceCode(
            hash=hashed(device_code),
            user_code_hash=_user_code_hash(session, user_code),
            client_id=client_id,
            scope=scope,
            state="waiting",
            approval=None,
            polled_at=None,
            expires_at=now + DEVICE_LIFE,
            address=session.context.address,
        )
    )


def poll_device(session: Session, device_code: str, *, client_id: str) -> State:
    """How things stand, asking no more often than every five seconds; raises `GrantRefusedError`."""
    found = select(DeviceCode).where(DeviceCode.hash == hashed(device_code), DeviceCode.client_id == client_id)
    row, now = session.scalars(found.with_for_update()).one_or_none(), session.clock.now()
    if row is None:
        raise GrantRefusedError("The device code is not known.")
    if row.expires_at <= now:
        return "expired"
    too_fast = row.polled_at is not None and now - row.polled_at < timedelta(seconds=DEVICE_INTERVAL)
    row.polled_at = now
    state: Any = row.state
    return "too_fast" if too_fast and state == "waiting" else state


def redeem_device(session: Session, device_code: str) -> Approval:
    """Redeem by one statement what was approved; raises `GrantRefusedError` when somebody else was first."""
    ready = update(DeviceCode).where(
        DeviceCode.hash == hashed(device_code),
        DeviceCode.state == "approved",
        DeviceCode.expires_at > session.clock.now(),
    )
    found = session.scalar(ready.values(state="redeemed").returning(DeviceCode.approval))
    if found is None:
        raise GrantRefusedError("The device code has been used or has expired.")
    return Approval.read(found)


def waiting_device(session: Session, user_code: str) -> PendingDevice | None:
    """What asks under this code, in the session's tenant."""
    row = session.scalars(_waiting(session, user_code)).one_or_none()
    return None if row is None else PendingDevice(row.client_id, row.scope, row.address)


def decide_device(session: Session, user_code: str, *, approval: Approval | None) -> bool:
    """Let it in as `approval` says, or turn it away; False when it no longer waits."""
    row = session.scalars(_waiting(session, user_code).with_for_update()).one_or_none()
    if row is None:
        return False
    row.state = "refused" if approval is None else "approved"
    row.approval = None if approval is None else approval.document()
    return True


def _waiting(session: Session, user_code: str) -> Any:
    return select(DeviceCode).where(
        DeviceCode.user_code_hash == _user_code_hash(session, user_code),
        DeviceCode.state == "waiting",
        DeviceCode.expires_at > session.clock.now(),
    )
