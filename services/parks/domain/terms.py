"""The terms of an agreement as canonical JSON: what they must satisfy and the hash that the parties sign.

Shape (ratios and amounts are decimal strings, amounts in 10,000 yuan):

    {"base_year": 2020, "base_rule": one of BASE_RULES,
     "shares": [{"indicator": one of INDICATORS, "from_year": 2021, "to_year": 2030,
                 "ratios": {tenant: "0.5", ...}, "cap": "1000" or None, "floor": None}],
     "obligations": [{"party": tenant, "text_zh": ..., "text_en": ..., "due": "2027-12-31" or None}],
     "exit": {"notice_days": 180, "text_zh": ..., "text_en": ...},
     "dispute_forum": {"kind": one of FORUMS, "text_zh": ..., "text_en": ...}}
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, localcontext

from events.canonical import Json, canonical, digest, plain
from services.parks.domain.park import Party, tenants
from shared.core.errors import ConflictError, Fault, InvalidError
from shared.core.words import Pair
from shared.countersigned.revision import revision_lifecycle

Terms = Mapping[str, Json]
AGREEMENT_LIFECYCLE = revision_lifecycle("agreement", words="services.parks")

INDICATORS = ("tax_revenue", "fixed_asset_investment", "industrial_output", "gdp", "retail_sales", "land_revenue")
BASE_RULES = ("stock_stays", "all_shared")
FORUMS = ("council", "arbitration", "upper_government")
RATIO_PLACES = 6
LONGEST_NOTICE = 3650
LARGEST_AMOUNT = Decimal(10) ** 15
LARGEST_TERMS = 32_768
"""Canonical bytes; an aggregate's whole state stays within 64 KB, so longer texts are attachments."""

NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?")
NOT_WHOLE = Pair("合计 {sum} %,应为 100 %", "the ratios add up to {sum} %, not to 100 %")
LONGEST_NUMBER = 64
"""Characters, before and after: an exponent must not unfold into pages of zeros."""


def decimal_text(value: object) -> str | None:
    """The shortest plain form of a number ("0.50", .5 and "5e-1" are "0.5"); None when it is no finite number.

    A float counts as its shortest decimal form, which is what stood in the JSON text it was read from.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    text = str(value)
    if len(text) > LONGEST_NUMBER or not NUMBER.fullmatch(text):
        return None
    digits = format(Decimal(text), "f")
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    digits = "0" if digits == "-0" else digits
    return digits if len(digits) <= LONGEST_NUMBER else None


def normal_terms(terms: Terms) -> dict[str, Json]:
    """The same terms in the one form that is stored and hashed; what is no number stays for `check_terms` to name."""
    shares = []
    for share in terms["shares"]:
        ratios = {str(tenant): _normal_number(ratio) for tenant, ratio in share["ratios"].items()}
        bounds = {bound: _normal_number(share.get(bound)) for bound in ("cap", "floor")}
        shares.append({**share, "ratios": ratios, **bounds})
    normal: dict[str, Json] = plain({**terms, "shares": shares})
    return normal


def _normal_number(value: Json) -> str | None:
    return None if value is None else decimal_text(value) or str(value)


def content_hash(terms: Terms, attachments: Sequence[Mapping[str, Json]], *, effective_from: date | str | None) -> str:
    """Hex SHA-256 of the RFC 8785 bytes of the normal terms, the attachments and the effective date."""
    content = {"terms": normal_terms(terms), "attachments": attachments, "effective_from": effective_from}
    return digest(canonical(plain(content)))


def check_terms(terms: Terms, parties: Sequence[Party]) -> None:
    """Raise one `InvalidError` that names every fault; the shape itself is the schema's matter."""
    faults = list(_faults(terms, frozenset(tenants(parties))))
    if faults:
        raise InvalidError(
            "terms_invalid",
            f"协议条款有 {len(faults)} 处错误。请按下列位置逐条更正后再提交。",
            f"The terms have {len(faults)} fault(s). Correct each place named and send them again.",
            faults,
        )


def tenants_gone(terms: Terms, parties: Sequence[Party]) -> list[str]:
    """Those to whom the terms give something, or of whom they ask it, and who are parties no longer."""
    named = {tenant for share in terms["shares"] for tenant in share["ratios"]}
    named |= {obligation["party"] for obligation in terms["obligations"]}
    return sorted(named - set(tenants(parties)))


def check_parties_stay(terms: Terms, parties: Sequence[Party]) -> None:
    """Nobody signs terms that concern a tenant that has left; raises `ConflictError`."""
    if gone := tenants_gone(terms, parties):
        raise ConflictError(
            "party_left",
            f"协议条款涉及已不是参与方的辖区({'、'.join(gone)})。请先修改条款,再签署。",
            f"The terms name tenants that are parties no longer ({', '.join(gone)}). Amend the terms, then sign.",
        )


def _faults(terms: Terms, names: frozenset[str]) -> Iterator[Fault]:
    yield from _choice("/terms/base_rule", terms["base_rule"], choices=BASE_RULES)
    for index, share in enumerate(terms["shares"]):
        where = f"/terms/shares/{index}"
        yield from _choice(f"{where}/indicator", share["indicator"], choices=INDICATORS)
        yield from _year_faults(where, share, terms=terms)
        yield from _ratio_faults(f"{where}/ratios", share["ratios"], names=names)
        yield from _bound_faults(where, share)
    yield from _overlap_faults(terms["shares"])
    for index, obligation in enumerate(terms["obligations"]):
        yield from _party(f"/terms/obligations/{index}/party", obligation["party"], names=names)
    if not 0 <= terms["exit"]["notice_days"] <= LONGEST_NOTICE:
        zh, en = f"必须在 0 到 {LONGEST_NOTICE} 天之间", f"must be between 0 and {LONGEST_NOTICE} days"
        yield Fault("/terms/exit/notice_days", zh, en)
    yield from _choice("/terms/dispute_forum/kind", terms["dispute_forum"]["kind"], choices=FORUMS)
    size = len(canonical(normal_terms(terms)))
    if size > LARGEST_TERMS:
        zh = f"共 {size} 字节,最多 {LARGEST_TERMS} 字节;请将长文本作为附件提交"
        yield Fault("/terms", zh, f"takes {size} bytes, at most {LARGEST_TERMS}; move long texts into an attachment")


def _choice(pointer: str, value: Json, *, choices: tuple[str, ...]) -> Iterator[Fault]:
    if value not in choices:
        yield Fault(pointer, f"必须是以下之一:{'、'.join(choices)}", f"must be one of {', '.join(choices)}")


def _party(pointer: str, tenant: object, *, names: frozenset[str]) -> Iterator[Fault]:
    if str(tenant) not in names:
        yield Fault(pointer, f"{tenant} 不是本园区的参与方", f"{tenant} is not a party of this park")


def _year_faults(where: str, share: Mapping[str, Json], *, terms: Terms) -> Iterator[Fault]:
    first, last, base = share["from_year"], share["to_year"], terms["base_year"]
    if first > last:
        yield Fault(
            f"{where}/to_year", f"{last} 早于起始年份 {first}", f"{last} is earlier than from_year, which is {first}"
        )
    if terms["base_rule"] == "stock_stays" and first <= base:
        yield Fault(
            f"{where}/from_year",
            f"存量归各方所有时,分享只能始于基准年 {base} 之后,现为 {first}",
            f"is {first}, but when existing stock stays with each party, sharing starts after base year {base}",
        )


def _ratio_faults(pointer: str, ratios: Mapping[str, Json], *, names: frozenset[str]) -> Iterator[Fault]:
    texts = {str(tenant): decimal_text(ratio) for tenant, ratio in ratios.items()}
    for tenant, text in texts.items():
        token = tenant.replace("~", "~0").replace("/", "~1")  # RFC 6901, section 3
        place = f"{pointer}/{token}"
        yield from _party(place, tenant, names=names)
        if text is None or not 0 <= Decimal(text) <= 1 or _places(text) > RATIO_PLACES:
            zh = f"必须是 0 到 1 之间、至多 {RATIO_PLACES} 位小数的十进制数"
            yield Fault(place, zh, f"must be a decimal from 0 to 1 with at most {RATIO_PLACES} decimals")
    numbers = [Decimal(text) for text in texts.values() if text is not None]
    with localcontext(prec=4 * LONGEST_NUMBER):  # the default precision of 28 digits would round a sum to 1
        total = 100 * sum(numbers, Decimal(0))
    if len(numbers) == len(texts) and total != 100:
        said = f"{total:f}".rstrip("0").rstrip(".") if "." in f"{total:f}" else f"{total:f}"
        yield Fault(pointer, NOT_WHOLE.zh.format(sum=said), NOT_WHOLE.en.format(sum=said))


def _places(text: str) -> int:
    return len(text.partition(".")[2])


def _bound_faults(where: str, share: Mapping[str, Json]) -> Iterator[Fault]:
    bounds: dict[str, Decimal] = {}
    for bound in ("cap", "floor"):
        if (value := share.get(bound)) is None:
            continue
        text = decimal_text(value)
        if text is None or not 0 <= Decimal(text) < LARGEST_AMOUNT or _places(text) > RATIO_PLACES:
            zh = f"必须是不小于 0、小于 {LARGEST_AMOUNT:f}、至多 {RATIO_PLACES} 位小数的十进制数"
            en = f"must be a decimal from 0 to below {LARGEST_AMOUNT:f} with at most {RATIO_PLACES} decimals"
            yield Fault(f"{where}/{bound}", zh, en)
        else:
            bounds[bound] = Decimal(text)
    if len(bounds) == 2 and bounds["floor"] > bounds["cap"]:
        floor, cap = bounds["floor"], bounds["cap"]
        yield Fault(f"{where}/floor", f"下限 {floor} 高于上限 {cap}", f"floor {floor} is higher than cap {cap}")


def _overlap_faults(shares: Sequence[Mapping[str, Json]]) -> Iterator[Fault]:
    for index, share in enumerate(shares):
        for earlier, other in enumerate(shares[:index]):
            first, last = max(share["from_year"], other["from_year"]), min(share["to_year"], other["to_year"])
            if share["indicator"] == other["indicator"] and first <= last:
                yield Fault(
                    f"/terms/shares/{index}/from_year",
                    f"{share['indicator']} 在 {first} 至 {last} 年已由第 {earlier + 1} 项分享约定",
                    f"{share['indicator']} is already shared from {first} to {last} by /terms/shares/{earlier}",
                )
