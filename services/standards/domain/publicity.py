"""What anybody may know of a certificate: its state in one word, and whose it is as the holder allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from events.canonical import Json
from services.standards.domain.checking import Reason
from services.standards.domain.dependencies import LIVING
from shared.core.calendar import read_day

ABROAD = ("recognition", "conditions")
"""Steps that depend on who asks: whether any tenant recognises a certificate, its home too, the public is not told."""
OTHERWISE = "not_valid"
"""What a home says that no rule here knows: it does not count."""
NOT_KNOWN = "not_known"
"""More was said of it than has arrived in this cell."""

SAID: Mapping[str, tuple[str, str]] = {
    "valid": ("证书有效。", "This certificate is valid."),
    "not_yet_valid": ("证书的有效期尚未开始。", "This certificate is not valid yet."),
    "suspended": ("证书已被暂停。", "This certificate is suspended."),
    "revoked": ("证书已被撤销。", "This certificate has been revoked."),
    "expired": ("证书已过期。", "This certificate has expired."),
    "replaced": ("证书已被新证书代替。", "This certificate has been replaced by another."),
    "body_not_valid": ("证书目前不作数:发证机构目前没有相应资格。",
                       "This certificate does not count now: its body is not accredited for it now."),
    "standard_not_valid": ("证书目前不作数:所依据的标准目前不在实施中。",
                           "This certificate does not count now: its standard is not in force now."),
    NOT_KNOWN: ("证书现状暂时不明:签发地的最新登记尚未收到。请稍后再查,或向颁发辖区查询。",
                "How this certificate stands now is not known here. Ask again soon, or ask the tenant that issued it."),
    OTHERWISE: ("证书目前不作数,请向颁发辖区查询。",
                "This certificate does not count now. Ask the tenant that issued it."),
}  # fmt: skip
STATES = tuple(SAID)

OF_STEPS = {"body": "body_not_valid", "accreditation": "body_not_valid", "standard": "standard_not_valid"}


def public_state(chain: Sequence[Reason]) -> str:
    """One of `STATES`: the certificate's own before what it rests on, what fails before what is not known."""
    short = [reason for reason in chain if not reason.holds and reason.step not in ABROAD]
    failed = [reason for reason in short if reason.holds is False]
    if not failed:
        return NOT_KNOWN if short else "valid"
    first = failed[0]
    state = first.code.removeprefix("certificate_") if first.step == "certificate" else OF_STEPS.get(first.step, "")
    return state if state in SAID else OTHERWISE


FORMS = (
    "股份有限公司", "有限责任公司", "集团有限公司", "有限公司", "分公司", "公司", "集团", "合作社", "合伙企业",
    "事务所", "研究院", "研究所", "商行", "中心", "工厂", "厂", "店", "部", "坊",
)  # fmt: skip
"""How names of organisations end; the longest that fits is told."""
OF_A_PERSON = "92"
"""How codes of those begin who trade in their own name, 个体工商户 (GB 32100-2015, table 1)."""


def masked(name: str, *, code: str) -> str:
    """Enough of a name to see that a paper bears another one, such as 成都**有限公司; how much is left out is not told.

    Of whoever trades in the own name no more than one character, for it may be the family name.
    """
    form = max((one for one in FORMS if name.endswith(one) and len(name) > len(one)), key=len, default="")
    rest = name.removesuffix(form)
    told = 1 if code.startswith(OF_A_PERSON) or len(rest) < 4 else 2
    return f"{rest[:told] if len(rest) > 1 else ''}**{form}"


def is_told(holder: Json) -> bool:
    """Whether the holder of a certificate allows that anybody is told its whole name."""
    return isinstance(holder, Mapping) and holder.get("public") is True


def telling(state: str, holder: Json) -> str | None:
    """What may be done about it: the name of a certificate that has ended is made public no more."""
    if is_told(holder):
        return "conceal_holder"
    return "publish_holder" if state in LIVING else None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a paper with the number of a certificate has to say; products are (class, name), titles Chinese, English."""

    products: Sequence[tuple[str, str]]
    numbers: Sequence[str]
    standard: tuple[str, str | None]
    body: tuple[str, str | None]
    valid_from: date
    valid_to: date


@dataclass(frozen=True)
class PublicHolder:
    """Its name, in part where it is `masked`, None where it has been erased; its code where the name is whole."""

    name: str | None
    code: str | None
    masked: bool


def facts(certificate: Mapping[str, Json], *, body: Mapping[str, Json], standard: Mapping[str, Json]) -> Facts:
    """Raises what `checking.UNREADABLE` names for documents that are not as they should be."""
    return Facts(
        products=[(_text(one["class"]), _text(one["name"])) for one in certificate["products"]],
        numbers=[_text(one) for one in standard["numbers"]],
        standard=_titles(standard, "title"),
        body=_titles(body, "name"),
        valid_from=read_day(certificate["valid_from"]),
        valid_to=read_day(certificate["valid_to"]),
    )


def _titles(document: Mapping[str, Json], name: str) -> tuple[str, str | None]:
    english = document[f"{name}_en"]
    return _text(document[f"{name}_zh"]), None if english is None else _text(english)


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value
