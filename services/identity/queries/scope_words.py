"""What people are told a scope allows: in the words of the service that asks for it."""

from __future__ import annotations

from shared.core.words import SHARED, Pair, words_of
from shared.rules.services import SERVICES

OPENID = {
    "openid": Pair("知道您是谁(账户编号)", "Know who you are (the account's id)"),
    "profile": Pair("查看您的姓名和登录名", "See your name and login"),
    "email": Pair("查看您的电子邮箱", "See your e-mail address"),
    "offline_access": Pair("在您离开后继续访问", "Keep access while you are away"),
}


def described(scope: str) -> Pair:
    """In Chinese and English; the scope itself where it has no words."""
    packages = [SHARED, *(f"services.{name}" for name in sorted(SERVICES))]
    found = (words_of(package).pair("scopes", scope) for package in packages)
    return OPENID.get(scope) or next((pair for pair in found if pair is not None), Pair(scope, scope))
