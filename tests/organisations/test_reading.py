"""What the machine gives of the read side, on organisations: texts, the audit log's before and after, parties."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from shared.evidence.audit import AuditInbox
from shared.journal.entries import TextRow
from tests.builders.cell import Cell, Client
from tests.organisations.builders import registered, representative

ALL = "/v1/organisations"


@pytest.fixture
def official(cell: Cell, sichuan: UUID) -> Client:
    return cell.client(sichuan)


def said(cell: Cell, tenant: UUID, act: str) -> dict[str, Any]:
    """The last record of this act."""
    with cell.session(tenant) as session:
        records = session.scalars(select(AuditInbox.record).order_by(AuditInbox.id.desc()))
        return dict(next(item for item in records if item["act"] == f"organisations.organisation.{act}"))


def test_an_erased_reason_is_shown_no_longer(cell: Cell, sichuan: UUID, official: Client) -> None:
    url = f"{ALL}/{registered(official)['id']}"
    assert official.post(f"{url}/suspend", {"reason": "张某某投诉"}).json["reason"] == "张某某投诉"
    with cell.session(sichuan) as session:
        digest = session.scalars(select(TextRow.digest)).one()
    official.post("/v1/texts/erase", {"aggregate": url.rpartition("/")[2], "digests": [digest]})
    shown = official.get(url).json
    assert (shown["state"], shown["reason"]) == ("suspended", None)
    assert "张某某" not in str(official.get(ALL).json)


def test_the_log_says_what_a_change_was_from_and_to_without_being_told(
    cell: Cell, sichuan: UUID, official: Client
) -> None:
    made, other = registered(official), registered(official)
    official.post(f"{ALL}/{made['id']}/publish")
    record = said(cell, sichuan, "published")
    assert (record["before"]["public"], record["after"]["public"]) == (False, True)
    official.post(f"{ALL}/{made['id']}/merge", {"into": other["id"]})
    record = said(cell, sichuan, "merged")
    assert (record["before"]["state"], record["after"]["state"]) == ("active", "merged")
    assert record["after"]["successor_id"] == other["id"]


def test_who_is_no_active_tenant_becomes_no_party(cell: Cell, official: Client) -> None:
    url = f"{ALL}/{registered(official)['id']}/introduce"
    answer = official.post(url, {"tenant": "platform"})
    assert (answer.status_code, answer.json["code"]) == (422, "party_unknown")
    assert [one["pointer"] for one in answer.json["errors"]] == ["/tenant"]


def test_an_organisations_people_see_their_own_row_alone_in_its_list(
    cell: Cell, sichuan: UUID, official: Client
) -> None:
    own, _other = registered(official), registered(official)
    listed = representative(cell, sichuan, organisation=own["id"]).get(ALL).json["items"]
    assert [item["id"] for item in listed] == [own["id"]]
