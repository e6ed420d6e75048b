"""Documents that the API does not describe, as the audit log and timelines hold them, in words instead of codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from services.console.calling.description import description
from services.console.calling.shapes import Shape
from services.console.kit.choices import choices_at
from shared.core.words import Pair
from shared.pages.languages import t

if TYPE_CHECKING:
    from services.console.kit.values import Values

UNDER = ("date", "moment", "reference")
ROLES = ("role", "roles")
OF_FIELDS = ("changed", "fields")
"""Lists of the names of fields."""
MOST_SCOPES = 3
"""More scopes than these are told by their number."""
ANYTHING = Shape(name="", type="any", title=Pair("", ""), hint=Pair("", ""))
CODES = {
    "pwd": Pair("密码", "password"),
    "otp": Pair("动态口令", "one-time code"),
    "fed": Pair("外部身份源", "identity provider"),
    "authorization_code": Pair("授权码", "authorization code"),
    "refresh_token": Pair("刷新令牌", "refresh token"),
    "client_credentials": Pair("客户端凭据", "client credentials"),
    "urn:ietf:params:oauth:grant-type:device_code": Pair("设备登录", "device sign-in"),
    "openid": Pair("账户编号", "id of the account"),
    "profile": Pair("姓名和登录名", "name and login"),
    "email": Pair("电子邮箱", "e-mail address"),
    "offline_access": Pair("离开后继续访问", "access while away"),
}
"""Words of RFC 8176, RFC 6749, RFC 8628 and OpenID Connect that stand in records as they are."""


def as_any(values: Values, shape: Shape, *, value: Any) -> Markup:
    """JSON that the API does not describe: fields by their titles, things by their names, codes by their labels."""
    if isinstance(value, dict):
        parts = (
            Markup("{}: {}").format(title_of(values, key), under(values, key, value=one)) for key, one in value.items()
        )
        return Markup('<span class="lines">{}</span>').format(Markup("\n").join(parts))
    if isinstance(value, list):
        return escape(t("、", ", ")).join(as_any(values, shape, value=one) for one in value)
    if isinstance(value, bool) or value is None:
        return escape({True: t("是", "yes"), False: t("否", "no"), None: "–"}[value])
    return escape(label_of(values, str(value)))


def under(values: Values, name: str, *, value: Any) -> Markup:
    """What stands under this name in such JSON, as fields of that name are shown elsewhere, first in the service."""
    if name == "scope" and isinstance(value, str):
        return scopes_said(value.split())
    if name in ROLES and value:
        roles, held = choices_at("/v1/roles"), [value] if isinstance(value, str) else value
        value = [t(roles[one].zh, roles[one].en) if one in roles else one for one in held]
    if name in OF_FIELDS and isinstance(value, list):
        return escape(t("、", ", ")).join(title_of(values, str(one)) for one in value)
    known = description().property(name, service=values.service)
    label = known.choices.get(value) if known and known.choices and isinstance(value, str) else None
    if label is not None:
        return escape(t(label.zh, label.en))
    if known is None or isinstance(value, dict | list) or known.type not in UNDER:
        return as_any(values, ANYTHING, value=value)
    return values.shown(known, value)


def scopes_said(scopes: Sequence[str]) -> Markup:
    """What some scopes allow; of many how many they are, with all of them in reach."""
    known = [CODES.get(one) or description().scopes.get(one) or Pair(one, one) for one in scopes]
    whole = t("、", ", ").join(t(one.zh, one.en) for one in known)
    if len(scopes) <= MOST_SCOPES:
        return escape(whole)
    return Markup('<span title="{}">{}</span>').format(whole, t(f"{len(scopes)} 项权限", f"{len(scopes)} scopes"))


def label_of(values: Values, key: str) -> str:
    """What a code is called: a thing by its name, one of a closed list by its label."""
    label = CODES.get(key) or description().labels.get(key) or description().scopes.get(key)
    return t(label.zh, label.en) if label and key not in values.names else values.name(key)


def title_of(values: Values, key: str) -> str:
    """What the key of an object is called that may be a field, a thing or one of a closed list."""
    title = description().title(key, service=values.service)
    return t(title.zh, title.en) if title and key not in values.names else label_of(values, key)
