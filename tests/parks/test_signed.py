"""Nobody has signed an agreement by the word of its home."""

from __future__ import annotations

from copy import deepcopy
from typing import Any
from uuid import UUID

import pytest

from events.canonical import canonical
from events.catalog import Change
from events.parks import AgreementRefused, AgreementSigned, AgreementWithdrawn
from services.parks.models import Agreement
from shared.countersigned.signing import SIGNATURE_BYTES
from tests.builders.cell import Cell
from tests.parks.builders import Story


def said(cell: Cell, home: UUID, key: UUID, *, change: Change | None = None, **fields: Any) -> None:
    """A version that the home signs whatever stands in it."""
    with cell.session(home) as session:
        row = session.locked(Agreement, key)
        for name, value in fields.items():
            setattr(row, name, value)
        session.publish(row, change or AgreementSigned(content_hash=row.content_hash))
    cell.carry()


def rows(cell: Cell, tenant: UUID) -> list[Agreement]:
    with cell.session(tenant) as session:
        found: list[Agreement] = session.query(Agreement).order_by(Agreement.revision).all()
    return found


@pytest.fixture
def story(cell: Cell, sichuan: UUID, chongqing: UUID) -> Story:
    """A revision that Chongqing has signed and its home, Sichuan, has not."""
    made = Story(cell, sichuan, chongqing)
    made.draft()
    assert made.sign(chongqing, made.propose())["status"] == 200
    return made


def seen(story: Story, who: UUID) -> Any:
    return story.get(who, "/agreements/1")


def test_a_true_signature_comes_with_its_command(story, cell, sichuan, chongqing):
    for tenant in (sichuan, chongqing):
        (kept,) = rows(cell, tenant)[0].signatures
        assert len(canonical(kept)) <= SIGNATURE_BYTES
        assert kept["command"]["document"]["from"] == str(chongqing)
        assert kept["command"]["document"]["params"] == {"content_hash": kept["content_hash"]}
    assert "command" not in seen(story, chongqing)["signatures"][0]


@pytest.mark.parametrize("lie", ["no command", "another's content", "another key", "other terms"])
def test_what_a_party_did_not_sign_is_not_heard(story, cell, sichuan, chongqing, lie):
    (row,) = rows(cell, sichuan)
    before, (kept,) = seen(story, chongqing)["version"], deepcopy(row.signatures)
    terms = {**row.terms, "exit": {**row.terms["exit"], "notice_days": 1}}
    changes: dict[str, Any] = {"signatures": [kept]}
    if lie == "no command":
        kept["command"] = None
    elif lie == "another's content":
        kept["content_hash"] = "0" * 64
    elif lie == "another key":
        kept["command"]["signature"] = kept["command"]["signature"][::-1]
    else:
        changes = {"terms": terms}
    said(cell, sichuan, row.id, **changes)
    assert seen(story, sichuan)["version"] == before + 1, "what the home believes"
    assert seen(story, chongqing)["version"] == before


def test_a_revision_that_not_all_have_signed_does_not_hold(story, cell, sichuan, chongqing):
    said(cell, sichuan, rows(cell, sichuan)[0].id, state="in_force")
    assert (seen(story, sichuan)["state"], seen(story, chongqing)["state"]) == ("in_force", "proposed")


def test_what_all_have_signed_stays_as_it_is(story, cell, sichuan, chongqing):
    assert story.sign(sichuan, 1)["status"] == 200
    (row,) = rows(cell, sichuan)
    said(cell, sichuan, row.id, signatures=[kept for kept in row.signatures if kept["tenant"] == str(sichuan)])
    assert len(seen(story, sichuan)["signatures"]) == 1
    assert (seen(story, chongqing)["state"], len(seen(story, chongqing)["signatures"])) == ("in_force", 2)


@pytest.mark.parametrize("lie", ["refused", "withdrawn"])
def test_a_revision_is_given_up_by_nobody_elses_word(story, cell, sichuan, chongqing, lie):
    (row,) = rows(cell, sichuan)
    changes = {
        "refused": (AgreementRefused(reason=None), {"state": "refused", "refused_by": chongqing}),
        "withdrawn": (AgreementWithdrawn(), {"state": "withdrawn"}),
    }
    change, fields = changes[lie]
    said(cell, sichuan, row.id, change=change, **fields)
    assert seen(story, sichuan)["state"] == lie, "what the home believes"
    assert seen(story, chongqing)["state"] == "proposed"
