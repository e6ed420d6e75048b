"""People with accounts, and how they sign in: by the real forms."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pyotp
from sqlalchemy import update

from services.identity.commands import accounts, factors, passwords
from services.identity.domain.roles import BUILT_IN
from services.identity.models import User
from tests.builders.cell import Cell

PASSWORD = "correct horse 电池 staple"


@dataclass
class Person:
    """An active account; `code()` gives a one-time password that has not been used, moving the clock if need be."""

    cell: Cell
    tenant: UUID
    id: UUID
    login: str
    password: str = PASSWORD
    otp_secret: str | None = None
    recovery: list[str] = field(default_factory=list)
    _used: int = 0

    def code(self) -> str:
        """The next one-time password: of this time step, or of the next with the clock moved there."""
        assert self.otp_secret is not None
        step = int(self.cell.clock.now().timestamp()) // factors.STEP
        if step <= self._used:
            self.cell.clock.advance(timedelta(seconds=factors.STEP * (self._used + 1 - step)))
            step = self._used + 1
        self._used = step
        code: str = pyotp.TOTP(self.otp_secret).generate_otp(step)
        return code


def make_user(cell: Cell, tenant: UUID, *roles: str, **draft: Any) -> Person:
    """An account that was invited, activated and, when a role asks for it or `otp` is True, given a second factor."""
    otp = draft.pop("otp", any(BUILT_IN[role].second_factor for role in roles if role in BUILT_IN))
    password = draft.pop("password", PASSWORD)
    wanted = {"login": f"user-{uuid4().hex[:8]}", "name": "王芳", "email": "wang.fang@example.cn", **draft}
    made = passwords.hash_password(password)
    with cell.session(tenant) as session:
        invited = accounts.invite(session, roles=roles, **wanted)
        user = accounts.activate(session, invited.token, password_hash=made)
        listing = session.directory.listing(session, tenant)
        person = Person(cell, tenant, user.id, f"{user.login}@{listing.code}", password)
        if otp:
            person.otp_secret = factors.new_secret()
            # Nothing counts as used yet.
            person.recovery = factors.set_up(session, user, secret=person.otp_secret, step=0)
    return person


def lock_state(cell: Cell, person: Person, state: str) -> None:
    """Put the account into a state without what else belongs to it."""
    with cell.session(person.tenant) as session:
        session.execute(update(User).where(User.id == person.id).values(state=state))


def link_member(cell: Cell, person: Person, tenant: UUID, *, roles: Sequence[str], **draft: Any) -> None:
    """Make the person a member of another tenant too."""
    with cell.session(tenant) as session:
        invited = accounts.invite(session, roles=roles, account=(person.tenant, person.id), **draft)
        accounts.accept_membership(session, invited.token, account_id=person.tenant, user_id=person.id)
    with cell.session(person.tenant) as session:
        accounts.link(session, person.id, tenant=tenant)


def csrf_of(page: str) -> str:
    """The hidden token of a page's first form."""
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None, page
    return html.unescape(found[1])


def send(client: Any, url: str, fields: dict[str, str], **options: Any) -> Any:
    """GET the page at `url`, fill in its form and send it there; works with Flask's test client and httpx alike."""
    page = client.get(url)
    token = csrf_of(page.text)
    return client.post(url.partition("?")[0], data={"csrf": token, **fields}, **options)


def sign_in(client: Any, person: Person, *, next_url: str = "/account", tenant: UUID | None = None) -> Any:
    """Sign in by the forms, with the second factor if there is one, and choose `tenant`; returns the last answer."""
    query = urlencode({"next": next_url})
    fields = {"login": person.login, "password": person.password, "next": next_url}
    answer = send(client, f"/signin?{query}", fields)
    _check_entered(answer)
    if person.otp_secret is not None:
        answer = send(client, f"/signin/factor?{query}", {"code": person.code(), "next": next_url})
        _check_entered(answer)
    if tenant is not None:
        answer = send(client, f"/signin/tenant?{query}", {"tenant": str(tenant), "next": next_url})
    return answer


def _check_entered(answer: Any) -> None:
    assert answer.status_code in (200, 303), answer.text
    assert "Set-Cookie" in answer.headers, answer.text


@contextmanager
def quick_hashing() -> Iterator[None]:
    """Cheap Argon2 parameters for tests that are about something else."""
    kept = passwords.HASHER
    passwords.HASHER = passwords.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    try:
        yield
    finally:
        passwords.HASHER = kept
