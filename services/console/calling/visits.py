"""Who is at the console: begun when somebody has signed in, found again by a cookie, ended when they leave."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from flask import Response, g, request
from sqlalchemy import delete, select

from services.console.calling.description import Operation
from services.console.calling.tokens import Tokens, refreshed
from services.console.models import Visit
from shared.core.context import Context
from shared.core.errors import UnavailableError
from shared.core.secrets import handed_out, hashed, tenant_of
from shared.http.requests.gate import database
from shared.journal.session import Session
from shared.pages.asking import PATIENCE, Answer, Api
from shared.pages.cookies import cookie, drop_cookie, set_cookie

COOKIE = "console"
EARLY = timedelta(seconds=30)
"""So long before it ends a token is replaced."""
REFRESHING = timedelta(seconds=PATIENCE + 10)
"""So long one request may take to fetch new tokens before another tries: two at once would end the whole family."""
IDLE = timedelta(hours=12)
BETWEEN, TRIES = 0.1, 100
MOST_FORGOTTEN = 100


def session_of(tenant: UUID, owner: str) -> Any:
    """A transaction in which the console's rows of that tenant are seen."""
    address = request.remote_addr
    return database().session(
        Context(tenant_id=tenant, actor_id=owner, correlation=g.get("correlation", ""), address=address)
    )


@dataclass(frozen=True)
class Visitor:
    """Somebody who is signed in, and the tenant they act for."""

    tenant: UUID
    owner: str
    visit: UUID
    api: Api = field(repr=False)

    @cached_property
    def _asked(self) -> Answer:
        return self.api.get("/v1/me")

    @property
    def me(self) -> Mapping[str, Any]:
        """What the API says of them; asked once per request."""
        found: Mapping[str, Any] = self._asked.body
        return found

    @cached_property
    def scopes(self) -> frozenset[str]:
        """What they may do now."""
        return frozenset(one["scope"] for one in self.me["scopes"])

    def may(self, *scopes: str) -> bool:
        """Whether they hold all of these; what needs no scope anybody may."""
        return all(not scope or scope in self.scopes for scope in scopes)

    def does(self, operation: Operation) -> bool:
        """Whether they may use it: they hold its scope, and act for an office or an organisation as it wants."""
        return self.may(operation.scope) and operation.by in ("", self.acts_for)

    @property
    def acts_for(self) -> str:
        """Whether they act for an `organisation` or an `office`."""
        return "organisation" if self.me["organisation"] else "office"

    def session(self) -> Any:
        """A transaction for what they keep here."""
        return session_of(self.tenant, self.owner)


def begin(tokens: Tokens) -> str:
    """Somebody has signed in: keeps their tokens; returns the cookie. Forgets visits that nobody will come back to."""
    secret = handed_out(tokens.tenant)
    with session_of(tokens.tenant, tokens.owner) as session:
        now = session.clock.now()
        old = select(Visit.id).where(Visit.seen_at < now - IDLE).limit(MOST_FORGOTTEN)
        session.execute(delete(Visit).where(Visit.id.in_(old.with_for_update(skip_locked=True))))
        session.add(
            Visit(
                id=uuid4(),
                secret_hash=hashed(secret),
                owner=tokens.owner,
                sealed=tokens.sealed(),
                expires_at=tokens.expires_at,
                refreshing_until=None,
                created_at=now,
                seen_at=now,
            )
        )
    return secret


def visitor() -> Visitor | None:
    """Who this browser belongs to, with tokens that are good for a while; None where nobody is signed in."""
    if "visitor" not in g:
        g.visitor = _visitor()
    found: Visitor | None = g.visitor
    return found


def _visitor() -> Visitor | None:
    secret = cookie(COOKIE)
    tenant = tenant_of(secret)
    if tenant is None:
        return None
    for _ in range(TRIES):
        with session_of(tenant, "visitor") as session:
            found, tokens, is_mine = _looked_up(session, secret)
        if found is None or tokens is None:
            return None
        if is_mine:
            tokens = _replaced(found, tokens)
            return None if tokens is None else Visitor(tenant, found.owner, found.id, Api(tokens.access))
        if tokens.expires_at > database().clock.now():
            return Visitor(tenant, found.owner, found.id, Api(tokens.access))
        time.sleep(BETWEEN)
    raise UnavailableError("busy", "系统繁忙,请稍后重试。", "The platform is busy. Try again soon.")


def _looked_up(session: Session, secret: str) -> tuple[Visit | None, Tokens | None, bool]:
    """The visit, its tokens, and whether this request is the one that replaces them."""
    now = session.clock.now()
    row = session.scalars(select(Visit).where(Visit.secret_hash == hashed(secret)).with_for_update()).one_or_none()
    if row is None or row.seen_at < now - IDLE:
        return None, None, False
    is_mine = row.expires_at - EARLY <= now and (row.refreshing_until is None or row.refreshing_until < now)
    if is_mine:
        row.refreshing_until = now + REFRESHING
    if row.seen_at < now - timedelta(minutes=1):
        row.seen_at = now
    session.flush()
    tokens = Tokens.opened(row.sealed, row.expires_at)
    session.expunge(row)
    return row, tokens, is_mine


def _replaced(visit: Visit, tokens: Tokens) -> Tokens | None:
    """New tokens in the visit's row, which no connection was held for meanwhile; without any the visit ends."""
    made = refreshed(tokens)
    with session_of(tokens.tenant, visit.owner) as session:
        row = session.get(Visit, (tokens.tenant, visit.id))
        if row is not None and made is not None:
            row.sealed, row.expires_at, row.refreshing_until = made.sealed(), made.expires_at, None
        elif row is not None:
            session.delete(row)
    return made


def end(response: Response) -> Response:
    """The visit is over: its tokens are forgotten here, and the browser forgets its cookie."""
    secret = cookie(COOKIE)
    tenant = tenant_of(secret)
    if tenant is not None:
        with session_of(tenant, "visitor") as session:
            session.execute(delete(Visit).where(Visit.secret_hash == hashed(secret)))
    g.visitor = None
    drop_cookie(response, COOKIE)
    return response


def entered(response: Response, secret: str) -> Response:
    """The response with the visit's cookie."""
    set_cookie(response, COOKIE, value=secret)
    return response
