"""What anybody may know of a certificate: its state in one word, and nothing of holder, products or reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.standards.domain.checking import Reason

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
