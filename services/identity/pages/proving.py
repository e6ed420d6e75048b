"""One attempt to prove who one is, by password or second factor: counted before it is judged, and written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from math import ceil
from uuid import UUID

from flask import Response, request
from sqlalchemy import select

from events.printing import is_printable, printable
from services.identity.commands import throttle
from services.identity.commands.known_devices import DEVICE_DAYS, known_device, remember_device
from services.identity.commands.throttle import SignInAttempt
from services.identity.domain import acts
from services.identity.domain.users import login_parts
from services.identity.models import User
from services.identity.pages.signed_in import SignedIn, context
from shared.core.context import PLATFORM
from shared.core.errors import Fault, InvalidError
from shared.evidence.audit import note
from shared.http.requests.gate import database, limits
from shared.journal.session import Session
from shared.keys.directory import Listing
from shared.pages.cookies import cookie, set_cookie
from shared.rules.acts import Act
from shared.text.identifiers import form

REFUSED_AS = {"password": acts.SIGNED_IN, "factor": acts.FACTOR_GIVEN, "forgotten": acts.RESET_ASKED}


def device_cookie(login: str) -> str:
    """Which cookie remembers that this browser has signed in as `login`: one an account, told by a hash alone."""
    return f"device_{sha256(login.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """Whose account somebody claims: `tenant` None when no such tenant is known, `user` None when no such account."""

    login: str
    tenant: UUID | None
    user: User | None = None
    attempt: SignInAttempt

    @property
    def place(self) -> UUID:
        """The tenant whose rows count the attempt."""
        return self.tenant or PLATFORM

    @property
    def subject(self) -> str | None:
        """As the audit log names it; what was typed may be a password in the wrong field."""
        return None if self.user is None else str(self.user.id)


def admitted(purpose: str, login: str, *, tenant: UUID | None, find: Callable[[Session], User | None]) -> Claimed:
    """The claim, counted already; raises `MustWaitError`."""
    with database().session(context(tenant or PLATFORM)) as session:
        user = find(session)
        device = known_device(session, user.id if user else None, secret=cookie(device_cookie(login)))
        attempt = SignInAttempt(purpose=purpose, login=login, address=request.remote_addr or "", device=device)
        claimed = Claimed(login=login, tenant=tenant, user=user, attempt=attempt)
        wait = throttle.admit(session, attempt)
        if wait > timedelta(0) and limits().is_worth_writing(request.remote_addr or ""):
            note(session, REFUSED_AS[purpose], outcome="refused", reason="too_many_failures", subject=claimed.subject)
    if wait > timedelta(0):
        raise MustWaitError(wait)
    return claimed


def wrong(*faults: Fault) -> InvalidError:
    """A form that is shown again with these faults beside its fields."""
    return InvalidError("form_invalid", faults[0].zh, faults[0].en, list(faults))


class MustWaitError(Exception):
    """Too many failures: nothing was judged."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(wait)
        self.seconds = max(1, ceil(wait.total_seconds()))

    def fault(self, field: str) -> Fault:
        """What to do now, for the form's field."""
        return Fault(
            field,
            f"失败次数过多。请在 {self.seconds} 秒后重试。",
            f"Too many failures. Try again in {self.seconds} seconds.",
        )


def admitted_login(purpose: str, login: str) -> Claimed:
    """The claim of whoever typed this login."""
    name, code = login_parts(login) or (printable(login), "")
    listing = known_tenant(code)

    def find(session: Session) -> User | None:
        # Asked for an unknown tenant too, so that it takes as long; nobody has a name that cannot be asked for.
        named = select(User).where(User.login == name)
        user = session.scalars(named).one_or_none() if code and is_printable(login) else None
        return user if listing is not None else None

    return admitted(purpose, f"{name}@{code}", tenant=None if listing is None else listing.id, find=find)


def known_tenant(code: str) -> Listing | None:
    """The tenant of this code, however it was typed."""
    if not code:
        return None
    with database().session(context(PLATFORM)) as session:
        return session.directory.named(session, form("tenant_code", code))


def admitted_owner(purpose: str, found: SignedIn) -> Claimed:
    """The claim of who is signed in to be the account's owner."""
    return admitted(purpose, found.login(), tenant=found.account_id, find=found.user)


def not_proven(claimed: Claimed, act: Act, *, reason: str, fault: Fault) -> InvalidError:
    """It is written down; the form is shown again with the fault."""
    failed(claimed, act, reason=reason)
    return wrong(fault)


def failed(claimed: Claimed, act: Act, *, reason: str) -> None:
    """Write down that it was refused."""
    with database().session(context(claimed.place)) as session:
        note(session, act, outcome="refused", reason=reason, subject=claimed.subject)
        throttle.forget_old_failures(session)


def proven(session: Session, claimed: Claimed) -> None:
    """Count it no longer."""
    throttle.succeed(session, claimed.attempt)


def remembered(response: Response, *, login: str, tenant: UUID, user_id: UUID) -> Response:
    """The response with a cookie by which the account knows this browser from now on."""
    with database().session(context(tenant, str(user_id))) as session:
        if known_device(session, user_id, secret=cookie(device_cookie(login))) is not None:
            return response
        secret = remember_device(session, user_id)
    set_cookie(response, device_cookie(login), value=secret, seconds=DEVICE_DAYS * 86_400)
    return response
