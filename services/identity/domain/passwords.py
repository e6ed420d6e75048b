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
    lower = chosen.lower()
    if len(chosen) < SHORTEST:
        zh = f"密码至少需要 {SHORTEST} 个字符。请加长,例如连用几个词。"
        en = f"The password needs at least {SHORTEST} characters. Make it longer, for example of several words."
    elif len(chosen) > LONGEST:
        zh, en = f"密码最多 {LONGEST} 个字符。请缩短。", f"The password may have {LONGEST} characters. Make it shorter."
    elif is_common(lower):
        zh = "这个密码太常见,容易被猜中。请换一个。"
        en = "This password is too common and easily guessed. Choose another."
    elif any(len(name) > 2 and name in lower for name in (login.lower(), tenant.lower())):
        zh = "密码不能含有登录名或辖区代码。请换一个。"
        en = "The password must not contain your login or the tenant's code. Choose another."
    else:
        return chosen
    raise InvalidError("password_weak", zh, en, [Fault(field, zh, en)])


def is_common(lower: str) -> bool:
    """On the list as it is, repeated, or with only digits and signs added to it; or hardly any different characters."""
    core = lower.strip("0123456789!@#$%^&*()_+-=.,?~ ")
    common = common_passwords()
    # What it is the repetition of, or itself.
    once = lower[: (lower + lower).find(lower, 1)]
    return not core or len(set(lower)) < 5 or lower in common or core in common or once in common
