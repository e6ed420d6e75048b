"""Signing by several tenants, over plain values: one content, one signature each, any edit voids."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.calendar import BEIJING
from shared.core.clock import Clock
from shared.core.context import Context
from shared.core.errors import ConflictError, InvalidError, RefusedError
from shared.countersigned import revision, signing
from shared.countersigned.verifying import CLOCK_SKEW, Claim, check_revision

SICHUAN, CHONGQING, CHENGYU, HUBEI = (UUID(int=number) for number in (1, 2, 3, 4))
WEEK = timedelta(days=7)


@dataclass
class Text:
    """A content that three of four tenants sign."""

    content_hash: str = "a"
    signatures: list[dict[str, Any]] = field(default_factory=list)
    signers: tuple[UUID, ...] = (SICHUAN, CHONGQING, CHENGYU)


def sign(text, tenant, content="a"):
    session = SimpleNamespace(context=Context(tenant_id=SICHUAN, acting_id=tenant, actor_id="li"), clock=Clock())
    return signing.sign(session, text, content_hash=content)


def test_it_is_complete_when_the_last_signer_has_signed():
    text = Text()
    assert [sign(text, tenant) for tenant in (CHENGYU, SICHUAN)] == [False, False]
    assert signing.missing(text) == [str(CHONGQING)]
    assert sign(text, CHONGQING)
    assert signing.missing(text) == []
    assert [item["tenant"] for item in text.signatures] == [str(CHENGYU), str(SICHUAN), str(CHONGQING)]
    assert {item["actor"] for item in text.signatures} == {"li"}


def test_a_signature_for_another_content_does_not_count():
    given_before = [{"tenant": str(SICHUAN), "content_hash": "old"}, {"tenant": str(CHONGQING), "content_hash": "a"}]
    assert signing.missing(Text(signatures=given_before)) == [str(SICHUAN), str(CHENGYU)]


def test_signing_another_content_than_the_current_names_both_hashes():
    text = Text("b" * 64)
    with pytest.raises(ConflictError) as refusal:
        sign(text, SICHUAN, "a" * 64)
    assert refusal.value.code == "content_changed"
    assert "a" * 64 in refusal.value.en
    assert "b" * 64 in refusal.value.en
    assert text.signatures == []


def test_the_same_content_is_signed_once_per_tenant():
    text = Text()
    sign(text, SICHUAN)
    with pytest.raises(ConflictError) as refusal:
        sign(text, SICHUAN)
    assert refusal.value.code == "already_signed"
    sign(text, CHONGQING)
    assert len(text.signatures) == 2


def test_a_party_that_is_no_signer_is_refused():
    text = Text()
    with pytest.raises(RefusedError) as refusal:
        sign(text, HUBEI)
    assert (refusal.value.code, text.signatures) == ("signer_only", [])


def test_an_amendment_names_those_whose_signatures_it_voids():
    text = Text()
    sign(text, CHONGQING)
    assert signing.amend(text, "b") == (CHONGQING,)
    assert (text.content_hash, text.signatures) == ("b", [])


def test_an_amendment_must_change_the_content():
    text = Text()
    sign(text, CHONGQING)
    with pytest.raises(ConflictError) as refusal:
        signing.amend(text, "a")
    assert refusal.value.code == "terms_unchanged"
    assert len(text.signatures) == 1


def test_the_proposer_withdraws_what_no_other_has_signed_and_the_others_refuse():
    revision.check_withdrawal(SICHUAN, SICHUAN, signed=[str(SICHUAN)])
    revision.check_refusal(CHONGQING, SICHUAN)
    with pytest.raises(RefusedError, match="Refuse it with a reason"):
        revision.check_withdrawal(CHONGQING, SICHUAN, signed=[])
    with pytest.raises(ConflictError, match="Another party has signed"):
        revision.check_withdrawal(SICHUAN, SICHUAN, signed=[str(CHONGQING)])
    with pytest.raises(RefusedError, match="Withdraw it instead"):
        revision.check_refusal(SICHUAN, SICHUAN)


def test_a_second_proposal_waits_for_the_open_one():
    revision.check_none_open(None)
    with pytest.raises(ConflictError, match="Revision 3 still awaits"):
        revision.check_none_open(3)


@pytest.mark.parametrize(
    ("state", "can_hold", "tenant", "signed", "expected"),
    [
        ("proposed", True, SICHUAN, [SICHUAN], ("amend", "withdraw")),
        ("proposed", True, SICHUAN, [], ("amend", "sign", "withdraw")),
        ("proposed", True, SICHUAN, [CHONGQING], ("amend", "sign")),
        ("proposed", True, CHONGQING, [SICHUAN], ("amend", "refuse", "sign")),
        ("proposed", False, SICHUAN, [], ("withdraw",)),
        ("proposed", False, CHONGQING, [], ("refuse",)),
        ("agreed", True, CHONGQING, [], ()),
        ("in_force", True, CHONGQING, [], ()),
    ],
)
def test_a_party_is_offered_what_it_may_do_to_a_revision(state, can_hold, tenant, signed, expected):
    given = [str(one) for one in signed]
    found = revision.allowed_actions(state, can_hold=can_hold, tenant=tenant, proposer=SICHUAN, signed=given)
    assert found == expected


TREATY = revision.revision_lifecycle("treaty", words="shared")
DAY = datetime(2027, 1, 1, tzinfo=BEIJING)


def said(state, *, signed=(), **fields):
    """A made-up treaty that Sichuan proposed, as a state document has it."""
    signatures = [{"tenant": str(tenant), "content_hash": "a"} for tenant in signed]
    plain = {"proposer": str(SICHUAN), "content_hash": "a", "refused_by": None, "effective_from": "2027-01-01"}
    return {**plain, "state": state, "signatures": signatures, **fields}


def verify(before, after, *, by=SICHUAN, at=DAY):
    """As Chongqing, a party beside its home and Chengyu, does."""
    claim = Claim(event="x", by=str(by), home=str(SICHUAN), at=at, command=None, change={})
    signers = (SICHUAN, CHONGQING, CHENGYU)
    check_revision(claim, after, before=before, lifecycle=TREATY, signers=signers)


ALL = (SICHUAN, CHONGQING, CHENGYU)
TRUE = {
    "proposed": (None, said("proposed"), {}),
    "amended": (said("proposed", signed=ALL[:2]), said("proposed", content_hash="b"), {}),
    "agreed for a day to come": (said("proposed", signed=ALL[:2]), said("agreed", signed=ALL), {"at": DAY - WEEK}),
    "in force": (said("proposed", signed=ALL[:2]), said("in_force", signed=ALL), {}),
    "begun a little early by another clock": (said("agreed", signed=ALL), said("in_force", signed=ALL),
                                              {"at": DAY - CLOCK_SKEW}),
    "superseded": (said("in_force", signed=ALL), said("superseded", signed=ALL), {}),
    "withdrawn": (said("proposed", signed=ALL[:1]), said("withdrawn", signed=ALL[:1]), {}),
    "refused": (said("proposed"), said("refused", refused_by=str(CHENGYU)), {"by": CHENGYU}),
}  # fmt: skip
LIES = {
    "one has not signed": (said("proposed", signed=ALL[:1]), said("in_force", signed=ALL[:2]), {}),
    "nobody has signed what begins in force": (None, said("in_force"), {}),
    "another content than all have signed": (said("agreed", signed=ALL), said("in_force", signed=ALL, content_hash="b"),
                                             {}),
    "a signature is taken away": (said("in_force", signed=ALL), said("in_force", signed=ALL[:2]), {}),
    "in force before its day": (said("agreed", signed=ALL), said("in_force", signed=ALL),
                                {"at": DAY - CLOCK_SKEW - WEEK}),
    "refused comes into force": (said("refused", signed=ALL), said("in_force", signed=ALL), {}),
    "withdrawn by another": (said("proposed"), said("withdrawn"), {"by": CHENGYU}),
    "withdrawn after another signed": (said("proposed", signed=ALL[1:]), said("withdrawn", signed=ALL[1:]), {}),
    "refused by who did not": (said("proposed"), said("refused", refused_by=str(CHONGQING)), {}),
    "refused by its proposer": (said("proposed"), said("refused", refused_by=str(SICHUAN)), {}),
}  # fmt: skip


@pytest.mark.parametrize("case", TRUE)
def test_a_party_follows_what_all_have_signed(case):
    before, after, how = TRUE[case]
    verify(before, after, **how)


@pytest.mark.parametrize("case", LIES)
def test_a_party_rejects_what_was_not_signed_by_all_or_given_up_by_another(case):
    before, after, how = LIES[case]
    with pytest.raises(ValueError, match=r"said to|was changed"):
        verify(before, after, **how)


MOVES = st.one_of(
    st.tuples(st.just("amend"), st.sampled_from("abc")),
    st.tuples(st.just("sign"), st.sampled_from([SICHUAN, CHONGQING, CHENGYU, HUBEI]), st.sampled_from("abc")),
    st.tuples(st.just("sign current"), st.sampled_from([SICHUAN, CHONGQING, CHENGYU])),
)


@given(st.lists(MOVES, max_size=25))
def test_it_is_complete_exactly_when_every_signer_signed_the_current_content(moves):
    text, signed = Text(), set()
    for move, *arguments in moves:
        before = (text.content_hash, list(text.signatures))
        try:
            if move == "amend":
                signing.amend(text, *arguments)
                signed = set()
            else:
                complete = sign(text, arguments[0], arguments[1] if move == "sign" else text.content_hash)
                signed.add(arguments[0])
                assert complete == (signed == set(text.signers))
        except (ConflictError, RefusedError):
            assert before == (text.content_hash, text.signatures)
        assert {UUID(name) for name in signing.missing(text)} == set(text.signers) - signed
        assert {item["content_hash"] for item in text.signatures} <= {text.content_hash}


@pytest.mark.parametrize(("size", "signers", "fits"), [(32_000, 20, True), (34_000, 20, False), (58_000, 2, True)])
def test_content_leaves_room_for_every_signature(size, signers, fits):
    content = "x" * size
    if fits:
        signing.check_room(content, signers=signers)
    else:
        with pytest.raises(InvalidError, match="20 signatures"):
            signing.check_room(content, signers=signers)
