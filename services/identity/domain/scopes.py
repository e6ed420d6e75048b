"""Which scopes a client may ask for and a token may carry."""

from __future__ import annotations

from collections.abc import Collection

from services.identity.domain.roles import PLATFORM_ONLY
from shared.auth import SCOPES

OF_OPENID = ("openid", "profile", "email", "offline_access")
"""Apart from the API's scopes: every client with people behind it may ask for them."""
EVERYTHING = "*"


class ScopeUnknownError(ValueError):
    """A scope was asked for that does not exist or is not the client's."""


def of_api(allowed: Collection[str], *, of_platform: bool) -> frozenset[str]:
    """The API's scopes among those a client is registered for; `*` is all below the tenant's ceiling."""
    known = frozenset(SCOPES) if of_platform else frozenset(SCOPES).difference(PLATFORM_ONLY)
    return known if EVERYTHING in allowed else known.intersection(allowed)


def ceiling(asked: str, allowed: Collection[str], *, with_people: bool) -> str:
    """What a token may carry at most, sorted; raises `ScopeUnknownError`. Asking for nothing asks for all of the API.

    Whether the tenant has the platform's own scopes is decided by the roles of whoever stands behind the token.
    """
    wanted, api = set(asked.split()), of_api(allowed, of_platform=True)
    if not wanted:
        return " ".join(sorted(api))
    if wanted - api - set(OF_OPENID if with_people else ()):
        raise ScopeUnknownError
    return " ".join(sorted(wanted))


def granted(limit: str, held: Collection[str]) -> str:
    """Of `limit` what its owner holds today; the scopes of OpenID need no role."""
    return " ".join(scope for scope in limit.split() if scope in held or scope in OF_OPENID)


_NOUNS = {
    "parks": ("园区", "parks"), "organisations": ("组织", "organisations"), "tenants": ("辖区", "tenants"),
    "files": ("文件", "files"), "commands": ("跨辖区指令", "commands to other tenants"), "users": ("用户", "users"),
    "roles": ("角色", "roles"), "factors": ("第二因素", "second factors"), "clients": ("客户端", "clients"),
    "providers": ("外部身份源", "identity providers"), "sessions": ("会话", "sessions"),
    "audit": ("审计日志", "the audit log"),
    "keys": ("签名密钥", "signing keys"), "members": ("组织成员", "an organisation's members"),
    "own": ("本组织的证书、标准和园区", "your own organisation's certificates, standards and parks"),
    "quotas": ("配额", "quotas"), "me": ("本人信息", "who you are"), "work": ("待办事项", "work that waits"),
    "standards": ("标准与证书", "standards and certificates"), "texts": ("意见与理由的原文", "comments and reasons"),
    "evidence": ("证据", "evidence"), "journal": ("日志链", "the journal"),
}  # fmt: skip
_VERBS = {
    "read": ("查看", "See"), "write": ("编辑", "Edit"), "decide": ("审批", "Decide on"), "sign": ("签署", "Sign for"),
    "manage": ("管理", "Administer"), "contact": ("联系", "Contact"), "export": ("导出", "Export"),
    "import": ("导入", "Import"), "persons": ("查看个人信息:", "See personal data in"),
}  # fmt: skip
_OPENID = {
    "openid": ("知道您是谁(账户编号)", "Know who you are (the account's id)"),
    "profile": ("查看您的姓名和登录名", "See your name and login"),
    "email": ("查看您的电子邮箱", "See your e-mail address"),
    "offline_access": ("在您离开后继续访问", "Keep access while you are away"),
}


def described(scope: str) -> tuple[str, str]:
    """What a scope lets a client do, in Chinese and English; the scope itself where it has no words."""
    if scope in _OPENID:
        return _OPENID[scope]
    noun, _, verb = scope.partition(":")
    if noun not in _NOUNS or verb not in _VERBS:
        return scope, scope
    return _VERBS[verb][0] + _NOUNS[noun][0], f"{_VERBS[verb][1]} {_NOUNS[noun][1]}"
