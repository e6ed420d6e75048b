"""Administrators at work: what they make through the API, for tests of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from services.identity.commands import accounts, factors
from tests.builders.cell import Cell, Client

SYSTEM, SECURITY, AUDIT = "system_administrator", "security_administrator", "audit_administrator"


def system(cell: Cell, tenant: UUID) -> Client:
    return cell.client(tenant, SYSTEM, subject="system-1")


def security(cell: Cell, tenant: UUID) -> Client:
    return cell.client(tenant, SECURITY, subject="security-1")


def auditor(cell: Cell, tenant: UUID) -> Client:
    return cell.client(tenant, AUDIT, subject="audit-1")


def user_draft(**changes: Any) -> dict[str, Any]:
    """Somebody new."""
    login = f"li.wei-{uuid4().hex[:8]}"
    return {"login": login, "name": "李伟", "email": f"{login}@example.cn", "roles": ["clerk"], **changes}


def invited_user(cell: Cell, tenant: UUID, **changes: Any) -> dict[str, Any]:
    """A new user as the API shows it, not active yet."""
    answer = system(cell, tenant).post("/v1/users", user_draft(**changes))
    assert answer.status_code == 201, answer.json
    made: dict[str, Any] = answer.json
    return made


def active_user(cell: Cell, tenant: UUID, **changes: Any) -> dict[str, Any]:
    """The same with the invitation accepted."""
    made = invited_user(cell, tenant, **changes)
    token = made["invitation_url"].rpartition("/")[2]
    with cell.session(tenant) as session:
        accounts.activate(session, token, password_hash="unused")
    return made


def with_factor(cell: Cell, tenant: UUID, made: dict[str, Any]) -> dict[str, Any]:
    """The active user, once a second factor is set."""
    with cell.session(tenant) as session:
        factors.set_up(session, accounts.account(session, UUID(made["id"])), secret=factors.new_secret(), step=0)
    return made


def client_draft(**changes: Any) -> dict[str, Any]:
    """A machine client that reads parks."""
    return {"name": f"m-{uuid4().hex[:8]}", "label": "统计 / Statistics", "kind": "machine",
            "scopes": ["parks:read"], **changes}  # fmt: skip


def registered_client(cell: Cell, tenant: UUID, **changes: Any) -> dict[str, Any]:
    """A new client as the API shows it."""
    answer = system(cell, tenant).post("/v1/clients", client_draft(**changes))
    assert answer.status_code == 201, answer.json
    made: dict[str, Any] = answer.json
    return made


def records(cell: Cell, tenant: UUID, **filters: str) -> list[dict[str, Any]]:
    """The tenant's audit records, newest first, once the sequencer has been there."""
    cell.sweep(tenant)
    answer = auditor(cell, tenant).get("/v1/audit", query_string={"limit": "100", **filters})
    assert answer.status_code == 200, answer.json
    items: list[dict[str, Any]] = answer.json["items"]
    return items
