"""Passwords as Argon2id hashes (RFC 9106): made and checked a few at a time, because each takes memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import update

from services.identity.domain.passwords import LONGEST, normalised
from services.identity.models import User
from shared.core.errors import UnavailableError
from shared.journal.session import Session

HASHER = PasswordHasher(time_cost=3, memory_cost=19_456, parallelism=1)
"""19 MiB and three passes, about 65 ms on one core: OWASP's parameters with one more pass."""
AT_ONCE = 4
"""Computations at the same time in one process: 76 MiB at most."""
SEATS = 6
"""Computing or waiting: of a process's eight threads some are left for those who are signed in already."""
PATIENCE = 5.0
"""Seconds that a request waits for its turn."""
_seats, _turns = BoundedSemaphore(SEATS), BoundedSemaphore(AT_ONCE)


@contextmanager
def _turn() -> Iterator[None]:
    if not _seats.acquire(blocking=False):
        raise _busy()
    try:
        if not _turns.acquire(timeout=PATIENCE):
            raise _busy()
        try:
            yield
        finally:
            _turns.release()
    finally:
        _seats.release()


def _busy() -> UnavailableError:
    return UnavailableError(
        "busy", "登录人数过多,请稍后重试。", "Too many are signing in right now. Try again in a moment."
    )


def hash_password(password: str) -> str:
    """For a password that was checked; takes time, so call it outside a transaction."""
    with _turn():
        return HASHER.hash(normalised(password))


def fits(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one; without one it takes as long and is False. Outside a transaction."""
    given = normalised(password[: 4 * LONGEST])
    with _turn():
        try:
            HASHER.verify(stored or _nobody(HASHER), given)
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


@lru_cache(maxsize=4)
def _nobody(hasher: PasswordHasher) -> str:
    return hasher.hash("nobody has this password")


def is_outdated(stored: str) -> bool:
    """Whether it was made with other parameters than today's."""
    return HASHER.check_needs_rehash(stored)


def renew_hash(session: Session, user: User, *, made: str) -> None:
    """Replace the hash of the same password, unless the password has changed meanwhile."""
    same = User.id == user.id, User.password_hash == user.password_hash
    session.execute(update(User).where(*same).values(password_hash=made))


def set_password(session: Session, user: User, *, made: str) -> None:
    """A new password; the caller ends the other sessions and their tokens."""
    now = session.clock.now()
    user.password_hash, user.password_at, user.reset_asked_at = made, now, None
    user.touch(now)
