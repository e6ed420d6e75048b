"""Unified social credit codes (GB 32100-2015 with its amendment 1 of 2016), and what must never be taken for one.

The first character names the registering department; docs/decisions/0016 says what of a code is judged, and why.
"""

from __future__ import annotations

import re
from datetime import date
from operator import mul

from stdnum.cn import ric

from shared.text.identifiers.writing import NotOneError, Said, compactly, singly

DEPARTMENTS = "123456789ANY"
"""机构编制, 外交, 司法行政, 文化, 民政, 旅游, 宗教, 工会, 市场监管; since 2016 A 中央军委改革和编制办公室, N 农业,
Y 其他."""
FORM = re.compile(rf"[{DEPARTMENTS}][1-9][1-9][0-9]{{5}}[0-9A-HJ-NPQRTUWXY]{{10}}")
PROVINCES = re.compile("1[1-5]|2[123]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[123]")
"""What a citizen's number begins with (GB 11643), also one of a resident from Hong Kong, Macao or Taiwan."""
CITIZEN = re.compile(r"(?<![0-9A-Za-z])[1-8][0-9]{5}[ -]?(?:18|19|20)[0-9]{6}[ -]?[0-9]{3}[0-9Xx](?![0-9A-Za-z])")
OTHER_LETTER = re.compile("[A-WYZa-wyz]")
MASK = "*" * 12
MASKED = re.compile(r"[1-8][0-9]{5}\*{12}")
CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
POWERS = tuple(3**place % 31 for place in range(17))
"""Of the check character: each place counts with its power of three."""
WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
VALUES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

LENGTH: Said = (
    "length",
    "统一社会信用代码应为18位,请核对营业执照或登记证书。",
    "A unified social credit code has 18 characters. Compare it with the licence.",
)
WRITTEN: Said = (
    "format",
    "统一社会信用代码第1位为登记管理部门(1–9、A、N、Y),第2–8位为数字,其余为数字或大写字母(不含 I、O、Z、S、V),请更正。",
    (
        "A unified social credit code begins with its registering department (1-9, A, N or Y) and seven digits; then "
        "come digits or capitals without I, O, Z, S and V. Correct it."
    ),
)
CHECKSUM: Said = (
    "checksum",
    "统一社会信用代码的校验码(第18位)不符,至少有一位写错,请核对营业执照或登记证书。",
    "The check character (the 18th) of this credit code does not fit: at least one character is wrong. Compare it.",
)
INNER: Said = (
    "checksum",
    "统一社会信用代码的校验码(第18位)不符;第9–17位自身的校验相符,写错的应在第1–8位或第18位,请核对。",
    (
        "The check character (the 18th) of this credit code does not fit, while 9 to 17 fit their own check: "
        "look for the wrong one among the first eight and the last. Compare it."
    ),
)
PERSONAL: Said = (
    "personal_number",
    "这是公民身份号码,属于个人信息,不能用作代码或编号。机构请填写统一社会信用代码(个体工商户也有,以92开头)。",
    (
        "This is a citizen's identity number: personal data, no code of anything. Of an organisation give the unified "
        "social credit code; a sole trader has one too, which begins with 92."
    ),
)


def normal(text: str) -> str:
    """The 18 characters; raises `NotOneError`."""
    code = compactly(text).replace("-", "")
    if is_personal(code):
        raise NotOneError(PERSONAL)
    if len(code) != 18:
        raise NotOneError(LENGTH)
    if not FORM.fullmatch(code):
        raise NotOneError(WRITTEN)
    if code[-1] != CHARACTERS[-sum(map(mul, map(CHARACTERS.index, code[:-1]), POWERS)) % 31]:
        raise NotOneError(INNER if has_inner_check(code) else CHECKSUM)
    return code


def has_inner_check(code: str) -> bool:
    """Whether characters 9 to 17 are an organisation code by its own check (GB 11714)."""
    remainder = 11 - sum(VALUES.index(one) * weight for one, weight in zip(code[8:16], WEIGHTS, strict=True)) % 11
    return code[16] == {10: "X", 11: "0"}.get(remainder, str(remainder))


def is_personal(text: str) -> bool:
    """Whether this is a citizen's number: a province, a day of birth and a check character that fits (GB 11643)."""
    if not CITIZEN.fullmatch(text):
        return False
    number = text.replace(" ", "").replace("-", "").upper()
    if not PROVINCES.match(number) or ric.calc_check_digit(number) != number[-1]:
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return True


def holds_personal(text: str) -> bool:
    """Whether a citizen's number stands anywhere in it, also one that was masked and has come back."""
    return MASKED.search(text) is not None or masked(text) != text


def masked(text: str) -> str:
    """With every citizen's number in it cut short: for what is written down or given back as it came."""
    if len(text) < 18:
        return text
    try:
        # Nothing that is taken away from around it, or between its characters, is a letter.
        alone = "" if text.isascii() and OTHER_LETTER.search(text) else compactly(text)
    except NotOneError:
        alone = ""
    if is_personal(alone):
        return f"{alone[:6]}{MASK}"
    pieces, at = [], 0
    for found in CITIZEN.finditer(text if text.isascii() else singly(text)):
        if is_personal(found[0]):
            pieces += [text[at : found.start()], found[0][:6], MASK]
            at = found.end()
    return "".join((*pieces, text[at:]))
