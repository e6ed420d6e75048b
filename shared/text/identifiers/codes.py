"""The other identifiers: of divisions, trades, tenants, people's logins, files, and numbers on somebody's paper."""

from __future__ import annotations

import re

from shared.text.identifiers import credit_codes
from shared.text.identifiers.standards import project_number
from shared.text.identifiers.writing import NotOneError, Said, compactly, plainly

LOGIN = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
TENANT = re.compile(r"[a-z](?:[a-z0-9]|-(?!-)){1,38}[a-z0-9]")
ROLE = re.compile(r"[a-z][a-z0-9_]{1,38}[a-z0-9]")
CLIENT = re.compile(r"[a-z][a-z0-9-]{1,38}[a-z0-9]")

DIVISION_SAID: Said = (
    "wrong",
    "必须是六位行政区划代码",
    "Must be a six-digit code of GB/T 2260, such as 511600",
)
CLASS_SAID: Said = ("wrong", "必须是 GB/T 4754 代码,如 C2110", "Must be a code of GB/T 4754, such as C2110")
SECTOR_SAID: Said = (
    "wrong",
    "必须是 GB/T 4754 门类字母,可加两位大类,如 C36",
    "Must be a section A-T of GB/T 4754, or such as C36",
)
LOGIN_SAID: Said = (
    "wrong", "小写字母、数字、点、下划线、连字符", "Must have a-z, 0-9, dot, underscore and hyphen",
)  # fmt: skip
TENANT_SAID: Said = (
    "wrong", "小写字母、数字、连字符,3至40位", "Must have a-z, 0-9 and single hyphens, 3 to 40 long",
)  # fmt: skip
ACCOUNT_SAID: Said = ("wrong", "须为 登录名@辖区代码", "Must be login@tenant code")
ROLE_SAID: Said = ("wrong", "小写字母、数字、下划线,3至40位", "Must have a-z, 0-9 and _, 3 to 40 long")
CLIENT_SAID: Said = ("wrong", "小写字母、数字、连字符,3至40位", "Must have a-z, 0-9 and -, 3 to 40 long")
FILE_SAID: Said = ("wrong", "必须是 64 位十六进制", "Must be 64 hexadecimal digits")
PAPER_SAID: Said = ("wrong", "编号应含有文字或数字", "A number has letters or digits")


def _matching(pattern: str | re.Pattern[str], text: str, *, said: Said) -> str:
    if not re.fullmatch(pattern, text):
        raise NotOneError(said)
    return text


def division_code(text: str) -> str:
    """Six digits; whether there is such a division is for the command to ask."""
    return _matching("[1-9][0-9]{5}", compactly(text), said=DIVISION_SAID)


def product_class(text: str) -> str:
    """A section, division, group or class of GB/T 4754."""
    return _matching("[A-Z][0-9]{0,4}", compactly(text), said=CLASS_SAID)


def sector(text: str) -> str:
    """A section of GB/T 4754, or one with its division."""
    return _matching("[A-T](?:[0-9]{2})?", compactly(text), said=SECTOR_SAID)


def login(text: str) -> str:
    """What stands before the `@`."""
    return _matching(LOGIN, compactly(text).lower(), said=LOGIN_SAID)


def tenant_code(text: str) -> str:
    """As the directory has it."""
    return _matching(TENANT, compactly(text).lower(), said=TENANT_SAID)


def account(text: str) -> str:
    """`login@tenant`."""
    name, _at, code = compactly(text).lower().rpartition("@")
    try:
        return f"{login(name)}@{tenant_code(code)}"
    except NotOneError as error:
        raise NotOneError(ACCOUNT_SAID) from error


def login_start(text: str) -> str:
    """How logins begin that are looked for; of a whole account, its login."""
    return _matching("[a-z0-9][a-z0-9._-]*", compactly(text).lower().partition("@")[0], said=LOGIN_SAID)


def role(text: str) -> str:
    """A role's name."""
    return _matching(ROLE, compactly(text).lower(), said=ROLE_SAID)


def client(text: str) -> str:
    """A client's name within its tenant."""
    return _matching(CLIENT, compactly(text).lower(), said=CLIENT_SAID)


def sha256(text: str) -> str:
    """In small letters; programs print it in capitals too."""
    return _matching("[0-9a-f]{64}", compactly(text).lower(), said=FILE_SAID)


def digest(text: str) -> str:
    """`sha256:` and the digits."""
    return _matching("sha256:[0-9a-f]{64}", compactly(text).lower(), said=FILE_SAID)


def paper_number(text: str) -> str:
    """Whatever an authority wrote on what it issued, but nobody's identity number."""
    if credit_codes.holds_personal(text):
        raise NotOneError(credit_codes.PERSONAL)
    try:
        return project_number(plainly(text))
    except NotOneError as error:
        raise NotOneError(PAPER_SAID) from error
