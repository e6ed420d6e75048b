"""Parks and agreements as plain values: lifecycles, parties and consents."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.parks.domain import dissolving, park
from services.parks.domain.park import PARK_LIFECYCLE, check_parties, give_consent
from services.parks.domain.terms import AGREEMENT_LIFECYCLE
from shared.core.errors import ConflictError, InvalidError

SICHUAN, CHONGQING, CHENGYU, HUBEI = (str(UUID(int=number)) for number in (1, 2, 3, 4))
PARTIES = [
    {"tenant": SICHUAN, "role": "host", "division": "511600"},
    {"tenant": CHONGQING, "role": "partner", "division": "500112"},
    {"tenant": CHENGYU, "role": "region", "division": None},
]
PARK_STEPS = {
    ("draft", "open_negotiation"): "negotiating",
    ("draft", "bring_into_force"): "active",
    ("negotiating", "bring_into_force"): "active",
    ("draft", "agree"): "agreed",
    ("negotiating", "agree"): "agreed",
    ("agreed", "bring_into_force"): "active",
    ("active", "suspend"): "suspended",
    ("suspended", "resume"): "active",
    ("draft", "withdraw"): "withdrawn",
    **{(state, action): state for state in park.LASTING for action in ("dissolve", "call_off")},
    **{(state, "complete"): "dissolved" for state in park.LASTING},
}
AGREEMENT_STEPS = {
    ("proposed", "amend"): "proposed",
    ("proposed", "sign"): "proposed",
    ("proposed", "conclude"): "in_force",
    ("proposed", "withdraw"): "withdrawn",
    ("proposed", "refuse"): "refused",
    ("proposed", "agree"): "agreed",
    ("agreed", "begin"): "in_force",
    ("agreed", "supersede"): "superseded",
    ("agreed", "end"): "ended",
    ("in_force", "supersede"): "superseded",
    ("in_force", "end"): "ended",
}
TABLES = ((PARK_LIFECYCLE, PARK_STEPS), (AGREEMENT_LIFECYCLE, AGREEMENT_STEPS))
EVERY_PAIR = [
    pytest.param(table, state, action, steps.get((state, action)), id=f"{table.name}-{state}-{action}")
    for table, steps in TABLES
    for state in table.states
    for action in dict.fromkeys(step.action for step in table.steps)
]


@pytest.mark.parametrize(("table", "state", "action", "target"), EVERY_PAIR)
def test_an_action_leads_where_the_table_says_or_is_refused(table, state, action, target):
    if target:
        assert table.target(state, action) == target
    else:
        with pytest.raises(ConflictError, match=f"While this is '{table.state_named(state).en}', "):
            table.target(state, action)


def test_every_state_can_be_reached_and_every_step_is_in_the_table():
    for table, steps in TABLES:
        assert {source for source, _ in steps} | set(steps.values()) == set(table.states)
        assert sum(len(step.sources) for step in table.steps) == len(steps)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("draft", ("propose", "revise", "withdraw")),
        ("negotiating", ("call_off", "dissolve", "propose", "revise")),
        ("agreed", ("call_off", "dissolve", "propose")),
        ("active", ("call_off", "dissolve", "propose", "suspend")),
        ("suspended", ("call_off", "dissolve", "propose", "resume")),
        ("dissolved", ()),
        ("withdrawn", ()),
    ],
)
def test_a_party_is_offered_what_a_person_may_do_in_this_state(state, expected):
    known = {"home": SICHUAN, "parties": PARTIES, "consents": park.no_consents()}
    assert park.allowed_actions(state, tenant=UUID(SICHUAN), **known) == expected
    others = tuple(action for action in expected if action != "withdraw")
    assert park.allowed_actions(state, tenant=CHONGQING, **known) == others
    assert park.allowed_actions(state, tenant=HUBEI, **known) == ()


def test_a_party_that_has_consented_is_not_offered_to_consent_again():
    consents, _ = give_consent(park.no_consents(), "resume", tenant=SICHUAN, parties=PARTIES)
    known = {"home": SICHUAN, "parties": PARTIES, "consents": consents}
    assert "resume" not in park.allowed_actions("suspended", tenant=SICHUAN, **known)
    assert "resume" in park.allowed_actions("suspended", tenant=CHONGQING, **known)


def test_proposing_opens_the_negotiation_of_a_draft_and_changes_no_other_state():
    states = ("draft", "negotiating", "active", "suspended")
    assert [park.after_proposal(state) for state in states] == ["negotiating", "negotiating", "active", "suspended"]
    assert [park.after_signing(state) for state in states] == ["agreed", "agreed", "active", "suspended"]
    assert [park.after_beginning(state) for state in states] == ["active", "active", "active", "suspended"]
    assert (park.after_signing("agreed"), park.after_beginning("agreed")) == ("agreed", "active")


@pytest.mark.parametrize(("state", "ends_on"), [("dissolved", None), ("withdrawn", None), ("active", date(2027, 1, 1))])
def test_a_park_that_ends_takes_no_agreement(state, ends_on):
    park.check_goes_on("active", ends_on=None)
    with pytest.raises(ConflictError) as refusal:
        park.check_goes_on(state, ends_on=ends_on)
    assert refusal.value.code == "park_closing"


@pytest.mark.parametrize("state", PARK_LIFECYCLE.states)
def test_a_park_can_be_revised_only_before_it_is_in_force(state):
    if state in {"draft", "negotiating"}:
        park.check_revision(state, changes_parties=True, has_open_proposal=False)
        park.check_revision(state, changes_parties=False, has_open_proposal=True)
    else:
        with pytest.raises(ConflictError, match="propose an agreement instead"):
            park.check_revision(state, changes_parties=False, has_open_proposal=False)


def test_parties_cannot_change_while_an_agreement_awaits_signatures():
    with pytest.raises(ConflictError) as refusal:
        park.check_revision("negotiating", changes_parties=True, has_open_proposal=True)
    assert refusal.value.code == "parties_settled"


def test_a_park_ends_after_it_starts():
    park.check_period(date(2021, 1, 1), date(2021, 1, 2))
    park.check_period(None, date(2021, 1, 2))
    with pytest.raises(InvalidError) as refusal:
        park.check_period(date(2021, 1, 1), date(2021, 1, 1))
    assert [fault.pointer for fault in refusal.value.faults] == ["/ends_on"]


def party(tenant, role):
    return {"tenant": tenant, "role": role, "division": None}


@pytest.mark.parametrize(
    ("parties", "kind"),
    [
        (PARTIES, "joint"),
        ([party(SICHUAN, "partner"), party(HUBEI, "region")], "cooperation"),
        ([party(SICHUAN, "host"), party(HUBEI, "origin"), party(CHENGYU, "origin")], "enclave"),
    ],
)
def test_well_formed_parties_are_accepted(parties, kind):
    check_parties(parties, kind=kind, home=UUID(SICHUAN))


@pytest.mark.parametrize(
    ("parties", "kind", "pointers"),
    [
        ([], "joint", ["/parties", "/parties", "/parties"]),
        ([party(SICHUAN, "host")], "joint", ["/parties"]),
        ([party(SICHUAN, "host"), party(SICHUAN, "partner")], "joint", ["/parties", "/parties/1/tenant"]),
        ([party(CHONGQING, "host"), party(HUBEI, "partner")], "joint", ["/parties"]),
        ([party(SICHUAN, "origin"), party(HUBEI, "region")], "joint", ["/parties"]),
        ([party(SICHUAN, "host"), party(HUBEI, "guest")], "joint", ["/parties/1/role"]),
        ([party(SICHUAN, "host"), party(HUBEI, "host")], "enclave", ["/parties", "/parties"]),
        ([party(SICHUAN, "origin"), party(HUBEI, "partner")], "enclave", ["/parties"]),
        ([party(SICHUAN, "host"), party(HUBEI, "partner")], "club", ["/kind"]),
    ],
)
def test_every_fault_of_the_parties_is_named_at_once(parties, kind, pointers):
    with pytest.raises(InvalidError) as refusal:
        check_parties(parties, kind=kind, home=SICHUAN)
    assert refusal.value.code == "parties_invalid"
    assert [fault.pointer for fault in refusal.value.faults] == pointers


@given(st.permutations([SICHUAN, CHONGQING, CHENGYU]), st.sampled_from(park.NEEDS_ALL))
def test_a_consent_is_complete_with_the_last_party_in_whatever_order(order, action):
    consents, complete = park.no_consents(), []
    for tenant in order:
        consents, done = give_consent(consents, action, tenant=UUID(tenant), parties=PARTIES)
        complete.append(done)
    assert complete == [False, False, True]
    assert consents[action] == order


def test_consenting_twice_is_refused_and_says_who_is_missing():
    before = park.no_consents()
    consents, _ = give_consent(before, "dissolve", tenant=SICHUAN, parties=PARTIES)
    with pytest.raises(ConflictError) as refusal:
        give_consent(consents, "dissolve", tenant=SICHUAN, parties=PARTIES)
    assert refusal.value.code == "already_consented"
    assert before == park.no_consents()


def test_a_suspension_clears_consents_to_resume_and_keeps_those_to_dissolve():
    given_before = {"resume": [SICHUAN], "dissolve": [CHONGQING]}
    assert park.after_suspension(given_before) == {"resume": [], "dissolve": [CHONGQING], "call_off": []}
    assert park.after_suspension({}) == park.no_consents()


def test_a_dissolution_is_proposed_with_a_reason_for_a_day_after_the_notice():
    today = date(2026, 11, 29)
    assert dissolving.first_day(today, notice_days=0) == date(2026, 11, 30)
    first = dissolving.first_day(today, notice_days=180)
    dissolving.check_proposal(first, first=first, has_reason=True)
    with pytest.raises(InvalidError) as refusal:
        dissolving.check_proposal(first - timedelta(days=1), first=first, has_reason=False)
    assert [fault.pointer for fault in refusal.value.faults] == ["/reason", "/dissolves_on"]
    assert str(first) in refusal.value.zh
    assert str(first) in refusal.value.en


def test_what_a_party_may_still_say_of_a_dissolution_follows_from_who_has_agreed():
    on_table = {"dissolves_on": "2027-06-01", "proposed_by": SICHUAN, "reason_digest": None}
    everybody = [SICHUAN, CHONGQING, CHENGYU]

    def possible(tenant, **consents):
        return dissolving.possible(on_table, {**park.no_consents(), **consents}, parties=PARTIES, tenant=tenant)

    assert possible(CHONGQING, dissolve=[SICHUAN]) == {"dissolve"}
    assert possible(SICHUAN, dissolve=[SICHUAN]) == {"call_off"}
    assert possible(SICHUAN, dissolve=everybody) == {"call_off"}
    assert possible(SICHUAN, dissolve=everybody, call_off=[SICHUAN]) == set()
