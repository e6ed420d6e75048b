"""The one gate: who is calling, whether their tenant works, and whether they hold the scope."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

from flask import current_app, g, request
from sqlalchemy import Uuid, bindparam, select

from shared.broadcasts.heartbeats import check_received
from shared.core.context import PLATFORM, Context
from shared.core.errors import ProblemError, RefusedError
from shared.evidence import audit
from shared.http.descriptions.titles import package_asked, scope_named
from shared.http.requests.limits import Limits
from shared.http.requests.tokens import Claims, Issuer, UnauthenticatedError, Verifier, check_fresh
from shared.journal.session import Database, Session
from shared.keys.directory import WORKING, DirectoryRow
from shared.rules import acts
from shared.rules.acts import Act

CORRELATION = "X-Correlation-ID"
TRACEPARENT = re.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
"""W3C Trace Context, 3.2.2."""
WORKS = select(DirectoryRow.status, DirectoryRow.cell).where(DirectoryRow.id == bindparam("tenant", type_=Uuid()))
"""How a tenant stands, for those without a token."""


def correlate() -> None:
    """Give the request the id that finds its log lines: the caller's, if it is sane, else a new one."""
    given = request.headers.get(CORRELATION, "")
    sane = 8 <= len(given) <= 64 and given.isascii() and given.replace("-", "").isalnum()
    g.correlation = given if sane else uuid4().hex


def enter(scope: str, act: Act = acts.ACCESS_REFUSED) -> Claims:
    """The verified claims of the caller; raises 401, 403 or 429. `act` is what a refusal is written down as."""
    claims = g.claims = _authenticated()
    limits().count(claims)
    try:
        check_scope(claims, scope)
        check_fresh(claims, scope, now=database().clock.now())
    except RefusedError as error:
        write_refusal(claims, act, error=error, subject=scope)
        raise
    return claims


def caller() -> Claims:
    """Whom `enter` has let in."""
    found: Claims = g.claims
    return found


def check_scope(claims: Claims, scope: str) -> None:
    """Raises `RefusedError` for a scope that the caller does not hold."""
    if scope not in claims.scopes:
        right = scope_named(scope, package_asked())
        raise RefusedError(
            "scope_missing",
            f"您没有此操作的权限“{right.zh}”。请联系本辖区管理员。",
            f"You may not do this: the right '{right.en}' ({scope}) is missing. Ask your tenant's administrator.",
        )


def _authenticated() -> Claims:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise UnauthenticatedError(
            "token_missing",
            "请先登录:请求须带 Authorization: Bearer 访问令牌。",
            "Sign in first: send Authorization: Bearer with an access token.",
        )
    verifier: Verifier = current_app.extensions["verifier"]
    try:
        return verifier.claims(token.strip())
    except UnauthenticatedError as error:
        # Of no tenant that could be believed; the platform keeps it. So many an address and minute, no more.
        if limits().is_worth_writing(request.remote_addr or ""):
            context = Context(
                tenant_id=PLATFORM, actor_id="unknown", correlation=g.correlation, address=request.remote_addr
            )
            audit.refused(database(), context, what=acts.TOKEN_REFUSED, error=error, subject=request.path[:200])
        raise


def write_refusal(claims: Claims, act: Act, *, error: ProblemError, subject: str | None) -> None:
    """Write the refusal into the tenant's audit log, in a transaction of its own.

    Of tries without a right so many of each caller and window, no more: the log cannot be cleaned.
    """
    if act is acts.ACCESS_REFUSED and not limits().is_worth_writing(f"{claims.tenant_id}/{claims.subject}"):
        return
    audit.refused(database(), context_of(claims), what=act, error=error, subject=subject)


def check_tenant(session: Session, claims: Claims, *, scope: str, issuer: Issuer | None = None) -> None:
    """Begin; refuse a revoked token, and a tenant that is unknown, suspended or gone, or lives elsewhere.

    `issuer` is for whoever asks outside a web process.
    """
    asked: Issuer = issuer or current_app.extensions["issuer"]
    status, cell = asked.entered(session, claims)
    if claims.tenant_id == PLATFORM:
        check_received(session, PLATFORM, scope=scope)
        return
    session.directory.listings(session, [claims.tenant_id])
    _check_works_here(session, status, cell=cell)


def _check_works_here(session: Session, status: str, *, cell: str) -> None:
    if status not in WORKING:
        raise RefusedError(
            "tenant_not_active",
            "本辖区已被暂停、已退出或尚未启用,目前不能使用平台。请联系平台管理员。",
            "Your tenant is suspended, has left or is not active yet, so it cannot use the platform now. Ask the"
            " platform's administrator.",
        )
    if cell != session.settings.cell:
        raise RefusedError(
            "tenant_elsewhere",
            f"本辖区的数据在单元 {cell},请访问该单元的地址。",
            f"Your tenant's records live in cell {cell}; use that cell's address.",
        )


@contextmanager
def public_session(tenant: UUID) -> Iterator[Session]:
    """A session in which somebody without a token leaves something with a tenant; refused like that tenant's people."""
    context = Context(tenant_id=tenant, actor_id="public", correlation=g.correlation, address=request.remote_addr)
    with database().session(context) as session:
        try:
            row = session.connection().execute(WORKS, {"tenant": tenant})
            status, cell = row.one_or_none() or ("unknown", "")
            _check_works_here(session, status, cell=cell)
        except RefusedError as error:
            # Said to somebody of the public, whose tenant it is not.
            raise RefusedError(
                error.code,
                "该辖区目前不在此受理。请稍后再试,或直接与其联系。",
                "This tenant does not take anything here now. Try again later, or get in touch with it.",
            ) from error
        yield session


def context_of(claims: Claims) -> Context:
    """What the request does is done as this."""
    given = request.headers.get("traceparent", "")
    trace = given if TRACEPARENT.fullmatch(given) else None
    return Context(
        tenant_id=claims.tenant_id,
        actor_id=claims.subject,
        scopes=claims.scopes,
        organisation_id=claims.organisation_id,
        scope="organisation" if claims.organisation_id else "tenant",
        correlation=g.correlation,
        trace=trace,
        address=request.remote_addr,
    )


def database() -> Database:
    """The web process's database."""
    found: Database = current_app.extensions["database"]
    return found


def limits() -> Limits:
    """How much each tenant and client may still ask for."""
    found: Limits = current_app.extensions["limits"]
    return found
