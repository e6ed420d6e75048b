"""Free text about people can be erased, and everything signed still holds."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import delete, select

from events.envelope import Envelope
from shared.database.answers import IdempotencyRow
from shared.evidence import journal_file
from shared.evidence.audit import AuditInbox
from shared.journal.entries import TextRow
from shared.replication.erasing import erase_as_asked
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
            journal = journal_file.export(session, [UUID(url.split("/")[-1])])["journals"][0]
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
        exported = journal_file.export(session, [UUID(url.split("/")[-1])])
    assert REASON not in str(exported)
    assert journal_file.verify(exported, cell.settings.platform_key)


def texts_of(cell: Cell, tenant: UUID) -> list[str]:
    with cell.session(tenant) as session:
        return list(session.scalars(select(TextRow.text)))


@pytest.mark.parametrize("asking", ["home", "party"])
def test_a_text_is_erased_at_every_party_whoever_asks(cell: Cell, sichuan: UUID, chongqing: UUID, asking: str) -> None:
    url = active(cell, sichuan, chongqing)
    cell.client(sichuan).post(f"{url}/suspend", {"reason": REASON})
    cell.carry()
    aggregate = url.split("/")[-1]
    with cell.session(sichuan) as session:
        digest = session.scalars(select(TextRow.digest)).one()
    asked = cell.client(sichuan if asking == "home" else chongqing)
    answer = asked.post("/v1/texts/erase", {"aggregate": aggregate, "digests": [digest]})
    assert (answer.status_code, answer.json["erased"]) == (200, 1)
    cell.carry()
    assert texts_of(cell, sichuan) == texts_of(cell, chongqing) == []
    for tenant in (sichuan, chongqing):
        with cell.session(tenant) as session:
            exported = journal_file.export(session, [UUID(aggregate)])
            kept = session.scalars(select(IdempotencyRow.answer)).all()
        assert journal_file.verify(exported, cell.settings.platform_key)
        assert REASON not in str(kept)


def test_the_same_request_after_an_erasure_has_no_second_effect(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    url, once = active(cell, sichuan, chongqing), {"Idempotency-Key": "suspended-once", "If-Match": "*"}
    official, body = cell.client(sichuan), {"reason": REASON}
    assert official.post(f"{url}/suspend", body, headers=once).json["reason"] == REASON
    cell.carry()
    with cell.session(sichuan) as session:
        digest = session.scalars(select(TextRow.digest)).one()
    official.post("/v1/texts/erase", {"aggregate": url.split("/")[-1], "digests": [digest]})
    before = official.get(url).json["version"]
    again = official.post(f"{url}/suspend", body, headers=once)
    assert (again.status_code, again.json) == (200, {})
    assert official.get(url).json["version"] == before


def test_who_asked_for_an_erasure_stands_in_the_other_partys_log(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    url = active(cell, sichuan, chongqing)
    cell.client(sichuan).post(f"{url}/suspend", {"reason": REASON})
    cell.carry()
    with cell.session(sichuan) as session:
        digest = session.scalars(select(TextRow.digest)).one()
    cell.client(chongqing).post("/v1/texts/erase", {"aggregate": url.split("/")[-1], "digests": [digest]})
    cell.carry()
    with cell.session(sichuan) as session:
        records = list(session.scalars(select(AuditInbox.record)))
    told = [record["after"] for record in records if record["act"] == "api.text.erased"]
    assert told == [{"erased": 1, "asked_by": str(chongqing)}]


def test_a_stranger_can_have_nothing_erased(cell: Cell, sichuan: UUID, chongqing: UUID) -> None:
    url = active(cell, sichuan, chongqing)
    cell.client(sichuan).post(f"{url}/suspend", {"reason": REASON})
    cell.carry()
    aggregate, stranger = url.split("/")[-1], cell.tenant("hunan")
    with cell.session(sichuan) as session:
        digest = session.scalars(select(TextRow.digest)).one()
    body = {"aggregate": aggregate, "digests": [digest]}
    assert cell.client(stranger).post("/v1/texts/erase", body).status_code == 404
    with cell.worker_database.session(cell.context(sichuan)) as session:
        asked = Envelope(
            kind="erasure", document=body, signature="", source=stranger, type="", subject=aggregate, time="",
        )  # fmt: skip
        erase_as_asked(session, stranger, envelope=asked)
    assert texts_of(cell, sichuan) == [REASON]
