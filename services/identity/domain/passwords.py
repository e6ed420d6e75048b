"""Which passwords are good enough (NIST SP 800-63B-4, 3.1.1): long, not common, not the account's own name."""

from __future__ import annotations

import json
import unicodedata
from functools import cache
from importlib.resources import files

from shared.core.errors import Fault, InvalidError

SHORTEST, LONGEST = 12, 128


def normalised(password: str) -> str:
    """NFKC, so that the same characters typed on another keyboard are the same password."""
    return unicodedata.normalize("NFKC", password)


@cache
def common_passwords() -> frozenset[str]:
    """In lower case; `common_passwords.json` says where they are from."""
    listed = (files("services.identity.domain") / "common_passwords.json").read_text("utf-8")
    return frozenset(json.loads(listed)["passwords"])


def check_password(password: str, *, login: str, tenant: str, field: str = "password") -> str:
    """The password, normalised; raises `InvalidError` that says what is wrong with it."""
    chosen = normalised(password)
    fault = _fault(chosen, login=login.lower(), tenant=tenant.lower())
    if fault is not None:
        zh, en = fault
        raise InvalidError("password_weak", zh, en, [Fault(field, zh, en)])
    return chosen


def _fault(chosen: str, *, login: str, tenant: str) -> tuple[str, str] | None:
    lower = chosen.lower()
    if len(chosen) < SHORTEST:
        return (
            f"密码至少需要 {SHORTEST} 个字符。请加长,例如连用几个词。",
            f"The password needs at least {SHORTEST} characters. Make it longer, for example of several words.",
        )
    if len(chosen) > LONGEST:
        return f"密码最多 {LONGEST} 个字符。请缩短。", f"The password may have {LONGEST} characters. Make it shorter."
    if is_common(lower):
        return (
            "这个密码太常见,容易被猜中。请换一个。",
            "This password is too common and easily guessed. Choose another.",
        )
    if any(name and len(name) > 2 and name in lower for name in (login, tenant)):
        return (
            "密码不能含有登录名或辖区代码。请换一个。",
            "The password must not contain your login or the tenant's code. Choose another.",
        )
    return None


def is_common(lower: str) -> bool:
    """On the list as it is, repeated, or with only digits and signs added to it; or hardly any different characters."""
    core = lower.strip("0123456789!@#$%^&*()_+-=.,?~ ")
    common = common_passwords()
    return not core or len(set(lower)) < 5 or lower in common or core in common or _repeated(lower) in common


def _repeated(lower: str) -> str:
    """What `lower` is the repetition of, or itself."""
    at = (lower + lower).find(lower, 1)
    return lower[:at]
