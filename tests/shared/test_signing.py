"""Signing by several tenants, over plain values: one content, one signature each, any edit voids."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.clock import Clock
from shared.core.context import Context
from shared.core.errors import ConflictError, InvalidError, RefusedError
from shared.rules import countersigning

SICHUAN, CHONGQING, CHENGYU, HUBEI = (UUID(int=number) for number in (1, 2, 3, 4))


@dataclass
class Text:
    """A content that three of four tenants sign."""

    content_hash: str = "a"
    signatures: list[dict[str, Any]] = field(default_factory=list)
    signers: tuple[UUID, ...] = (SICHUAN, CHONGQING, CHENGYU)


def sign(text, tenant, content="a"):
    session = SimpleNamespace(context=Context(tenant_id=SICHUAN, acting_id=tenant, actor_id="li"), clock=Clock())
    return countersigning.sign(session, text, content_hash=content)


def test_it_is_complete_when_the_last_signer_has_signed():
    text = Text()
    assert [sign(text, tenant) for tenant in (CHENGYU, SICHUAN)] == [False, False]
    assert countersigning.missing(text) == [str(CHONGQING)]
    assert sign(text, CHONGQING)
    assert countersigning.missing(text) == []
    assert [item["tenant"] for item in text.signatures] == [str(CHENGYU), str(SICHUAN), str(CHONGQING)]
    assert {item["actor"] for item in text.signatures} == {"li"}


def test_a_signature_for_another_content_does_not_count():
    given_before = [{"tenant": str(SICHUAN), "content_hash": "old"}, {"tenant": str(CHONGQING), "content_hash": "a"}]
    assert countersigning.missing(Text(signatures=given_before)) == [str(SICHUAN), str(CHENGYU)]


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
    assert countersigning.amend(text, "b") == (CHONGQING,)
    assert (text.content_hash, text.signatures) == ("b", [])


def test_an_amendment_must_change_the_content():
    text = Text()
    sign(text, CHONGQING)
    with pytest.raises(ConflictError) as refusal:
        countersigning.amend(text, "a")
    assert refusal.value.code == "terms_unchanged"
    assert len(text.signatures) == 1


def test_the_proposer_withdraws_and_the_others_refuse():
    countersigning.check_withdrawal(SICHUAN, SICHUAN)
    countersigning.check_refusal(CHONGQING, SICHUAN)
    with pytest.raises(RefusedError, match="Refuse it with a reason"):
        countersigning.check_withdrawal(CHONGQING, SICHUAN)
    with pytest.raises(RefusedError, match="Withdraw it instead"):
        countersigning.check_refusal(SICHUAN, SICHUAN)


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
                countersigning.amend(text, *arguments)
                signed = set()
            else:
                complete = sign(text, arguments[0], arguments[1] if move == "sign" else text.content_hash)
                signed.add(arguments[0])
                assert complete == (signed == set(text.signers))
        except (ConflictError, RefusedError):
            assert before == (text.content_hash, text.signatures)
        assert {UUID(name) for name in countersigning.missing(text)} == set(text.signers) - signed
        assert {item["content_hash"] for item in text.signatures} <= {text.content_hash}


@pytest.mark.parametrize(("size", "signers", "fits"), [(32_000, 20, True), (34_000, 20, False), (58_000, 2, True)])
def test_content_leaves_room_for_every_signature(size, signers, fits):
    content = "x" * size
    if fits:
        countersigning.check_room(content, signers=signers)
    else:
        with pytest.raises(InvalidError, match="20 signatures"):
            countersigning.check_room(content, signers=signers)
