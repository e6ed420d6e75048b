"""Terms: what they must satisfy, and that equal terms have equal hashes however they are written."""

from __future__ import annotations

import copy
import hashlib
import json
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.parks.domain.terms import check_terms, content_hash, decimal_text, normal_terms
from shared.core.errors import InvalidError

SICHUAN, CHONGQING, STRANGER = (str(UUID(int=number)) for number in (1, 2, 9))
PARTIES = [{"tenant": SICHUAN, "role": "host"}, {"tenant": CHONGQING, "role": "partner"}]
MILLION = 10**6


def share(**changes):
    ratios = {SICHUAN: "0.5", CHONGQING: "0.5"}
    line = {
        "indicator": "tax_revenue",
        "from_year": 2021,
        "to_year": 2030,
        "ratios": ratios,
        "cap": None,
        "floor": None,
    }
    return {**line, **changes}


def terms(**changes):
    text = {"text_zh": "文", "text_en": "text"}
    whole = {
        "base_year": 2020,
        "base_rule": "stock_stays",
        "shares": [share()],
        "obligations": [{"party": SICHUAN, **text, "due": None}],
        "exit": {"notice_days": 180, **text},
        "dispute_forum": {"kind": "council", **text},
    }
    return {**whole, **changes}


def faults_of(faulty):
    with pytest.raises(InvalidError) as refusal:
        check_terms(faulty, PARTIES)
    assert refusal.value.code == "terms_invalid"
    assert all(fault.zh and fault.en for fault in refusal.value.faults)
    return refusal.value.faults


def test_terms_as_in_gaozhu_are_accepted():
    later = share(from_year=2031, to_year=2031, ratios={SICHUAN: "0.333333", CHONGQING: "0.666667"})
    check_terms(terms(shares=[share(cap="1000", floor="0"), later, share(indicator="gdp")]), PARTIES)


@pytest.mark.parametrize(
    ("changes", "pointer", "message"),
    [
        ({"ratios": {SICHUAN: "0.5", CHONGQING: "0.48"}}, "/ratios", "the ratios add up to 98 %, not to 100 %"),
        (
            {"ratios": {SICHUAN: "0.5", CHONGQING: "0.500001"}},
            "/ratios",
            "the ratios add up to 100.0001 %, not to 100 %",
        ),
        ({"ratios": {}}, "/ratios", "the ratios add up to 0 %, not to 100 %"),
        ({"ratios": {SICHUAN: "0.5", STRANGER: "0.5"}}, f"/ratios/{STRANGER}", "is not a party"),
        ({"ratios": {SICHUAN: "half", CHONGQING: "0.5"}}, f"/ratios/{SICHUAN}", "must be a decimal from 0 to 1"),
        ({"from_year": 2031}, "/to_year", "2030 is earlier than from_year, which is 2031"),
        ({"from_year": 2020}, "/from_year", "starts after base year 2020"),
        ({"cap": "10", "floor": "10.01"}, "/floor", "floor 10.01 is higher than cap 10"),
        ({"cap": "-1"}, "/cap", "must be a decimal from 0"),
        ({"floor": "1e15"}, "/floor", "below 1000000000000000"),
        ({"floor": "NaN"}, "/floor", "must be a decimal"),
        ({"indicator": "happiness"}, "/indicator", "must be one of tax_revenue"),
    ],
)
def test_a_faulty_line_is_named_with_what_is_wrong(changes, pointer, message):
    (fault,) = faults_of(terms(shares=[share(indicator="gdp"), share(**changes)]))
    assert fault.pointer == f"/terms/shares/1{pointer}"
    assert message in fault.en


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"base_rule": "none"}, "/terms/base_rule"),
        ({"exit": {"notice_days": 3651}}, "/terms/exit/notice_days"),
        ({"exit": {"notice_days": -1}}, "/terms/exit/notice_days"),
        ({"dispute_forum": {"kind": "duel"}}, "/terms/dispute_forum/kind"),
        ({"obligations": [{"party": STRANGER}]}, "/terms/obligations/0/party"),
        ({"exit": {"notice_days": 1, "text_zh": "字" * 11_000}}, "/terms"),
    ],
)
def test_a_fault_beside_the_shares_is_named(changes, pointer):
    assert [fault.pointer for fault in faults_of(terms(**changes))] == [pointer]


def test_one_answer_carries_all_faults():
    out_of_range = share(indicator="gdp", ratios={SICHUAN: "1.2", CHONGQING: "-0.2"})
    faulty = terms(
        shares=[share(ratios={SICHUAN: "0.9"}), share(from_year=2030, to_year=2031), out_of_range],
        obligations=[{"party": STRANGER}],
    )
    assert [fault.pointer for fault in faults_of(faulty)] == [
        "/terms/shares/0/ratios",
        f"/terms/shares/2/ratios/{SICHUAN}",
        f"/terms/shares/2/ratios/{CHONGQING}",
        "/terms/shares/1/from_year",
        "/terms/obligations/0/party",
    ]


def test_ratios_of_more_than_six_decimals_are_refused_even_when_they_sum_to_one():
    faults = faults_of(terms(shares=[share(ratios={SICHUAN: "0.5000001", CHONGQING: "0.4999999"})]))
    assert [fault.pointer for fault in faults] == [f"/terms/shares/0/ratios/{name}" for name in (SICHUAN, CHONGQING)]


@pytest.mark.parametrize("days", [0, 3650])
def test_bounds_themselves_are_accepted(days):
    check_terms(terms(exit={"notice_days": days}, shares=[share(cap="5", floor="5.0")]), PARTIES)


def test_an_overlap_names_the_years_and_the_other_line():
    (fault,) = faults_of(terms(shares=[share(), share(from_year=2029, to_year=2040)]))
    assert "already shared from 2029 to 2030 by /terms/shares/0" in fault.en


def test_sharing_everything_may_start_before_the_base_year():
    check_terms(terms(base_rule="all_shared", shares=[share(from_year=2015)]), PARTIES)


def test_a_pointer_escapes_the_key_it_names():
    faults = faults_of(terms(shares=[share(ratios={"a/b~c": "1"})]))
    assert faults[0].pointer == "/terms/shares/0/ratios/a~1b~0c"


@given(st.integers(1, 12), st.data())
def test_ratios_are_accepted_exactly_when_they_sum_to_one(count, data):
    parties = [{"tenant": str(UUID(int=number))} for number in range(1, count + 1)]
    cuts = sorted(data.draw(st.lists(st.integers(0, MILLION), min_size=count - 1, max_size=count - 1)))
    parts = [high - low for low, high in zip([0, *cuts], [*cuts, MILLION], strict=True)]
    off_by = data.draw(st.sampled_from([0, 0, 1, -1]))
    parts[0] += off_by
    ratios = {one["tenant"]: str(Decimal(part) / MILLION) for one, part in zip(parties, parts, strict=True)}
    subject = terms(shares=[share(ratios=ratios)], obligations=[])
    if off_by == 0:
        check_terms(subject, parties)
    else:
        with pytest.raises(InvalidError):
            check_terms(subject, parties)


@given(st.lists(st.tuples(st.integers(2021, 2030), st.integers(2021, 2030)), min_size=1, max_size=5))
def test_year_ranges_are_accepted_exactly_when_no_year_is_shared_twice(ranges):
    ordered = [(min(pair), max(pair)) for pair in ranges]
    years = [year for first, last in ordered for year in range(first, last + 1)]
    subject = terms(shares=[share(from_year=first, to_year=last) for first, last in ordered])
    if len(years) == len(set(years)):
        check_terms(subject, PARTIES)
    else:
        assert {fault.pointer.rpartition("/")[2] for fault in faults_of(subject)} == {"from_year"}


@pytest.mark.parametrize(
    ("written", "shortest"),
    [
        ("0.50", "0.5"),
        (".5", "0.5"),
        ("5e-1", "0.5"),
        (0.5, "0.5"),
        (1, "1"),
        ("1.", "1"),
        ("+01.0", "1"),
        ("-0.0", "0"),
        (1e-06, "0.000001"),
        ("1E+3", "1000"),
        (Decimal("262.0000"), "262"),
    ],
)
def test_a_number_has_one_shortest_form(written, shortest):
    assert decimal_text(written) == shortest


@pytest.mark.parametrize(
    "value",
    [
        "",
        "abc",
        "1,5",
        "1_000",
        " 1",
        "1\n",
        "\uff15",
        "NaN",
        "inf",
        float("nan"),
        float("inf"),
        True,
        None,
        [],
        "1e999",
        "1e99",
    ],
)
def test_what_is_no_number_has_no_form(value):
    assert decimal_text(value) is None


NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=0, max_value=10**9, places=6)


@given(NUMBERS)
def test_every_way_to_write_a_number_gives_the_same_form_and_value(number):
    shortest = decimal_text(number)
    assert Decimal(shortest) == number
    assert decimal_text(shortest) == shortest
    assert {decimal_text(form) for form in (f"{number:f}", f"{number:E}", f"{number:f}000")} == {shortest}


@given(st.integers(0, MILLION))
def test_equal_terms_have_equal_hashes_however_the_numbers_are_written(part):
    one, other = Decimal(part) / MILLION, Decimal(MILLION - part) / MILLION
    plain = terms(shares=[share(ratios={SICHUAN: decimal_text(one), CHONGQING: decimal_text(other)}, cap="7")])
    floats = terms(shares=[share(ratios={CHONGQING: float(other), SICHUAN: float(one)}, cap=7.0)])
    padded = terms(shares=[share(ratios={SICHUAN: f"{one:.6f}", CHONGQING: f"{other:E}"}, cap="7.00")])
    hashes = {content_hash(form, [], effective_from=date(2026, 1, 1)) for form in (plain, floats, padded)}
    assert hashes == {content_hash(plain, [], effective_from="2026-01-01")}


def test_the_hash_is_that_of_the_canonical_json_of_the_content():
    files = [{"sha256": "0" * 64, "name": "附件.pdf", "media_type": "application/pdf", "size": 5}]
    content = {"terms": terms(), "attachments": files, "effective_from": "2026-01-01"}
    # Keys and values here are such that sorted compact JSON is RFC 8785.
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert content_hash(terms(), files, effective_from=date(2026, 1, 1)) == hashlib.sha256(text.encode()).hexdigest()


def test_any_change_of_content_changes_the_hash():
    files = [{"sha256": "0" * 64, "name": "a.pdf", "media_type": "application/pdf", "size": 5}]
    hashes = {
        content_hash(terms(), [], effective_from="2026-01-01"),
        content_hash(terms(), [], effective_from="2026-01-02"),
        content_hash(terms(), files, effective_from="2026-01-01"),
        content_hash(terms(base_year=2019), [], effective_from="2026-01-01"),
        content_hash(terms(shares=[share(cap="0")]), [], effective_from="2026-01-01"),
        content_hash(terms(shares=[]), [], effective_from="2026-01-01"),
    }
    assert len(hashes) == 6


def test_normal_terms_are_stable_and_leave_their_source_alone():
    source = terms(shares=[share(ratios={SICHUAN: "0.50", UUID(CHONGQING): 0.5})])
    kept = copy.deepcopy(source)
    normal = normal_terms(source)
    assert normal == terms()
    assert normal_terms(normal) == normal
    assert source == kept


def test_a_missing_bound_is_the_same_as_none():
    line = share()
    del line["cap"], line["floor"]
    assert normal_terms(terms(shares=[line])) == terms()
