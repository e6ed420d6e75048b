"""Slows down guessing without letting anyone lock others out (after OWASP's device cookies).

An attempt is counted before it is judged, so that many at once get no further than one after the other; success takes
its own count back. From a browser that has signed in to the account before, only that browser's failures count. From
anywhere else these do: the pair of account and address, the address over all accounts, and the account over all
addresses, which only makes a new pair wait `FIRST_WAIT` once for its turn: an attacker cannot take it away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from services.identity.domain.throttling import FREE, KEPT, Rule, wait_after
from services.identity.models import Failure, User
from shared.core.secrets import peppered
from shared.http.requests.addresses import network_of
from shared.journal.session import Session


@dataclass(frozen=True, kw_only=True)
class SignInAttempt:
    """Somebody tries to prove to be `login`; `purpose` is password or factor, `device` a browser it knows, or None."""

    purpose: str
    login: str
    address: str
    device: str | None = None

    def keys(self, session: Session) -> list[tuple[Rule, str]]:
        """What is counted; an account's keys begin alike, so that they can be forgotten together."""
        account = account_key(session, self.login)
        if self.device is not None:
            return [(Rule.DEVICE, f"{account}/{self.purpose}/device/{self.device}")]
        address = peppered(session.settings.vault_key, "address", network_of(self.address))
        whole = Rule.FACTOR_ACCOUNT if self.purpose == "factor" else Rule.ACCOUNT
        return [
            (Rule.ADDRESS, f"address/{address}"),
            (whole, f"{account}/{self.purpose}"),
            (Rule.PAIR, f"{account}/{self.purpose}/{address}"),
        ]


def account_key(session: Session, login: str) -> str:
    """How failures name an account: a keyed hash, the same whether it exists or not."""
    return peppered(session.settings.vault_key, "account", login)


def admit(session: Session, attempt: SignInAttempt) -> timedelta:
    """Zero when the attempt may be judged, which counts it; else how long to wait, which counts nothing."""
    rows = _rows(session, attempt.keys(session))
    # Read under the locks: whoever waited for them must not take another's earlier moment for one to come.
    now = session.clock.now()
    wait = max((row.blocked_until or now) - now for row in rows.values())
    pair = rows.get(Rule.PAIR)
    if wait <= timedelta(0) and pair is not None and pair.blocked_until is None and _is_attacked(rows):
        # A pair that comes while the account is attacked gets a time of its own: then it is judged whatever others do.
        wait = wait_after(Rule.PAIR, 1, attacked=True)
        pair.blocked_until, pair.last_at = now + wait, now
    if wait > timedelta(0):
        return wait
    for rule, row in rows.items():
        row.count, row.last_at = row.count + 1, now
        grown = wait_after(rule, row.count, attacked=_is_attacked(rows))
        row.blocked_until = now + grown if grown else None
    return timedelta(0)


def _is_attacked(rows: dict[Rule, Failure]) -> bool:
    return Rule.ACCOUNT in rows and rows[Rule.ACCOUNT].count >= FREE[Rule.ACCOUNT]


def _rows(session: Session, keys: Sequence[tuple[Rule, str]]) -> dict[Rule, Failure]:
    """The counters, locked in this order until the transaction ends; old ones begin anew."""
    tenant, now = session.context.tenant_id, session.clock.now()
    begun = insert(Failure).values(
        [{"tenant_id": tenant, "key": key, "count": 0, "last_at": now, "blocked_until": None} for _rule, key in keys]
    )
    # The update changes nothing: it locks, and makes the row be returned.
    locked = begun.on_conflict_do_update(index_elements=["tenant_id", "key"], set_={"count": Failure.count})
    asked = select(Failure).from_statement(locked.returning(Failure)).execution_options(populate_existing=True)
    found = {row.key: row for row in session.scalars(asked)}
    for row in found.values():
        if now - row.last_at > KEPT:
            row.count, row.blocked_until = 0, None
    return {rule: found[key] for rule, key in keys}


def succeed(session: Session, attempt: SignInAttempt) -> None:
    """Take back what `admit` counted; the pair or device begins anew, what others did to the account stays."""
    for rule, key in attempt.keys(session):
        if rule in (Rule.PAIR, Rule.DEVICE):
            session.execute(delete(Failure).where(Failure.key == key))
            continue
        row = session.scalars(select(Failure).where(Failure.key == key).with_for_update()).one_or_none()
        if row is not None and row.count > 0:
            row.count -= 1
            row.blocked_until = None if row.count < FREE[rule] else row.blocked_until


def full_login(session: Session, user: User) -> str:
    """`login@tenant` of an account of the session's tenant, as it is typed and counted."""
    listing = session.directory.listing(session, session.context.tenant_id)
    return f"{user.login}@{listing.code if listing else ''}"


def forget_failures(session: Session, user: User) -> None:
    """Nothing counts against this account any more."""
    key = account_key(session, full_login(session, user))
    session.execute(delete(Failure).where(Failure.key.startswith(key)))


def forget_old_failures(session: Session, *, most: int = 200) -> None:
    """Delete counters that count no more, a few at a time."""
    old: Sequence[str] = session.scalars(
        select(Failure.key)
        .where(Failure.last_at < session.clock.now() - KEPT)
        .limit(most)
        .with_for_update(skip_locked=True)
    ).all()
    if old:
        session.execute(delete(Failure).where(Failure.key.in_(old)))
