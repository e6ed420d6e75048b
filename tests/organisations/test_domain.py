"""Rules of organisations: codes, sectors, qualifications, memberships, search keys."""

from __future__ import annotations

from datetime import date, datetime
from types import SimpleNamespace
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin

from services.organisations.domain import codes, names, qualifications
from services.organisations.domain import organisation as rules
from services.organisations.domain.organisation import LIVING, ORGANISATION_LIFECYCLE
from services.organisations.domain.qualifications import years_after
from shared.core.calendar import BEIJING, day_of, end_of
from shared.core.errors import ConflictError, InvalidError

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
TODAY = date(2026, 7, 1)


@pytest.mark.parametrize("sector", ["A", "C", "T", "C36", "A01", "K70", "S96", "T97"])
def test_sections_and_their_divisions_are_sectors(sector):
    codes.check_sectors([sector])


@pytest.mark.parametrize(
    ("sector", "pointer"), [("U", "/sectors/1"), ("C44", "/sectors/1"), ("c36", "/sectors/1"), ("36", "/sectors/1")]
)
def test_other_sectors_are_refused_where_they_stand(sector, pointer):
    with pytest.raises(InvalidError) as refusal:
        codes.check_sectors(["C36", sector])
    assert [fault.pointer for fault in refusal.value.faults] == [pointer]


@pytest.mark.parametrize("state", ORGANISATION_LIFECYCLE.states)
@pytest.mark.parametrize("action", ["suspend", "reactivate", "close", "merge"])
def test_every_step_is_allowed_exactly_where_the_table_says(state, action):
    thing = SimpleNamespace(state=state)
    if action in ORGANISATION_LIFECYCLE.actions(state):
        ORGANISATION_LIFECYCLE.move(thing, action)
        assert thing.state != state
    else:
        with pytest.raises(ConflictError):
            ORGANISATION_LIFECYCLE.move(thing, action)
    assert ("revise" in rules.actions(state, public=False, parties=[])) == (state in LIVING)


def given_qualification(name="专精特新中小企业", **changes):
    blank = {"level": None, "number": None, "issued_on": None, "valid_from": None, "valid_to": None}
    return qualifications.completed({"name": name, **blank, **changes}, today=TODAY)


@pytest.mark.parametrize(
    ("name", "begins", "ends"),
    [
        ("小巨人", date(2024, 7, 1), "2027-06-30"), ("专精特新“小巨人”企业", date(2024, 2, 29), "2027-02-28"),
        ("ISO 9001", date(2024, 7, 1), None),
    ],
)  # fmt: skip
def test_a_qualification_lasts_as_long_as_its_kind_does(name, begins, ends):
    made = given_qualification(name, valid_from=begins)
    assert (made["valid_to"], made["state"]) == (ends, "valid")


def test_a_qualification_is_valid_on_its_last_day_and_no_longer():
    last = given_qualification(valid_from=date(2020, 1, 1), valid_to=TODAY)
    over = given_qualification(valid_from=date(2020, 1, 1), valid_to=date(2026, 6, 30))
    assert (last["state"], over["state"]) == ("valid", "expired")
    assert qualifications.next_end([last, over]) == TODAY
    marked, names_ = qualifications.expired([last, over], today=date(2026, 7, 2))
    assert ([item["state"] for item in marked], names_) == (["expired", "expired"], (last["name"],))


def test_a_qualification_that_ends_before_it_begins_is_refused():
    with pytest.raises(InvalidError, match="end"):
        given_qualification(valid_from=TODAY, valid_to=date(2026, 6, 30))


def test_renewing_replaces_and_withdrawing_removes():
    first, other = given_qualification(number="1"), given_qualification(number="2")
    renewed = given_qualification(number="1", valid_to=date(2030, 1, 1))
    held = qualifications.with_qualification([first, other], renewed)
    assert held == [other, renewed]
    assert qualifications.with_qualification(held, renewed) == held
    assert qualifications.without_qualification(held, renewed["name"], number="1") == [other]
    with pytest.raises(ConflictError, match="not_qualified"):
        qualifications.without_qualification([other], other["name"], number="1")


def test_days_are_those_of_beijing():
    assert end_of(date(2026, 6, 30)) == datetime(2026, 7, 1, tzinfo=BEIJING)
    assert day_of(end_of(date(2026, 6, 30))) == date(2026, 7, 1)
    assert years_after(date(2024, 2, 29), 1) == date(2025, 2, 28)


def test_memberships_begin_once_and_end_once():
    joined = {
        "kind": "alliance",
        "name": "川渝汽车产业联盟",
        "organisation": None,
        "since": "2025-01-01",
        "until": None,
    }
    held = rules.with_membership([], joined)
    with pytest.raises(ConflictError, match="already_member"):
        rules.with_membership(held, joined)
    with pytest.raises(InvalidError):
        rules.without_membership(held, joined, until=date(2024, 1, 1))
    ended = rules.without_membership(held, joined, until=date(2026, 1, 1))
    assert ended[0]["until"] == "2026-01-01"
    with pytest.raises(ConflictError, match="not_a_member"):
        rules.without_membership(ended, joined, until=date(2026, 1, 1))
    assert len(rules.with_membership(ended, joined)) == 2


def test_a_name_that_is_taken_up_again_is_no_former_name():
    assert rules.former_names(["甲"], old="乙", new="甲") == ["乙"]
    assert rules.former_names([], old="甲", new="乙") == ["甲"]


def test_a_merger_is_between_two_living_organisations_of_one_home():
    one = SimpleNamespace(id=uuid4(), home_id=uuid4(), state="active")
    for other in (one, SimpleNamespace(id=uuid4(), home_id=uuid4(), state="active")):
        with pytest.raises(InvalidError, match="merger_invalid"):
            rules.check_merger(one, other)


def state(name_zh, **changes):
    blank = {"code": "91110000600037341L", "name_en": None, "former_names": [], "predecessors": [], "state": "active"}
    return {**blank, "name_zh": name_zh, **changes}


@pytest.mark.parametrize(
    ("term", "rank"),
    [
        ("重庆", 1), ("长安", 2), ("汽车股份", 2), ("chongqing", 1), ("anqiche", 2), ("cqca", 1), ("caqc", 2),
        ("9111", 0), ("91110000600037341l", 0), ("重庆长安汽车股份有限公司", 1), ("chongqingchanganqiche", 1),
        ("changanautomobile", 1), ("automobile", 2), ("旧名", 1), ("jiuming", 1),
    ],
)  # fmt: skip
def test_whatever_somebody_begins_to_type_finds_the_name(term, rank):
    shown = state("重庆长安汽车股份有限公司", name_en="Changan Automobile", former_names=["旧名机械厂"])
    found = names.best_key(shown, term)
    assert found is not None
    assert found[0] == rank
    assert names.keys_of(shown)[found[1]] == rank


@pytest.mark.parametrize("term", ["有限", "公司", "庆汽", "chonga", "utomobile", "1110"])
def test_what_begins_nowhere_in_the_name_does_not(term):
    assert names.best_key(state("重庆长安汽车股份有限公司", name_en="Changan Automobile"), term) is None


@given(st.text("重庆长安汽车ABC9有限公司(集团)", min_size=1, max_size=30), st.data())
def test_the_kept_keys_and_the_check_always_agree(name, data):
    shown = state(name)
    kept = names.keys_of(shown)
    term = data.draw(st.sampled_from(sorted(kept)))
    found = names.best_key(shown, term)
    assert found is not None
    assert kept[found[1]] == found[0]
    assert found == min((rank, key) for key, rank in kept.items() if key.startswith(term))


@given(st.text("重庆长安行银音乐都会计单于朝阳区藏龙乐山厦门AB9 ()·", min_size=1, max_size=20))
def test_a_name_put_together_of_words_sounds_as_the_whole_does(name):
    assert list(names._syllables(name)) == lazy_pinyin(name, errors=list)


def test_endings_count_only_where_nothing_else_is_asked():
    assert names.terms_of("长安 有限公司") == ["长安"]
    assert names.terms_of(" 有限公司 ") == ["有限公司"]
    assert names.terms_of("CQ'CA 重庆") == ["cqca", "重庆"]


def test_a_merged_organisation_has_no_keys_and_its_successor_has_its_own():
    assert names.keys_of(state("甲厂", state="merged")) == {}
    successor = state("乙厂", predecessors=[{"id": "x", "code": "91500000202854636X", "name_zh": "甲厂"}])
    assert {"91500000202854636x", "甲厂", "jiachang", "乙厂"} <= set(names.keys_of(successor))


def resting(state="valid", **changes):
    return {**given_qualification(number="1", certificate="CQ-1"), "state": state, **changes}


def test_what_rests_on_a_certificate_becomes_what_was_decided_and_comes_back_by_its_dates():
    for outcome, becomes in (("suspended", "suspended"), ("removed", "withdrawn"), ("kept", "valid")):
        after, names_ = qualifications.with_outcome([resting()], "certificate:CQ-1", outcome=outcome, today=TODAY)
        assert (after[0]["state"], bool(names_)) == (becomes, outcome != "kept")
    for valid_to, becomes in ((None, "valid"), ("2020-01-01", "expired")):
        held = [resting("withdrawn", valid_to=valid_to)]
        after, _names = qualifications.with_outcome(held, "certificate:CQ-1", outcome="restored", today=TODAY)
        assert after[0]["state"] == becomes
    other, none = qualifications.with_outcome([resting()], "certificate:CQ-2", outcome="removed", today=TODAY)
    assert (other, none) == ([resting()], ())


def test_only_what_is_valid_cites_its_certificate():
    held = [resting(), resting("withdrawn", certificate="CQ-2"), resting("expired", certificate="CQ-3"),
            resting("suspended", certificate="CQ-4"), given_qualification(number="2")]  # fmt: skip
    assert qualifications.cites(held) == ("certificate:CQ-1",)


def test_an_import_that_knows_no_certificates_takes_none_away():
    held, given = [resting("suspended")], given_qualification(number="1")
    assert qualifications.is_held(held, given)
    assert qualifications.with_qualification(held, qualifications.with_certificate_before(held, given)) == held
    assert not qualifications.is_held(held, {**given, "level": "省级"})
