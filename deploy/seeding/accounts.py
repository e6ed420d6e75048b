"""Accounts of the demonstration, one for each role; made up, kept with their password in the state folder."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import select

from deploy.signing_in import Login, kept_accounts
from services.identity.commands import factors
from services.identity.commands.accounts import activate, invite
from services.identity.commands.passwords import hash_password
from services.identity.domain.roles import BUILT_IN, EXCLUSIVE, OF_ORGANISATIONS
from services.identity.models import User
from shared.core.context import PLATFORM, machine_context
from shared.journal.session import Database, Session

ADMINISTRATORS: Mapping[str, str] = {duty: f"{duty}_administrator" for duty in EXCLUSIVE}
DAILY = {name: name for name in ("official", "clerk", "reviewer", "observer")}
SIGNATORY = {"signatory": "official signatory"}
OF_ORGANISATION = {"manager": "organisation_manager", "member": "organisation_member"}
OF_TENANT: Mapping[str, Mapping[str, str]] = {
    "platform": {**ADMINISTRATORS, "operator": "platform_operator"},
    "sichuan": {**ADMINISTRATORS, **DAILY, **SIGNATORY, **OF_ORGANISATION},
    "chongqing": {**DAILY, **SIGNATORY},
    "chengyu": SIGNATORY,
    "hunan": SIGNATORY,
}
"""Login names and the roles each holds, by tenant code."""


def open_accounts(database: Database, tenants: Mapping[str, UUID], *, organisation: UUID | None = None) -> int:
    """Open what is missing and write all of them down; returns how many were new."""
    home = database.settings.home
    known = kept_accounts(home)
    password = (
        next((item.password for item in known.values()), None) or f"demo-{secrets.token_hex(3)}-{secrets.token_hex(3)}"
    )
    fresh = []
    for code, tenant in {"platform": PLATFORM, **tenants}.items():
        with database.session(machine_context(tenant, "seeding")) as session:
            fresh += list(_opened(session, code, password=password, organisation=organisation))
    file = home / "accounts.json"
    accounts = known | {account.login: account for account in fresh}
    written = file.with_suffix(".new")
    written.touch(mode=0o600)
    rows = [asdict(account) for account in accounts.values()]
    written.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    written.replace(file)
    return len(fresh)


def _opened(session: Session, code: str, *, password: str, organisation: UUID | None) -> Iterator[Login]:
    taken = set(session.scalars(select(User.login)))
    for login, held in OF_TENANT.get(code, {}).items():
        roles = held.split()
        of_organisation = roles[0] in OF_ORGANISATIONS
        if login in taken or (of_organisation and organisation is None):
            continue
        token = invite(
            session,
            login=login,
            name=f"演示{BUILT_IN[roles[-1]].zh}",
            email=f"{login}@{code}.example",
            roles=roles,
            organisation_id=organisation if of_organisation else None,
        ).token
        user = activate(session, token, password_hash=hash_password(password))
        needs_factor = any(BUILT_IN[role].second_factor for role in roles)
        secret = factors.new_secret() if needs_factor else None
        if secret is not None:
            factors.set_up(session, user, secret=secret, step=0)
        yield Login(f"{login}@{code}", password, secret, tuple(roles))
