"""Roles: bundles of scopes as data, and the three administrators that exclude each other (GB/T 22239-2019, 8.1.5)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from shared.core.errors import ConflictError, Fault, InvalidError
from shared.rules.scopes import SCOPES

Duty = Literal["daily", "system", "security", "audit"]
EXCLUSIVE: tuple[Duty, ...] = ("system", "security", "audit")
"""Nobody holds two of these duties."""

DUTIES: Mapping[str, Duty] = {
    "users:manage": "system", "clients:manage": "system", "providers:manage": "system", "sessions:manage": "system",
    "tenants:manage": "system", "quotas:manage": "system", "calendars:manage": "system",
    "roles:manage": "security", "factors:manage": "security", "keys:manage": "security",
    "audit:read": "audit", "audit:export": "audit",
}  # fmt: skip
"""Scopes that only an administrator holds, by the duty they belong to; every other scope is daily work."""
PLATFORM_ONLY = ("tenants:manage", "quotas:manage")
"""Beyond the ceiling of every tenant but the platform."""
EVERYBODYS = ("me:read", "work:read", "exports:make")
"""In every role, also in those that a tenant defines."""
BY_NAME = ("users", "clients", "providers", "sessions", "members", "own", "waiting")
"""About people, their ways in and what keeps the platform from flowing: a role has these scopes only where its pattern
names the noun.
"""
OF_ORGANISATIONS = ("organisation_manager", "organisation_member")
"""Roles of people who act for one organisation; nobody else holds them, and they hold no other."""


@dataclass(frozen=True)
class Role:
    """A bundle of scopes; `patterns` are matched against every scope of the platform, `*` for any part."""

    name: str
    zh: str
    en: str
    patterns: tuple[str, ...]
    duty: Duty = "daily"
    second_factor: bool = False
    """Whether its holders must use a second factor to sign in."""
    platform: bool = False
    """Whether only the platform's own users may hold it."""


_READ = ("*:read",)
_ADMINISTRATORS_READ = ("tenants:read", "users:read", "roles:read", "commands:read", "calendars:read")
BUILT_IN: Mapping[str, Role] = {
    role.name: role
    for role in (
        Role(
            "system_administrator",
            "系统管理员",
            "System administrator",
            (
                *_ADMINISTRATORS_READ,
                "clients:read",
                "providers:read",
                "sessions:read",
                "tenants:contact",
                "waiting:*",
                "files:write",
                *(scope for scope, duty in DUTIES.items() if duty == "system"),
            ),
            "system",
            second_factor=True,
        ),
        Role(
            "security_administrator",
            "安全管理员",
            "Security administrator",
            (
                *_ADMINISTRATORS_READ,
                "clients:read",
                "sessions:read",
                *(scope for scope, duty in DUTIES.items() if duty == "security"),
            ),
            "security",
            second_factor=True,
        ),
        Role(
            "audit_administrator",
            "审计管理员",
            "Audit administrator",
            ("audit:*", "roles:read", "journal:export"),
            "audit",
            second_factor=True,
        ),
        Role(
            "official",
            "业务人员",
            "Official",
            (*_READ, "*:write", "*:file", "*:book", "*:decide", "*:contact", "*:persons", "*:import", "journal:export"),
        ),
        Role("clerk", "窗口人员", "Clerk", (*_READ, "*:write", "*:file", "*:book")),
        Role("reviewer", "审核人员", "Reviewer", (*_READ, "*:decide", "files:write")),
        Role("signatory", "签署人", "Signatory", (*_READ, "*:sign", "files:write"), second_factor=True),
        Role("observer", "观察员", "Observer", _READ),
        Role(
            "organisation_manager",
            "组织管理员",
            "Organisation manager",
            (
                "organisations:read",
                "organisations:write",
                "organisations:persons",
                "own:*",
                "members:*",
                "facilities:read",
                "facilities:book",
                "files:*",
                "commands:read",
                "tenants:read",
                "requests:read",
                "requests:file",
            ),
        ),
        Role(
            "organisation_member",
            "组织成员",
            "Organisation member",
            (
                "organisations:read",
                "own:read",
                "facilities:read",
                "facilities:book",
                "files:read",
                "commands:read",
                "tenants:read",
                "requests:read",
            ),
        ),
        Role(
            "platform_operator",
            "平台运维",
            "Platform operator",
            ("*:read", "tenants:contact", "waiting:*"),
            second_factor=True,
            platform=True,
        ),
    )
}


def duty_of(scope: str) -> Duty:
    """Which duty a scope belongs to."""
    return DUTIES.get(scope, "daily")


def scopes_of(role: Role, *, of_platform: bool) -> frozenset[str]:
    """Everybody's scopes and those that the role's patterns match, none of another duty and none beyond the ceiling."""
    allowed = {"daily", role.duty}
    return frozenset(
        scope
        for scope in SCOPES
        if (scope in EVERYBODYS or any(_matches(scope, pattern) for pattern in role.patterns))
        and duty_of(scope) in allowed
        and (of_platform or scope not in PLATFORM_ONLY)
    )


def _matches(scope: str, pattern: str) -> bool:
    named = not pattern.startswith("*") or scope.partition(":")[0] not in BY_NAME
    return named and fnmatchcase(scope, pattern)


def check_role(scopes: Collection[str], *, of_platform: bool, beside: Collection[str] = ()) -> Duty:
    """The duty of a tenant's own role or client; raises `InvalidError` for unknown or mixed scopes, or too wide ones.

    Scopes in `beside` need no duty and have no ceiling.
    """
    known = {scope for scope in SCOPES if of_platform or scope not in PLATFORM_ONLY} | set(beside)
    unknown = [index for index, scope in enumerate(scopes) if scope not in known]
    if unknown:
        zh, en = "没有这个权限,或超出本辖区上限。", "No such scope, or beyond this tenant's ceiling."
        raise InvalidError("scope_unknown", zh, en, [Fault(f"/scopes/{index}", zh, en) for index in unknown])
    duties = sorted({duty_of(scope) for scope in scopes} - {"daily"})
    if len(duties) > 1:
        zh = f"一个角色不能兼有互斥的管理职责({'、'.join(duties)})。请拆成两个角色。"
        en = f"One role cannot hold duties that exclude each other ({', '.join(duties)}). Make two roles of it."
        raise InvalidError("duties_mixed", zh, en, [Fault("/scopes", zh, en)])
    return duties[0] if duties else "daily"


def check_duties(roles: Iterable[Role]) -> None:
    """Raises `ConflictError` when these roles together hold two duties that exclude each other."""
    held = {role.duty: role.name for role in roles if role.duty != "daily"}
    if len(held) > 1:
        names = sorted(held.values())
        raise ConflictError(
            "duties_exclusive",
            f"系统、安全、审计三类管理职责互斥,同一人不能同时担任:{'、'.join(names)}。请先撤销其一。",
            f"System, security and audit administration exclude each other; nobody holds two: {', '.join(names)}."
            " Withdraw one of them first.",
        )


def check_holder(role: Role, *, organisation: bool, of_platform: bool) -> None:
    """Raises `ConflictError` when a member of this sort cannot hold the role."""
    if (role.name in OF_ORGANISATIONS) != organisation and (organisation or role.name in OF_ORGANISATIONS):
        raise ConflictError(
            "role_not_for_member",
            f"组织用户只能担任组织角色,组织角色也只授予组织用户({role.zh})。",
            f"An organisation's user holds organisation roles only, and nobody else holds them ({role.en}).",
        )
    if role.platform and not of_platform:
        raise ConflictError("role_of_platform", f"{role.zh}只属于平台。", f"{role.en} belongs to the platform only.")
