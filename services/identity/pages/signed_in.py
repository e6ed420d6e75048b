"""Who is signed in, by the cookie of their browser, and what they still have to do before they may go on."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from flask import Response, g, request

from events.printing import printable
from services.identity.commands import sessions
from services.identity.commands.sessions import Ended, Start
from services.identity.commands.throttle import full_login
from services.identity.domain import acts
from services.identity.models import User, WebSession
from services.identity.queries.members import Account, member, memberships
from shared.core.context import PLATFORM, Context
from shared.core.errors import RefusedError
from shared.core.secrets import tenant_of
from shared.evidence.audit import note
from shared.http.requests.gate import database
from shared.http.requests.tokens import FRESH_SECONDS
from shared.journal.session import Session
from shared.pages.cookies import SESSION, cookie, drop_cookie, set_cookie
from shared.pages.forms import StepMissingError, local
from shared.pages.visiting import go


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """A living session; `for_tenant_id` is None until a tenant to act for is chosen."""

    account_id: UUID
    user_id: UUID
    session_id: UUID
    for_tenant_id: UUID | None
    methods: tuple[str, ...]
    authenticated_at: datetime
    factor_at: datetime | None
    has_factor: bool
    """Whether the account has a second factor set up, which is then always asked for."""

    @property
    def account(self) -> Account:
        """The account by the tenant that keeps it."""
        return Account(self.account_id, self.user_id)

    @property
    def lacks_factor(self) -> bool:
        """Whether the second factor that is set up has not been given yet."""
        return self.has_factor and self.factor_at is None

    @property
    def tenant(self) -> UUID:
        """The tenant they act for; only after `require`."""
        if self.for_tenant_id is None:
            raise RuntimeError("no tenant was chosen")
        return self.for_tenant_id

    def session(self) -> AbstractContextManager[Session]:
        """A transaction of their own, in the tenant that keeps the account."""
        return database().session(context(self.account_id, str(self.user_id)))

    def user(self, session: Session, *, locked: bool = False) -> User:
        """Their account's row, in a session of `session()`."""
        return session.get_one(User, (self.account_id, self.user_id), with_for_update=locked)

    def login(self) -> str:
        """As it is typed: `login@tenant`."""
        with self.session() as session:
            return full_login(session, self.user(session))


def context(tenant: UUID, actor: str = "unknown") -> Context:
    """What a page does in a tenant is done as this."""
    return Context(tenant_id=tenant, actor_id=actor, correlation=g.get("correlation", ""), address=request.remote_addr)


def signed_in() -> SignedIn | None:
    """From the cookie, once a request; None when there is no living session of an active account and tenant."""
    if "signed_in" not in g:
        g.signed_in = _read()
    found: SignedIn | None = g.signed_in
    return found


def _read() -> SignedIn | None:
    secret = cookie(SESSION)
    tenant = tenant_of(secret)
    if tenant is None:
        return None
    with database().session(context(tenant)) as session:
        row = sessions.living_session(session, secret)
        user = None if row is None else session.get(User, (tenant, row.user_id))
        if row is None or user is None or user.state != "active" or not works_here(session, tenant):
            return None
        sessions.touch(session, row)
        return _signed_in(row, user)


def _signed_in(row: WebSession, user: User) -> SignedIn:
    return SignedIn(
        account_id=user.tenant_id,
        user_id=user.id,
        session_id=row.id,
        for_tenant_id=row.for_tenant_id,
        methods=tuple(row.methods),
        authenticated_at=row.authenticated_at,
        factor_at=row.factor_at,
        has_factor=user.otp_at is not None,
    )


def works_here(session: Session, tenant: UUID) -> bool:
    """Whether this tenant lives in this cell and may use the platform."""
    listing = session.directory.listing(session, tenant)
    return tenant == PLATFORM or (listing is not None and listing.is_working and listing.cell == session.settings.cell)


def require(next_url: str, *, fresh: bool = False, factor: bool = False) -> SignedIn:
    """Who is signed in for a chosen tenant; else raises `StepMissingError`, whose page leads back to `next_url`.

    `factor` asks for a second factor even if no role does, `fresh` for one given within ten minutes (RFC 9470).
    """
    found = present(next_url)
    if found.lacks_factor:
        raise StepMissingError("/signin/factor", next_url)
    if found.for_tenant_id is None:
        raise StepMissingError("/signin/tenant", next_url)
    if not found.has_factor and (factor or fresh or _demands_factor(found)):
        raise StepMissingError("/signin/factor/set-up", next_url)
    if fresh and not is_fresh(found):
        raise StepMissingError("/signin/factor", next_url)
    return found


def present(next_url: str) -> SignedIn:
    """Who has a living session, whatever is still missing."""
    found = signed_in()
    if found is None:
        raise StepMissingError("/signin", next_url)
    return found


def is_fresh(found: SignedIn) -> bool:
    """Whether the second factor was given within the last ten minutes."""
    now = database().clock.now()
    return found.factor_at is not None and now - found.factor_at < timedelta(seconds=FRESH_SECONDS)


def is_recent(found: SignedIn) -> bool:
    """Whether the person signed in within the last ten minutes."""
    return database().clock.now() - found.authenticated_at < timedelta(seconds=FRESH_SECONDS)


def _demands_factor(found: SignedIn) -> bool:
    with database().session(context(found.tenant)) as session:
        held = member(session, found.user_id)
    return held is not None and held.second_factor


def begin(account: Account, *, methods: Collection[str], next_url: str) -> Response:
    """Start a session for an account whose owner has just been recognised, and go on.

    The one before in this browser ends. With a single membership its tenant is chosen; else `require` asks. Raises
    `RefusedError` for an account or tenant that may not be used.
    """
    before = signed_in()
    with database().session(context(account.tenant_id, str(account.user_id))) as session:
        links = _checked(session, account)
    held = memberships(database(), account, links=links)
    chosen = held[0][0].id if len(held) == 1 else None
    with database().session(context(account.tenant_id, str(account.user_id))) as session:
        start = Start(
            user_id=account.user_id,
            methods=methods,
            chosen=chosen,
            address=request.remote_addr,
            agent=printable(request.headers.get("User-Agent", "")),
        )
        row, secret = sessions.start_session(session, start)
        user = session.get_one(User, (account.tenant_id, account.user_id))
        note(
            session,
            acts.SIGNED_IN,
            subject=str(account.user_id),
            after={"session": str(row.id), "methods": sorted(methods)},
        )
        g.signed_in = _signed_in(row, user)
    if before is not None:
        end_session(before, before.session_id)
    return entered(go(local(next_url)), secret)


def _checked(session: Session, account: Account) -> list[UUID]:
    user = session.get_one(User, (account.tenant_id, account.user_id))
    if user.state != "active":
        raise RefusedError(
            "account_not_active",
            "这个账户目前不能使用(尚未激活、已锁定或已停用)。请联系本辖区的系统管理员。",
            "This account cannot be used now (not activated, locked or deactivated). Ask your tenant's system"
            " administrator.",
        )
    if not works_here(session, account.tenant_id):
        raise RefusedError(
            "tenant_not_active",
            "本辖区目前不能在此使用平台。请联系平台管理员。",
            "Your tenant cannot use the platform here now. Ask the platform's administrator.",
        )
    return list(user.links)


def stepped_up(found: SignedIn) -> str:
    """Write down that the second factor was given just now; returns the session's new cookie."""
    with found.session() as session:
        row = session.get_one(WebSession, (found.account_id, found.session_id))
        row.factor_at = session.clock.now()
        row.methods = sorted({*row.methods, "otp"})
        return sessions.renew_secret(session, row)


def entered(response: Response, secret: str) -> Response:
    """The response with the session's cookie."""
    set_cookie(response, SESSION, value=secret)
    return response


def end_session(found: SignedIn, session_id: UUID) -> bool:
    """End one of the account's sessions with everything that hangs on it; False when there is no such living one."""
    with found.session() as session:
        ended = sessions.end_session(session, found.user_id, session_id=session_id)
        if ended is not None:
            note(session, acts.SIGNED_OUT, subject=str(found.user_id), before={"session": str(session_id)})
    void_tokens([] if ended is None else [ended], actor=str(found.user_id))
    return ended is not None


def void_tokens(ended: Iterable[Ended], *, actor: str) -> None:
    """Void the tokens of ended sessions in the tenants they acted for, one after the other."""
    chosen = sorted((item for item in ended if item.for_tenant_id), key=lambda item: str(item.for_tenant_id))
    for tenant, items in groupby(chosen, key=lambda item: item.for_tenant_id):
        if tenant is not None:
            with database().session(context(tenant, actor)) as session:
                sessions.void_session_tokens(session, items, by="session", owner=f"sub:{actor}")


def sign_out(response: Response) -> Response:
    """End this browser's session, if there is one, and make the browser forget it."""
    found = signed_in()
    if found is not None:
        end_session(found, found.session_id)
    g.signed_in = None
    drop_cookie(response, SESSION)
    return response
