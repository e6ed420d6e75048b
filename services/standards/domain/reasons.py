"""What each step of the chain says to people: what is wrong and what to do now, by its code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from events.canonical import instant
from services.standards.domain.checking import Reason
from shared.core.calendar import BEIJING


@dataclass(frozen=True)
class Sentence:
    """In both languages."""

    zh: str
    en: str


_ASK_ISSUER = "请联系发证机构。", "Ask the body that issued it."
_ASK_HOME = "请联系签发地。", "Ask the tenant it comes from."


def _sentence(zh: str, en: str, *, then: tuple[str, str] = ("", "")) -> Sentence:
    return Sentence(zh + then[0], f"{en} {then[1]}".strip())


CERTIFICATE: Mapping[str, Sentence] = {
    "certificate_ok": _sentence("证书有效。", "The certificate is valid."),
    "certificate_unknown": _sentence(
        "没有收到过此编号的证书。请核对编号;如刚颁发,请稍后再查。",
        "No certificate with this number is known here. Check the number; if it was issued just now, ask again soon.",
    ),
    "certificate_unreadable": _sentence(
        "证书或其依据的登记内容不完整,无法判断。",
        "The certificate, or what it rests on, cannot be read.",
        then=_ASK_HOME,
    ),
    "certificate_not_yet_valid": _sentence(
        "证书当时尚未生效。请查询有效期内的日期。", "The certificate was not valid yet. Ask about a day of its term."
    ),
    "certificate_suspended": _sentence("证书已暂停。", "The certificate is suspended.", then=_ASK_ISSUER),
    "certificate_revoked": _sentence(
        "证书已撤销,不能采信。请要求提供新证书。", "The certificate is revoked: do not rely on it. Ask for a new one."
    ),
    "certificate_expired": _sentence(
        "证书已过有效期。请要求提供新证书。", "The certificate's term is over. Ask for a new one."
    ),
    "certificate_replaced": _sentence(
        "证书已被新证书代替。请使用新证书。", "A new certificate has taken the place of this one. Use the new one."
    ),
    "certificate_other_products": _sentence(
        "证书不涵盖所问的产品类别。请核对类别,或要求提供涵盖该类别的证书。",
        "The certificate is not for this product class. Check the class, or ask for a certificate that covers it.",
    ),
}
BODY: Mapping[str, Sentence] = {
    "body_ok": _sentence("发证机构资格有效。", "The body that issued it is accredited."),
    "body_unknown": _sentence("没有收到过发证机构的登记。请稍后再查。", "The body is not known here. Ask again soon."),
    "body_of_another_tenant": _sentence(
        "发证机构不属于签发地,证书无效。", "The body is not one of the tenant that issued this.", then=_ASK_HOME
    ),
    "body_not_yet": _sentence(
        "发证机构当时尚未获得资格。请查询其获得资格后的日期。",
        "The body was not accredited yet. Ask about a day after its accreditation.",
    ),
    "body_suspended": _sentence("发证机构资格已暂停。", "The body is suspended.", then=_ASK_HOME),
    "body_withdrawn": _sentence(
        "发证机构资格已撤销。请要求由其他机构重新发证。",
        "The body's accreditation is withdrawn. Ask for a certificate of another body.",
    ),
    "body_expired": _sentence(
        "发证机构资格已到期。请要求由其他机构重新发证。",
        "The body's accreditation has expired. Ask for a certificate of another body.",
    ),
    "accreditation_ok": _sentence("认可范围涵盖此证书。", "The body's scope covers this certificate."),
    "accreditation_expired": _sentence(
        "当日没有有效的认可范围。", "None of the body's grants was in force on that day.", then=_ASK_HOME
    ),
    "accreditation_not_for_standard": _sentence(
        "认可范围不含此标准。", "The body is not accredited for this standard.", then=_ASK_HOME
    ),
    "accreditation_not_for_products": _sentence(
        "认可范围不含证书的产品类别。",
        "The body is not accredited for the certificate's product classes.",
        then=_ASK_HOME,
    ),
    "accreditation_not_for_methods": _sentence(
        "认可范围不含所用的检测方法。", "The body is not accredited for the test methods used.", then=_ASK_HOME
    ),
}
STANDARD: Mapping[str, Sentence] = {
    "standard_ok": _sentence("标准现行有效。", "The standard is in force."),
    "standard_unknown": _sentence("没有收到过此标准。请稍后再查。", "The standard is not known here. Ask again soon."),
    "standard_published": _sentence(
        "标准已发布,当时尚未实施。请查询实施日之后的日期。",
        "The standard was released but not in force yet. Ask about a day from its effective date on.",
    ),
    "standard_not_yet": _sentence(
        "标准当时尚未实施。请查询实施日之后的日期。",
        "The standard was not in force yet. Ask about a day from its effective date on.",
    ),
    "standard_superseded": _sentence(
        "标准已被代替。请要求按新标准发证。",
        "The standard is superseded. Ask for a certificate under the one that took its place.",
    ),
    "standard_withdrawn": _sentence(
        "标准已废止。请要求按现行标准发证。", "The standard is withdrawn. Ask for a certificate under one in force."
    ),
}
RECOGNITION: Mapping[str, Sentence] = {
    "recognition_ok": _sentence("互认有效并涵盖所问事项。", "A recognition in force covers what is asked."),
    "recognition_not_needed_ok": _sentence(
        "本地或全国标准,无需互认。", "No recognition is needed: the standard holds here by itself."
    ),
    "recognition_none": _sentence(
        "没有涵盖此标准的互认。请按本地要求检测,或提出互认。",
        "No recognition names this standard. Have the product tested here, or propose a recognition.",
    ),
    "recognition_not_yet": _sentence(
        "互认当时尚未生效。请查询生效后的日期。", "The recognition was not in force yet. Ask about a later day."
    ),
    "recognition_proposed": _sentence(
        "互认尚在协商,未生效。请催请各方办理。", "The recognition is only proposed. Ask the parties to agree to it."
    ),
    "recognition_agreed": _sentence(
        "互认已商定,当时尚未生效。请查询生效后的日期。",
        "The recognition was agreed but not in force yet. Ask about a day from its beginning on.",
    ),
    "recognition_suspended": _sentence(
        "互认已暂停。请联系互认双方。", "The recognition is suspended. Ask the two tenants about it."
    ),
    "recognition_ended": _sentence(
        "互认已终止。请按本地要求检测,或提出新的互认。",
        "The recognition has ended. Have the product tested here, or propose a new one.",
    ),
    "recognition_not_listed_then": _sentence(
        "当时的互认清单不含此标准。请查询列入期间的日期。",
        "The list of that moment did not name this standard. Ask about a day on which it did.",
    ),
    "recognition_out_of_scope": _sentence(
        "互认不涵盖所问的产品类别、行业或园区。请核对所问的范围,必要时注明行业和园区。",
        "The recognition does not cover this product class, sector or park. Check `for`; name sector and park.",
    ),
    "conditions_ok": _sentence("互认条件均已满足。", "The conditions of the recognition are met."),
    "conditions_tests_missing": _sentence(
        "缺少互认要求的补充检测。请补做检测并重新取得证书。",
        "A test that the recognition asks for is missing. Have it made and get a new certificate.",
    ),
    "conditions_too_old": _sentence(
        "证书超过互认认可的年限。请要求提供较新的证书。",
        "The certificate is older than the recognition accepts. Ask for a newer one.",
    ),
}
_RETRY = (
    "请稍后再查;急用时请向签发地核实。",
    "Ask again soon; if it is urgent, ask the tenant that it comes from.",
)
NOT_KNOWN: Mapping[str, Sentence] = {
    "certificate_not_known": _sentence(
        "签发地已有新的登记,此处尚未收到,证书现状不明。",
        "Its home has said more than has arrived here: how the certificate stands now is not known.",
        then=_RETRY,
    ),
    "body_not_known": _sentence(
        "发证机构已有新的登记,此处尚未收到,其资格现状不明。",
        "More was said of the body than has arrived here: whether it is accredited now is not known.",
        then=_RETRY,
    ),
    "standard_not_known": _sentence(
        "标准已有新的登记,此处尚未收到,其现状不明。",
        "More was said of the standard than has arrived here: whether it is in force now is not known.",
        then=_RETRY,
    ),
}
MESSAGES: Mapping[str, Sentence] = {**CERTIFICATE, **BODY, **STANDARD, **RECOGNITION, **NOT_KNOWN}


def sentence(reason: Reason) -> Sentence:
    """What the step says; a state that this table does not know yet says so by its code."""
    said = MESSAGES.get(reason.code, Sentence(f"不能采信:{reason.code}。", f"Does not count: {reason.code}."))
    until = reason.known_until
    if reason.holds is not None:
        return said
    if until is None:
        return Sentence(f"{said.zh}(此处从未完整收到过该地的登记。)", f"{said.en} (Nothing was ever complete here.)")
    zh, en = until.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S"), instant(until)
    return Sentence(f"{said.zh}(已知至北京时间 {zh}。)", f"{said.en} (Not known beyond {en}.)")
