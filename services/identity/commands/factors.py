"""The second factor: one-time passwords (RFC 6238) that count once each, and recovery codes that count once."""

from __future__ import annotations

import hmac
from secrets import choice

import pyotp
from sqlalchemy import func, literal, update

from services.identity.models import User
from shared.core.secrets import peppered
from shared.journal.session import Session
from shared.text.identifiers.certificates import ALPHABET
from shared.text.identifiers.writing import crockford
from shared.text.identifiers.writing import typed as written

STEP, WINDOW = 30, 1
"""Seconds of a time step, and how many steps early or late a code may come."""
RECOVERY_CODES, RECOVERY_LENGTH = 10, 10
ISSUER = "Xietong"
LONGEST_TYPED = 200
"""Characters that are looked at, blanks and brackets around a code included."""


def new_secret() -> str:
    """160 random bits in base32, as authenticator apps take them."""
    return pyotp.random_base32()


def provisioning_uri(secret: str, *, login: str) -> str:
    """What the QR code says (otpauth://)."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def matching_step(session: Session, secret: str, *, code: str) -> int | None:
    """The time step, now or one away from it, whose code this is."""
    totp, now = pyotp.TOTP(secret), int(session.clock.now().timestamp()) // STEP
    steps = [now + offset for offset in range(-WINDOW, WINDOW + 1)]
    found = [step for step in steps if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode())]
    return max(found, default=None)


def _label(user: User) -> bytes:
    return f"{user.tenant_id}/otp/{user.id}".encode()


def set_up(session: Session, user: User, *, secret: str, step: int) -> list[str]:
    """Enable the second factor, proven by the code of `step`; returns recovery codes, to be shown once."""
    now = session.clock.now()
    user.otp_sealed = session.keyring.vault.seal(secret.encode(), label=_label(user))
    user.otp_at, user.otp_step = now, step
    user.touch(now)
    return renew_recovery(session, user)


def reset(session: Session, user: User) -> None:
    """Without second factor until a new one is set up; the caller ends sessions and tokens."""
    user.otp_sealed = user.otp_at = None
    user.otp_step, user.recovery = 0, []
    user.touch(session.clock.now())


def give_code(session: Session, user: User, *, code: str) -> bool:
    """Whether the one-time password counts now; each time step counts once, also among many at once."""
    if user.otp_sealed is None or user.otp_at is None:
        return False
    secret = session.keyring.vault.unseal(user.otp_sealed, label=_label(user)).decode()
    step = matching_step(session, secret, code=code)
    if step is None:
        return False
    used = update(User).where(User.id == user.id, User.otp_step < step, User.otp_at.is_not(None))
    return session.execute(used.values(otp_step=step).returning(User.id)).scalar_one_or_none() is not None


def give_recovery(session: Session, user: User, *, code: str) -> int | None:
    """How many recovery codes are left when this was one of them, which it is no longer; else None."""
    hashed = _recovery_hash(session, user, code=code)
    used = update(User).where(User.id == user.id, literal(hashed) == func.any(User.recovery))
    kept = func.array_remove(User.recovery, hashed)
    left = session.execute(used.values(recovery=kept).returning(func.cardinality(User.recovery)))
    return left.scalar_one_or_none()


def renew_recovery(session: Session, user: User) -> list[str]:
    """New recovery codes, to be shown once; those before are void."""
    codes = ["".join(choice(ALPHABET) for _ in range(RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]
    user.recovery = [_recovery_hash(session, user, code=code) for code in codes]
    return codes


def _recovery_hash(session: Session, user: User, *, code: str) -> str:
    # Fifty bits are too few for a fast hash alone.
    return peppered(session.settings.vault_key, "recovery", str(user.id), code)


def plain_code(typed: str) -> str:
    """As compared: people type spaces, hyphens, small letters, in full width, and O for 0."""
    return crockford(written(typed[:LONGEST_TYPED]))[:40]
