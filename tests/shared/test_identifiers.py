"""An identifier is the same however it came from paper, keyboard or message, and what cannot be one is refused."""

# ruff: noqa: RUF001 - characters that look like others are what is tested here

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from shared.text import identifiers
from shared.text.identifiers import KINDS, NotOneError, certificates, credit_codes
from shared.text.identifiers.writing import compactly, typed

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
BODY = "CHENGDU-CHONGQING-2026-0123456789AB"
NUMBER = f"{BODY}-{certificates.check_of(BODY)}"
PERSON = "510105209912310007"
"""A made-up citizen's number, of somebody to be born in 2099, whose 18th digit fits a credit code too."""


def wide(text):
    return "".join(chr(ord(one) + 0xFEE0) if 33 <= ord(one) <= 126 else one for one in text)


def ways_to_write(text):
    """As an input method, a word processor, a printer, a scanner and a chat make of it."""
    yield from (wide(text), text.lower(), f"\ufeff{text}", f" {text}\n", f"{text}。", f"“{text}”", f"「{text}」,")
    yield from (text.replace("-", dash) for dash in ("–", "—", "\u2011", "\u2212", "——", " - "))
    yield text.replace("/", "\u2215")
    yield f"({text})"
    yield text[:3] + "\u200b" + text[3:]


CASES = {
    "account": ("zhang.wei@sichuan", "zhang.wei@sichuan"),
    "certificate_number": (NUMBER, NUMBER),
    "client": ("my-client", "my-client"),
    "credit_code": ("91110000600037341L", "91110000600037341L"),
    "digest": ("sha256:" + "ab" * 32, "sha256:" + "ab" * 32),
    "division_code": ("510100", "510100"),
    "login": ("zhang.wei", "zhang.wei"),
    "login_start": ("zhang.w", "zhang.w"),
    "paper_number": ("GR202051000123", "GR202051000123"),
    "product_class": ("C2110", "C2110"),
    "project_number": ("川市监〔2026〕12号", "川市监〔2026〕12号"),
    "role": ("official", "official"),
    "sector": ("C36", "C36"),
    "sha256": ("ab" * 32, "ab" * 32),
    "standard_number": ("DB51/T 1234-2026", "DB51/T 1234-2026"),
    "tenant_code": ("chengdu-chongqing", "chengdu-chongqing"),
}


def test_every_kind_is_tried_here():
    assert set(CASES) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_one_identifier_has_one_form_however_it_is_written(kind):
    text, form = CASES[kind]
    assert {identifiers.normal(kind, written) for written in ways_to_write(text)} == {form}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["", " ", "。", "\u202e", "5\u202e1", "\0", "a\0", "\ud800", "()", "—", "\u3164"])
def test_what_cannot_be_one_is_refused_in_both_languages(kind, text):
    with pytest.raises(NotOneError) as refusal:
        identifiers.normal(kind, text)
    _code, zh, en = refusal.value.said
    assert en.isascii()
    assert not zh.isascii()
    assert " / " not in zh


@pytest.mark.parametrize("kind", KINDS)
@given(text=st.text(max_size=40))
def test_the_form_of_a_form_is_itself(kind, text):
    once = identifiers.form(kind, text)
    if once != text:
        assert identifiers.normal(kind, once) == once


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("DB51/T1234—2026", "DB51/T 1234-2026"), ("db51 / t 1234 — 2026。", "DB51/T 1234-2026"),
        ("GB1234-2026", "GB 1234-2026"), ("GB/T19001-2016", "GB/T 19001-2016"), ("T/CAS 1-2026", "T/CAS 1-2026"),
        ("《QB/T  1-2026》", "QB/T 1-2026"), ("GB/T 1.1-2020", "GB/T 1.1-2020"),
    ],
)  # fmt: skip
def test_numbers_of_standards_have_a_blank_and_hyphens(written, read):
    assert identifiers.normal("standard_number", written) == read


def test_years_of_official_documents_stand_in_their_own_brackets():
    for brackets in ("〔〕", "[]", "［］", "()", "（）", "【】"):
        assert identifiers.normal("project_number", f"川市监{brackets[0]}2026{brackets[1]}12号") == "川市监〔2026〕12号"


@pytest.mark.parametrize(
    "written",
    [
        NUMBER.replace("0123", "Ol23"), NUMBER.replace("0123", "oI23"), NUMBER.replace("2026", "2O26"),
        NUMBER.replace("-0123456789AB-", "0123 4567 89AB"), f"{NUMBER[:-14]}0123-4567-89AB{NUMBER[-1]}",
    ],
)  # fmt: skip
def test_certificates_are_read_as_crockford_says(written):
    assert certificates.read(written) == certificates.Number("chengdu-chongqing", NUMBER)


@given(st.text(certificates.ALPHABET, min_size=12, max_size=12), st.integers(0, 11), st.sampled_from("0123456789OIL"))
def test_a_check_character_is_read_as_what_it_looks_like(random, place, other):
    body = f"SICHUAN-2026-{random}"
    check = certificates.check_of(body)
    alike = {"0": "0O", "O": "0O", "1": "1IL", "I": "1IL", "L": "1IL"}.get(check, check)
    assert {certificates.normal(f"{body}-{one}") for one in alike} == {f"{body}-{check}"}
    typo = f"SICHUAN-2026-{random[:place]}{other}{random[place + 1 :]}-{check}"
    if other not in "OIL" and other != random[place] and check not in "01OIL":
        with pytest.raises(NotOneError):
            certificates.normal(typo)


@pytest.mark.parametrize(
    ("code", "check"),
    [
        ("9150000020285463", "length"), ("91500000202854636", "length"), ("9150000020285463644", "length"),
        ("B1500000202854636X", "format"), ("915000002O2854636X", "format"), ("90500000202854636X", "format"),
        ("01110000600037341L", "format"), ("91010000600037341L", "format"),
        ("91110000600037341K", "checksum"), ("91110000600037314L", "checksum"),
    ],
)  # fmt: skip
def test_a_wrong_credit_code_says_which_check_failed(code, check):
    with pytest.raises(NotOneError) as refusal:
        credit_codes.normal(code)
    name, zh, en = refusal.value.said
    assert name == check
    assert code not in zh + en


@pytest.mark.parametrize(
    "code", ["N2510112MF0A12B3X3", "A1110000MD0123456W", "Y1110000MD01234568", "12440600MB2C07549J"]
)
def test_every_registering_department_is_known(code):
    assert credit_codes.normal(code) == code


def test_a_fitting_inner_check_says_where_the_error_is_not():
    code = "91110000600037341L"
    assert credit_codes.has_inner_check(code)
    for wrong, said in ((code[:-1] + "K", credit_codes.INNER), (code[:10] + "1" + code[11:], credit_codes.CHECKSUM)):
        with pytest.raises(NotOneError) as refusal:
            credit_codes.normal(wrong)
        assert refusal.value.said == said


@given(st.text("0123456789", min_size=5, max_size=5), st.text(ALPHABET, min_size=9, max_size=9), st.integers(0, 16),
       st.sampled_from(ALPHABET))  # fmt: skip
def test_a_single_wrong_character_of_a_credit_code_is_always_noticed(digits, rest, place, other):
    body = f"915{digits}{rest}"
    code = body + uscc.calc_check_digit(body)
    assert credit_codes.normal(f" {code[:4]} {code[4:].lower()}") == code
    if other != code[place]:
        with pytest.raises(NotOneError):
            credit_codes.normal(code[:place] + other + code[place + 1 :])


@pytest.mark.parametrize(
    "written",
    [PERSON, wide(PERSON), f"{PERSON[:6]} {PERSON[6:14]} {PERSON[14:]}", f"“{PERSON}”",
     f"{PERSON[:6]}-{PERSON[6:14]}—{PERSON[14:]}"])  # fmt: skip
@pytest.mark.parametrize("kind", ["credit_code", "paper_number"])
def test_a_citizens_number_is_refused_as_personal_and_never_said_again(kind, written):
    with pytest.raises(NotOneError) as refusal:
        identifiers.normal(kind, written)
    assert refusal.value.said == credit_codes.PERSONAL
    assert PERSON not in credit_codes.masked(f"/v1/organisations/by-code/{PERSON}?")
    assert PERSON[10:] not in credit_codes.masked(written)


@pytest.mark.parametrize("number", [PERSON[:-1] + "8", "510105209913310007", "990105209912310007", PERSON[:-1]])
def test_what_is_no_citizens_number_is_not_called_one(number):
    assert not credit_codes.is_personal(number)
    assert credit_codes.masked(number) == number


@pytest.mark.parametrize(
    "text", [f"证号{PERSON}号", f"证号:{wide(PERSON)}", f"a {PERSON[:6]} {PERSON[6:14]} {PERSON[14:]}."]
)
def test_a_citizens_number_is_found_within_a_text_and_nothing_else_of_it_is_changed(text):
    hidden = credit_codes.masked(text)
    assert PERSON[6:] not in identifiers.writing.singly(hidden)
    assert hidden.replace(f"{PERSON[:6]}{credit_codes.MASK}", "") in (text.replace(PERSON, ""), "证号:", "a .")
    with pytest.raises(NotOneError) as refusal:
        identifiers.normal("paper_number", hidden)
    assert refusal.value.said == credit_codes.PERSONAL


def test_a_letter_whose_capital_is_several_characters_has_one_form():
    once = identifiers.normal("paper_number", "\u03901")
    assert identifiers.normal("paper_number", once) == once


def test_codes_from_a_screen_are_letters_and_digits():
    assert typed(" １２３-456。") == "123456"
    assert typed("٣٤٥") == "345"
    assert typed("\u202e12") == ""
    assert compactly("ＢＣＤＦ–ＧＨＪＫ") == "BCDF-GHJK"
