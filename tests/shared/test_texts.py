"""Free text about people can be erased, and everything signed still holds."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete

from shared import evidence
from shared.journal import TextRow
from tests.builders.cell import Cell
from tests.builders.officials import active

REASON = "张某某投诉核查期间暂停"


def test_a_reason_is_shown_to_the_parties_but_only_its_salted_hash_is_signed(
    cell: Cell, sichuan: UUID, chongqing: UUID
) -> None:
    url = active(cell, sichuan, chongqing)
    cell.client(chongqing).post(f"{url}/suspend", {"reason": REASON})
    cell.carry()
    for tenant in (sichuan, chongqing):
        assert cell.client(tenant).get(url).json["reason"] == REASON
        with cell.session(tenant) as session:
            journal = evidence.export(session, [UUID(url.split("/")[-1])])["journals"][0]
        assert all(REASON not in str(item) for item in journal["entries"])
        assert [text["text"] for text in journal["texts"].values()] == [REASON]


def test_an_erased_text_leaves_the_journal_verifiable(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    url = active(cell, sichuan, chongqing)
    cell.client(sichuan).post(f"{url}/suspend", {"reason": REASON})
    cell.carry()
    with cell.session(chongqing) as session:
        session.execute(delete(TextRow))
    assert cell.client(chongqing).get(url).json["reason"] is None
    with cell.session(chongqing) as session:
        exported = evidence.export(session, [UUID(url.split("/")[-1])])
    assert REASON not in str(exported)
    assert evidence.verify(exported, cell.settings.platform_key)
