"""Parks and agreements as plain values: lifecycles, parties and consents."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.parks.domain import agreement, park
from services.parks.domain.agreement import AGREEMENT_LIFECYCLE
from services.parks.domain.park import PARK_LIFECYCLE, check_parties, give_consent
from shared.errors import ConflictError, InvalidError

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
    ("agreed", "dissolve"): "dissolving",
    ("active", "suspend"): "suspended",
    ("suspended", "resume"): "active",
    ("negotiating", "dissolve"): "dissolving",
    ("active", "dissolve"): "dissolving",
    ("suspended", "dissolve"): "dissolving",
    ("dissolving", "complete"): "dissolved",
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
        with pytest.raises(ConflictError, match=f"'{action}' is not possible while this is '{state}'"):
            table.target(state, action)


def test_every_state_can_be_reached_and_every_step_is_in_the_table():
    for table, steps in TABLES:
        assert {source for source, _ in steps} | set(steps.values()) == set(table.states)
        assert sum(len(step.sources) for step in table.steps) == len(steps)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("draft", ("propose", "revise")),
        ("negotiating", ("dissolve", "propose", "revise")),
        ("agreed", ("dissolve", "propose")),
        ("active", ("dissolve", "propose", "suspend")),
        ("suspended", ("dissolve", "propose", "resume")),
        ("dissolving", ()),
        ("dissolved", ()),
    ],
)
def test_a_party_is_offered_what_a_person_may_do_in_this_state(state, expected):
    consents = park.no_consents()
    assert park.allowed_actions(state, tenant=UUID(SICHUAN), parties=PARTIES, consents=consents) == expected
    assert park.allowed_actions(state, tenant=HUBEI, parties=PARTIES, consents=consents) == ()


def test_a_party_that_has_consented_is_not_offered_to_consent_again():
    consents, _ = give_consent(park.no_consents(), "resume", tenant=SICHUAN, parties=PARTIES)
    mine = park.allowed_actions("suspended", tenant=SICHUAN, parties=PARTIES, consents=consents)
    theirs = park.allowed_actions("suspended", tenant=CHONGQING, parties=PARTIES, consents=consents)
    assert (mine, theirs) == (("dissolve", "propose"), ("dissolve", "propose", "resume"))


def test_proposing_opens_the_negotiation_of_a_draft_and_changes_no_other_state():
    states = ("draft", "negotiating", "active", "suspended")
    assert [park.after_proposal(state) for state in states] == ["negotiating", "negotiating", "active", "suspended"]
    assert [park.after_signing(state) for state in states] == ["agreed", "agreed", "active", "suspended"]
    assert [park.after_beginning(state) for state in states] == ["active", "active", "active", "suspended"]
    assert (park.after_signing("agreed"), park.after_beginning("agreed")) == ("agreed", "active")


@pytest.mark.parametrize("state", ["dissolving", "dissolved"])
@pytest.mark.parametrize("step", [park.after_proposal, park.after_signing])
def test_a_park_that_ends_takes_no_agreement(state, step):
    with pytest.raises(ConflictError) as refusal:
        step(state)
    assert refusal.value.code == "park_closing"


@pytest.mark.parametrize("state", PARK_LIFECYCLE.states)
def test_a_park_can_be_revised_only_before_it_is_in_force(state):
    if state in {"draft", "negotiating"}:
        park.check_revision(state, changes_parties=True, has_open_proposal=False)
        park.check_revision(state, changes_parties=False, has_open_proposal=True)
    else:
        with pytest.raises(ConflictError, match="Propose an agreement instead"):
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
    assert f"{CHONGQING}, {CHENGYU}" in refusal.value.en
    assert f"{CHONGQING}, {CHENGYU}" in refusal.value.zh
    assert before == park.no_consents()


def test_a_suspension_clears_consents_to_resume_and_keeps_those_to_dissolve():
    given_before = {"resume": [SICHUAN], "dissolve": [CHONGQING]}
    assert park.after_suspension(given_before) == {"resume": [], "dissolve": [CHONGQING]}
    assert park.after_suspension({}) == park.no_consents()


def test_a_second_proposal_waits_for_the_open_one():
    agreement.check_proposal(None)
    with pytest.raises(ConflictError, match="Revision 3 still awaits"):
        agreement.check_proposal(3)


@pytest.mark.parametrize(
    ("state", "park_state", "tenant", "expected"),
    [
        ("proposed", "negotiating", SICHUAN, ("amend", "withdraw")),
        ("proposed", "negotiating", CHONGQING, ("amend", "refuse", "sign")),
        ("proposed", "dissolving", SICHUAN, ("withdraw",)),
        ("proposed", "dissolved", CHONGQING, ("refuse",)),
        ("in_force", "active", CHONGQING, ()),
    ],
)
def test_a_party_is_offered_what_it_may_do_to_a_revision(state, park_state, tenant, expected):
    actions = agreement.allowed_actions(
        state, park_state=park_state, tenant=UUID(tenant), proposer=SICHUAN, missing=[CHONGQING, CHENGYU]
    )
    assert actions == expected
